package attention

import (
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenToeplitz multiplies with Toeplitz matrices of sequences and of grids. The file is derived.
func TestGoldenToeplitz(t *testing.T) {
	for _, c := range golden.Files(t, "nprf", "toeplitz_products") {
		var config struct {
			Grid []int `json:"grid"`
		}
		c.JSON(t, "config", &config)
		for name, index := range map[string][]int32{"": nil, "2d": GridIndex(nil, config.Grid, config.Grid)} {
			x, want := c.Tensor("x"+name), "y"+name
			coefficients := c.Tensor("c" + name)
			heads, n, columns := x.Shape()[1], x.Shape()[2], x.Shape()[3]
			y := tensor.New(x.Shape()...)
			reach := n
			if index != nil {
				reach = int(index[n-1]) + 1
			}
			var f toeplitz
			f.begin(reach, reach)
			for h := range heads {
				f.set(coefficients.Data()[h*(coefficients.Size()/heads):][:coefficients.Size()/heads], 0, reach, reach)
				for col := range columns {
					at := func(i int) int {
						if index != nil {
							return int(index[i])
						}
						return i
					}
					clear(f.fx)
					for j := range n {
						f.fx[at(j)] = complex(float64(x.At(0, h, j, col)), 0)
					}
					fourierOf(f.fx)
					f.product()
					for i := range n {
						y.Set(float32(real(f.y[at(i)])), 0, h, i, col)
					}
				}
			}
			c.Compare(t, want, y, golden.Forward)
		}
	}
}

// TestToeplitz compares products, transposed products and the gradient of the coefficients of rectangles with loops.
func TestToeplitz(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var f toeplitz
	for _, r := range []struct{ reach, keys, queries, keyPlace, queryPlace int }{
		{1, 1, 1, 0, 0}, {7, 7, 7, 0, 0}, {30, 8, 13, 2, 10}, {30, 9, 9, 21, 3}, {64, 32, 32, 0, 32}, {5, 5, 2, 0, 3},
	} {
		c := make([]float32, 2*r.reach-1)
		for n := range c {
			c[n] = rng.Float32()
		}
		coefficient := func(key, query int) float64 { return float64(c[key+r.keyPlace-query-r.queryPlace+r.reach-1]) }
		f.begin(r.keys, r.queries)
		f.set(c, r.keyPlace-r.queryPlace, r.keys, r.queries)
		keys, queries := make([]complex128, r.keys), make([]complex128, r.queries)
		for n := range keys {
			keys[n] = complex(rng.NormFloat64(), rng.NormFloat64())
		}
		for n := range queries {
			queries[n] = complex(rng.NormFloat64(), rng.NormFloat64())
		}
		same := func(what string, n int, got, want complex128) {
			if cmplx.Abs(got-want) > 1e-6 { // the gradient of c is rounded to float32
				t.Errorf("%+v: %s %d is %v, want %v", r, what, n, got, want)
			}
		}
		clear(f.fx)
		copy(f.fx, keys)
		fourierOf(f.fx)
		f.product()
		for i := range queries {
			var sum complex128
			for j, x := range keys {
				sum += scaled(coefficient(j, i), x)
			}
			same("product", i, f.y[i], sum)
		}
		clear(f.fy)
		copy(f.fy, queries)
		fourierOf(f.fy)
		f.transposed()
		for j := range keys {
			var sum complex128
			for i, y := range queries {
				sum += scaled(coefficient(j, i), y)
			}
			same("transposed product", j, f.y[j], sum)
		}
		got, want := make([]float32, len(c)), make([]float64, len(c))
		f.addLags(got, c, r.keyPlace-r.queryPlace, r.keys, r.queries)
		for j, x := range keys {
			for i, y := range queries {
				want[j+r.keyPlace-i-r.queryPlace+r.reach-1] += real(timesConj(x, y)) * coefficient(j, i)
			}
		}
		for n := range want {
			same("gradient of coefficient", n, complex(float64(got[n]), 0), complex(want[n], 0))
		}
	}
}

func TestFFTLength(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 1000: 1024, 1024: 1024, 1025: 2048} {
		if got := fftLength(n); got != want {
			t.Errorf("fftLength(%d) = %d, want %d", n, got, want)
		}
	}
}
