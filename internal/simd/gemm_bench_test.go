package simd

import (
	"fmt"
	"testing"
)

func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		transA, transB bool
		m, n, k        int
	}{
		{false, false, 18000, 64, 64},
		{false, true, 18000, 64, 64},
		{false, false, 18000, 128, 64},
		{false, true, 18000, 128, 64},
		{false, true, 18000, 64, 128},
		{false, false, 512, 64, 64},
		{false, true, 512, 64, 64},
		{true, false, 64, 64, 18000},
		{true, false, 128, 64, 18000},
		{false, false, 1024, 1024, 1024},
		{false, true, 1024, 1024, 1024},
		{true, false, 1024, 1024, 1024},
		{false, true, 18000, 52, 52},
		{false, true, 32, 64, 64},
		{false, true, 18000, 8, 64},
	} {
		p := newProduct(s.transA, s.transB, s.m, s.n, s.k, 0)
		c := make([]float32, p.m*p.ldc)
		letters := map[bool]string{false: "N", true: "T"}
		b.Run(fmt.Sprintf("%s%s%dx%dx%d", letters[s.transA], letters[s.transB], s.m, s.n, s.k), func(b *testing.B) {
			benchLevels(b, func(b *testing.B, k *kernels) {
				for b.Loop() {
					p.run(k, c, false)
				}
				flops := 2 * float64(p.m) * float64(p.n) * float64(p.k) * float64(b.N)
				b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		})
	}
}

// BenchmarkGemmBias compares sums that start from biases with a product and biases added after it.
func BenchmarkGemmBias(b *testing.B) {
	const m, n, k = 600, 128, 64
	p, bias := newProduct(false, false, m, n, k, 0), normals(n, 3)
	c := make([]float32, m*n)
	benchLevels(b, func(b *testing.B, t *kernels) {
		b.Run("Within", func(b *testing.B) {
			with := p
			with.bias = bias
			for b.Loop() {
				with.run(t, c, false)
			}
		})
		b.Run("After", func(b *testing.B) {
			for b.Loop() {
				p.run(t, c, false)
				t.addRow(c, c, bias, m, n)
			}
		})
	})
}

func BenchmarkFMAPeak(b *testing.B) {
	benchLevels(b, func(b *testing.B, k *kernels) {
		var flops int64
		for b.Loop() {
			flops += k.fmaPeak(1 << 16)
		}
		b.ReportMetric(float64(flops)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	})
}

// BenchmarkTriad streams from memory: 3 arrays of 32 MiB.
func BenchmarkTriad(b *testing.B) {
	const n = 8 << 20
	dst, x, y := make([]float32, n), normals(n, 1), normals(n, 2)
	benchLevels(b, func(b *testing.B, k *kernels) {
		b.SetBytes(3 * 4 * n)
		for b.Loop() {
			k.triad(dst, x, y, 0.5)
		}
	})
}
