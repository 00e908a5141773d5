package simd

import (
	"fmt"
	"math"
	"testing"
)

// ternary is an elementwise kernel seen as f(dst before, a, b), with its float64 reference, which also returns the
// magnitude the rounding error is relative to.
type ternary struct {
	name string
	run  func(k *kernels, dst, a, b []float32)
	ref  func(d, a, b float64) (want, scale float64)
	ulps float64
	// arrays is how many slices are read and written, for the benchmarks.
	arrays int64
}

func plain(f func(a, b float64) float64) func(d, a, b float64) (float64, float64) {
	return func(_, a, b float64) (float64, float64) {
		y := f(a, b)
		return y, y
	}
}

func elementwise() []ternary {
	const s, lo, hi = 1.375, -0.75, 1.5
	clampRef := func(a, _ float64) float64 {
		if a != a {
			return a
		}
		return math.Min(math.Max(a, lo), hi)
	}
	return []ternary{
		{"Add", func(k *kernels, d, a, b []float32) { k.add(d, a, b) }, plain(func(a, b float64) float64 { return a + b }), 0.5, 3},
		{"Sub", func(k *kernels, d, a, b []float32) { k.sub(d, a, b) }, plain(func(a, b float64) float64 { return a - b }), 0.5, 3},
		{"Mul", func(k *kernels, d, a, b []float32) { k.mul(d, a, b) }, plain(func(a, b float64) float64 { return a * b }), 0.5, 3},
		{"Div", func(k *kernels, d, a, b []float32) { k.div(d, a, b) }, plain(func(a, b float64) float64 { return a / b }), 0.5001, 3},
		{"MulAdd", func(k *kernels, d, a, b []float32) { k.mulAdd(d, a, b) }, func(d, a, b float64) (float64, float64) {
			return d + a*b, math.Max(math.Abs(d), math.Abs(a*b)) * 2
		}, 1, 4},
		{"AddScaled", func(k *kernels, d, a, _ []float32) { k.addScaled(d, a, s) }, func(d, a, _ float64) (float64, float64) {
			return d + s*a, math.Max(math.Abs(d), math.Abs(s*a)) * 2
		}, 1, 3},
		{"Triad", func(k *kernels, d, a, b []float32) { k.triad(d, a, b, s) }, func(_, a, b float64) (float64, float64) {
			return a + s*b, math.Max(math.Abs(a), math.Abs(s*b)) * 2
		}, 1, 3},
		{"Scale", func(k *kernels, d, a, _ []float32) { k.scale(d, a, s) }, plain(func(a, _ float64) float64 { return s * a }), 0.5, 2},
		{"AddConst", func(k *kernels, d, a, _ []float32) { k.addConst(d, a, s) }, plain(func(a, _ float64) float64 { return a + s }), 0.5, 2},
		{"Fill", func(k *kernels, d, _, _ []float32) { k.fill(d, s) }, plain(func(_, _ float64) float64 { return s }), 0, 1},
		{"Clamp", func(k *kernels, d, a, _ []float32) { k.clamp(d, a, lo, hi) }, plain(clampRef), 0, 2},
		{"ClampGrad", func(k *kernels, d, a, b []float32) { k.clampGrad(d, a, b, lo, hi) }, plain(func(a, b float64) float64 {
			if a >= lo && a <= hi {
				return b
			}
			return 0
		}), 0, 3},
	}
}

// runTernary tries c at all sizes, unaligned, with special values in every pairing, and in place.
func runTernary(t *testing.T, k *kernels, c ternary) {
	t.Helper()
	check := func(what string, dst []float32, before, a, b []float32) {
		t.Helper()
		for i := range dst {
			want, scale := c.ref(float64(before[i]), float64(a[i]), float64(b[i]))
			if off := ulpsOff(dst[i], want, scale); off > c.ulps {
				t.Fatalf("%s, element %d: from %v, %v, %v: got %v, expected %v, %.3g ulp off", what, i, before[i], a[i], b[i], dst[i], want, off)
			}
		}
	}
	for _, n := range sizes() {
		before, av, bv := randoms(n, 1), randoms(n, 2), randoms(n, 3)
		for off := range 3 {
			what := fmt.Sprintf("%s, length %d, offset %d", c.name, n, off)
			dst, a, b := newGuarded(n, off).with(before), newGuarded(n, 2*off).with(av), newGuarded(n, off+1).with(bv)
			c.run(k, dst.s, a.s, b.s)
			check(what, dst.s, before, av, bv)
			dst.check(t, what)
			// The value of an element must not depend on where it lies.
			if n > 1 {
				again := newGuarded(n-1, 0).with(before[1:])
				c.run(k, again.s, a.s[1:], b.s[1:])
				for i, x := range again.s {
					if math.Float32bits(x) != math.Float32bits(dst.s[i+1]) {
						t.Fatalf("%s: element %d differs in bits when it is element %d", what, i+1, i)
					}
				}
			}
			// In place on either source.
			onA, onB := newGuarded(n, off).with(av), newGuarded(n, off).with(bv)
			c.run(k, onA.s, onA.s, b.s)
			check(what+", on its first source", onA.s, av, av, bv)
			c.run(k, onB.s, a.s, onB.s)
			check(what+", on its second source", onB.s, bv, av, bv)
		}
	}
	var before, av, bv []float32
	for _, x := range specials {
		for _, y := range specials {
			before, av, bv = append(before, y), append(av, x), append(bv, y)
		}
	}
	dst := newGuarded(len(av), 1).with(before)
	c.run(k, dst.s, av, bv)
	check(c.name+", special values", dst.s, before, av, bv)
}

func TestElementwise(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range elementwise() {
			t.Run(c.name, func(t *testing.T) { runTernary(t, k, c) })
		}
	})
}

func TestElementwiseLengths(t *testing.T) {
	two, three := make([]float32, 2), make([]float32, 3)
	mustPanic(t, "simd: Add: slices of lengths 2 and 3", func() { Add(two, three, two) })
	mustPanic(t, "simd: Mul: slices of lengths 2 and 3", func() { Mul(two, two, three) })
	mustPanic(t, "simd: Scale: slices of lengths 3 and 2", func() { Scale(three, two, 1) })
	mustPanic(t, "simd: GELUGrad: slices of lengths 3 and 2", func() { GELUGrad(three, three, two) })
	mustPanic(t, "simd: Dot: slices of lengths 2 and 3", func() { Dot(two, three) })
	mustPanic(t, "simd: AdamW: slices of lengths 3 and 2", func() { AdamW(three, three, two, three, AdamWStep{}) })
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	dst, x, y := make([]float32, n), normals(n, 1), normals(n, 2)
	benchLevels(b, func(b *testing.B, k *kernels) {
		for _, c := range elementwise() {
			b.Run(c.name, func(b *testing.B) {
				b.SetBytes(c.arrays * 4 * n)
				for b.Loop() {
					c.run(k, dst, x, y)
				}
			})
		}
	})
}
