package grit_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestEdgeHead: the head of edges has predictions for every edge, the same alone as in a batch, and reads the pairs of the
// last layer, whose parameters other heads leave without a gradient.
func TestEdgeHead(t *testing.T) {
	c := toy()
	c.Head, c.HeadLayers, c.Outputs = grit.EdgeHead, 2, 3
	m := newModel(t, c, 4)
	gs := randomGraphs(c, 5)
	warm(t, m, gs)
	var alone []float32
	edges := 0
	for _, g := range gs {
		alone = append(alone, predict(t, m, g)...)
		edges += len(g.Edges)
	}
	if got := predict(t, m, gs...); len(got) != edges*c.Outputs || !slices.Equal(got, alone) {
		t.Errorf("%d predictions of %d edges, not the bits of one graph after the other", len(got), edges)
	}
	b := newBatch(t, c, gs...)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
	for _, p := range nn.Collect(m).Trainable() {
		if g := tp.Grad(p.Tensor); !slices.ContainsFunc(g, func(x float32) bool { return x != 0 }) {
			t.Errorf("%s has no gradient", p.Path)
		}
	}
}
