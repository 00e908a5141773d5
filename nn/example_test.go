package nn_test

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// xor is a model of two layers for the table of exclusive or.
type xor struct{ hidden, out *nn.Linear }

func (m *xor) Params(c *nn.Params) {
	c.Sub("hidden", m.hidden)
	c.Sub("out", m.out)
}

func (m *xor) forward(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return m.out.Apply(tp, nn.Tanh.Apply(tp, m.hidden.Apply(tp, x)))
}

// A model is a struct of layers. Here it learns exclusive or by plain gradient descent.
func Example() {
	init := nn.NewInit(1)
	m := &xor{nn.NewLinear(2, 8, init), nn.NewLinear(8, 1, init)}
	x := tensor.FromSlice([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := tensor.FromSlice([]float32{0, 1, 1, 0}, 4, 1)

	tp := tensor.NewTape()
	for step := 0; step < 2000; step++ {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.BinaryCrossEntropy{}.Loss(tp, m.forward(tp, tp.Const(x)), y))
		for _, p := range nn.Collect(m).Trainable() {
			for i, g := range tp.Grad(p.Tensor) {
				p.Tensor.Data()[i] -= 0.3 * g
			}
		}
	}
	tp.Begin(tensor.Pass{})
	for _, logit := range m.forward(tp, tp.Const(x)).Data() {
		fmt.Println(logit > 0)
	}
	// Output:
	// false
	// true
	// true
	// false
}

func ExampleCollect() {
	p := nn.Collect(nn.NewBatchNorm(4))
	for _, named := range p.All() {
		fmt.Println(named.Path, named.Tensor.Shape())
	}
	fmt.Println(p.Count(), "trainable numbers")
	// Output:
	// weight [4]
	// bias [4]
	// running_mean [4]
	// running_var [4]
	// 8 trainable numbers
}
