package encodings

import (
	"math"
	"math/rand/v2"
	"testing"
)

// taylorExp is exp of s [n, n] by scaling, a long Taylor series and squaring.
func taylorExp(s []float64, n int) []float64 {
	mul := func(a, b []float64) []float64 {
		c := make([]float64, n*n)
		for i := range n {
			for k := range n {
				for j := range n {
					c[i*n+j] += a[i*n+k] * b[k*n+j]
				}
			}
		}
		return c
	}
	const halvings = 8
	small, sum, term := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i, v := range s {
		small[i] = v / (1 << halvings)
	}
	for i := range n {
		sum[i*n+i], term[i*n+i] = 1, 1
	}
	for k := 1; k < 20; k++ {
		term = mul(term, small)
		for i := range term {
			term[i] /= float64(k)
			sum[i] += term[i]
		}
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return sum
}

// formExp is exp(by S) of a matrix taken apart.
func formExp(f *skewForm, by float64) []float64 {
	out := make([]float64, f.n*f.n)
	turn := f.turns(by)
	for c := range f.n {
		var x [maxBlock]float64
		for k := range f.n {
			x[k] = f.u[k][c]
		}
		turn.apply(&x, f.n, 1)
		for r := range f.n {
			for k := range f.n {
				out[r*f.n+c] += f.u[k][r] * x[k]
			}
		}
	}
	return out
}

// skewCases are skew matrices of every size: random of several norms, and such as have equal, zero or tiny angles.
func skewCases(n int) map[string][]float64 {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	random := func(norm float64) []float64 {
		s := make([]float64, n*n)
		for i := range n {
			for j := range i {
				v := rng.NormFloat64()
				s[i*n+j], s[j*n+i] = v, -v
			}
		}
		sum := 0.0
		for _, v := range s {
			sum += v * v
		}
		for i := range s {
			s[i] *= norm / math.Sqrt(sum)
		}
		return s
	}
	equal, one, close := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for j := 0; j+1 < n; j += 2 {
		equal[(j+1)*n+j], equal[j*n+j+1] = 1.5, -1.5
		close[(j+1)*n+j], close[j*n+j+1] = 1.5+1e-9*float64(j), -1.5-1e-9*float64(j)
	}
	if n > 1 {
		one[(n-1)*n], one[n-1] = 2, -2
	}
	return map[string][]float64{"tiny": random(1e-6), "next to nothing": random(1e-161), "one": random(1), "ten": random(10), "thirty": random(30), "zero": make([]float64, n*n),
		"equal angles": equal, "close angles": close, "rank two": one}
}

// TestSkewForm: U is orthogonal, and the exponential is that of a Taylor series to 1e-13, of norms up to thirty.
func TestSkewForm(t *testing.T) {
	for n := 1; n <= maxBlock; n++ {
		for name, s := range skewCases(n) {
			var f skewForm
			f.decompose(s, n)
			for a := range n {
				for b := range n {
					dot, want := 0.0, 0.0
					if a == b {
						want = 1
					}
					for c := range n {
						dot += f.u[a][c] * f.u[b][c]
					}
					if math.Abs(dot-want) > 1e-14 {
						t.Errorf("%s of %d: columns %d and %d of U have the product %v", name, n, a, b, dot)
					}
				}
			}
			for _, by := range []float64{1, -0.5} {
				scaled := make([]float64, n*n)
				for i, v := range s {
					scaled[i] = by * v
				}
				got, want := formExp(&f, by), taylorExp(scaled, n)
				for i := range got {
					if math.Abs(got[i]-want[i]) > 1e-13 {
						t.Fatalf("%s of %d: exp(%v S) has %v at %d, want %v", name, n, by, got[i], i, want[i])
					}
				}
			}
		}
	}
}

// TestSkewGradient: the gradient of P through exp(s (P - Pᵀ)) against central differences.
func TestSkewGradient(t *testing.T) {
	for n := 1; n <= maxBlock; n++ {
		for name, s := range skewCases(n) {
			rng := rand.New(rand.NewPCG(3, uint64(n)))
			var f skewForm
			f.decompose(s, n)
			tokens := []float64{1, -0.7, 0}
			var pull skewPull
			g, x := make([][]float64, len(tokens)), make([][]float64, len(tokens))
			for k, by := range tokens {
				var gu, xu [maxBlock]float64
				for range n {
					g[k], x[k] = append(g[k], rng.NormFloat64()), append(x[k], rng.NormFloat64())
				}
				for r := range n {
					for c := range n {
						gu[r] += f.u[r][c] * g[k][c]
						xu[r] += f.u[r][c] * x[k][c]
					}
				}
				pull.add(&gu, &xu, n)
				pull.pull(&f, by)
			}
			loss := func(s []float64) float64 {
				sum := 0.0
				for k, by := range tokens {
					scaled := make([]float64, n*n)
					for i, v := range s {
						scaled[i] = by * v
					}
					e := taylorExp(scaled, n)
					for r := range n {
						for c := range n {
							sum += g[k][r] * e[r*n+c] * x[k][c]
						}
					}
				}
				return sum
			}
			var d [maxBlock][maxBlock]float64
			pull.take(&d, &f)
			for r := range n {
				for c := range n {
					const h = 1e-5
					move := func(by float64) float64 { // of P[r][c]
						moved := append([]float64(nil), s...)
						moved[r*n+c] += by
						moved[c*n+r] -= by
						return loss(moved)
					}
					want := (move(h) - move(-h)) / (2 * h)
					if r == c {
						want = 0
					}
					if math.Abs(d[r][c]-want) > 1e-6*max(1, math.Abs(want)) {
						t.Fatalf("%s of %d: the gradient of P[%d][%d] is %v, want %v", name, n, r, c, d[r][c], want)
					}
				}
			}
		}
	}
}
