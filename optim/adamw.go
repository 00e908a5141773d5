package optim

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// AdamWOptions are the constants of [AdamW]. A zero Beta1, Beta2 or Eps means the usual value.
type AdamWOptions struct {
	Beta1       float64 // decay of the first moment; 0 means 0.9
	Beta2       float64 // decay of the second moment; 0 means 0.999
	Eps         float64 // added to the root of the second moment; 0 means 1e-8
	WeightDecay float64 // decay of the parameters themselves, multiplied by the learning rate; 0 means none
}

func (o AdamWOptions) withDefaults() AdamWOptions {
	if o.Beta1 == 0 {
		o.Beta1 = 0.9
	}
	if o.Beta2 == 0 {
		o.Beta2 = 0.999
	}
	if o.Eps == 0 {
		o.Eps = 1e-8
	}
	for _, c := range []struct {
		name         string
		value, below float64
	}{{"Beta1", o.Beta1, 1}, {"Beta2", o.Beta2, 1}, {"Eps", o.Eps, math.Inf(1)}, {"WeightDecay", o.WeightDecay, math.Inf(1)}} {
		if !(c.value >= 0 && c.value < c.below) {
			panic(fmt.Sprintf("optim: AdamW: %s %v is outside [0, %v)", c.name, c.value, c.below))
		}
	}
	return o
}

// AdamW is the optimiser of Loshchilov and Hutter (2019), algorithm 2, with the operations and roundings of PyTorch's:
// Adam, with a weight decay that is apart from the gradient. All parameters decay.
//
// Each parameter counts its own steps. A parameter that a step brings no gradient for is not touched in that step:
// neither moved, nor decayed, nor counted.
type AdamW struct {
	options AdamWOptions
	params  []nn.Named
	state   []moments // one a parameter
}

// moments is what AdamW remembers of a parameter.
type moments struct {
	m, v  *tensor.Tensor // running means of the gradient and of its square, in the parameter's shape
	steps int
}

// NewAdamW returns an optimiser of the given parameters, usually nn.Collect(model).Trainable(). Constants outside their
// range panic.
func NewAdamW(params []nn.Named, o AdamWOptions) *AdamW {
	a := &AdamW{options: o.withDefaults(), params: params}
	for _, p := range params {
		shape := p.Tensor.Shape()
		a.state = append(a.state, moments{m: tensor.New(shape...), v: tensor.New(shape...)})
	}
	return a
}

// Step moves every parameter against its gradient by the learning rate lr. grads returns a parameter's gradient, or nil
// where it has none, as [tensor.Tape.Grad] does; gradients are multiplied by scale, see [ClipFactor].
func (a *AdamW) Step(grads func(*tensor.Tensor) []float32, lr, scale float64) {
	o := a.options
	for i, p := range a.params {
		g := grads(p.Tensor)
		if g == nil {
			continue
		}
		s := &a.state[i]
		s.steps++
		simd.AdamW(p.Tensor.Data(), g, s.m.Data(), s.v.Data(), simd.AdamWStep{
			GradScale: scale, LR: lr, Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, WeightDecay: o.WeightDecay,
			BiasCorrection1:     1 - math.Pow(o.Beta1, float64(s.steps)),
			BiasCorrection2Sqrt: math.Sqrt(1 - math.Pow(o.Beta2, float64(s.steps))),
		})
	}
}
