package joined

import (
	"math"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
	"github.com/graft-ml/graft/nn"
	"gonum.org/v1/gonum/mat"
)

// Electrostatic joins what is learned of the potentials between a node and the others (ElstaticSE of rampasek/GraphGPS,
// commit 2801570, transform/posenc_stats.py: get_electrostatic_function_encoding). With L = D - A, its pseudo-inverse L⁺,
// the potentials V[i,j] = L⁺[i,j] - L⁺[j,j] and the walk matrix P = D^-1 A, node k has ten statistics:
//
//	minimum, maximum, mean and standard deviation of column k of V,
//	minimum of row k, maximum of column k once more, mean and standard deviation of row k,
//	sum of column k and of row k of the products P[i,j] V[i,j]
//
// The sixth would be the maximum of the row, but is what the official code computes. Where a node has no edge that code
// gives NaN throughout the graph: here its row of P is 0. The deviations are those of samples, of a single node 0.
//
// Graphs of more than [spectra.DenseNodes] nodes are refused.
type Electrostatic struct {
	Reading // of width 16 where it is not set
}

var _ Encoding = Electrostatic{}

// Name returns electrostatic.
func (Electrostatic) Name() string { return "electrostatic" }

// Channels is Width, 16 where it is not set.
func (e Electrostatic) Channels() int { return e.channels(16) }

// ElectrostaticColumns is the number of statistics of [Electrostatic].
const ElectrostaticColumns = 10

// Prepare computes the statistics, [nodes, 10].
func (e Electrostatic) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	return prepareRows(electrostatic{}, ElectrostaticColumns, b, items, c, into)
}

// New refuses negative sizes.
func (e Electrostatic) New(init *nn.Init) (Encoder, error) {
	if err := e.check(e.Name()); err != nil {
		return nil, err
	}
	return e.newReader(e.Name(), ElectrostaticColumns, e.Channels(), init), nil
}

// electrostatic is the statistic of [Electrostatic].
type electrostatic struct{}

func (electrostatic) size(g *graphs.Graph) int { return ElectrostaticColumns * g.Nodes }

func (electrostatic) compute(g *graphs.Graph, out []float32, _ *scratch) error {
	l := spectra.New(g, false)
	inverse, err := l.PseudoInverse()
	if err != nil {
		return err
	}
	n, matrix := g.Nodes, l.Matrix()
	v, walk := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			v.Set(i, j, inverse.At(i, j)-inverse.At(j, j))
			if i != j && l.Degree[i] > 0 {
				walk.Set(i, j, -matrix.At(i, j)/l.Degree[i]*v.At(i, j))
			}
		}
	}
	column := make([]float64, n)
	for k := range n {
		o := out[ElectrostaticColumns*k : ElectrostaticColumns*(k+1)]
		o[4], _, o[6], o[7] = moments(v.RawRowView(k))
		o[0], o[1], o[2], o[3] = moments(mat.Col(column, k, v))
		o[5] = o[1]
		o[8], o[9] = float32(mat.Sum(walk.ColView(k))), float32(mat.Sum(walk.RowView(k)))
	}
	return nil
}

// moments returns smallest, largest, mean, and standard deviation of a sample.
func moments(x []float64) (low, high, mean, deviation float32) {
	least, most, sum, squares := math.Inf(1), math.Inf(-1), 0.0, 0.0
	for _, v := range x {
		least, most, sum = min(least, v), max(most, v), sum+v
	}
	n := float64(len(x))
	for _, v := range x {
		squares += (v - sum/n) * (v - sum/n)
	}
	return float32(least), float32(most), float32(sum / n), float32(math.Sqrt(squares / max(n-1, 1)))
}
