package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Encoding is the setting of a structural encoding: a plain struct whose zero value is the published default. It is what
// a configuration holds; a model makes its [Encoder] once.
type Encoding interface {
	// Name returns the name of the encoding; [ByName] knows it, and may know names of special settings besides.
	Name() string
	// New makes what a model of these sizes needs of the encoding, with its learned parameters, if there are any, drawn
	// from init. The error says which setting or size does not fit and what would.
	New(d Dims, init *nn.Init) (Encoder, error)
}

// Dims are the sizes of a model that an encoding has to know.
type Dims struct {
	Width   int // of the tokens
	Heads   int // of the queries
	KVHeads int // of keys and values; 0 means Heads
	HeadDim int // of queries and keys; 0 means Width / Heads
	Layers  int // that attend; 0 means 1
}

// fill puts the defaults in and refuses sizes that no model can have.
func (d Dims) fill(name string) (Dims, error) {
	if d.Width < 1 || d.Heads < 1 || d.KVHeads < 0 || d.HeadDim < 0 || d.Layers < 0 {
		return d, fmt.Errorf("encodings: %s: a model of width %d with %d heads, %d key and value heads of %d and %d layers does not exist",
			name, d.Width, d.Heads, d.KVHeads, d.HeadDim, d.Layers)
	}
	if d.KVHeads == 0 {
		d.KVHeads = d.Heads
	}
	if d.HeadDim == 0 {
		if d.Width%d.Heads != 0 {
			return d, fmt.Errorf("encodings: %s: %d heads do not divide the width %d: set HeadDim, or a width that they divide", name, d.Heads, d.Width)
		}
		d.HeadDim = d.Width / d.Heads
	}
	if d.Heads%d.KVHeads != 0 {
		return d, fmt.Errorf("encodings: %s: %d key and value heads do not divide %d heads", name, d.KVHeads, d.Heads)
	}
	if d.Layers == 0 {
		d.Layers = 1
	}
	return d, nil
}

// Encoder is an encoding made for one model. Its parameters are the model's.
type Encoder interface {
	nn.Module
	// Begin starts a pass over a batch of this layout. The error says which encoding cannot serve which layout, and why.
	Begin(tp *tensor.Tape, l *Layout) (Positions, error)
}

// Positions is an encoding in one pass: what it says of the batch at hand. Embed [Silent] for the places where an
// encoding has nothing to say.
type Positions interface {
	// Tokens returns the tokens x [tokens, width] with what the encoding adds to them before the first layer.
	Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var
	// Attend tells the attention of a layer what it has to know. It may replace a.Query, a.Key and a.Value by functions of
	// themselves, and sets or adds to the fields of a.Structure and a.Softmax.
	Attend(tp *tensor.Tape, a *Attention)
	// Loss returns what the encoding wants added to the loss of the pass once all layers have run, a scalar; nil means
	// nothing. It comes with its weight.
	Loss(tp *tensor.Tape) *tensor.Var
}

// Silent is a Positions that says nothing.
type Silent struct{}

// Tokens returns x.
func (Silent) Tokens(_ *tensor.Tape, x *tensor.Var) *tensor.Var { return x }

// Attend does nothing.
func (Silent) Attend(*tensor.Tape, *Attention) {}

// Loss returns nil.
func (Silent) Loss(*tensor.Tape) *tensor.Var { return nil }

// Bare is an [nn.Module] without parameters, for encoders that learn nothing.
type Bare struct{}

// Params declares nothing.
func (Bare) Params(*nn.Params) {}
