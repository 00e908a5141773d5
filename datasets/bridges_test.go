package datasets

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// parts counts the pieces of a graph without one of its bonds, by looking which nodes can be reached.
func parts(g *graphs.Graph, without graphs.Edge) int {
	piece := make([]int, g.Nodes)
	for i := range piece {
		piece[i] = i
	}
	for range g.Nodes {
		for _, e := range g.Edges {
			if e != without && (graphs.Edge{From: e.To, To: e.From}) != without {
				least := min(piece[e.From], piece[e.To])
				piece[e.From], piece[e.To] = least, least
			}
		}
	}
	slices.Sort(piece)
	return len(slices.Compact(piece))
}

// TestBridges compares every label with what taking the edge away does.
func TestBridges(t *testing.T) {
	set, err := Load(context.Background(), "bridges", Options{Seed: 3, Limit: Limit{Train: 40, Val: 5, Test: 5}})
	if err != nil {
		t.Fatal(err)
	}
	if set.Info.Task != EdgeClassification || set.Train.Len() != 40 {
		t.Fatalf("%+v", set.Info)
	}
	for _, split := range []Split{Train, Val, Test} {
		for i := range set.Split(split).Len() {
			g, err := set.Split(split).Graph(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
			if n := parts(g, graphs.Edge{From: -1}); n != 1 || g.Nodes < 16 || g.Nodes > 32 {
				t.Errorf("%s: %d nodes in %d pieces", g.ID, g.Nodes, n)
			}
			for e, edge := range g.Edges {
				if want := int32(parts(g, edge) - 1); g.EdgeLabels[e] != want {
					t.Fatalf("%s: edge %v has class %d, want %d", g.ID, edge, g.EdgeLabels[e], want)
				}
			}
		}
	}
}

// TestBridgesOfGraphs: graphs in pieces, with loops and with edges in any order.
func TestBridgesOfGraphs(t *testing.T) {
	for name, c := range map[string]struct {
		nodes int
		bonds [][2]int
		want  []int32 // of the bonds
	}{
		"nothing":         {1, nil, nil},
		"a bond":          {2, [][2]int{{1, 0}}, []int32{1}},
		"a loop":          {2, [][2]int{{0, 0}, {0, 1}}, []int32{0, 1}},
		"a ring":          {3, [][2]int{{0, 1}, {1, 2}, {2, 0}}, []int32{0, 0, 0}},
		"two pieces":      {5, [][2]int{{3, 4}, {0, 1}, {1, 2}, {2, 0}}, []int32{1, 0, 0, 0}},
		"rings on a path": {8, [][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 4}, {7, 3}}, []int32{0, 0, 0, 1, 1, 0, 0, 0, 1}},
	} {
		g := graphs.Undirected(c.nodes, c.bonds)
		label := bridges(g)
		at := 0
		for k, bond := range c.bonds {
			for both := 1; both >= 0; both-- {
				if bond[0] == bond[1] && both == 0 {
					continue
				}
				if label[at] != c.want[k] {
					t.Errorf("%s: bond %v has class %d, want %d", name, bond, label[at], c.want[k])
				}
				at++
			}
		}
	}
}

// TestBridgesStatistics holds the numbers of the table, and that neither class is rare.
func TestBridgesStatistics(t *testing.T) {
	set, err := Load(context.Background(), "bridges", Options{Limit: Limit{Train: 400}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Measure(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	train := s.Splits[Train]
	if math.Abs(train.MeanNodes-bridgesInfo.MeanNodes) > 0.8 || math.Abs(train.MeanEdges-bridgesInfo.MeanEdges) > 2.5 {
		t.Errorf("%v nodes and %v edges in the mean", train.MeanNodes, train.MeanEdges)
	}
	labels := train.EdgeLabels
	if labels == nil || labels.Given != train.Edges || labels.Missing != 0 || len(labels.Classes) != 2 {
		t.Fatalf("labels %+v", labels)
	}
	if share := float64(labels.Classes[1]) / float64(labels.Given); share < 0.3 || share > 0.7 {
		t.Errorf("%.2f of the edges are bridges", share)
	}
	t.Logf("%.3f of the edges are bridges", float64(labels.Classes[1])/float64(labels.Given))
}
