package encodings

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Attention is one layer's attention on its way from the model through the encoding to the kernel: the model fills it,
// hands it to [Attention.Run], and the encoding does its part.
type Attention struct {
	Layer int         // 0 for the first layer that attends
	Input *tensor.Var // [tokens, width]: what queries, keys and values are projected from, normed where the layer norms it
	attention.Softmax
	attention.SoftmaxInput
	// Weights are the attention weights after Run, where KeepWeights asks for them.
	Weights *tensor.Tensor
}

// Router is a [Positions] that runs the attention itself, perhaps several times, and joins the results, as 2D-TPE does
// with the two orders of a table. Attend is called before.
type Router interface {
	Positions
	// Run returns the attention's result [query rows, heads * value dim]. [Attention.Kernel] runs the kernel once.
	Run(tp *tensor.Tape, a *Attention) *tensor.Var
}

// Run lets the encoding have its say and runs the kernel: [query rows, heads * value dim].
func (a *Attention) Run(tp *tensor.Tape, p Positions) *tensor.Var {
	p.Attend(tp, a)
	if r, ok := p.(Router); ok {
		return r.Run(tp, a)
	}
	return a.Kernel(tp)
}

// Kernel runs the kernel once on what a holds at present.
func (a *Attention) Kernel(tp *tensor.Tape) *tensor.Var {
	out := a.Softmax.Apply(tp, a.SoftmaxInput)
	a.Weights = out.Weights
	return out.Tokens
}
