package encodings

import "math"

// maxBlock is the largest skew-symmetric matrix that is taken apart.
const maxBlock = 8

// skewForm is a skew-symmetric matrix S of size n taken apart as S = U T Uᵀ: U is orthogonal, and T has the blocks
// [[0, -w], [w, 0]] along its diagonal, and a 0 at the end where n is odd. So exp(s S) = U R Uᵀ, R turning each pair of
// coordinates by s w, exactly for any size of S, and the derivative of exp is at hand as well (see [skewForm.pullBack]).
type skewForm struct {
	n int
	u [maxBlock][maxBlock]float64 // row k is column k of U: pair k/2's first or second vector
	w [maxBlock / 2]float64
}

// decompose takes apart S [n, n], of which only the part below the diagonal is read. Householder reflections make S
// tridiagonal. A tridiagonal skew matrix couples even rows with odd ones only, by a bidiagonal matrix B, whose singular
// values are the w and whose singular vectors the pairs (Ward and Gray, "Eigensystem computation for skew-symmetric and a
// class of symmetric matrices", 1978); Jacobi rotations from one side find them, which is accurate for small ones too.
func (f *skewForm) decompose(s []float64, n int) {
	var m [maxBlock][maxBlock]float64
	f.n = n
	for i := range n {
		for j := range i {
			m[i][j], m[j][i] = s[i*n+j], -s[i*n+j]
		}
		f.u[i] = [maxBlock]float64{}
		f.u[i][i] = 1
	}
	for k := 0; k+2 < n; k++ {
		f.reflect(&m, k)
	}
	// B[i][j] couples even row 2i with odd row 2j+1: S e_even = sum over odd of m[odd][even] e_odd.
	evens, odds := (n+1)/2, n/2
	var b, v [maxBlock / 2][maxBlock / 2]float64 // b[j] is what the odd row 2j+1 takes of the even ones
	for j := range odds {
		for i := range evens {
			b[j][i] = m[2*j+1][2*i]
		}
		v[j][j] = 1
	}
	orthogonalise(&b, &v, evens, odds)
	f.pairUp(&b, &v, evens, odds)
}

// reflect makes column k of m zero below row k+1 by a Householder reflection from both sides, and keeps it in U.
func (f *skewForm) reflect(m *[maxBlock][maxBlock]float64, k int) {
	n := f.n
	var x [maxBlock]float64
	square := 0.0
	for i := k + 1; i < n; i++ {
		x[i] = m[i][k]
		square += x[i] * x[i]
	}
	if square < 1e-300 {
		return // zeros, or numbers that are nothing beside any other
	}
	norm := math.Sqrt(square)
	square += norm * (norm + 2*math.Abs(x[k+1])) // of x once its first entry has grown
	x[k+1] += math.Copysign(norm, x[k+1])
	for j := range n { // from the left, then from the right; the rows of u are columns of U, so only once
		left := 0.0
		for i := k + 1; i < n; i++ {
			left += x[i] * m[i][j]
		}
		left *= 2 / square
		for i := k + 1; i < n; i++ {
			m[i][j] -= left * x[i]
		}
	}
	for j := range n {
		right, u := 0.0, 0.0
		for i := k + 1; i < n; i++ {
			right += m[j][i] * x[i]
			u += f.u[i][j] * x[i]
		}
		right, u = right*2/square, u*2/square
		for i := k + 1; i < n; i++ {
			m[j][i] -= right * x[i]
			f.u[i][j] -= u * x[i]
		}
	}
}

// orthogonalise turns pairs of rows of b until all are orthogonal to each other, and the rows of v with them (Hestenes
// 1958). Four rows need some five sweeps; the bound is far above.
func orthogonalise(b, v *[maxBlock / 2][maxBlock / 2]float64, cols, rows int) {
	for range 30 {
		turned := false
		for p := range rows {
			for q := p + 1; q < rows; q++ {
				pp, qq, pq := 0.0, 0.0, 0.0
				for c := range cols {
					pp += b[p][c] * b[p][c]
					qq += b[q][c] * b[q][c]
					pq += b[p][c] * b[q][c]
				}
				if pq == 0 || pq*pq <= 1e-32*pp*qq {
					continue
				}
				turned = true
				z := (qq - pp) / (2 * pq)
				t := math.Copysign(1, z) / (math.Abs(z) + math.Sqrt(1+z*z))
				cos := 1 / math.Sqrt(1+t*t)
				sin := cos * t
				for c := range cols {
					b[p][c], b[q][c] = cos*b[p][c]-sin*b[q][c], sin*b[p][c]+cos*b[q][c]
				}
				for c := range rows {
					v[p][c], v[q][c] = cos*v[p][c]-sin*v[q][c], sin*v[p][c]+cos*v[q][c]
				}
			}
		}
		if !turned {
			return
		}
	}
}

// pairUp makes the columns of U from the singular vectors: row j of b is w_j times a unit vector among the even columns,
// whose partner among the odd ones is row j of v. Even vectors that belong to no w are filled in.
func (f *skewForm) pairUp(b, v *[maxBlock / 2][maxBlock / 2]float64, evens, odds int) {
	scale := 0.0
	for j := range odds {
		square := 0.0
		for i := range evens {
			square += b[j][i] * b[j][i]
		}
		f.w[j] = math.Sqrt(square)
		scale = max(scale, f.w[j])
	}
	var e [maxBlock / 2][maxBlock / 2]float64 // the even vectors, orthonormal
	var known [maxBlock / 2]bool
	for j := range odds {
		if f.w[j] <= max(1e-15*scale, 1e-150) {
			f.w[j] = 0
			continue
		}
		known[j] = true
		for i := range evens {
			e[j][i] = b[j][i] / f.w[j]
		}
	}
	for j := range evens {
		if !known[j] {
			complete(&e, &known, j, evens)
		}
	}
	old := f.u
	for k := range f.n {
		f.u[k] = [maxBlock]float64{}
		from, parts, step := &e[k/2], evens, 0
		if k%2 == 1 {
			from, parts, step = &v[k/2], odds, 1
		}
		for p := range parts {
			for c := range f.n {
				f.u[k][c] += from[p] * old[2*p+step][c]
			}
		}
	}
}

// complete sets e[j] to a unit vector orthogonal to all that are known: the rest of the coordinate vector of which most
// is left, taken twice against rounding.
func complete(e *[maxBlock / 2][maxBlock / 2]float64, known *[maxBlock / 2]bool, j, n int) {
	best := 0.0
	for try := range n {
		var x [maxBlock / 2]float64
		x[try] = 1
		norm := 0.0
		for range 2 {
			for k := range n {
				if !known[k] {
					continue
				}
				dot := 0.0
				for c := range n {
					dot += x[c] * e[k][c]
				}
				for c := range n {
					x[c] -= dot * e[k][c]
				}
			}
		}
		for c := range n {
			norm += x[c] * x[c]
		}
		if norm = math.Sqrt(norm); norm > best*1.0001 {
			best = norm
			for c := range n {
				e[j][c] = x[c] / norm
			}
		}
	}
	known[j] = true
}

// into sets y = Uᵀ x, the coordinates of x in the pairs of the form. Rows of U are zero beyond the size, so that sums
// have a fixed length.
func (f *skewForm) into(y *[maxBlock]float64, x []float32) {
	var v [maxBlock]float64
	for c, w := range x[:f.n] {
		v[c] = float64(w)
	}
	for k := range f.n {
		u := &f.u[k]
		y[k] = u[0]*v[0] + u[1]*v[1] + u[2]*v[2] + u[3]*v[3]
		if f.n > 4 {
			y[k] += u[4]*v[4] + u[5]*v[5] + u[6]*v[6] + u[7]*v[7]
		}
	}
}

// out sets y = U x, or adds it.
func (f *skewForm) out(y []float32, x *[maxBlock]float64, add bool) {
	var sum [maxBlock]float64
	for k, v := range x[:f.n] {
		for c, u := range f.u[k][:f.n] {
			sum[c] += u * v
		}
	}
	for c := range y[:f.n] {
		if add {
			y[c] += float32(sum[c])
		} else {
			y[c] = float32(sum[c])
		}
	}
}

// turns are the cosines and sines of the angles of the pairs.
type turns struct{ cos, sin [maxBlock / 2]float64 }

// turns returns those of exp(s S).
func (f *skewForm) turns(s float64) (t turns) {
	for j := range f.n / 2 {
		t.sin[j], t.cos[j] = math.Sincos(s * f.w[j])
	}
	return t
}

// apply turns the pairs of x, n coordinates in all: forwards, or back where sign is -1.
func (t *turns) apply(x *[maxBlock]float64, n int, sign float64) {
	for j := range n / 2 {
		c, s := t.cos[j], sign*t.sin[j]
		x[2*j], x[2*j+1] = x[2*j]*c-x[2*j+1]*s, x[2*j]*s+x[2*j+1]*c
	}
}
