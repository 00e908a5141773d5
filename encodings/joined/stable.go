package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// StableLapPE keeps positions apart from the features of nodes and weighs the messages between nodes by their distance
// (Wang and others, "Equivariant and stable positional encoding for more powerful graph neural networks", ICLR 2022;
// EquivStableLapPE of rampasek/GraphGPS, commit 2801570). The position of a node is a linear layer of its entries in the
// eigenvectors, p_i = Linear(v_1[i], ..., v_K[i]) with zeros for frequencies that its graph is too small for; the
// distances |p_i - p_j| do not depend on the choice of vectors where that layer is orthogonal, and a [StableGate] of
// each layer of the model makes weights of them. The layer has no bias, which the official one has: no difference of
// positions knows of it.
//
// It joins nothing, so it is no [Encoding]. The zero value is the published default, with 8 frequencies of D - A.
type StableLapPE struct {
	Waves
	Width     int  // of positions, that of the model; has no default
	BatchNorm bool // normalises each frequency over the batch before the layer (raw_norm_type BatchNorm)
}

// Prepare computes the eigenvectors, as [Encoding] says.
func (e StableLapPE) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	if err := e.check("stable-lappe"); err != nil {
		panic(err)
	}
	if err := e.prepare(b, items, c, into); err != nil {
		return err
	}
	e.pad(b, into)
	return nil
}

// New makes the layer of positions. The error is about settings that do not fit.
func (e StableLapPE) New(init *nn.Init) (Encoder, error) {
	if err := e.check("stable-lappe"); err != nil {
		return nil, err
	}
	if e.Width < 1 {
		return nil, fmt.Errorf("joined: stable-lappe: width %d: want that of the model", e.Width)
	}
	s := &stablePositions{linear: nn.NewLinearNoBias(e.frequencies(), e.Width, init)}
	if e.BatchNorm {
		s.norm = nn.NewBatchNorm(e.frequencies())
	}
	return s, nil
}

type stablePositions struct {
	norm   *nn.BatchNorm // nil where there is none
	linear *nn.Linear
}

// Params declares norm and linear.
func (s *stablePositions) Params(c *nn.Params) {
	if s.norm != nil {
		c.Sub("norm", s.norm)
	}
	c.Sub("linear", s.linear)
}

// Apply returns the positions [nodes, width].
func (s *stablePositions) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	if f.padded == nil || f.padded.Cols() != s.linear.In() {
		panic(fmt.Sprintf("joined: stable-lappe: features that another encoding prepared, expected [nodes, %d]", s.linear.In()))
	}
	x := tp.Const(f.padded)
	if s.norm != nil {
		x = s.norm.Apply(tp, x)
	}
	return s.linear.Apply(tp, x)
}

// StableGate makes weights of edges of the positions of [StableLapPE]: sigmoid(Linear(ReLU(Linear(|p_i - p_j|²)))), the
// inner layer of the width of the model. Messages are multiplied by them in GINE, gates in GatedGCN.
type StableGate struct {
	In, Out *nn.Linear // [width, 1], [1, width]
	ones    *tensor.Tensor
}

// NewStableGate returns a gate for positions of the given width.
func NewStableGate(width int, init *nn.Init) *StableGate {
	g := &StableGate{In: nn.NewLinear(1, width, init), Out: nn.NewLinear(width, 1, init), ones: tensor.New(1, width)}
	g.ones.Fill(1)
	return g
}

// Params declares in and out.
func (g *StableGate) Params(c *nn.Params) {
	c.Sub("in", g.In)
	c.Sub("out", g.Out)
}

// Apply returns the weights [edges, 1] for positions [nodes, width].
func (g *StableGate) Apply(tp *tensor.Tape, e *messages.Edges, positions *tensor.Var) *tensor.Var {
	d := tp.Sub(messages.Targets(tp, e, positions), messages.Sources(tp, e, positions))
	squared := tp.Linear(tp.Square(d), tp.Const(g.ones), nil) // [edges, 1]
	return tp.Sigmoid(g.Out.Apply(tp, tp.ReLU(g.In.Apply(tp, squared))))
}
