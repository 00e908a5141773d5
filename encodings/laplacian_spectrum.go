package encodings

import (
	"math"

	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/mat"
)

// smallest returns the k smallest eigenvalues of a graph's Laplacian, fewer where it has fewer, and unit vectors to them,
// the trivial one left out.
//
// The trivial vector t is not dropped after the fact: where several vectors have the eigenvalue 0 the solver may give
// any mixture of them. L + s t tᵀ with s above all eigenvalues has the same vectors, with t at the far end.
func smallest(g *graphs.Graph, k int, unnormalised bool) (values []float64, vectors [][]float64) {
	n := g.Nodes
	l, trivial, bound := laplacianMatrix(g, unnormalised)
	left := n
	if trivial != nil {
		left--
		l.SymRankOne(l, bound+1, mat.NewVecDense(n, trivial))
	}
	if left = min(left, k); left == 0 {
		return nil, nil
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(l, true) {
		// The QR iteration did not converge, which no matrix of finite numbers is known to make it do.
		panic("encodings: Laplacian: the eigenvectors of a graph were not found")
	}
	all := eigen.Values(nil)
	var q mat.Dense
	eigen.VectorsTo(&q)
	for c := range left {
		// Rounding leaves eigenvalues of 0 a little to either side.
		values = append(values, max(all[c], 0))
		vectors = append(vectors, mat.Col(nil, c, &q))
		orient(vectors[c])
	}
	return values, vectors
}

// laplacianMatrix returns the Laplacian of a graph, its trivial unit vector, nil where there is none, and a bound of its
// eigenvalues.
func laplacianMatrix(g *graphs.Graph, unnormalised bool) (l *mat.SymDense, trivial []float64, bound float64) {
	n := g.Nodes
	l = mat.NewSymDense(n, nil)
	for e, edge := range g.Edges {
		if edge.From != edge.To { // of two directions with different weights the larger counts
			l.SetSym(edge.From, edge.To, min(l.At(edge.From, edge.To), -float64(g.Weight(e))))
		}
	}
	degree, trivial := make([]float64, n), make([]float64, n)
	for i := range n {
		for j := range n {
			degree[i] -= l.At(i, j)
		}
		trivial[i], bound = 1, max(bound, 2*degree[i])
	}
	if !unnormalised {
		bound = 2
		for i, d := range degree {
			trivial[i], degree[i] = math.Sqrt(d), 1 // a node without edges has a 1 on the diagonal too
		}
		for i := range n {
			for j := range i {
				if w := l.At(i, j); w != 0 {
					l.SetSym(i, j, w/(trivial[i]*trivial[j]))
				}
			}
		}
	}
	norm := 0.0
	for i := range n {
		l.SetSym(i, i, degree[i])
		norm = math.Hypot(norm, trivial[i])
	}
	if norm == 0 { // normalised, without an edge
		return l, nil, bound
	}
	for i := range trivial {
		trivial[i] /= norm
	}
	return l, trivial, bound
}

// orient gives a vector the sign with which its entry of largest magnitude is positive; of several such entries, up to
// rounding, the first counts.
func orient(v []float64) {
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	for _, x := range v {
		if math.Abs(x) < most*(1-1e-6) {
			continue
		}
		if x < 0 {
			for i := range v {
				v[i] = -v[i]
			}
		}
		return
	}
}
