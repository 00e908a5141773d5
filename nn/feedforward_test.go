package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// affine is W x + b in float64; b may be nil.
func affine(l *nn.Linear, x []float64) []float64 {
	y := make([]float64, l.Out())
	for i := range y {
		if l.Bias != nil {
			y[i] = float64(l.Bias.At(i))
		}
		for j, v := range x {
			y[i] += float64(l.Weight.At(i, j)) * v
		}
	}
	return y
}

// TestFeedForward compares the parts of a block with their definitions, token by token.
func TestFeedForward(t *testing.T) {
	init := nn.NewInit(1)
	squared := nn.NewFeedForward(5, 11, nn.SquaredReLU, init)
	plain := nn.NewFeedForwardNoBias(5, 7, nn.Tanh, init)
	gated := nn.NewSwiGLU(5, 7, init)
	each := func(x []float64, f func(float64) float64) []float64 {
		for i, v := range x {
			x[i] = f(v)
		}
		return x
	}
	for _, c := range []struct {
		name  string
		layer layer
		paths []string
		want  func(x []float64) []float64
	}{
		{"squared ReLU", squared, []string{"in.weight", "in.bias", "out.weight", "out.bias"}, func(x []float64) []float64 {
			return affine(squared.Out, each(affine(squared.In, x), func(v float64) float64 { return math.Pow(math.Max(v, 0), 2) }))
		}},
		{"no bias", plain, []string{"in.weight", "out.weight"}, func(x []float64) []float64 {
			return affine(plain.Out, each(affine(plain.In, x), math.Tanh))
		}},
		{"SwiGLU", gated, []string{"gate.weight", "up.weight", "down.weight"}, func(x []float64) []float64 {
			gate, h := affine(gated.Gate, x), affine(gated.Up, x)
			for i, g := range gate {
				h[i] *= g / (1 + math.Exp(-g))
			}
			return affine(gated.Down, h)
		}},
	} {
		if got := paths(nn.Collect(c.layer).All()); !equal(got, c.paths) {
			t.Errorf("%s: parameters %v, want %v", c.name, got, c.paths)
		}
		x, rng := tensor.New(4, 5), rand.New(rand.NewPCG(1, 1))
		for i := range x.Data() {
			x.Data()[i] = float32(rng.NormFloat64())
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		y := c.layer.Apply(tp, tp.Leaf(x)).Keep()
		tp.Backward(tp.Sum(y))
		for r := range 4 {
			row := make([]float64, 5)
			for i := range row {
				row[i] = float64(x.At(r, i))
			}
			for i, want := range c.want(row) {
				if got := float64(y.Value().At(r, i)); math.Abs(got-want) > 1e-6 {
					t.Errorf("%s: number %d of token %d is %v, want %v", c.name, i, r, got, want)
				}
			}
		}
		for _, p := range nn.Collect(c.layer).Trainable() {
			if tp.Grad(p.Tensor) == nil {
				t.Errorf("%s: no gradient reaches %s", c.name, p.Path)
			}
		}
	}
}

// TestFeedForwardDropout holds that the numbers between the layers are dropped, in training alone.
func TestFeedForwardDropout(t *testing.T) {
	f := nn.NewFeedForwardNoBias(1, 4, nn.Identity, nn.NewInit(1))
	f.In.Weight.Fill(1)
	f.Out.Weight.Fill(0.25)
	f.Dropout = 0.5
	x := tensor.New(1000, 1)
	x.Fill(1)
	for _, train := range []bool{true, false} {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: train, Seed: 1})
		seen := map[float32]int{}
		for _, v := range f.Apply(tp, tp.Const(x)).Data() {
			seen[v]++
		}
		if want := map[bool]int{true: 5, false: 1}[train]; len(seen) != want { // none to four of four, doubled
			t.Errorf("training %v: results %v, want %d different ones", train, seen, want)
		}
	}
}

func TestWatchNamesFeedForwardLayers(t *testing.T) {
	gated, plain := nn.NewSwiGLU(4, 6, nn.NewInit(1)), nn.NewFeedForward(4, 6, nn.GELU, nn.NewInit(1))
	gated.Up.Weight.Data()[5] = nan
	plain.Out.Bias.Data()[0] = nan
	for want, part := range map[string]layer{"up": gated, "out": plain} {
		tp := tensor.NewTape()
		tp.Watch(true)
		tp.Begin(tensor.Pass{})
		part.Apply(tp, tp.Const(tensor.New(3, 4)))
		if bad := tp.FirstBad(); bad == nil || bad.Path != want || bad.Op != "Linear" {
			t.Errorf("found %v, want Linear of %s", bad, want)
		}
	}
}
