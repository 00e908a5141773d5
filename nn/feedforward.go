package nn

import "github.com/graft-ml/graft/tensor"

// FeedForward is the part of a transformer's block that treats each token by itself: a linear layer to a larger width, an
// activation, and a linear layer back (Vaswani and others 2017, equation 2).
type FeedForward struct {
	In, Out    *Linear
	Activation Activation
	Dropout    float64 // probability of dropping a number between activation and second layer
}

// NewFeedForward returns a part for tokens of the given width, with biases, initialised by [Init.LinearDefault].
func NewFeedForward(width, hidden int, act Activation, init *Init) *FeedForward {
	return &FeedForward{In: NewLinear(width, hidden, init), Out: NewLinear(hidden, width, init), Activation: act}
}

// NewFeedForwardNoBias is NewFeedForward without biases.
func NewFeedForwardNoBias(width, hidden int, act Activation, init *Init) *FeedForward {
	return &FeedForward{In: NewLinearNoBias(width, hidden, init), Out: NewLinearNoBias(hidden, width, init), Activation: act}
}

// Params declares the layers as in and out.
func (f *FeedForward) Params(c *Params) {
	c.Sub("in", f.In)
	c.Sub("out", f.Out)
}

// Apply returns the tokens [tokens, width] that come of x [tokens, width].
func (f *FeedForward) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	h := f.Activation.Apply(tp, applyIn(tp, "in", f.In, x))
	return applyIn(tp, "out", f.Out, tp.Dropout(h, f.Dropout))
}

// SwiGLU is the feed-forward part of LLaMA: down(silu(gate x) ⊙ up x), three linear layers without biases (Shazeer 2020,
// "GLU Variants Improve Transformer", FFN_SwiGLU of equation 6). Its hidden width is usually two thirds of what a
// [FeedForward] would have, so that both have as many parameters.
type SwiGLU struct {
	Gate, Up *Linear // width to hidden
	Down     *Linear // hidden to width
}

// NewSwiGLU returns a part for tokens of the given width, initialised by [Init.LinearDefault].
func NewSwiGLU(width, hidden int, init *Init) *SwiGLU {
	return &SwiGLU{Gate: NewLinearNoBias(width, hidden, init), Up: NewLinearNoBias(width, hidden, init),
		Down: NewLinearNoBias(hidden, width, init)}
}

// Params declares the layers as gate, up and down.
func (f *SwiGLU) Params(c *Params) {
	c.Sub("gate", f.Gate)
	c.Sub("up", f.Up)
	c.Sub("down", f.Down)
}

// Apply returns the tokens [tokens, width] that come of x [tokens, width].
func (f *SwiGLU) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	gate := tp.SiLU(applyIn(tp, "gate", f.Gate, x))
	return applyIn(tp, "down", f.Down, tp.Mul(gate, applyIn(tp, "up", f.Up, x)))
}

// applyIn applies a layer under its name, which a watched tape reports.
func applyIn(tp *tensor.Tape, name string, l *Linear, x *tensor.Var) *tensor.Var {
	tp.Enter(name)
	defer tp.Leave()
	return l.Apply(tp, x)
}
