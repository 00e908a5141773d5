package graphs

import (
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"
)

func TestFromGonumUndirected(t *testing.T) {
	g := simple.NewUndirectedGraph()
	for _, id := range []int64{40, 7, -3} {
		g.AddNode(simple.Node(id))
	}
	g.SetEdge(simple.Edge{F: simple.Node(40), T: simple.Node(-3)})
	got, ids, err := FromGonum(g)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int64{-3, 7, 40}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, expected %v", ids, want)
	}
	if want := []Edge{{0, 2}, {2, 0}}; got.Nodes != 3 || !slices.Equal(got.Edges, want) || got.EdgeWeights != nil {
		t.Errorf("got %+v, expected edges %v", got, want)
	}
}

func TestFromGonumDirected(t *testing.T) {
	g := simple.NewDirectedGraph()
	g.SetEdge(simple.Edge{F: simple.Node(2), T: simple.Node(1)})
	g.SetEdge(simple.Edge{F: simple.Node(2), T: simple.Node(0)})
	got, _, err := FromGonum(g)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Edge{{2, 0}, {2, 1}}; !slices.Equal(got.Edges, want) {
		t.Errorf("edges %v, expected %v", got.Edges, want)
	}
}

func TestFromGonumWeighted(t *testing.T) {
	g := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(0), T: simple.Node(1), W: 1})
	got, _, err := FromGonum(g)
	if err != nil || got.EdgeWeights != nil {
		t.Errorf("weights all 1: %v, %v; expected nil weights", got, err)
	}
	g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(1), T: simple.Node(2), W: 2.5})
	if got, _, err = FromGonum(g); err != nil {
		t.Fatal(err)
	}
	if want := []float32{1, 1, 2.5, 2.5}; !slices.Equal(got.EdgeWeights, want) {
		t.Errorf("weights %v, expected %v", got.EdgeWeights, want)
	}
}

func TestFromGonumMessages(t *testing.T) {
	bad := simple.NewWeightedDirectedGraph(0, 0)
	bad.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(0), T: simple.Node(1), W: -1})
	huge := simple.NewWeightedDirectedGraph(0, 0)
	huge.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(0), T: simple.Node(1), W: 1e300})
	parallel := multi.NewDirectedGraph()
	parallel.SetLine(parallel.NewLine(multi.Node(3), multi.Node(5)))
	parallel.SetLine(parallel.NewLine(multi.Node(3), multi.Node(5)))
	hint := " is not a positive finite number; a walk takes an edge with a probability in proportion to its weight: leave edges of weight 0 out"
	for _, c := range []struct {
		g    graph.Graph
		want string
	}{
		{simple.NewDirectedGraph(), "graphs: nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to"},
		{bad, "graphs: edge weight 0: -1" + hint},
		{huge, "graphs: edge weight 0: +Inf" + hint},
		{parallel, "graphs: edge 0: 2 lines from gonum node 3 to 5; merge parallel lines into one edge, with the sum of their weights if they have any"},
		{unweighable{bad}, "graphs: edge weight 0: gonum has an edge from node 0 to 1 but no weight for it"},
	} {
		_, _, err := FromGonum(c.g)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

type unweighable struct{ graph.WeightedDirected }

func (unweighable) Weight(_, _ int64) (float64, bool) { return 0, false }

// FromGonum(g.Gonum()) is g with its edges sorted and without features, for all
// four kinds of gonum graph: with and without weights, with and without loops.
func TestGonumThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		back, ids, err := FromGonum(g.Gonum())
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if int64(i) != id {
				t.Fatalf("row %d has ID %d", i, id)
			}
		}
		order := make([]int, len(g.Edges))
		for e := range order {
			order[e] = e
		}
		slices.SortFunc(order, func(a, b int) int {
			ea, eb := g.Edges[a], g.Edges[b]
			if ea.From != eb.From {
				return ea.From - eb.From
			}
			return ea.To - eb.To
		})
		if back.Nodes != g.Nodes || len(back.Edges) != len(g.Edges) {
			t.Fatalf("%d nodes and %d edges became %d and %d", g.Nodes, len(g.Edges), back.Nodes, len(back.Edges))
		}
		for k, e := range order {
			if back.Edges[k] != g.Edges[e] || back.Weight(k) != g.Weight(e) {
				t.Fatalf("edge %v of weight %v became %v of %v", g.Edges[e], g.Weight(e), back.Edges[k], back.Weight(k))
			}
		}
	})
}

func TestGonumPanics(t *testing.T) {
	defer func() {
		want := "graphs: Gonum: graphs: nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to"
		if got := recover(); got != want {
			t.Errorf("panic %v, expected %q", got, want)
		}
	}()
	new(Graph).Gonum()
}
