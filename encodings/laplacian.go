package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Laplacian adds to every node what a linear layer makes of its entries in the eigenvectors of the graph's Laplacian that
// have the smallest eigenvalues, the waves of the graph (Dwivedi and Bresson, "A generalization of transformer networks
// to graphs", 2020, section 2; Dwivedi and others, "Benchmarking graph neural networks", section 4.2):
//
//	L = I - D^-1/2 A D^-1/2,  L = U diag(λ) Uᵀ,  x_i += Linear(U[i,1], ..., U[i,k])
//
// where U[·,0], the trivial vector of eigenvalue 0 that every graph has (D^1/2 1, or 1 without normalisation), is left
// out. Edges count in both directions, self loops do not. A graph of n nodes has n-1 such vectors; the others are zeros.
// A graph of c parts that no path joins has c-1 vectors of eigenvalue 0, constant (or as D^1/2) on each part; with
// normalisation a node without edges is no such part, but has the eigenvalue 1.
//
// An eigenvector is as good with the other sign. In training each of the k vectors has a sign drawn for the pass, for
// all graphs of the batch, as in the code of both papers; in evaluation the entry of largest magnitude is positive, of
// several such that of the first node. Vectors that share an eigenvalue are one choice of many in the space they span:
// results for such graphs depend on the order of their nodes. Random molecules rarely have them, symmetric graphs
// (rings, grids) do.
//
// The zero value is the published default.
type Laplacian struct {
	Vectors      int  // k; 0 means 8
	Unnormalised bool // L = D - A
	// Eigenvalues gives the linear layer the k eigenvalues too, the same at every node.
	Eigenvalues bool
}

var _ Encoding = Laplacian{}

// Name returns laplacian.
func (Laplacian) Name() string { return "laplacian" }

// New refuses a negative number of vectors.
func (e Laplacian) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if e.Vectors < 0 {
		return nil, fmt.Errorf("encodings: %s: %d vectors: want a positive number, or 0 for 8", e.Name(), e.Vectors)
	}
	e.Vectors = e.count()
	in := e.Vectors
	if e.Eigenvalues {
		in *= 2
	}
	return &laplacian{Laplacian: e, linear: nn.NewLinear(in, d.Width, init)}, nil
}

func (e Laplacian) count() int {
	switch {
	case e.Vectors < 0:
		panic(fmt.Sprintf("encodings: Laplacian: Vectors is %d, expected a positive number, or 0 for 8", e.Vectors))
	case e.Vectors == 0:
		return 8
	}
	return e.Vectors
}

// Features returns the eigenvectors [nodes, k] and eigenvalues [graphs, k] of all graphs of a batch, ascending, with the
// signs of evaluation. What a graph is too small for is 0. The error is a [*graphs.ItemError] of a graph that is too large
// for so many vectors (see Smallest of package spectra).
func (e Laplacian) Features(b *graphs.Batch) (vectors, values *tensor.Tensor, err error) {
	k := e.count()
	vectors, values = tensor.New(b.Nodes(), k), tensor.New(b.Len(), k)
	failed := make([]error, b.Len())
	parallel.For(b.Len(), 1, parallel.Func(func(lo, hi int) {
		for g := lo; g < hi; g++ {
			value, vector, err := smallest(b.Graphs[g], k, e.Unnormalised)
			failed[g] = err
			for c := range value {
				values.Row(g)[c] = float32(value[c])
				for i, x := range vector[c] {
					vectors.Row(b.Offsets[g] + i)[c] = float32(x)
				}
			}
		}
	}))
	for g, err := range failed {
		if err != nil {
			return nil, nil, &graphs.ItemError{Item: g, Graph: b.Graphs[g].ID, Err: err}
		}
	}
	return vectors, values, nil
}

type laplacian struct {
	Laplacian
	linear *nn.Linear
}

// Params declares linear.
func (e *laplacian) Params(c *nn.Params) { c.Sub("linear", e.linear) }

// Begin computes the eigenvectors of a layout of graphs and, in training, draws their signs.
func (e *laplacian) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind != Graph {
		return nil, l.Refuse(e.Name(), "a Laplacian needs the edges of a graph: lay the tokens out with OfGraphs")
	}
	vectors, values, err := e.Features(l.Graphs)
	if err != nil {
		return nil, fmt.Errorf("encodings: %s: %w", e.Name(), err)
	}
	k := e.Vectors
	if tp.Training() {
		bits := make([]uint32, k)
		key, counter := tp.Draw()
		simd.RandomBits(bits, key, counter)
		for i := range vectors.Rows() {
			for c := range vectors.Row(i) {
				if bits[c]>>31 == 1 {
					vectors.Row(i)[c] *= -1
				}
			}
		}
	}
	if e.Eigenvalues {
		both := tensor.New(vectors.Rows(), 2*k)
		for i := range vectors.Rows() {
			copy(both.Row(i), vectors.Row(i))
			copy(both.Row(i)[k:], values.Row(int(l.Graphs.GraphOf[i])))
		}
		vectors = both
	}
	return &eigenvectors{laplacian: e, features: vectors, nodes: l.nodes()}, nil
}

type eigenvectors struct {
	Silent
	*laplacian
	features *tensor.Tensor // [nodes, k or 2k]
	nodes    []int32
}

// Tokens returns the tokens with their encoded eigenvectors added.
func (p *eigenvectors) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return addToNodes(tp, x, p.linear.Apply(tp, tp.Const(p.features)), p.nodes)
}
