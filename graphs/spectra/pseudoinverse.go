package spectra

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// PseudoInverse returns the inverse of Moore and Penrose: that of L + N, less N, where N is the projector on the null
// space. The error is a [*TooLargeError] beyond [DenseNodes].
func (l *Laplacian) PseudoInverse() (*mat.SymDense, error) {
	if l.Nodes > DenseNodes {
		return nil, &TooLargeError{l.Nodes, fmt.Sprintf("the inverse of its whole matrix is wanted, which %d may have: take an encoding by random walks or degrees", DenseNodes)}
	}
	m := l.Matrix()
	l.addNull(m, 1)
	var chol mat.Cholesky
	if !chol.Factorize(m) {
		panic("spectra: a Laplacian was not positive")
	}
	inverse := new(mat.SymDense)
	if err := chol.InverseTo(inverse); err != nil && !isCondition(err) {
		panic("spectra: a Laplacian had no inverse: " + err.Error())
	}
	l.addNull(inverse, -1)
	return inverse, nil
}

// isCondition tells whether an error only warns that digits were lost.
func isCondition(err error) bool {
	_, ok := err.(mat.Condition)
	return ok
}
