package recipes

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Size says how much a batch holds.
type Size struct {
	Graphs, Nodes, Edges int
	Pairs                float64 // ordered pairs of nodes of the same graph
}

// SizeOf is the size of a batch of some graphs.
func SizeOf(gs ...*graphs.Graph) (s Size) {
	for _, g := range gs {
		s = s.plus(Size{1, g.Nodes, len(g.Edges), float64(g.Nodes) * float64(g.Nodes)})
	}
	return s
}

func (s Size) plus(o Size) Size {
	return Size{s.Graphs + o.Graphs, s.Nodes + o.Nodes, s.Edges + o.Edges, s.Pairs + o.Pairs}
}

// Need is memory in bytes: some in any case, and more for each graph, node, edge and pair
// of nodes of a batch.
type Need struct{ Fixed, Graph, Node, Edge, Pair float64 }

// Bytes is the memory for a batch.
func (n Need) Bytes(s Size) float64 {
	return n.Fixed + n.Graph*float64(s.Graphs) + n.Node*float64(s.Nodes) + n.Edge*float64(s.Edges) + n.Pair*s.Pairs
}

func (n Need) plus(o Need) Need {
	return Need{n.Fixed + o.Fixed, n.Graph + o.Graph, n.Node + o.Node, n.Edge + o.Edge, n.Pair + o.Pair}
}

func (n Need) times(f float64) Need {
	return Need{f * n.Fixed, f * n.Graph, f * n.Node, f * n.Edge, f * n.Pair}
}

// Footprint is what a model needs of memory, by the sizes of batches. It is measured and
// not reckoned: passes over a few graphs of some dozen nodes tell what each node, edge and
// pair takes, for memory grows in proportion to them, whatever the settings of the model.
type Footprint struct {
	// Train is that of values and gradients of a training step, Eval that of predicting.
	Train, Eval Need
	// Batch is that of a batch that is prepared, encodings among them.
	Batch Need
	// Parameters is the number of trainable numbers.
	Parameters int
}

// batchesAlive is how many batches are there at once: one is computed on, and the
// training loop has two more prepared.
const batchesAlive = 3

// reserve is what batches have on top for larger ones.
const reserve = 9 / 8.

// copiesAlive is how many copies of the parameters there are: they themselves, two moments
// of AdamW, the best epoch's, and those that are being written to a file. Gradients are
// counted in Footprint.Train.
const copiesAlive = 6

// Training is the memory that training takes, beside evaluation, for a number of batches
// an epoch.
func (f *Footprint) Training(batches int) Need {
	n := f.Train.plus(f.alive(batches))
	n.Fixed += 4 * copiesAlive * float64(f.Parameters)
	return n
}

// Evaluation is the memory that evaluation takes, the parameters not counted, for a
// number of batches.
func (f *Footprint) Evaluation(batches int) Need { return f.Eval.plus(f.alive(batches)) }

// alive is the memory of those batches that are there at once.
func (f *Footprint) alive(batches int) Need {
	return f.Batch.times(reserve * float64(min(batches, batchesAlive)))
}

// trial is a batch to measure: some rings, whose nodes are joined to those nearby.
type trial struct{ graphs, nodes, degree int }

// The small trials do for models whose pairs outweigh the rest, and would take long if
// larger. They tell what is fixed, and of nodes, edges and pairs each; what a graph takes
// is lost among the pairs. In other models it need not be, and what a pair takes shows
// between larger graphs only.
var (
	smallTrials = []trial{{1, 24, 4}, {4, 24, 4}, {2, 48, 4}, {1, 24, 16}}
	largeTrials = []trial{{1, 96, 4}, {1, 384, 4}, {4, 96, 4}, {1, 384, 16}, {8, 48, 4}}
)

const (
	mostlyPairs = 0.25 // part of the memory that pairs must take for small trials to do
	number      = 4    // bytes: what takes less than a number a pair does not grow with pairs
)

// Footprint measures the model on graphs of its own making. It takes about as long as a
// training step.
func (m Model) Footprint() (*Footprint, error) {
	f, err := m.measure(smallTrials)
	if err != nil {
		return nil, err
	}
	largest := smallTrials[2].size()
	if f.Train.Pair*largest.Pairs >= mostlyPairs*f.Train.Bytes(largest) {
		return f, nil
	}
	if f, err = m.measure(largeTrials); err != nil {
		return nil, err
	}
	for _, n := range []*Need{&f.Train, &f.Eval, &f.Batch} {
		if n.Pair < number {
			n.Pair = 0 // a rest of rounding, which 10^10 pairs of a large graph would make much of
		}
	}
	return f, nil
}

func (m Model) measure(trials []trial) (*Footprint, error) {
	model, err := m.New(0)
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	f := &Footprint{}
	for _, p := range nn.Collect(model).Trainable() {
		f.Parameters += p.Tensor.Size()
	}
	n := len(trials)
	train, eval, batch := make([]float64, n), make([]float64, n), make([]float64, n)
	for k, t := range trials {
		b, err := t.batch(m)
		if err != nil {
			return nil, err
		}
		heap := heapBytes(model, b)
		train[k] = heap + arenaBytes(model, b, tensor.Pass{Train: true, Grad: true})
		eval[k] = heap + arenaBytes(model, b, tensor.Pass{})
		batch[k] = float64(held.Bytes(b))
	}
	f.Train, f.Eval, f.Batch = solve(trials, train), solve(trials, eval), solve(trials, batch)
	return f, nil
}

// arenaBytes is what the values of a pass take at their largest.
func arenaBytes(model nn.Model, b nn.Batch, pass tensor.Pass) float64 {
	tp := tensor.NewTape()
	tp.Begin(pass)
	pred := model.Forward(tp, b)
	if pass.Grad {
		tp.Backward(tp.Mean(tp.Square(pred)))
	}
	return float64(tp.PeakBytes())
}

// heapBytes is what a pass takes beside the tape's memory, each time anew: an encoding
// may have something for every pair that way. Others may take memory meanwhile, so the
// least of three passes counts; the first one makes what the tape keeps.
func heapBytes(model nn.Model, b nn.Batch) float64 {
	tp, least := tensor.NewTape(), math.Inf(1)
	var before, after runtime.MemStats
	for range 3 {
		runtime.ReadMemStats(&before)
		tp.Begin(tensor.Pass{})
		model.Forward(tp, b)
		runtime.ReadMemStats(&after)
		least = min(least, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// solve finds the need that gives what was measured.
func solve(trials []trial, bytes []float64) Need {
	n := len(trials)
	a := mat.NewDense(n, n, nil)
	for k, t := range trials {
		s := t.size()
		row := []float64{1, float64(s.Nodes), float64(s.Edges), s.Pairs, float64(s.Graphs)}
		a.SetRow(k, row[:n])
	}
	var x mat.VecDense
	if err := x.SolveVec(a, mat.NewVecDense(n, bytes)); err != nil {
		panic("recipes: Footprint: " + err.Error()) // the trials are made to be told apart
	}
	need := Need{Fixed: x.AtVec(0), Node: x.AtVec(1), Edge: x.AtVec(2), Pair: x.AtVec(3)}
	if n == len(largeTrials) {
		need.Graph = x.AtVec(4)
	}
	for _, f := range []*float64{&need.Fixed, &need.Graph, &need.Node, &need.Edge, &need.Pair} {
		*f = max(*f, 0)
	}
	return need
}

func (t trial) size() Size {
	n := t.graphs * t.nodes
	return Size{t.graphs, n, n * t.degree, float64(n * t.nodes)}
}

// batch prepares the graphs of a trial for the model.
func (t trial) batch(m Model) (nn.Batch, error) {
	var source graphs.Slice
	items := make([]int, t.graphs)
	for k := range items {
		source, items[k] = append(source, t.ring(m.Features())), k
	}
	data, err := m.Data(source)
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	b, err := data.Prepare(items)
	if err != nil {
		return nil, fmt.Errorf("recipes: measure memory: %w", err)
	}
	return b, nil
}

// ring makes the graph of a trial with whatever features the model reads.
func (t trial) ring(f features.Config) *graphs.Graph {
	g := &graphs.Graph{Nodes: t.nodes, ID: "ring"}
	for i := range t.nodes {
		for k := range t.degree / 2 {
			g.AddBond(i, (i+k+1)%t.nodes)
		}
	}
	g.NodeTypes, g.NodeFeatures = make([]int32, len(f.Nodes.Vocabularies())*t.nodes), make([]float32, f.Nodes.Numbers()*t.nodes)
	g.EdgeTypes, g.EdgeFeatures = make([]int32, len(f.Edges.Vocabularies())*len(g.Edges)), make([]float32, f.Edges.Numbers()*len(g.Edges))
	return g
}
