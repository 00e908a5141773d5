package spectra

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// DenseNodes is the number of nodes up to which a graph's spectrum is computed from its whole matrix where no sparse
// method does: of that many it takes minutes, and a few hundred megabytes.
const DenseNodes = 4000

// TooLargeError is a graph of whose spectrum more is wanted than can be computed in reasonable time and memory.
type TooLargeError struct {
	Nodes  int
	Reason string
}

// Error says what was asked and what would do.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("spectra: a graph of %d nodes: %s", e.Nodes, e.Reason)
}

// Smallest returns the k smallest eigenvalues of L in ascending order, all where it has no more, and orthonormal vectors to
// them, beginning with those of [Laplacian.Null]. Eigenvalues are at least 0.
//
// The entry of largest magnitude of each vector is positive, of several such that of the first node. Vectors that share
// an eigenvalue are one choice of many in the space they span; where k cuts such a space, so is the choice of the space.
//
// Small graphs are solved in full, larger ones by filtered subspace iteration (see the package comment). The error is a
// [*TooLargeError]: a graph beyond [DenseNodes] of which so many are wanted that only the full matrix would do, or for
// which the iteration comes to no end.
func (l *Laplacian) Smallest(k int) (values []float64, vectors [][]float64, err error) {
	k = min(k, l.Nodes)
	vectors = l.Null(k)
	values = make([]float64, len(vectors))
	if left := k - len(vectors); left > 0 {
		found, of, err := l.rest(left)
		if err != nil {
			return nil, nil, err
		}
		values, vectors = append(values, found...), append(vectors, of...)
	}
	for _, v := range vectors {
		orient(v)
	}
	return values, vectors, nil
}

// iterateFrom is the number of nodes from which a few eigenvectors are found by iteration.
const iterateFrom = 96

// rest finds the k smallest eigenvalues above those of the null space, and their vectors.
func (l *Laplacian) rest(k int) ([]float64, [][]float64, error) {
	if l.Nodes >= iterateFrom && 6*k <= l.Nodes {
		if values, vectors, ok := l.iterate(k); ok {
			return values, vectors, nil
		}
		if l.Nodes > DenseNodes {
			return nil, nil, &TooLargeError{l.Nodes, fmt.Sprintf("the iteration for %d eigenvectors does not converge: ask for fewer, or take an encoding by random walks or degrees", k)}
		}
	}
	if l.Nodes > DenseNodes {
		return nil, nil, &TooLargeError{l.Nodes, fmt.Sprintf("%d eigenvectors are more than a sixth of its nodes, and for all of them it may have %d: ask for fewer, or take an encoding by random walks or degrees", k, DenseNodes)}
	}
	all, q := l.all()
	values, vectors := all[:k], make([][]float64, k)
	for c := range vectors {
		vectors[c] = mat.Col(nil, c, q)
	}
	return values, vectors, nil
}

// Full returns all eigenvalues of L and the matrix of their vectors, column by column as [Laplacian.Smallest] orders
// them, but with signs as they come. The error is a [*TooLargeError] beyond [DenseNodes].
func (l *Laplacian) Full() ([]float64, *mat.Dense, error) {
	if l.Nodes > DenseNodes {
		return nil, nil, &TooLargeError{l.Nodes, fmt.Sprintf("all its eigenvectors are wanted, which %d may have: take an encoding by random walks or degrees", DenseNodes)}
	}
	rest, q := l.all()
	values, zeros := make([]float64, l.Nodes), len(l.null)
	vectors := mat.NewDense(l.Nodes, l.Nodes, nil)
	for c, v := range l.Null(zeros) {
		vectors.SetCol(c, v)
	}
	for c, value := range rest {
		values[zeros+c] = value
		vectors.SetCol(zeros+c, mat.Col(nil, c, q))
	}
	return values, vectors, nil
}

// all solves for everything but the null space. The null vectors are not dropped after the fact, when the solver may have
// mixed others into them: L + s N, with N the projector on the null space and s above all eigenvalues, has the same
// vectors, with those of the null space at the far end.
func (l *Laplacian) all() ([]float64, *mat.Dense) {
	m := l.Matrix()
	l.addNull(m, l.bound()+1)
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		// The QR iteration did not converge, which no matrix of finite numbers is known to make it do.
		panic("spectra: the eigenvectors of a graph were not found")
	}
	var q mat.Dense
	eigen.VectorsTo(&q)
	values := eigen.Values(nil)[:l.Nodes-len(l.null)]
	for c, v := range values {
		values[c] = max(v, 0)
	}
	return values, &q
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
