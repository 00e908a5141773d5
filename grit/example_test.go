package grit_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/train/checkpoint"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
)

// town returns a town of one-way streets as a gonum graph, in which crossing 0 has the only station.
func town(rng *rand.Rand) *simple.DirectedGraph {
	streets := simple.NewDirectedGraph()
	for n := range int64(10) {
		streets.AddNode(simple.Node(n))
	}
	for range 12 {
		from, to := simple.Node(rng.IntN(10)), simple.Node(rng.IntN(10))
		if from != to {
			streets.SetEdge(simple.Edge{F: from, T: to})
		}
	}
	return streets
}

// wrap makes a town a graph with types, station or not, and labels: whether the station can be reached.
func wrap(streets *simple.DirectedGraph) *graphs.Graph {
	g, ids, err := graphs.FromGonum(streets)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range ids {
		station, reached := int32(0), int32(0)
		if id == 0 {
			station = 1
		}
		if topo.PathExistsIn(streets, simple.Node(id), simple.Node(0)) {
			reached = 1
		}
		g.NodeTypes = append(g.NodeTypes, station)
		g.NodeLabels = append(g.NodeLabels, reached)
	}
	return g
}

// A model learns on towns of one-way streets from which crossings the station can be reached, and says it of a town
// that it has not seen.
func Example() {
	rng := rand.New(rand.NewPCG(1, 1))
	var towns grit.Graphs
	for range 120 {
		towns = append(towns, wrap(town(rng)))
	}
	config := grit.Config{Layers: 2, Width: 16, Heads: 2, Steps: 10, NodeTypes: 2, Head: grit.NodeHead, Outputs: 2}
	model, err := grit.New(config, 1)
	if err != nil {
		log.Fatal(err)
	}
	part := func(lo, hi int) *grit.Data {
		data, err := grit.NewData(config, towns[lo:hi])
		if err != nil {
			log.Fatal(err)
		}
		return data
	}
	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{},
		Train: part(0, 80), Val: part(80, 100), Test: part(100, 120)}
	result, err := train.Fit(context.Background(), task, train.Options{Epochs: 30, BatchSize: 8, LR: 5e-3, Clip: 1, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("right about more than 95 % of the crossings of new towns:", result.Test.Value("accuracy") > 0.95)

	// Streets 3 -> 2 -> 1 -> 0 lead to the station, 0 -> 4 -> 5 away from it.
	streets := simple.NewDirectedGraph()
	for _, s := range [][2]int64{{3, 2}, {2, 1}, {1, 0}, {0, 4}, {4, 5}} {
		streets.SetEdge(simple.Edge{F: simple.Node(s[0]), T: simple.Node(s[1])})
	}
	data, err := grit.NewData(config, grit.Graphs{wrap(streets)})
	if err != nil {
		log.Fatal(err)
	}
	err = train.Predict(context.Background(), model, data, 1, func(_ int, _ nn.Batch, pred *tensor.Tensor) error {
		for i := range pred.Rows() {
			fmt.Printf("crossing %d: %v\n", i, pred.At(i, 1) > pred.At(i, 0))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// right about more than 95 % of the crossings of new towns: true
	// crossing 0: true
	// crossing 1: true
	// crossing 2: true
	// crossing 3: true
	// crossing 4: false
	// crossing 5: false
}

// Weights and directions of a gonum graph decide where walks lead: the encoding of pair (i, j) is the probability of
// walking from i to j in 0, 1, 2, ... steps.
func ExampleNewBatch() {
	roads := simple.NewWeightedDirectedGraph(0, 0)
	for _, r := range []simple.WeightedEdge{
		{F: simple.Node(0), T: simple.Node(1), W: 3},
		{F: simple.Node(0), T: simple.Node(2), W: 1},
		{F: simple.Node(1), T: simple.Node(2), W: 1},
	} {
		roads.SetWeightedEdge(r)
	}
	g, _, err := graphs.FromGonum(roads)
	if err != nil {
		log.Fatal(err)
	}
	b, err := grit.NewBatch(grit.Config{Steps: 4}, []*graphs.Graph{g})
	if err != nil {
		log.Fatal(err)
	}
	for j := range 3 {
		fmt.Printf("from 0 to %d: %.2f\n", j, b.PairWalk.Row(b.PairOffsets[0]+0*g.Nodes+j))
	}
	// Output:
	// from 0 to 0: [1.00 0.00 0.00 0.00]
	// from 0 to 1: [0.00 0.75 0.00 0.00]
	// from 0 to 2: [0.00 0.25 0.75 0.00]
}

// The state of a model, its parameters and running statistics, is saved to a file of a run folder and comes back whole.
func ExampleModel_Params() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	state := func(m *grit.Model) (tensors []checkpoint.Named) {
		for _, p := range nn.Collect(m).All() {
			tensors = append(tensors, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
		}
		return tensors
	}
	config := grit.Config{Layers: 1, Width: 8, Heads: 2}
	first, err := grit.New(config, 1)
	if err != nil {
		log.Fatal(err)
	}
	if err := (checkpoint.Dir{Path: dir}).Save("model", &checkpoint.State{Tensors: state(first)}); err != nil {
		log.Fatal(err)
	}

	second, err := grit.New(config, 2)
	if err != nil {
		log.Fatal(err)
	}
	saved, err := checkpoint.Read(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		log.Fatal(err)
	}
	if err := checkpoint.Assign(state(second), saved, ""); err != nil {
		log.Fatal(err)
	}
	a, b := first.Blocks[0].Attention.Query.Weight, second.Blocks[0].Attention.Query.Weight
	fmt.Println(len(saved.Tensors), "tensors, the same query weights:", a.At(7, 7) == b.At(7, 7))

	// A model of another configuration is not filled by half.
	config.KeyValueBias = true
	other, err := grit.New(config, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(checkpoint.Assign(state(other), saved, ""))
	// Output:
	// 39 tensors, the same query weights: true
	// checkpoint: the state does not fit the model: 2 missing, 0 unexpected, 0 of another shape; was it saved with another configuration?
	//   missing: block.0.attention.key.bias, block.0.attention.value.bias
}

// The published configurations are functions.
func ExampleZINC() {
	config := grit.ZINC()
	model, err := grit.New(config, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.Layers, "layers of width", config.Width, "with", nn.Collect(model).Count(), "parameters")

	config.Heads = 5
	fmt.Println(config.Validate())
	// Output:
	// 10 layers of width 64 with 473473 parameters
	// grit: heads 5 do not divide width 64: choose a width that is a multiple of heads
}
