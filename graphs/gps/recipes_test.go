package gps_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
)

// TestNoDeadParameterOfRecipes is TestNoDeadParameter for the models of recipes, with their own losses.
func TestNoDeadParameterOfRecipes(t *testing.T) {
	all, err := recipes.All("")
	if err != nil {
		t.Fatal(err)
	}
	tp, tried := tensor.NewTape(), 0
	for _, r := range all {
		if r.Model.Kind != recipes.GPS {
			continue
		}
		tried++
		m, err := gps.New(r.Model.GPS, r.Train.Seed)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := nn.ParseLoss(r.Loss)
		if err != nil {
			t.Fatal(err)
		}
		gs := gps.RandomGraphs(m.Config, 1)
		for seed := range uint64(3) {
			gs = append(gs, gps.RandomGraphs(m.Config, seed+2)...)
		}
		classes := r.Loss == "cross-entropy" || r.Loss == "binary-cross-entropy"
		for k, g := range gs {
			switch {
			case !classes:
			case r.Loss == "cross-entropy" && len(g.Target) > 0:
				g.Target = []float32{float32(k % r.Model.Outputs())}
			default:
				for n := range g.Target {
					g.Target[n] = float32((k + n) % 2)
				}
			}
		}
		b, err := gps.NewBatch(m.Config, gs)
		if err != nil {
			t.Fatal(err)
		}
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
		tp.Backward(loss.Loss(tp, m.Forward(tp, b), b.Targets()))
		var flat []*tensor.Tensor
		for _, block := range m.Blocks {
			flat = append(flat, gps.FlatBiases(block, true)...)
		}
		for _, p := range nn.Collect(m).Trainable() {
			g := tp.Grad(p.Tensor)
			if g == nil || !simd.AllFinite(g) || simd.MaxAbs(g) < 1e-8 && !slices.Contains(flat, p.Tensor) {
				t.Errorf("%s: %s has no gradient to speak of", r.Name, p.Path)
			}
		}
	}
	if tried < 11 {
		t.Errorf("%d recipes of this kind", tried)
	}
}
