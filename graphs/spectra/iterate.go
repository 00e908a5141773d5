package spectra

import (
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/parallel"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

const (
	// blockMargin is by how many vectors the block is wider than what is asked, at least: the first eigenvalue beyond the
	// block decides how fast the last one asked for is found.
	blockMargin = 8
	// filterMost is the highest degree of a filter.
	filterMost = 2000
	// filterRange is the most by which a filter makes one vector larger than another: as much is lost of the digits of
	// the smaller one when the block is made orthonormal.
	filterRange = 1e8
	// iterationsMost and productsMost end an iteration that does not converge, the latter after some minutes.
	iterationsMost = 80
	productsMost   = 4e10 // multiplications of entries of L
)

// subspace is a block of vectors on its way to the eigenvectors of the smallest eigenvalues that are not 0.
type subspace struct {
	*Laplacian
	width    int
	x, y, z  []float64 // [nodes, width]
	ritz     []float64 // [width] ascending
	residual []float64 // [width]
	tau      []float64
	work     []float64
}

// iterate finds the k smallest eigenvalues that are not 0, and their vectors, or tells that it did not.
func (l *Laplacian) iterate(k int) (values []float64, vectors [][]float64, ok bool) {
	n, m := l.Nodes, k+max(blockMargin, k/2)
	if m > n-len(l.null) {
		return nil, nil, false
	}
	s := &subspace{Laplacian: l, width: m, x: make([]float64, n*m), y: make([]float64, n*m), z: make([]float64, n*m),
		ritz: make([]float64, m), residual: make([]float64, m), tau: make([]float64, m)}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range s.x {
		s.x[i] = random.NormFloat64()
	}
	s.project(s.x)
	products := 0.0
	for range iterationsMost {
		if !s.rayleighRitz() {
			return nil, nil, false
		}
		if s.converged(k) {
			for c := range k {
				v := make([]float64, n)
				for i := range v {
					v[i] = s.x[i*m+c]
				}
				values, vectors = append(values, max(s.ritz[c], 0)), append(vectors, v)
			}
			return values, vectors, true
		}
		degree, cut := s.plan()
		if products += float64(degree) * float64(m) * float64(n+len(l.to)); products > productsMost {
			return nil, nil, false
		}
		s.filter(degree, cut)
	}
	return nil, nil, false
}

// project takes the null space out of a block.
func (s *subspace) project(x []float64) {
	m := s.width
	sums := make([]float64, len(s.mass)*m)
	for i, p := range s.part {
		b, sum := s.base[i], sums[p*m:(p+1)*m]
		for c, v := range x[i*m : (i+1)*m] {
			sum[c] += b * v
		}
	}
	for i, p := range s.part {
		if s.mass[p] == 0 {
			continue
		}
		b, sum, row := s.base[i]/s.mass[p], sums[p*m:(p+1)*m], x[i*m:(i+1)*m]
		for c := range row {
			row[c] -= b * sum[c]
		}
	}
}

// rayleighRitz makes x orthonormal and turns it to the eigenvectors of L within its span, ascending. It fails where the
// small problem does.
func (s *subspace) rayleighRitz() bool {
	n, m := s.Nodes, s.width
	x := blas64.General{Rows: n, Cols: m, Stride: m, Data: s.x}
	size := []float64{0}
	lapack64.Geqrf(x, s.tau, size, -1)
	if need := int(size[0]); len(s.work) < need {
		s.work = make([]float64, need)
	}
	lapack64.Geqrf(x, s.tau, s.work, len(s.work))
	lapack64.Orgqr(x, s.tau, size, -1)
	if need := int(size[0]); len(s.work) < need {
		s.work = make([]float64, need)
	}
	lapack64.Orgqr(x, s.tau, s.work, len(s.work))

	s.apply(s.y, s.x, s.x, 1, 0, 0) // L x
	h := mat.NewDense(m, m, nil)
	y := blas64.General{Rows: n, Cols: m, Stride: m, Data: s.y}
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, x, y, 0, h.RawMatrix())
	sym := mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			sym.SetSym(i, j, (h.At(i, j)+h.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sym, true) {
		return false
	}
	eigen.Values(s.ritz)
	var q mat.Dense
	eigen.VectorsTo(&q)
	z := blas64.General{Rows: n, Cols: m, Stride: m, Data: s.z}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, y, q.RawMatrix(), 0, z) // L times the new x
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, x, q.RawMatrix(), 0, y)
	s.x, s.y = s.y, s.x
	clear(s.residual)
	for i := range n {
		for c := range m {
			d := s.z[i*m+c] - s.ritz[c]*s.x[i*m+c]
			s.residual[c] += d * d
		}
	}
	for c, r := range s.residual {
		s.residual[c] = math.Sqrt(r)
	}
	return true
}

// converged tells whether the residuals of the first k are so small beside the gaps to other eigenvalues, 0 among them,
// that the vectors are right to 1e-6; or as small as rounding leaves them. Eigenvalues that agree to 1e-7 count as one.
func (s *subspace) converged(k int) bool {
	for c, r := range s.residual[:k] {
		value := s.ritz[c]
		gap := value
		for _, other := range s.ritz {
			if d := math.Abs(other - value); d > 1e-7*value {
				gap = min(gap, d)
			}
		}
		if r > max(1e-6*gap, 1e-13*s.bound()) {
			return false
		}
	}
	return true
}

// plan chooses the degree of the next filter, and the end of what it damps: the last value of the block, but no nearer to
// the first than a filter can tell apart.
func (s *subspace) plan() (degree int, cut float64) {
	first, last, end := s.ritz[0], s.ritz[s.width-1], s.bound()
	near := math.Log(2*math.Sqrt(filterRange)) / (2 * filterMost)
	cut = min(max(last, first+end*near*near), (first+end)/2)
	return int(max(min(math.Log(2*filterRange)/growth(first, cut, end), filterMost), 2)), cut
}

// growth is by how much, in its logarithm, each degree makes a Chebyshev polynomial larger at x, which is at most 1 from
// cut to end.
func growth(x, cut, end float64) float64 { return math.Acosh(1 + 2*(cut-x)/(end-cut)) }

// filter multiplies x by the polynomial, scaled so that it is about 1 at the first value. It grows towards 0: what rounding
// brings in of the null space is taken out before it is large.
func (s *subspace) filter(degree int, cut float64) {
	end := s.bound()
	half, centre := (end-cut)/2, (end+cut)/2
	every := int(max(min(math.Log(1e4)/(growth(0, cut, end)-growth(s.ritz[0], cut, end)), filterMost), 1))
	sigma := half / (s.ritz[0] - centre)
	tau := 2 / sigma
	s.apply(s.y, s.x, s.x, sigma/half, centre, 0)
	for d := 1; d < degree; d++ {
		next := 1 / (tau - sigma)
		s.apply(s.z, s.y, s.x, 2*next/half, centre, sigma*next)
		s.x, s.y, s.z = s.y, s.z, s.x
		if sigma = next; d%every == 0 {
			s.project(s.x)
			s.project(s.y)
		}
	}
	s.x, s.y = s.y, s.x
	s.project(s.x)
}

// apply sets dst = by (L - shift) x - less old.
func (s *subspace) apply(dst, x, old []float64, by, shift, less float64) {
	m := s.width
	parallel.For(s.Nodes, 512, parallel.Func(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out, own, before := dst[i*m:(i+1)*m], x[i*m:(i+1)*m], old[i*m:(i+1)*m]
			d := s.diagonal[i] - shift
			for c, v := range own {
				out[c] = d * v
			}
			for e := s.start[i]; e < s.start[i+1]; e++ {
				w, row := s.weight[e], x[int(s.to[e])*m:int(s.to[e])*m+m]
				for c, v := range row {
					out[c] += w * v
				}
			}
			for c, v := range before {
				out[c] = by*out[c] - less*v
			}
		}
	}))
}
