package gps

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestEdgeHead: the head of edges has predictions for every edge, the same alone as in a batch, and no parameter of the
// model is without a gradient: GatedGCN makes edges in its last layer too.
func TestEdgeHead(t *testing.T) {
	for _, local := range []Local{LocalGatedGCN, LocalGINE, LocalGIN, NoLocal} {
		c := Config{Layers: 2, Width: 12, Heads: 2, Local: local, NodeTypes: 3, EdgeTypes: 2, Positions: "rwse:steps=3:width=4",
			Head: features.EdgeHead, HeadLayers: 2, Outputs: 3}
		gs := randomGraphs(c, 3)
		m := warm(t, newModel(t, c, 4), gs)
		var alone []float32
		edges := 0
		for _, g := range gs {
			alone = append(alone, predict(t, m, g)...)
			edges += len(g.Edges)
		}
		if got := predict(t, m, gs...); len(got) != edges*c.Outputs || !sameBits(got, alone) {
			t.Errorf("%v: %d predictions of %d edges, not the bits of one graph after the other", local, len(got), edges)
		}
		want := 2 * c.Width
		if local.readsEdges() {
			want += c.Width
		}
		if got := m.MLP.Hidden[0].In(); got != want {
			t.Errorf("%v: the head reads %d features, want %d", local, got, want)
		}
		b := newBatch(t, c, gs...)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
		for _, p := range nn.Collect(m).Trainable() {
			if !slices.ContainsFunc(tp.Grad(p.Tensor), func(x float32) bool { return x != 0 }) {
				t.Errorf("%v: %s has no gradient", local, p.Path)
			}
		}
	}
}
