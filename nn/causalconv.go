package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// CausalConv is a short convolution along a sequence, by itself in every channel, in which a token meets itself and the
// tokens before it: PyTorch's Conv1d with as many groups as channels, kernel-1 zeros before each sequence and none after
// it. The last tap is for the token itself. A layer of fewer channels than the input is wide is shared: by the heads,
// where there are as many channels as a head is wide.
type CausalConv struct {
	Weight *tensor.Tensor // [channels, kernel]
	Bias   *tensor.Tensor // [channels]; nil where the layer has none
}

// NewCausalConv returns a layer with a bias. Both are drawn from the uniform distribution of bound 1/sqrt(kernel), the
// default of PyTorch's Conv1d.
func NewCausalConv(channels, kernel int, init *Init) *CausalConv {
	if channels <= 0 || kernel <= 0 {
		panic(fmt.Sprintf("nn: CausalConv: %d channels and a kernel of %d are not positive", channels, kernel))
	}
	l := &CausalConv{Weight: tensor.New(channels, kernel), Bias: tensor.New(channels)}
	init.LinearDefault(l.Weight, l.Bias)
	return l
}

// Params declares weight and bias.
func (l *CausalConv) Params(c *Params) {
	c.Param("weight", l.Weight)
	c.Param("bias", l.Bias)
}

// Apply returns the convolution of sequences x [tokens, width] that begin at the offsets, [tokens, width].
func (l *CausalConv) Apply(tp *tensor.Tape, x *tensor.Var, offsets []int) *tensor.Var {
	return tp.CausalConv(x, tp.Leaf(l.Weight), l.bias(tp), offsets)
}

// ApplyAfter is Apply after the last kernel-1 tokens before each sequence, memory [sequences (kernel-1), width]: see
// [tensor.Tape.CausalConvAfter].
func (l *CausalConv) ApplyAfter(tp *tensor.Tape, x, memory *tensor.Var, offsets []int) *tensor.Var {
	return tp.CausalConvAfter(x, memory, tp.Leaf(l.Weight), l.bias(tp), offsets)
}

func (l *CausalConv) bias(tp *tensor.Tape) *tensor.Var {
	if l.Bias == nil {
		return nil
	}
	return tp.Leaf(l.Bias)
}

// Kernel returns the number of taps.
func (l *CausalConv) Kernel() int { return l.Weight.Cols() }
