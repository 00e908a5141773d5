package encodings

import (
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
)

// smallest returns the k smallest eigenvalues of a graph's Laplacian, fewer where it has fewer, and unit vectors to them,
// the trivial one left out.
func smallest(g *graphs.Graph, k int, unnormalised bool) (values []float64, vectors [][]float64, err error) {
	l := spectra.New(g, !unnormalised)
	trivial := min(l.Nullity(), 1)
	if values, vectors, err = l.Smallest(k + trivial); err != nil {
		return nil, nil, err
	}
	return values[trivial:], vectors[trivial:], nil
}
