package simd

import (
	"math"
	"testing"
)

// unary is an activation with its float64 reference, the error allowed in ulp of the result, and an absolute error
// that is allowed instead where the result is a difference of near numbers.
type unary struct {
	name string
	run  func(k *kernels, dst, x []float32)
	ref  func(x float64) float64
	ulps float64
	abs  float64
}

func sigmoidRef(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func geluRef(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * normal64(x)
}

func geluTanhRef(x float64) float64 {
	if x < -50 {
		return 0
	}
	return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func siluRef(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * sigmoidRef(x)
}

func unaries() []unary {
	return []unary{
		{"Exp", func(k *kernels, d, x []float32) { k.exp(d, x) }, math.Exp, 1.5, 0},
		{"Log", func(k *kernels, d, x []float32) { k.log(d, x) }, math.Log, 1.5, 0},
		{"Log1p", func(k *kernels, d, x []float32) { k.log1p(d, x) }, math.Log1p, 2, 0},
		{"Tanh", func(k *kernels, d, x []float32) { k.tanh(d, x) }, math.Tanh, 2, 0},
		{"Sigmoid", func(k *kernels, d, x []float32) { k.sigmoid(d, x) }, sigmoidRef, 2.5, 0},
		{"Erf", func(k *kernels, d, x []float32) { k.erf(d, x) }, math.Erf, 2, 0},
		{"GELU", func(k *kernels, d, x []float32) { k.gelu(d, x) }, geluRef, 3, 4e-7},
		{"GELUTanh", func(k *kernels, d, x []float32) { k.geluTanh(d, x) }, geluTanhRef, 3, 4e-7},
		{"Softplus", func(k *kernels, d, x []float32) { k.softplus(d, x) }, func(x float64) float64 {
			return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
		}, 2.5, 0},
		{"Sin", func(k *kernels, d, x []float32) { k.sine(d, x) }, math.Sin, 2, 0},
		{"Cos", func(k *kernels, d, x []float32) { k.cosine(d, x) }, math.Cos, 2, 0},
		{"ReLU", func(k *kernels, d, x []float32) { k.relu(d, x) }, func(x float64) float64 {
			if x < 0 {
				return 0
			}
			return x
		}, 0, 0},
		{"SiLU", func(k *kernels, d, x []float32) { k.silu(d, x) }, siluRef, 3, 1e-43},
		{"ELU", func(k *kernels, d, x []float32) { k.elu(d, x) }, func(x float64) float64 {
			if x > 0 {
				return x
			}
			return math.Expm1(x)
		}, 2, 0},
		{"SignedSqrt", func(k *kernels, d, x []float32) { k.signedSqrt(d, x) }, func(x float64) float64 {
			return math.Copysign(math.Sqrt(math.Abs(x)), x)
		}, 0.5, 0},
		{"Abs", func(k *kernels, d, x []float32) { k.abs(d, x) }, math.Abs, 0, 0},
		{"Sqrt", func(k *kernels, d, x []float32) { k.sqrt(d, x) }, math.Sqrt, 0.5, 0},
	}
}

// gradients are the derivative kernels; the reference is the whole product with dy.
func gradients() []struct {
	ternary
	abs float64 // absolute error allowed, for |dy| = 1
} {
	type entry = struct {
		ternary
		abs float64
	}
	grad := func(name string, run func(k *kernels) func(d, x, dy []float32), slope func(x float64) float64, ulps, abs float64) entry {
		return entry{ternary{name, func(k *kernels, d, x, dy []float32) { run(k)(d, x, dy) }, plain(func(x, dy float64) float64 {
			return slope(x) * dy
		}), ulps, 3}, abs}
	}
	step := func(name string, run func(k *kernels) func(d, x, dy []float32), ref func(x, dy float64) float64, ulps float64) entry {
		return entry{ternary{name, func(k *kernels, d, x, dy []float32) { run(k)(d, x, dy) }, plain(ref), ulps, 3}, 0}
	}
	type fn = func(d, x, dy []float32)
	return []entry{
		step("ReLUGrad", func(k *kernels) fn { return k.reluGrad }, func(x, dy float64) float64 {
			if x <= 0 {
				return 0
			}
			return dy
		}, 0),
		grad("GELUGrad", func(k *kernels) fn { return k.geluGrad }, func(x float64) float64 {
			x = math.Min(math.Max(x, -50), 50)
			return normal64(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}, 4, 4e-7),
		grad("GELUTanhGrad", func(k *kernels) fn { return k.geluTanhGrad }, func(x float64) float64 {
			x = math.Min(math.Max(x, -50), 50)
			u := math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x)
			return (1+math.Tanh(u))/2 + x/2*math.Sqrt(2/math.Pi)*(1+3*0.044715*x*x)/(math.Cosh(u)*math.Cosh(u))
		}, 4, 5e-7),
		grad("SiLUGrad", func(k *kernels) fn { return k.siluGrad }, func(x float64) float64 {
			x = math.Min(math.Max(x, -1000), 1000)
			s := sigmoidRef(x)
			return s * (1 + x*(1-s))
		}, 4, 2e-7),
		step("ELUGrad", func(k *kernels) fn { return k.eluGrad }, func(x, dy float64) float64 {
			if x > 0 {
				return dy
			}
			return float64(float32(math.Exp(x))) * dy
		}, 3),
		grad("TanhGrad", func(k *kernels) fn { return k.tanhGrad }, func(y float64) float64 { return 1 - y*y }, 4, 2e-7),
		grad("SigmoidGrad", func(k *kernels) fn { return k.sigmoidGrad }, func(y float64) float64 { return y * (1 - y) }, 4, 2e-7),
		step("SignedSqrtGrad", func(k *kernels) fn { return k.signedSqrtGrad }, func(x, dy float64) float64 {
			if x == 0 {
				return 0
			}
			return dy * float64(float32(0.5/math.Sqrt(math.Abs(x))))
		}, 3),
	}
}

// activationInputs covers (-limit, limit) densely, many magnitudes, and the special values.
func activationInputs() []float32 {
	x := append([]float32{math.MaxFloat32, -math.MaxFloat32}, specials...)
	for v := -110.0; v < 110; v += 0.00917 {
		x = append(x, float32(v))
	}
	for v := -2e5; v < 2e5; v += 17.77 {
		x = append(x, float32(v))
	}
	for n := -200_000; n < 200_000; n += 57 { // where sine or cosine is next to 0
		x = append(x, float32(float64(n)*math.Pi/2))
	}
	for v := -1.5; v < 1.5; v += 0.000127 {
		x = append(x, float32(v))
	}
	for e := -149; e < 128; e++ {
		for _, f := range []float64{1, 1.2345, 1.75} {
			x = append(x, float32(math.Ldexp(f, e)), -float32(math.Ldexp(f, e)))
		}
	}
	return append(x, randoms(5000, 7)...)
}

func TestActivations(t *testing.T) {
	x := activationInputs()
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range unaries() {
			t.Run(c.name, func(t *testing.T) {
				y := make([]float32, len(x))
				c.run(k, y, x)
				var worst float64
				var at float32
				for i := range x {
					want := c.ref(float64(x[i]))
					off := ulpsOff(y[i], want, want)
					if math.Abs(float64(y[i])-want) <= c.abs {
						continue
					}
					if off > worst {
						worst, at = off, x[i]
					}
				}
				if worst > c.ulps {
					t.Errorf("%s(%v): %.3g ulp off, allowed %v", c.name, at, worst, c.ulps)
				}
				t.Logf("largest error %.3f ulp, at %v", worst, at)
			})
			t.Run(c.name+"/tails", func(t *testing.T) {
				tail := ternary{c.name, func(k *kernels, d, a, _ []float32) { c.run(k, d, a) },
					func(_, a, _ float64) (float64, float64) { y := c.ref(a); return y, math.Max(math.Abs(y), c.abs*0x1p22) }, max(c.ulps, 0.5), 2}
				runTernary(t, k, tail)
			})
		}
	})
}

// TestSoftmaxParts compares sums of exponentials, of which few or many count, and scaled ones, with the exponentials.
func TestSoftmaxParts(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range append(sizes(), 20000) {
			for _, c := range []struct{ spread, shift float32 }{{1, 0}, {3, -12}, {30, -60}, {1, 40}} {
				a, e, want := normals(n, 3), make([]float32, n), make([]float32, n)
				scaleGo(a, a, c.spread)
				addConstGo(e, a, c.shift)
				k.exp(e, e)
				var sum float64
				for i, v := range e {
					sum += float64(v)
					want[i] = 0.3 * v
				}
				if got := k.sumExp(a, c.shift); !(math.Abs(got-sum) <= 1e-12*sum) {
					t.Errorf("sum of %d: %v, expected %v", n, got, sum)
				}
				if x, y := k.sumExp(a, c.shift), k.sumExp(newGuarded(n, 3).with(a).s, c.shift); x != y {
					t.Errorf("sum of %d: %v at offset 3, %v at 0", n, y, x)
				}
				g := newGuarded(n, 5)
				k.scaledExp(g.s, a, c.shift, 0.3)
				sameBits(t, "ScaledExp", g.s, want)
				added := newGuarded(n, 7).with(normals(n, 4))
				for i, v := range added.s {
					want[i] += v
				}
				k.addScaledExp(added.s, a, c.shift, 0.3)
				for i, v := range added.s {
					if math.Abs(float64(v-want[i])) > 1e-6*math.Max(1, math.Abs(float64(want[i]))) {
						t.Fatalf("AddScaledExp: element %d of %d is %v, expected %v", i, n, v, want[i])
					}
				}
				copy(want, g.s)
				k.scaledExp(a, a, c.shift, 0.3)
				sameBits(t, "ScaledExp in place", a, want)
			}
		}
		for _, c := range []struct {
			in   []float32
			want float64
		}{{[]float32{-inf, 0, -inf}, 1}, {[]float32{-inf}, 0}, {nil, 0}, {[]float32{inf, 1}, math.Inf(1)}} {
			if got := k.sumExp(c.in, 0); got != c.want {
				t.Errorf("sum over %v is %v, expected %v", c.in, got, c.want)
			}
		}
		if got := k.sumExp([]float32{1, nan, 2}, 0); got == got {
			t.Errorf("sum with NaN is %v", got)
		}
	})
}

// TestWavesOfLargeArguments holds that an element's bits do not depend on its neighbours, whose size decides who does it.
func TestWavesOfLargeArguments(t *testing.T) {
	x := []float32{1, 2, 3e5, nan, -4, 1e30, -1e20, inf, 5, 6, 7, 1 << 18, -1 << 18, 8}
	eachLevel(t, func(t *testing.T, k *kernels) {
		for name, f := range map[string]func(dst, x []float32){"Sin": k.sine, "Cos": k.cosine} {
			y := append([]float32(nil), x...)
			f(y, y)
			for i, v := range x {
				alone := []float32{v}
				f(alone, alone)
				sameBits(t, name, y[i:i+1], alone)
			}
		}
	})
}

func TestGradients(t *testing.T) {
	x := activationInputs()
	dy := normals(len(x), 9)
	for i := range dy {
		dy[i] = float32(math.Copysign(1, float64(dy[i])))
	}
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range gradients() {
			t.Run(c.name, func(t *testing.T) {
				y := make([]float32, len(x))
				c.run(k, y, x, dy)
				for i := range x {
					want, _ := c.ref(0, float64(x[i]), float64(dy[i]))
					if off := ulpsOff(y[i], want, want); off > c.ulps && !(math.Abs(float64(y[i])-want) <= c.abs) {
						t.Fatalf("%s(%v): got %v, expected %v, %.3g ulp off", c.name, x[i], y[i], want, off)
					}
				}
			})
			t.Run(c.name+"/tails", func(t *testing.T) {
				tail := c.ternary
				ref := tail.ref
				tail.ref = func(d, a, b float64) (float64, float64) {
					want, scale := ref(d, a, b)
					return want, math.Max(math.Abs(scale), c.abs*math.Abs(b)*0x1p22)
				}
				tail.ulps = max(tail.ulps, 0.5)
				runTernary(t, k, tail)
			})
		}
	})
}

func BenchmarkActivations(b *testing.B) {
	const n = 4096
	dst, x, dy := make([]float32, n), normals(n, 1), normals(n, 2)
	benchLevels(b, func(b *testing.B, k *kernels) {
		for _, c := range unaries() {
			b.Run(c.name, func(b *testing.B) {
				b.SetBytes(2 * 4 * n)
				for b.Loop() {
					c.run(k, dst, x)
				}
			})
		}
		for _, c := range gradients() {
			b.Run(c.name, func(b *testing.B) {
				b.SetBytes(3 * 4 * n)
				for b.Loop() {
					c.run(k, dst, x, dy)
				}
			})
		}
	})
}
