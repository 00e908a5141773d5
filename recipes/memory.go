package recipes

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/internal/bytesize"
	"github.com/graft-ml/graft/internal/held"
)

// Memory is how much a run is predicted to take at its largest, and what makes it so. It
// is that of the largest batches that may come: the largest graphs of a split together.
type Memory struct {
	// Bytes is the memory of the whole process.
	Bytes int64
	// Split is the one whose batches take most; Batch is the size of its largest.
	Split datasets.Split
	Batch Size
	// Graph is the number in the split of the graph that takes most, GraphID and Nodes are
	// its ID and size.
	Graph   int
	GraphID string
	Nodes   int

	recipe   Recipe
	training bool
	need     Need
	rest     float64    // bytes that do not depend on the size of batches of Split
	graphs   []measured // of Split, those first that take most
}

// measured is a graph of a split.
type measured struct {
	number int
	id     string
	size   Size
}

// baseBytes is what the program takes beside data and model: code, stacks, pictures of
// curves, and the garbage of a small heap.
const baseBytes = 50e6

// Memory predicts what training takes, from the sizes of all graphs and from passes of
// the model over small ones. Nothing of it is kept.
func (p *Plan) Memory(ctx context.Context) (*Memory, error) {
	return p.data.memory(ctx, p.Recipe, true, datasets.Train, datasets.Val, datasets.Test)
}

// EvalMemory predicts what evaluation on a split takes.
func (p *Plan) EvalMemory(ctx context.Context, split datasets.Split) (*Memory, error) {
	return p.data.memory(ctx, p.Recipe, false, split)
}

func (d *graphData) memory(ctx context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error) {
	f, err := r.Model.Footprint()
	if err != nil {
		return nil, err
	}
	return f.predict(r, held.Bytes(d.set), training, splits, func(split datasets.Split, need func(items int) Need) (Need, []measured, error) {
		source := d.set.Split(split)
		n := need(source.Len())
		list, err := measureGraphs(ctx, source, n)
		return n, list, err
	})
}

// predict predicts what a run takes of which the data has so many bytes. measure gives the
// items of a split, those first that take most, and what need says of their number.
func (f *Footprint) predict(r Recipe, data int64, training bool, splits []datasets.Split,
	measure func(split datasets.Split, need func(items int) Need) (Need, []measured, error)) (*Memory, error) {
	var total float64
	parts := make([]*Memory, len(splits))
	for k, split := range splits {
		m := &Memory{Split: split, recipe: r, training: training && split == datasets.Train}
		size, need := r.Train.EvalBatchSize, f.Evaluation
		if m.training {
			size, need = r.Train.BatchSize, f.Training
		}
		var err error
		m.need, m.graphs, err = measure(split, func(items int) Need { return need((items + size - 1) / size) })
		if err != nil {
			return nil, err
		}
		m.Batch = m.largestBatch(size)
		parts[k] = m
	}
	// Training and evaluation have memory of their own; validation and test share it.
	largest, evaluation := parts[0], 0.0
	for k, m := range parts {
		if m.need.Bytes(m.Batch) > largest.need.Bytes(largest.Batch) {
			largest = m
		}
		if training && k == 0 {
			total += m.need.Bytes(m.Batch)
		} else {
			evaluation = max(evaluation, m.need.Bytes(m.Batch))
		}
	}
	total += evaluation + baseBytes + float64(data) + 4*float64(f.Parameters)
	largest.Bytes = int64(min(total, math.MaxInt64/2))
	largest.rest = total - largest.need.Bytes(largest.Batch)
	if len(largest.graphs) > 0 {
		g := largest.graphs[0]
		largest.Graph, largest.GraphID, largest.Nodes = g.number, g.id, g.size.Nodes
	}
	return largest, nil
}

// measureGraphs gives the sizes of all graphs of a source, those first that take most.
func measureGraphs(ctx context.Context, source graphs.Source, need Need) ([]measured, error) {
	list := make([]measured, source.Len())
	for i := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g, err := source.Graph(i)
		if err != nil {
			return nil, err
		}
		list[i] = measured{i, g.ID, SizeOf(g)}
	}
	slices.SortStableFunc(list, func(a, b measured) int { return -cmp.Compare(need.Bytes(a.size), need.Bytes(b.size)) })
	return list, nil
}

// largestBatch is the size of the largest batch of so many graphs.
func (m *Memory) largestBatch(size int) (s Size) {
	for _, g := range m.graphs[:min(size, len(m.graphs))] {
		s = s.plus(g.size)
	}
	return s
}

// Check refuses a run that takes more than limit bytes with a *[MemoryError].
func (m *Memory) Check(limit int64) error {
	if m.Bytes <= limit {
		return nil
	}
	return &MemoryError{Memory: *m, Limit: limit}
}

// MemoryError says that a run would take more memory than it may.
type MemoryError struct {
	Memory Memory
	Limit  int64 // bytes
}

// Error gives both figures, the batch and the graph that make it so, and what to do.
func (e *MemoryError) Error() string {
	m := &e.Memory
	what := "evaluation"
	if m.training {
		what = "training"
	}
	c := m.recipe.Data.Kind.domain().crowd(m)
	before := ""
	if n := m.fitting(e.Limit); n > 0 {
		c.help = append([]string{m.smallerBatch(n)}, c.help...)
	} else if m.Batch.Graphs > 1 {
		before = "Not even one " + c.item + " at a time fits. "
	}
	return fmt.Sprintf("recipes: %s of memory are predicted, the limit is %s: in %s a batch of split %v may have %s. %sWhat helps: %s",
		bytesize.Format(m.Bytes), bytesize.Format(e.Limit), what, m.Split, c.holds, before, strings.Join(c.help, ", or "))
}

// crowd is what a domain says of a batch that takes too much memory.
type crowd struct {
	holds string   // what the batch may have, and the largest item
	item  string   // an item, in the singular
	help  []string // what makes it smaller, beside fewer items
}

func (graphDomain) crowd(m *Memory) crowd {
	c := crowd{item: "graph", holds: fmt.Sprintf("%d nodes and %s pairs of nodes (graphs: %d); the largest graph is item %d, %q, of %d nodes",
		m.Batch.Nodes, count(m.Batch.Pairs), m.Batch.Graphs, m.Graph, m.GraphID, m.Nodes)}
	model := m.recipe.Model
	if model.PerNode() {
		if n := m.recipe.Data.Neighbours; n.On() {
			c.help = append(c.help, fmt.Sprintf("set data.neighbours.mostNodes below %d", n.MostNodes))
		} else if m.Nodes > mostWhole {
			c.help = append(c.help, "cut graphs into neighbourhoods of nodes (data.neighbours.hops=2)")
		}
	}
	if m.need.Pair > 0 {
		c.help = append(c.help, fmt.Sprintf("take a model without features of pairs (model.kind=%v model.attention=%v)", GPS, gps.Performer))
	}
	c.help = append(c.help, smallerModel)
	return c
}

const smallerModel = "make model.layers or model.width smaller"

// smallerBatch proposes batches of n.
func (m *Memory) smallerBatch(n int) string {
	setting := "train.evalBatchSize"
	if m.training {
		setting = "train.batchSize"
	}
	return fmt.Sprintf("set %s to %d or less", setting, n)
}

// fitting is the largest size of batches of the split that keeps within a limit; 0 is
// none.
func (m *Memory) fitting(limit int64) int {
	n, s := 0, Size{}
	for n < m.Batch.Graphs {
		if s = s.plus(m.graphs[n].size); m.rest+m.need.Bytes(s) > float64(limit) {
			break
		}
		n++
	}
	return n
}

// count is a number of pairs, which may be beyond whole numbers of everyday size.
func count(n float64) string {
	if n < 1e7 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}
