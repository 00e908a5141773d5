package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// RWSE adds to every node what the probabilities tell that a random walk is back at it after 1, 2, ..., K steps
// (Dwivedi and others, "Graph neural networks with learnable structural and positional representations", ICLR 2022,
// equation 8): with M the walk matrix of [RRWP],
//
//	p_i = (M[i,i], M^2[i,i], ..., M^K[i,i]),  x_i += Linear(BatchNorm(p_i))
//
// as in GraphGPS (rampasek/GraphGPS, commit 2801570, transform/posenc_stats.py and encoder/kernel_pos_encoder.py). There
// the result is joined to the columns of the node features rather than added to them; a sum can learn the same, with
// zeros where the other one has its columns.
//
// The zero value is the published default on ZINC.
type RWSE struct {
	Steps  int  // K; 0 means 20
	NoNorm bool // leaves the batch normalisation of the probabilities out
}

var _ Encoding = RWSE{}

// Name returns rwse.
func (RWSE) Name() string { return "rwse" }

// Channels is the number of probabilities of a node.
func (r RWSE) Channels() int {
	switch {
	case r.Steps < 0:
		panic(fmt.Sprintf("encodings: RWSE: Steps is %d, expected a positive number, or 0 for 20", r.Steps))
	case r.Steps == 0:
		return 20
	}
	return r.Steps
}

// Features returns the probabilities of all nodes of a batch, [nodes, K].
func (r RWSE) Features(b *graphs.Batch) *tensor.Tensor {
	k := r.Channels()
	out := tensor.New(b.Nodes(), k)
	parallel.For(b.Len(), 1, parallel.Func(func(lo, hi int) {
		var s Scratch
		for g := lo; g < hi; g++ {
			n := b.Graphs[g].Nodes
			s.walk(b.Graphs[g])
			powers := s.powers(b.Graphs[g], k, false)
			for i := range n {
				row := out.Row(b.Offsets[g] + i)
				for c := range row {
					row[c] = powers[(c*n+i)*n+i]
				}
			}
		}
	}))
	return out
}

// New refuses a negative number of steps.
func (r RWSE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(r.Name())
	if err != nil {
		return nil, err
	}
	if r.Steps < 0 {
		return nil, fmt.Errorf("encodings: %s: %d steps: want a positive number, or 0 for 20", r.Name(), r.Steps)
	}
	e := &rwse{RWSE: r, linear: nn.NewLinear(r.Channels(), d.Width, init)}
	if !r.NoNorm {
		e.norm = nn.NewBatchNorm(r.Channels())
	}
	return e, nil
}

type rwse struct {
	RWSE
	norm   *nn.BatchNorm // nil where there is none
	linear *nn.Linear
}

// Params declares norm and linear.
func (e *rwse) Params(c *nn.Params) {
	if e.norm != nil {
		c.Sub("norm", e.norm)
	}
	c.Sub("linear", e.linear)
}

// Begin computes the probabilities of a layout of graphs.
func (e *rwse) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind != Graph {
		return nil, l.Refuse(e.Name(), "random walks need the edges of a graph: lay the tokens out with OfGraphs")
	}
	return &returns{rwse: e, features: e.Features(l.Graphs), nodes: l.nodes()}, nil
}

type returns struct {
	Silent
	*rwse
	features *tensor.Tensor // [nodes, K]
	nodes    []int32
}

// Tokens returns the tokens with their encoded probabilities added.
func (p *returns) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	f := tp.Const(p.features)
	if p.norm != nil {
		f = p.norm.Apply(tp, f)
	}
	return addToNodes(tp, x, p.linear.Apply(tp, f), p.nodes)
}
