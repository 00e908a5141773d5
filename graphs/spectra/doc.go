// Package spectra finds the waves of a graph: eigenvalues and eigenvectors of its Laplacian matrix.
//
// # Main types
//
// [Laplacian] is all: [New] makes that of a graph, [Laplacian.Smallest] gives the smoothest of its waves, [Laplacian.Full]
// all of them, [Laplacian.Null] those of the parts that no path joins, and [Laplacian.PseudoInverse] the matrix of
// potentials.
//
// # Use
//
//	l := spectra.New(graph, false)               // L = D - A
//	values, vectors, err := l.Smallest(8)        // values[0] is 0, vectors[0] constant
//	if err != nil {
//		return err // the graph is too large for what was asked
//	}
//
// # Method
//
// The vectors of eigenvalue 0 are written down from the parts of the graph. The others of a small graph come from its
// full matrix (gonum's EigenSym), in time that grows with the cube of the nodes. The few smallest of a large one come from
// subspace iteration with a Chebyshev filter (Zhou, Saad, Tiago and Chelikowsky, "Parallel self-consistent-field
// calculations via Chebyshev-filtered subspace acceleration", 2006): a block of vectors, somewhat wider than is asked, is
// multiplied by a polynomial of L that is large below the wanted eigenvalues' end and small above, made orthonormal,
// and turned to the eigenvectors of L within the block, until the residuals are small beside the gaps between eigenvalues.
// It needs products of L with vectors only, and no luck with multiple eigenvalues up to the width of the block.
//
// # Errors
//
// [*TooLargeError], which names what was asked and what would do. Graphs must be valid.
//
// # Imports
//
// graphs, internal packages, and gonum's mat and lapack.
package spectra
