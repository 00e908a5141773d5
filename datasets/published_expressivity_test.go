package datasets

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// wl1 is the multiset of colours that the 1-WL test gives a graph after a number
// of rounds, as a text that is equal for equal multisets. The colours of all
// graphs that share names are comparable.
func wl1(g *graphs.Graph, rounds int, names map[string]int) string {
	name := func(key string) int {
		if _, ok := names[key]; !ok {
			names[key] = len(names)
		}
		return names[key]
	}
	color := make([]int, g.Nodes)
	for i := range color {
		color[i] = name(fmt.Sprint("type ", g.NodeTypes[i]))
	}
	neighbours := make([][]int, g.Nodes)
	var key []byte
	for range rounds {
		for i := range neighbours {
			neighbours[i] = neighbours[i][:0]
		}
		for _, e := range g.Edges {
			neighbours[e.To] = append(neighbours[e.To], color[e.From])
		}
		next := make([]int, g.Nodes)
		for i, n := range neighbours {
			slices.Sort(n)
			key = binary.AppendUvarint(key[:0], uint64(color[i]))
			for _, c := range n {
				key = binary.AppendUvarint(key, uint64(c))
			}
			next[i] = name(string(key))
		}
		color = next
	}
	slices.Sort(color)
	return fmt.Sprint(color)
}

// apart counts the pairs 2k, 2k+1 that the 1-WL test tells apart.
func apart(t *testing.T, source Source, rounds int) int {
	t.Helper()
	n := 0
	for i := 0; i < source.Len(); i += 2 {
		names := map[string]int{}
		if wl1(graphAt(t, source, i), rounds, names) != wl1(graphAt(t, source, i+1), rounds, names) {
			n++
		}
	}
	return n
}

func TestPublishedSR25(t *testing.T) {
	want := figures(t).Expressivity.SR25
	set := load(t, "sr25", Options{Dir: root(t)})
	s := measured(t, set)
	tableIsRight(t, set, s)
	same(t, "graphs", s.All.Graphs, want.Graphs)
	for k := range set.Train.Len() {
		g := graphAt(t, set.Train, k)
		var a [25][25]int
		for _, e := range g.Edges {
			a[e.From][e.To] = 1
		}
		for i := range a {
			for j := range a {
				paths := 0
				for m := range a {
					paths += a[i][m] * a[m][j]
				}
				expect := want.Mu
				switch {
				case i == j:
					expect = want.Degree
				case a[i][j] == 1:
					expect = want.Lambda
				}
				if paths != expect {
					t.Fatalf("graph %d: %d paths of two steps from %d to %d, expected %d", k, paths, i, j, expect)
				}
			}
		}
		same(t, "class", g.Target, []float32{float32(k)})
	}
}

func TestPublishedGraph8c(t *testing.T) {
	want := figures(t).Expressivity.Graph8c
	set := load(t, "graph8c", Options{Dir: root(t)})
	s := measured(t, set)
	tableIsRight(t, set, s)
	same(t, "graphs", s.All.Graphs, want.Graphs)
	names, classes := map[string]int{}, map[string]int{}
	for i := range set.Test.Len() {
		classes[wl1(graphAt(t, set.Test, i), 7, names)]++
	}
	pairs := 0
	for _, n := range classes {
		pairs += n * (n - 1) / 2
	}
	same(t, "classes of the 1-WL test and equal pairs", [2]int{len(classes), pairs}, [2]int{want.Classes, want.Pairs})
}

func TestPublishedEXP(t *testing.T) {
	e := figures(t).Expressivity
	for name, want := range map[string]struct {
		Graphs, Pairs, Nodes int
		MeanEdges            float64 `json:"mean_edges"`
		Apart                int     `json:"wl1_distinguishable_pairs"`
	}{"exp": e.EXP, "cexp": e.CEXP} {
		set := load(t, name, Options{Dir: root(t), Fold: 9})
		s := measured(t, set)
		tableIsRight(t, set, s)
		same(t, name+" graphs and nodes", [2]int{s.All.Graphs, s.All.Nodes}, [2]int{want.Graphs, want.Nodes})
		near(t, name+" edges", s.All.MeanEdges/2, want.MeanEdges, 1e-6)
		same(t, name+" classes", s.All.Targets[0].Classes, []int{want.Pairs, want.Pairs})
		source := set.Test.(picked).source
		same(t, name+" pairs apart", apart(t, source, 8), want.Apart)
		same(t, name+" class of graph 0", graphAt(t, source, 0).Target[0], float32(1))
		same(t, name+" first graph of the last fold", graphAt(t, set.Test, 0).ID, "1080")
		same(t, name+" first to validate", graphAt(t, set.Val, 0).ID, "972")
	}
}

func TestPublishedCSL(t *testing.T) {
	want := figures(t).Expressivity.CSL
	tested := map[string]int{}
	for fold := range cslFolds {
		set := load(t, "csl-published", Options{Dir: root(t), Fold: fold})
		if fold == 0 {
			s := measured(t, set)
			tableIsRight(t, set, s)
			same(t, "graphs", s.All.Graphs, want.Graphs)
			same(t, "nodes and edges", [2]int{s.All.MinNodes, s.All.MinEdges / 2}, [2]int{want.Nodes, want.Edges})
		}
		for i := range set.Test.Len() {
			g := graphAt(t, set.Test, i)
			tested[g.ID]++
			if got := closedWalks(g, 0); got != closedWalks(cslGraph(int(g.Target[0])), 0) {
				t.Errorf("graph %s is not of class %v", g.ID, g.Target)
			}
		}
	}
	same(t, "graphs that are tested in some fold", len(tested), want.Graphs)
}

func TestPublishedBREC(t *testing.T) {
	want := figures(t).Expressivity.BREC
	dir := root(t)
	pairs, err := BREC(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	categories := map[string]int{}
	for k, p := range pairs {
		categories[p.Category]++
		if p.Number != k || p.A.Nodes != p.B.Nodes || len(p.A.Edges) != len(p.B.Edges) {
			t.Errorf("pair %d: %d and %d nodes, %d and %d edges", k, p.A.Nodes, p.B.Nodes, len(p.A.Edges), len(p.B.Edges))
		}
	}
	same(t, "categories", categories, want.Categories)
	same(t, "pairs", len(pairs), want.Pairs)
	for _, c := range BRECCategories() {
		if categories[c] == 0 {
			t.Errorf("no pair of category %s", c)
		}
	}
	set := load(t, "brec", Options{Dir: dir})
	tableIsRight(t, set, measured(t, set))
	same(t, "pairs apart", apart(t, set.Test, 3), want.Apart)
	same(t, "graph 3 of the set is B of pair 1", graphAt(t, set.Test, 3).Edges, pairs[1].B.Edges)
}
