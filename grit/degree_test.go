package grit

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// TestDegreeScale compares the degree scaler with its formula, x (c0 + l c1), and its gradients with theirs.
func TestDegreeScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(shape ...int) *tensor.Tensor {
		x := tensor.New(shape...)
		for n := range x.Data() {
			x.Data()[n] = float32(rng.NormFloat64())
		}
		return x
	}
	for _, shape := range [][2]int{{1, 1}, {5, 3}, {300, 17}, {0, 4}} {
		rows, cols := shape[0], shape[1]
		x, coef, dy := random(rows, cols), random(2, cols), random(rows, cols)
		log := make([]float32, rows)
		for i := range log {
			log[i] = float32(math.Log1p(float64(rng.IntN(6))))
		}
		tp := tensor.NewTape()
		for range 2 { // again, in the memory of the first pass
			tp.Begin(tensor.Pass{Grad: true})
			y := degreeScale(tp, tp.Leaf(x), tp.Leaf(coef), log)
			got := append([]float32{}, y.Data()...)
			tp.Backward(tp.Add(tp.Sum(tp.Mul(y, tp.Const(dy))), tp.Sum(tp.Leaf(x)))) // x has a gradient already
			near := func(what string, got, want, scale float64) {
				t.Helper()
				if !(math.Abs(got-want) <= 1e-5*(1+scale)) {
					t.Errorf("%v: %s is %v, want %v", shape, what, got, want)
				}
			}
			for c := range cols {
				var d0, d1, s0, s1 float64
				for i, l := range log {
					v, g := float64(x.At(i, c)), float64(dy.At(i, c))
					scale := float64(coef.At(0, c)) + float64(l)*float64(coef.At(1, c))
					near("y", float64(got[i*cols+c]), v*scale, 0)
					near("the gradient of x", float64(tp.Grad(x)[i*cols+c]), g*scale+1, 0)
					d0, s0 = d0+v*g, s0+math.Abs(v*g)
					d1, s1 = d1+v*g*float64(l), s1+math.Abs(v*g*float64(l))
				}
				if rows > 0 {
					near("the gradient of the constant", float64(tp.Grad(coef)[c]), d0, s0)
					near("the gradient of the slope", float64(tp.Grad(coef)[cols+c]), d1, s1)
				}
			}
		}
	}
}
