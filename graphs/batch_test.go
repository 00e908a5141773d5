package graphs

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBatchLayout(t *testing.T) {
	a := Directed(2, [][2]int{{0, 1}})
	a.NodeTypes, a.EdgeTypes, a.Target = []int32{3, 4}, []int32{9}, []float32{1}
	b := Undirected(1, nil) // no edges: any edge kind fits
	b.NodeTypes, b.Target = []int32{5}, []float32{2}
	c := Directed(3, [][2]int{{2, 0}, {1, 1}})
	c.NodeTypes, c.EdgeTypes, c.EdgeWeights, c.Target = []int32{6, 7, 8}, []int32{10, 11}, []float32{0.5, 3}, []float32{float32(math.NaN())}
	batch, err := NewBatch([]*Graph{b, a, c})
	if err != nil {
		t.Fatal(err)
	}
	if batch.Len() != 3 || batch.Nodes() != 6 || batch.Pairs() != 14 || batch.Edges() != 3 {
		t.Errorf("%d graphs, %d nodes, %d pairs, %d edges", batch.Len(), batch.Nodes(), batch.Pairs(), batch.Edges())
	}
	for _, v := range []struct {
		name      string
		got, want []int
	}{
		{"Offsets", batch.Offsets, []int{0, 1, 3, 6}},
		{"PairOffsets", batch.PairOffsets, []int{0, 1, 5, 14}},
		{"EdgeOffsets", batch.EdgeOffsets, []int{0, 0, 1, 3}},
	} {
		if !slices.Equal(v.got, v.want) {
			t.Errorf("%s %v, expected %v", v.name, v.got, v.want)
		}
	}
	for _, v := range []struct {
		name      string
		got, want []int32
	}{
		{"GraphOf", batch.GraphOf, []int32{0, 1, 1, 2, 2, 2}},
		{"NodeTypes", batch.NodeTypes, []int32{5, 3, 4, 6, 7, 8}},
		{"EdgeTypes", batch.EdgeTypes, []int32{9, 10, 11}},
		// Edge 0->1 of a: query 1, key 0: 1 + 1*2 + 0. Edges 2->0 and 1->1 of c: 5 + 0*3 + 2, 5 + 1*3 + 1.
		{"EdgePairs", edgePairs(t, batch), []int32{3, 7, 9}},
	} {
		if !slices.Equal(v.got, v.want) {
			t.Errorf("%s %v, expected %v", v.name, v.got, v.want)
		}
	}
	for i, want := range []float64{0, math.Log(2), 0, 0, math.Log(4), math.Log(1.5)} {
		if got := float64(batch.LogDegree[i]); math.Abs(got-want) > 1e-6 {
			t.Errorf("LogDegree[%d] = %v, expected %v", i, got, want)
		}
	}
	if batch.NodeTypeColumns != 1 || batch.EdgeTypeColumns != 1 || batch.TargetColumns != 1 || batch.NodeFeatureColumns != 0 {
		t.Errorf("columns: %+v", batch)
	}
}

// Every row of a batch must be what a batch of that graph alone has, however
// the memory was used before.
func TestBatchIsOneByOne(t *testing.T) {
	reused := new(Batch)
	rapid.Check(t, func(t *rapid.T) {
		first := anyGraph(t)
		list := []*Graph{first}
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			order := make([]int, first.Nodes)
			for i := range order {
				order[i] = i
			}
			list = append(list, first.Permute(rapid.Permutation(order).Draw(t, "perm")))
		}
		if err := reused.Fill(list); err != nil {
			t.Fatal(err)
		}
		for k, g := range list {
			one, err := NewBatch([]*Graph{g})
			if err != nil {
				t.Fatal(err)
			}
			lo, hi := reused.Offsets[k], reused.Offsets[k+1]
			elo, ehi := reused.EdgeOffsets[k], reused.EdgeOffsets[k+1]
			nt, nf, et, ef := reused.NodeTypeColumns, reused.NodeFeatureColumns, reused.EdgeTypeColumns, reused.EdgeFeatureColumns
			if !slices.Equal(reused.LogDegree[lo:hi], one.LogDegree) ||
				!slices.Equal(reused.NodeTypes[lo*nt:hi*nt], one.NodeTypes) ||
				!slices.Equal(reused.NodeFeatures[lo*nf:hi*nf], one.NodeFeatures) ||
				!slices.Equal(reused.EdgeTypes[elo*et:ehi*et], one.EdgeTypes) ||
				!slices.Equal(reused.EdgeFeatures[elo*ef:ehi*ef], one.EdgeFeatures) {
				t.Fatalf("rows of item %d differ from those of a batch of one", k)
			}
			alone := edgePairs(t, one)
			for e, pair := range edgePairs(t, reused)[elo:ehi] {
				if pair != alone[e]+int32(reused.PairOffsets[k]) {
					t.Fatalf("item %d edge %d: pair row %d", k, e, pair)
				}
			}
		}
	})
}

func TestBatchMessages(t *testing.T) {
	typed := func(id string) *Graph {
		g := Undirected(2, [][2]int{{0, 1}})
		g.NodeTypes, g.EdgeTypes, g.Target, g.ID = []int32{0, 0}, []int32{0, 0}, []float32{1}, id
		return g
	}
	with := func(change func(g *Graph)) []*Graph {
		g := typed("odd")
		change(g)
		return []*Graph{typed("a"), g}
	}
	mixed := "; all graphs must have the same kinds of features and targets"
	for _, c := range []struct {
		graphs []*Graph
		want   string
	}{
		{nil, "graphs: batch: no graphs; give at least one"},
		{[]*Graph{typed("a"), nil}, "graphs: batch item 1: graph: nil"},
		{with(func(g *Graph) { g.Nodes, g.NodeTypes, g.Edges, g.EdgeTypes = 0, nil, nil, nil }),
			"graphs: batch item 1 (odd): nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to"},
		{with(func(g *Graph) { g.Edges[0].To = 9 }),
			"graphs: batch item 1 (odd): edge 0: 0->9: node 9 is out of range, the graph has nodes 0..1; count nodes from 0"},
		{with(func(g *Graph) { g.NodeTypes = nil }), "graphs: batch item 1 (odd): node types: 0 columns, but item 0 has 1" + mixed},
		{with(func(g *Graph) { g.NodeFeatures = []float32{1, 2, 3, 4} }), "graphs: batch item 1 (odd): node features: 2 columns, but item 0 has 0" + mixed},
		{with(func(g *Graph) { g.EdgeTypes = nil }), "graphs: batch item 1 (odd): edge types: 0 columns, but item 0 has 1" + mixed},
		{with(func(g *Graph) { g.EdgeFeatures = []float32{1, 2} }), "graphs: batch item 1 (odd): edge features: 1 columns, but item 0 has 0" + mixed},
		{with(func(g *Graph) { g.Target = nil }), "graphs: batch item 1 (odd): targets: 0 columns, but item 0 has 1" + mixed},
		{with(func(g *Graph) { g.EdgeLabels = []int32{0, 0} }), "graphs: batch item 1 (odd): edge labels: 1 columns, but item 0 has 0" + mixed},
		{with(func(g *Graph) { g.NodeLabels = []int32{0, 0} }), "graphs: batch item 1 (odd): node labels: 1 columns, but item 0 has 0" + mixed},
	} {
		b, err := NewBatch(c.graphs)
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
		var invalid *InvalidError
		if b != nil || !errors.As(err, &invalid) {
			t.Errorf("batch %v, error %T", b, err)
		}
	}
}

// edgePairs is EdgePairs of a batch that has few enough.
func edgePairs(t interface {
	Helper()
	Fatal(args ...any)
}, b *Batch) []int32 {
	t.Helper()
	pairs, err := b.EdgePairs()
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// TestManyPairs: a batch may have more pairs than there are numbers for; only who wants a row for each is refused.
func TestManyPairs(t *testing.T) {
	b, err := NewBatch([]*Graph{{Nodes: 40000}, {Nodes: 40000, ID: "large", Edges: []Edge{{From: 0, To: 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Pairs() != 2*40000*40000 {
		t.Errorf("%d pairs", b.Pairs())
	}
	want := "graphs: batch item 1 (large): nodes: with its 40000 nodes the batch has more than 2^31-1 node pairs; " +
		"use a smaller batch or smaller graphs: what is kept of pairs grows with the square of the nodes"
	for range 2 {
		_, err = b.EdgePairs()
		if item := (*ItemError)(nil); !errors.As(err, &item) || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	if err := b.Fill([]*Graph{Directed(2, [][2]int{{0, 1}})}); err != nil || b.CheckPairs() != nil {
		t.Errorf("a small batch after it: %v, %v", err, b.CheckPairs())
	}
	if got := edgePairs(t, b); !slices.Equal(got, []int32{2}) {
		t.Errorf("pairs of a small batch after it: %v", got)
	}
}

func TestSameKind(t *testing.T) {
	a, b := Undirected(2, [][2]int{{0, 1}}), Undirected(1, nil)
	a.ID, a.EdgeTypes = "a", []int32{0, 0}
	if err := b.SameKind(a); err != nil {
		t.Errorf("a graph without edges: %v", err)
	}
	b.ID, b.NodeFeatures = "b", []float32{1, 2}
	want := `graphs: graph "b": node features: 2 columns, but graph "a" has 0; all graphs must have the same kinds of features and targets`
	if err := b.SameKind(a); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestFailedFillLeavesEmpty(t *testing.T) {
	var b Batch
	if b.Nodes() != 0 || b.Pairs() != 0 || b.Edges() != 0 || b.Len() != 0 {
		t.Error("the zero Batch is not empty")
	}
	good := Undirected(2, [][2]int{{0, 1}})
	if err := b.Fill([]*Graph{good}); err != nil {
		t.Fatal(err)
	}
	if err := b.Fill([]*Graph{good, {}}); err == nil {
		t.Fatal("an empty graph was taken")
	}
	if b.Nodes() != 0 || b.Len() != 0 || len(edgePairs(t, &b)) != 0 {
		t.Error("a failed Fill left rows behind")
	}
}

func TestFillAllocatesNothing(t *testing.T) {
	list := make([]*Graph, 32)
	for i := range list {
		list[i] = Undirected(20, [][2]int{{0, 1}, {1, 2}, {2, 3}, {5, 7}})
	}
	var b Batch
	fill := func() {
		if err := b.Fill(list); err != nil {
			t.Fatal(err)
		}
		edgePairs(t, &b)
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n > 0 {
		t.Errorf("%v allocations in a refill, expected none", n)
	}
}

func BenchmarkFill(b *testing.B) {
	list := make([]*Graph, 32)
	for i := range list {
		g := &Graph{Nodes: 24, NodeTypes: make([]int32, 24), Target: []float32{0}}
		for k := range 24 {
			g.AddBond(k, (k+1)%24, 1)
		}
		list[i] = g
	}
	var batch Batch
	b.ReportAllocs()
	for b.Loop() {
		if err := batch.Fill(list); err != nil {
			b.Fatal(err)
		}
	}
}
