package simd

import (
	"math"
	"testing"
)

func TestReductions(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range append(sizes(), 20000) {
			a, b := randoms(n, 1), randoms(n, 2)
			var sum, squares, dot, absSum, absDot float64
			top, topAbs := math.Inf(-1), 0.0
			for i := range a {
				x, y := float64(a[i]), float64(b[i])
				sum += x
				absSum += math.Abs(x)
				squares += x * x
				dot += x * y
				absDot += math.Abs(x * y)
				top, topAbs = math.Max(top, x), math.Max(topAbs, math.Abs(x))
			}
			near := func(name string, got, want, scale float64) {
				t.Helper()
				if !(math.Abs(got-want) <= 1e-13*scale) {
					t.Errorf("%s of %d: got %v, expected %v", name, n, got, want)
				}
			}
			for off := range 5 {
				ga, gb := newGuarded(n, off).with(a), newGuarded(n, 2*off).with(b)
				near("Sum", k.sum(ga.s), sum, absSum)
				near("SumSquares", k.sumSquares(ga.s), squares, squares)
				near("Dot", k.dot(ga.s, gb.s), dot, absDot)
				if got := k.max(ga.s); float64(got) != top {
					t.Errorf("Max of %d: got %v, expected %v", n, got, top)
				}
				if got := k.maxAbs(ga.s); float64(got) != topAbs {
					t.Errorf("MaxAbs of %d: got %v, expected %v", n, got, topAbs)
				}
				if !k.allFinite(ga.s) {
					t.Errorf("AllFinite of %d finite values is false", n)
				}
				// Bits are the same wherever the values lie.
				if x, y := k.sum(ga.s), k.sum(a); x != y {
					t.Errorf("Sum of %d: %v at offset %d, %v at 0", n, x, off, y)
				}
				if x, y := k.dot(ga.s, gb.s), k.dot(a, b); x != y {
					t.Errorf("Dot of %d: %v at offset %d, %v at 0", n, x, off, y)
				}
			}
		}
	})
}

func TestReductionsNaNInf(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range []int{1, 2, 7, 8, 9, 16, 17, 31, 33, 64, 65, 70, 128, 200, 1100} {
			for at := 0; at < n; at++ {
				a := randoms(n, 5)
				a[at] = nan
				if got := k.max(a); got == got {
					t.Fatalf("Max of %d with NaN at %d is %v", n, at, got)
				}
				if got := k.maxAbs(a); got == got {
					t.Fatalf("MaxAbs of %d with NaN at %d is %v", n, at, got)
				}
				if got := k.sum(a); got == got {
					t.Fatalf("Sum of %d with NaN at %d is %v", n, at, got)
				}
				if k.allFinite(a) {
					t.Fatalf("AllFinite of %d with NaN at %d is true", n, at)
				}
				a[at] = -inf
				if got := k.maxAbs(a); got != inf {
					t.Fatalf("MaxAbs of %d with -Inf at %d is %v", n, at, got)
				}
				if got := k.sum(a); got != math.Inf(-1) {
					t.Fatalf("Sum of %d with -Inf at %d is %v", n, at, got)
				}
				if k.allFinite(a) {
					t.Fatalf("AllFinite of %d with -Inf at %d is true", n, at)
				}
				a[at] = math.MaxFloat32
				if !k.allFinite(a) {
					t.Fatalf("AllFinite of %d with the largest finite value at %d is false", n, at)
				}
			}
		}
		if got := k.max([]float32{-3, -2}); got != -2 {
			t.Errorf("Max of negative values is %v", got)
		}
		if got := k.max([]float32{-inf}); got != -inf {
			t.Errorf("Max of -Inf is %v", got)
		}
	})
}

func BenchmarkReductions(b *testing.B) {
	const n = 4096
	x, y := normals(n, 1), normals(n, 2)
	benchLevels(b, func(b *testing.B, k *kernels) {
		for _, c := range []struct {
			name string
			f    func()
			vecs int64
		}{
			{"Sum", func() { k.sum(x) }, 1},
			{"SumSquares", func() { k.sumSquares(x) }, 1},
			{"Dot", func() { k.dot(x, y) }, 2},
			{"Max", func() { k.max(x) }, 1},
			{"MaxAbs", func() { k.maxAbs(x) }, 1},
			{"AllFinite", func() { k.allFinite(x) }, 1},
		} {
			b.Run(c.name, func(b *testing.B) {
				b.SetBytes(c.vecs * 4 * n)
				for b.Loop() {
					c.f()
				}
			})
		}
	})
}
