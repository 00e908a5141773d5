package messages_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/messages"
)

func TestEdges(t *testing.T) {
	e := messages.NewEdges(4, []int32{0, 2, 2, 0}, []int32{1, 1, 2, 1})
	if e.Nodes() != 4 || e.Len() != 4 {
		t.Errorf("%d nodes and %d edges", e.Nodes(), e.Len())
	}
	for i, want := range [][2]int{{0, 2}, {3, 0}, {1, 2}, {0, 0}} {
		if e.InDegree(i) != want[0] || e.OutDegree(i) != want[1] {
			t.Errorf("node %d has degrees %d and %d, want %v", i, e.InDegree(i), e.OutDegree(i), want)
		}
	}
	if e.From()[1] != 2 || e.To()[2] != 2 {
		t.Errorf("edges %v to %v", e.From(), e.To())
	}
	var empty messages.Edges
	if empty.Nodes() != 0 || empty.Len() != 0 {
		t.Error("the zero value is not empty")
	}
}

// TestFillAgain holds that nothing of a larger graph is left, and that memory is used again.
func TestFillAgain(t *testing.T) {
	large, small := hubGraph(), graphs()[4]
	var e messages.Edges
	e.Fill(large.nodes, large.from, large.to)
	if n := testing.AllocsPerRun(5, func() {
		e.Fill(small.nodes, small.from, small.to)
		e.Fill(large.nodes, large.from, large.to)
	}); n > 0 {
		t.Errorf("Fill allocates %v times", n)
	}
	e.Fill(small.nodes, small.from, small.to)
	fresh := small.edges()
	for i := range small.nodes {
		if e.InDegree(i) != fresh.InDegree(i) || e.OutDegree(i) != fresh.OutDegree(i) {
			t.Errorf("node %d differs from that of new edges", i)
		}
	}
	if e.Len() != fresh.Len() || e.Nodes() != fresh.Nodes() {
		t.Errorf("%d nodes, %d edges", e.Nodes(), e.Len())
	}
}

// TestGCNWeights compares with the matrix D^-1/2 (A + I) D^-1/2 of a graph whose self loop counts once.
func TestGCNWeights(t *testing.T) {
	g := graph{nodes: 3, from: []int32{0, 1, 1, 2, 2}, to: []int32{1, 0, 2, 1, 2}}
	edge, self := make([]float32, 5), make([]float32, 3)
	g.edges().GCNWeights(edge, self)
	degree := []float64{2, 3, 2}
	for e, s := range g.from {
		want := 1 / math.Sqrt(degree[s]*degree[g.to[e]])
		if s == g.to[e] {
			want = 0
		}
		if math.Abs(float64(edge[e])-want) > 1e-7 {
			t.Errorf("edge %d weighs %v, want %v", e, edge[e], want)
		}
	}
	for i, d := range degree {
		if math.Abs(float64(self[i])-1/d) > 1e-7 {
			t.Errorf("the loop of node %d weighs %v, want %v", i, self[i], 1/d)
		}
	}
	mustPanic(t, "messages: GCNWeights: room for 5 edges and 2 nodes, want 5 and 3", func() { g.edges().GCNWeights(edge, self[:2]) })
}

func TestFillPanics(t *testing.T) {
	for text, f := range map[string]func(){
		"messages: Fill: edge 1 is 1->3, want nodes 0 to 2":           func() { messages.NewEdges(3, []int32{0, 1}, []int32{1, 3}) },
		"messages: Fill: edge 0 is -1->0, want nodes 0 to 2":          func() { messages.NewEdges(3, []int32{-1}, []int32{0}) },
		"messages: Fill: edge 0 is 0->0, want nodes 0 to -1":          func() { messages.NewEdges(0, []int32{0}, []int32{0}) },
		"messages: Fill: 2 sources and 1 targets, want as many":       func() { messages.NewEdges(3, []int32{0, 1}, []int32{1}) },
		"messages: Fill: -1 nodes and 0 edges, want 0 to 2^31-1 of b": func() { messages.NewEdges(-1, nil, nil) },
		"messages: Fill: 2147483648 nodes and 0 edges":                func() { messages.NewEdges(math.MaxInt32+1, nil, nil) },
	} {
		mustPanic(t, text, f)
	}
}
