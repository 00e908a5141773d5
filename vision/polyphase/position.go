package polyphase

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// PositionConv is the conditional position encoding of Chu and others ("Conditional Positional Encodings for Vision
// Transformers", ICLR 2023) that takes the place of a table of places: a depth-wise convolution of 3 by 3 tokens beside a
// residual connection,
//
//	y = x + Conv(x)
//
// Where it is circular, which it is wherever images are anchored, a token sees on the far side of a border the tokens at the
// other end, so that it commutes with circular shifts; otherwise zeros.
type PositionConv struct {
	Conv *nn.Conv // [width, 1, 3, 3] with a bias
}

// NewPositionConv returns the layer for tokens of a width, drawn as PyTorch draws convolutions.
func NewPositionConv(width int, circular bool, init *nn.Init) *PositionConv {
	p := &PositionConv{Conv: nn.NewDepthwiseConv(width, 3, init)}
	p.Conv.Options.Circular = circular
	return p
}

// Params declares the convolution's weight and bias.
func (p *PositionConv) Params(c *nn.Params) { p.Conv.Params(c) }

// Apply returns the tokens x [tokens, width] that lie on grid with what they know of their neighbours.
func (p *PositionConv) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	return tp.Add(x, p.Conv.Apply(tp, x, grid))
}
