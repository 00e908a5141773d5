package attention

import (
	"math"
	"math/bits"
)

// fft transforms sequences of a power of two complex numbers, in place: forward leaves the transform in an order of its
// own, which inverse takes back. A convolution needs no other order, so nothing is ever sorted. Stages divide by four,
// and by two once where the power is odd; roots of unity are kept in the order of their use. (gonum's fourier, against
// which the tests compare, takes some five times as long, for it goes by any factors and sorts.)
type fft struct {
	n     int
	two   []complex128   // the roots of the stage of two, nil where there is none
	roots [][]complex128 // of each stage of four: w, w², w³ in turn
}

// newFFT returns the transform of length n, a power of two.
func newFFT(n int) *fft {
	f := &fft{n: n}
	root := func(k, n int) complex128 {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
		return complex(cos, sin)
	}
	side := n
	if bits.Len(uint(n))%2 == 0 {
		for k := range n / 2 {
			f.two = append(f.two, root(k, n))
		}
		side /= 2
	}
	for ; side > 1; side /= 4 {
		var w []complex128
		for k := range side / 4 {
			w = append(w, root(k, side), root(2*k, side), root(3*k, side))
		}
		f.roots = append(f.roots, w)
	}
	return f
}

// forward transforms x: sums with exp(-2 pi i k t / n).
func (f *fft) forward(x []complex128) {
	side := f.n
	if f.two != nil {
		side /= 2
		low, high := x[:side], x[side:f.n]
		for k, w := range f.two {
			a, b := low[k], high[k]
			low[k], high[k] = a+b, (a-b)*w
		}
	}
	for _, roots := range f.roots {
		q := side / 4
		for s := 0; s < f.n; s += side {
			x0, x1, x2, x3 := x[s:s+q], x[s+q:s+2*q], x[s+2*q:s+3*q], x[s+3*q:s+4*q]
			w := roots
			for k := range x0 {
				a, b, c, d := x0[k], x1[k], x2[k], x3[k]
				sum, other, half := a+c, b+d, a-c
				turned := complex(imag(b)-imag(d), real(d)-real(b)) // -i (b - d)
				x0[k] = sum + other
				x1[k] = (half + turned) * w[0]
				x2[k] = (sum - other) * w[1]
				x3[k] = (half - turned) * w[2]
				w = w[3:]
			}
		}
		side = q
	}
}

// inverse undoes forward, but for a factor of n.
func (f *fft) inverse(x []complex128) {
	side := 1
	for n := len(f.roots) - 1; n >= 0; n-- {
		roots, q := f.roots[n], side
		side *= 4
		for s := 0; s < f.n; s += side {
			x0, x1, x2, x3 := x[s:s+q], x[s+q:s+2*q], x[s+2*q:s+3*q], x[s+3*q:s+4*q]
			w := roots
			for k := range x0 {
				a, b, c, d := x0[k], timesConj(x1[k], w[0]), timesConj(x2[k], w[1]), timesConj(x3[k], w[2])
				sum, other, half := a+c, b+d, a-c
				turned := complex(imag(d)-imag(b), real(b)-real(d)) // i (b - d)
				x0[k] = sum + other
				x1[k] = half + turned
				x2[k] = sum - other
				x3[k] = half - turned
				w = w[3:]
			}
		}
	}
	if f.two != nil {
		low, high := x[:side], x[side:f.n]
		for k, w := range f.two {
			a, b := low[k], timesConj(high[k], w)
			low[k], high[k] = a+b, a-b
		}
	}
}

// timesConj returns a times the conjugate of b.
func timesConj(a, b complex128) complex128 {
	return complex(real(a)*real(b)+imag(a)*imag(b), imag(a)*real(b)-real(a)*imag(b))
}
