package simd

// FMAPeak runs iters rounds of independent multiply-adds that live in registers, and returns how many floating-point
// operations that was. The time it takes gives the highest speed a core can reach at this level, against which other
// kernels can be measured.
func FMAPeak(iters int) (flops int64) {
	if iters <= 0 {
		return 0
	}
	return active.fmaPeak(iters)
}

func fmaPeakGo(iters int) int64 {
	const chains, factor, term = 8, 0.5, 1
	var x [chains]float32
	a, b, c, d, e, f, g, h := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	for range iters {
		a = float32(a*factor) + term
		b = float32(b*factor) + term
		c = float32(c*factor) + term
		d = float32(d*factor) + term
		e = float32(e*factor) + term
		f = float32(f*factor) + term
		g = float32(g*factor) + term
		h = float32(h*factor) + term
	}
	if sum := a + b + c + d + e + f + g + h; sum != sum {
		panic("simd: FMAPeak: the sums are NaN") // keeps the loop alive; the chains converge to 2
	}
	return int64(iters) * chains * 2
}
