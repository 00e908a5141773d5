package grit_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// preset is a published configuration by its function's name.
type preset struct {
	name   string
	config grit.Config
}

// presets returns all of them; TestPresetsAreListed compares with the source.
func presets() []preset {
	return []preset{{"ZINC", grit.ZINC()}, {"ZINCFull", grit.ZINCFull()}, {"MNIST", grit.MNIST()}, {"CIFAR10", grit.CIFAR10()},
		{"PATTERN", grit.PATTERN()}, {"CLUSTER", grit.CLUSTER()}, {"PeptidesFunc", grit.PeptidesFunc()},
		{"PeptidesStruct", grit.PeptidesStruct()}, {"PCQM4Mv2", grit.PCQM4Mv2()}, {"CSL", grit.CSL()}}
}

// small returns c with two layers, four features a head and few steps; everything else is as it was.
func small(c grit.Config) grit.Config {
	c.Layers = min(c.Layers, 2)
	c.Width = 4 * c.Heads
	c.Steps = min(c.Steps, 6)
	return c
}

// The vocabularies of OGB's features, as grit.md has them.
var (
	atomVocabulary = []int{119, 5, 12, 12, 10, 6, 6, 2, 2}
	bondVocabulary = []int{5, 6, 2}
)

// decorate gives a graph the features that models of c read, and targets, drawn from rng.
func decorate(c grit.Config, g *graphs.Graph, rng *rand.Rand) *graphs.Graph {
	c = c.WithDefaults()
	types := func(rows int, vocabulary []int) (ids []int32) {
		for range rows {
			for _, size := range vocabulary {
				ids = append(ids, int32(rng.IntN(size)))
			}
		}
		return ids
	}
	numbers := func(n int) (x []float32) {
		for range n {
			x = append(x, float32(rng.NormFloat64()))
		}
		return x
	}
	switch c.NodeEncoder {
	case grit.TypeNodes:
		g.NodeTypes = types(g.Nodes, []int{c.NodeTypes})
	case grit.AtomNodes:
		g.NodeTypes = types(g.Nodes, atomVocabulary)
	case grit.LinearNodes:
		g.NodeFeatures = numbers(g.Nodes * c.NodeFeatures)
	case grit.ColumnNodes:
		g.NodeTypes, g.NodeFeatures = types(g.Nodes, sizes(c.NodeColumns)), numbers(g.Nodes*c.NodeFeatures)
	}
	switch c.EdgeEncoder {
	case grit.TypeEdges:
		g.EdgeTypes = types(len(g.Edges), []int{c.EdgeTypes})
	case grit.BondEdges:
		g.EdgeTypes = types(len(g.Edges), bondVocabulary)
	case grit.LinearEdges:
		g.EdgeFeatures = numbers(len(g.Edges) * c.EdgeFeatures)
	case grit.ColumnEdges:
		g.EdgeTypes, g.EdgeFeatures = types(len(g.Edges), sizes(c.EdgeColumns)), numbers(len(g.Edges)*c.EdgeFeatures)
	}
	if c.Head == grit.EdgeHead {
		for range g.Edges {
			g.EdgeLabels = append(g.EdgeLabels, int32(rng.IntN(max(c.Outputs, 2))))
		}
		return g
	}
	if c.Head == grit.NodeHead {
		for range g.Nodes {
			g.NodeLabels = append(g.NodeLabels, int32(rng.IntN(max(c.Outputs, 2))))
		}
	} else {
		g.Target = numbers(c.Outputs)
	}
	return g
}

// sizes lists vocabularies.
func sizes(s grit.Sizes) []int {
	list, err := s.List()
	if err != nil {
		panic(err)
	}
	return list
}

// randomGraph returns a graph of n nodes in which each two are joined with the given probability.
func randomGraph(c grit.Config, n int, density float64, rng *rand.Rand) *graphs.Graph {
	var bonds [][2]int
	for a := range n {
		for b := range a {
			if rng.Float64() < density {
				bonds = append(bonds, [2]int{b, a})
			}
		}
	}
	return decorate(c, graphs.Undirected(n, bonds), rng)
}

// randomGraphs returns graphs of several sizes, with a graph of one node and one without edges among them.
func randomGraphs(c grit.Config, seed uint64) []*graphs.Graph {
	rng := rand.New(rand.NewPCG(seed, 7))
	var gs []*graphs.Graph
	for _, n := range []int{5, 1, 9, 4, 12} {
		density := 0.4
		if n == 4 {
			density = 0
		}
		gs = append(gs, randomGraph(c, n, density, rng))
	}
	return gs
}

// tape is the tape of all tests, which run one after the other: its memory is dirty, as in a long training, and costs
// nothing more.
var tape = tensor.NewTape()

func newModel(t testing.TB, c grit.Config, seed uint64) *grit.Model {
	t.Helper()
	m, err := grit.New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newBatch(t testing.TB, c grit.Config, gs ...*graphs.Graph) *grit.Batch {
	t.Helper()
	b, err := grit.NewBatch(c, gs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// predict returns the predictions for the graphs as one batch, in evaluation.
func predict(t testing.TB, m *grit.Model, gs ...*graphs.Graph) []float32 {
	t.Helper()
	tp := tape
	tp.Begin(tensor.Pass{})
	return append([]float32{}, m.Forward(tp, newBatch(t, m.Config, gs...)).Data()...)
}

// lossOf returns a loss that fits the head and the outputs of c.
func lossOf(c grit.Config) nn.Loss {
	if c.Head == grit.NodeHead {
		return nn.WeightedCrossEntropy{}
	}
	return nn.L1{}
}

// warm moves the running statistics away from where they start, as training does, and returns m.
func warm(t testing.TB, m *grit.Model, gs []*graphs.Graph) *grit.Model {
	t.Helper()
	tp := tape
	for range 10 {
		tp.Begin(tensor.Pass{Train: true})
		m.Forward(tp, newBatch(t, m.Config, gs...))
	}
	return m
}

// closeTo compares with a tolerance relative to the largest magnitude.
func closeTo(got, want []float32, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	var scale float64
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for n, v := range want {
		if !(math.Abs(float64(got[n]-v)) <= tolerance*scale) {
			return false
		}
	}
	return true
}

// sameBits compares bits.
func sameBits(got, want []float32) bool {
	if len(got) != len(want) {
		return false
	}
	for n, v := range want {
		if math.Float32bits(got[n]) != math.Float32bits(v) {
			return false
		}
	}
	return true
}
