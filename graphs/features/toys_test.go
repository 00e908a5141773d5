package features_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// batch is that of a model which reads nothing but features.
type batch struct {
	features.Batch
	config features.Config
}

func (b *batch) Fill(gs []*graphs.Graph) error { return b.Batch.Fill(b.config, gs) }

func newData(c features.Config, source graphs.Source) *features.Data {
	return features.NewData("toy", source, func() features.Filler { return &batch{config: c} })
}

func newBatch(t testing.TB, c features.Config, gs ...*graphs.Graph) *batch {
	t.Helper()
	b := &batch{config: c}
	if err := b.Fill(gs); err != nil {
		t.Fatal(err)
	}
	return b
}

// The configurations that tests of batches go through.
var (
	typed   = features.Config{Nodes: features.Nodes{Types: 4}, Edges: features.Edges{Types: 3}}
	numbers = features.Config{Nodes: features.Nodes{Encoder: features.LinearNodes, Features: 2},
		Edges: features.Edges{Encoder: features.LinearEdges, Features: 2}}
	ogb     = features.Config{Nodes: features.Nodes{Encoder: features.AtomNodes}, Edges: features.Edges{Encoder: features.BondEdges}}
	columns = features.Config{Nodes: features.Nodes{Encoder: features.ColumnNodes, Columns: "3,5", Features: 1},
		Edges: features.Edges{Encoder: features.ColumnEdges, Columns: "2", Features: 3}}
)

// The vocabularies of OGB's features, as ogb 1.3.6 has them.
var (
	atoms = []int{119, 5, 12, 12, 10, 6, 6, 2, 2}
	bonds = []int{5, 6, 2}
)

func sizes(s features.Sizes) []int {
	list, err := s.List()
	if err != nil {
		panic(err)
	}
	return list
}

// decorate gives a graph the features that models of c read, drawn from rng.
func decorate(c features.Config, g *graphs.Graph, rng *rand.Rand) *graphs.Graph {
	types := func(rows int, vocabulary ...int) (ids []int32) {
		for range rows {
			for _, size := range vocabulary {
				ids = append(ids, int32(rng.IntN(size)))
			}
		}
		return ids
	}
	normal := func(n int) (x []float32) {
		for range n {
			x = append(x, float32(rng.NormFloat64()))
		}
		return x
	}
	switch n := c.Nodes; n.Encoder {
	case features.TypeNodes:
		g.NodeTypes = types(g.Nodes, max(n.Types, 1))
	case features.AtomNodes:
		g.NodeTypes = types(g.Nodes, atoms...)
	case features.LinearNodes:
		g.NodeFeatures = normal(g.Nodes * n.Features)
	case features.ColumnNodes:
		g.NodeTypes, g.NodeFeatures = types(g.Nodes, sizes(n.Columns)...), normal(g.Nodes*n.Features)
	}
	switch e := c.Edges; e.Encoder {
	case features.TypeEdges:
		g.EdgeTypes = types(len(g.Edges), max(e.Types, 1))
	case features.BondEdges:
		g.EdgeTypes = types(len(g.Edges), bonds...)
	case features.LinearEdges:
		g.EdgeFeatures = normal(len(g.Edges) * max(e.Features, 1))
	case features.ColumnEdges:
		g.EdgeTypes, g.EdgeFeatures = types(len(g.Edges), sizes(e.Columns)...), normal(len(g.Edges)*e.Features)
	}
	return g
}

// random returns n graphs of 1 to 5 nodes with the features that models of c read.
func random(c features.Config, n int, rng *rand.Rand) (list graphs.Slice) {
	for range n {
		nodes := 1 + rng.IntN(5)
		var pairs [][2]int
		for a := range nodes {
			for b := range a {
				if rng.IntN(2) == 0 {
					pairs = append(pairs, [2]int{a, b})
				}
			}
		}
		list = append(list, decorate(c, graphs.Undirected(nodes, pairs), rng))
	}
	return list
}

// encoders makes both encoders of c, of width 4.
func encoders(c features.Config, seed uint64) (nodes, edges *features.Encoder) {
	in := nn.NewInit(seed)
	return c.Nodes.NewEncoder(4, in), c.Edges.NewEncoder(4, in)
}

// begin returns a tape in evaluation.
func begin() *tensor.Tape {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	return tp
}
