package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Linear is the layer y = x Wᵀ + b, with PyTorch's layout of the weight.
type Linear struct {
	Weight *tensor.Tensor // [out, in]
	Bias   *tensor.Tensor // [out]; nil where the layer has none
}

// NewLinear returns a layer with a bias, initialised by [Init.LinearDefault].
func NewLinear(in, out int, init *Init) *Linear {
	l := &Linear{Weight: linearWeight(in, out), Bias: tensor.New(out)}
	init.LinearDefault(l.Weight, l.Bias)
	return l
}

// NewLinearNoBias returns a layer without a bias, initialised by [Init.LinearDefault].
func NewLinearNoBias(in, out int, init *Init) *Linear {
	l := &Linear{Weight: linearWeight(in, out)}
	init.LinearDefault(l.Weight, nil)
	return l
}

// NewLinearNormal returns a layer with a bias of zeros and weights from the normal distribution of this standard deviation.
func NewLinearNormal(in, out int, std float64, init *Init) *Linear {
	l := &Linear{Weight: linearWeight(in, out), Bias: tensor.New(out)}
	init.Normal(l.Weight, std)
	return l
}

func linearWeight(in, out int) *tensor.Tensor {
	if in <= 0 || out <= 0 {
		panic(fmt.Sprintf("nn: Linear: widths %d to %d are not positive", in, out))
	}
	return tensor.New(out, in)
}

// Params declares weight and bias.
func (l *Linear) Params(c *Params) {
	c.Param("weight", l.Weight)
	c.Param("bias", l.Bias)
}

// Apply returns the layer's output [rows, out] for x [rows, in].
func (l *Linear) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if l.Bias == nil {
		return tp.Linear(x, tp.Leaf(l.Weight), nil)
	}
	return tp.Linear(x, tp.Leaf(l.Weight), tp.Leaf(l.Bias))
}

// In returns the width of the input.
func (l *Linear) In() int { return l.Weight.Cols() }

// Out returns the width of the output.
func (l *Linear) Out() int { return l.Weight.Rows() }
