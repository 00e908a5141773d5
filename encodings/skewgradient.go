package encodings

import (
	"math"
	"math/cmplx"
)

// skewPull collects the gradient of a matrix S through exp(s S), in the complex vectors that S only stretches: those of
// pair j are v = (u1 - i u2)/√2 with the eigenvalue iw, and its conjugate. There the derivative of exp is elementwise,
// by (e^a - e^b)/(a - b) for the eigenvalues a and b (Daleckii and Krein 1965; Higham, "Functions of Matrices", theorem
// 3.11), which stays exact where eigenvalues coincide, and so at S = 0. Of conjugate entries one is kept.
type skewPull struct {
	outer [maxBlock][maxBlock]complex128 // of the token at hand: the gradient of exp(s S)
	sum   [maxBlock][maxBlock]complex128 // the gradient of S
}

// add takes the gradient g and the vector x of y = exp(s S) x, both in the pairs of the form: the gradient of the
// matrix is g xᵀ.
func (p *skewPull) add(g, x *[maxBlock]float64, n int) {
	var right [maxBlock]complex128
	for b := 0; b < n; b += 2 {
		if b+1 == n {
			right[b] = complex(x[b], 0)
			continue
		}
		right[b] = complex(x[b]*math.Sqrt2/2, -x[b+1]*math.Sqrt2/2)
		right[b+1] = cmplx.Conj(right[b])
	}
	for a := 0; a < n; a += 2 {
		left := complex(g[a], 0)
		if a+1 < n {
			left = complex(g[a]*math.Sqrt2/2, g[a+1]*math.Sqrt2/2)
		}
		for b := range n {
			p.outer[a][b] += left * right[b]
		}
	}
}

// pull passes what was added for a token from exp(s S) to S, and begins a new token.
func (p *skewPull) pull(f *skewForm, s float64) {
	n := f.n
	var half [maxBlock]complex128 // e^(-iθ/2) of every eigenvalue iθ of s S
	var angle [maxBlock]float64   // θ/2
	for j := range n / 2 {
		angle[2*j], angle[2*j+1] = s*f.w[j]/2, -s*f.w[j]/2
		sin, cos := math.Sincos(s * f.w[j] / 2)
		half[2*j], half[2*j+1] = complex(cos, -sin), complex(cos, sin)
	}
	if n%2 == 1 {
		half[n-1] = 1
	}
	for a := 0; a < n; a += 2 {
		left := half[a] * complex(s, 0)
		for b := range n {
			apart, sinc := angle[a]-angle[b], 0.0
			if math.Abs(apart) < 1e-3 {
				sinc = 1 - apart*apart/6*(1-apart*apart/20)
			} else {
				sinc = -imag(half[a]*cmplx.Conj(half[b])) / apart
			}
			p.sum[a][b] += left * half[b] * complex(sinc, 0) * p.outer[a][b]
			p.outer[a][b] = 0
		}
	}
}

// take sets d [n, n] to the gradient G of S = P - Pᵀ as one of P, G - Gᵀ, and begins anew.
func (p *skewPull) take(d *[maxBlock][maxBlock]float64, f *skewForm) {
	n := f.n
	// The vectors of a pair give, with their conjugate entries, twice the real part; a zero at the end gives itself.
	var g [maxBlock][maxBlock]float64 // G in the pairs of the form
	for a := 0; a < n; a += 2 {
		for b := range n {
			m := p.sum[a][b]
			p.sum[a][b] = 0
			left := [2]complex128{1, 0} // v_a by u1 and u2
			size := 1.0
			if a+1 < n {
				left, size = [2]complex128{math.Sqrt2 / 2, complex(0, -math.Sqrt2/2)}, 2
			}
			right := [2]complex128{1, 0} // the conjugate of v_b
			if b/2*2+1 < n {
				right = [2]complex128{math.Sqrt2 / 2, complex(0, math.Sqrt2/2)}
				if b%2 == 1 {
					right[1] = cmplx.Conj(right[1])
				}
			}
			for r := range min(2, n-a) {
				for c := range min(2, n-b/2*2) {
					g[a+r][b/2*2+c] += size * real(left[r]*m*right[c])
				}
			}
		}
	}
	var half [maxBlock][maxBlock]float64 // (G - Gᵀ) Uᵀ
	for a := range n {
		for b := range n {
			skew := g[a][b] - g[b][a]
			for c := range n {
				half[a][c] += skew * f.u[b][c]
			}
		}
	}
	for r := range n {
		d[r] = [maxBlock]float64{}
		for a := range n {
			for c := range n {
				d[r][c] += f.u[a][r] * half[a][c]
			}
		}
	}
}
