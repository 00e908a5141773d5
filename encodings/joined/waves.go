package joined

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tensor"
)

// Waves says which eigenvectors of a graph's Laplacian an encoding reads, and in what form: the settings eigen of
// rampasek/GraphGPS (commit 2801570, transform/posenc_stats.py: get_lap_decomp_stats, eigvec_normalizer). The zero value
// is what its published configurations have, but for the number of frequencies.
//
// Edges count in both directions, of two with different weights the larger; self loops do not count. The frequencies are
// those of the smallest eigenvalues, the trivial eigenvalue 0 with its constant vector among them, and are found as
// [spectra.Laplacian.Smallest] says, with its choice of signs. A graph of fewer nodes has fewer frequencies. One of many parts
// that no path joins has as many eigenvalues of 0: the 8 frequencies of Cora, which has 78 parts, tell of parts alone.
type Waves struct {
	Frequencies int // max_freqs; 0 means 8
	Laplacian   LaplacianKind
	Norm        VectorNorm
}

// LaplacianKind is the matrix whose eigenvectors are meant.
type LaplacianKind int

const (
	// Combinatorial is D - A.
	Combinatorial LaplacianKind = iota
	// Symmetric is I - D^-1/2 A D^-1/2, with 1 on the diagonal for a node without edges.
	Symmetric
	// RandomWalk is I - D^-1 A, with the eigenvalues of Symmetric and the vectors D^-1/2 v. The official code hands this
	// matrix to a solver for symmetric ones, which reads half of it: what that gives is not imitated.
	RandomWalk
)

var laplacianNames = []string{"none", "sym", "rw"}

// String returns none, sym or rw, as the official configurations have them.
func (k LaplacianKind) String() string {
	return nearest.Name("LaplacianKind", int(k), laplacianNames)
}

// MarshalText returns the name.
func (k LaplacianKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (k *LaplacianKind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("Laplacian", string(text), laplacianNames)
	*k = LaplacianKind(i)
	return err
}

// VectorNorm is what an eigenvector v of eigenvalue λ is divided by, at least 1e-12. In the last three sqrt(λ) counts as 1
// where λ < 1e-12.
type VectorNorm int

const (
	L2             VectorNorm = iota // the root of the sum of squares
	L1                               // the sum of magnitudes
	AbsMax                           // the largest magnitude
	Wavelength                       // max|v| 2 sqrt(λ)/π
	WavelengthAsin                   // sqrt(λ), of arcsin(v/max|v|) in place of v
	WavelengthSoft                   // sqrt(λ) times the mean of |v| weighted by softmax(|v|)
)

var normNames = []string{"L2", "L1", "abs-max", "wavelength", "wavelength-asin", "wavelength-soft"}

// String returns the name that the official configurations have.
func (n VectorNorm) String() string { return nearest.Name("VectorNorm", int(n), normNames) }

// MarshalText returns the name.
func (n VectorNorm) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (n *VectorNorm) UnmarshalText(text []byte) error {
	i, err := nearest.Index("norm of eigenvectors", string(text), normNames)
	*n = VectorNorm(i)
	return err
}

func (w Waves) frequencies() int {
	if w.Frequencies == 0 {
		return 8
	}
	return w.Frequencies
}

func (w Waves) check(name string) error {
	if w.Frequencies < 0 {
		return fmt.Errorf("joined: %s: %d frequencies: want a positive number, or 0 for 8", name, w.Frequencies)
	}
	if w.Laplacian < 0 || int(w.Laplacian) >= len(laplacianNames) || w.Norm < 0 || int(w.Norm) >= len(normNames) {
		return fmt.Errorf("joined: %s: %v, %v: want a Laplacian of %v and a norm of %v", name, w.Laplacian, w.Norm, laplacianNames, normNames)
	}
	return nil
}

// Features returns the eigenvalues [graphs, frequencies] and eigenvectors [nodes, frequencies] of a batch, ascending, NaN
// where a graph has no more. The error is that of [Encoding.Prepare].
func (w Waves) Features(b *graphs.Batch) (values, vectors *tensor.Tensor, err error) {
	if err := w.check("Waves"); err != nil {
		panic(err)
	}
	var f Features
	if err := w.prepare(b, nil, nil, &f); err != nil {
		return nil, nil, err
	}
	k := w.frequencies()
	values, vectors = tensor.New(b.Len(), k), tensor.New(b.Nodes(), k)
	values.Fill(float32(math.NaN()))
	vectors.Fill(float32(math.NaN()))
	for i := range b.Nodes() {
		for c, r := 0, f.Rows[i]; r < f.Rows[i+1]; c, r = c+1, r+1 {
			vectors.Row(i)[c] = f.Statistics.Row(r)[0]
			values.Row(int(b.GraphOf[i]))[c] = f.Statistics.Row(r)[1]
		}
	}
	return values, vectors, nil
}

// prepare fills features with a row for every frequency of every node: the entry of its eigenvector, and its eigenvalue.
func (w Waves) prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	w.Frequencies = w.frequencies()
	numbers, err := into.fill(waves{w}, b, items, c)
	if err != nil {
		return err
	}
	into.Statistics = tensor.FromSlice(numbers, len(numbers)/2, 2)
	into.Rows = resize(into.Rows, b.Nodes()+1)
	into.Rows[0] = 0
	for i, g := range b.GraphOf {
		into.Rows[i+1] = into.Rows[i] + min(w.Frequencies, b.Graphs[g].Nodes)
	}
	return nil
}

// pad fills the table of eigenvectors with zeros where there are none: [nodes, frequencies], and where frequencies are
// present.
func (w Waves) pad(b *graphs.Batch, into *Features) {
	k := w.frequencies()
	into.present = resize(into.present, b.Nodes()*k)
	into.padded = resizeTensor(into.padded, b.Nodes(), k)
	into.groups = resize(into.groups, b.Nodes()+1)
	clear(into.present)
	into.padded.Zero()
	for i := range b.Nodes() {
		into.groups[i+1] = (i + 1) * k
		for c, r := 0, into.Rows[i]; r < into.Rows[i+1]; c, r = c+1, r+1 {
			into.padded.Row(i)[c], into.present[i*k+c] = into.Statistics.Row(r)[0], 1
		}
	}
}

func resizeTensor(t *tensor.Tensor, rows, cols int) *tensor.Tensor {
	var old []float32
	if t != nil {
		old = t.Data()
	}
	return tensor.FromSlice(resize(old, rows*cols), rows, cols)
}

// waves is the statistic of [Waves], without defaults to fill in.
type waves struct{ Waves }

func (w waves) size(g *graphs.Graph) int { return 2 * g.Nodes * min(g.Nodes, w.Frequencies) }

func (w waves) compute(g *graphs.Graph, out []float32, _ *scratch) error {
	l := spectra.New(g, w.Laplacian != Combinatorial)
	values, vectors, err := l.Smallest(w.Frequencies)
	if err != nil {
		return err
	}
	m := len(values)
	for c, v := range vectors {
		if w.Laplacian == RandomWalk {
			for i, d := range l.Degree {
				if d > 0 {
					v[i] /= math.Sqrt(d)
				}
			}
		}
		w.Norm.divide(v, values[c])
		for i, x := range v {
			out[2*(i*m+c)], out[2*(i*m+c)+1] = float32(x), float32(values[c])
		}
	}
	return nil
}

// divide divides an eigenvector by its norm.
func (n VectorNorm) divide(v []float64, value float64) {
	var sum, squares, most, weights, weighted float64
	for _, x := range v {
		a := math.Abs(x)
		sum, squares, most = sum+a, squares+x*x, max(most, a)
	}
	root := math.Sqrt(value)
	if value < 1e-12 {
		root = 1
	}
	by := root
	switch n {
	case L2:
		by = math.Sqrt(squares)
	case L1:
		by = sum
	case AbsMax:
		by = most
	case Wavelength:
		by = most * root * 2 / math.Pi
	case WavelengthAsin:
		for i, x := range v {
			v[i] = math.Asin(min(max(x/max(most, 1e-12), -1), 1))
		}
	case WavelengthSoft:
		for _, x := range v {
			e := math.Exp(math.Abs(x) - most)
			weights, weighted = weights+e, weighted+e*math.Abs(x)
		}
		by = root * weighted / weights
	}
	by = max(by, 1e-12)
	for i := range v {
		v[i] /= by
	}
}
