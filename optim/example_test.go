package optim_test

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// A line is fitted with clipped gradients and a rate that falls along a cosine.
func ExampleAdamW() {
	line := nn.NewLinear(1, 1, nn.NewInit(1))
	x := tensor.FromSlice([]float32{-1, 0, 1, 2}, 4, 1)
	y := tensor.FromSlice([]float32{-5, -2, 1, 4}, 4, 1) // 3x - 2

	params := nn.Collect(line).Trainable()
	opt := optim.NewAdamW(params, optim.AdamWOptions{})
	schedule := optim.Cosine{Warmup: 10, Epochs: 400}
	tp := tensor.NewTape()
	for epoch := 0; epoch < 400; epoch++ {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.MSE{}.Loss(tp, line.Apply(tp, tp.Const(x)), y))
		norm := optim.GradNorm(params, tp.Grad)
		opt.Step(tp.Grad, 0.1*schedule.Factor(epoch), optim.ClipFactor(norm, 1))
	}
	fmt.Printf("slope %.3f, intercept %.3f\n", line.Weight.At(0, 0), line.Bias.At(0))
	// Output: slope 3.000, intercept -2.000
}

func ExampleCosine() {
	schedule := optim.Cosine{Warmup: 2, Epochs: 6}
	for epoch := 0; epoch < 6; epoch++ {
		fmt.Printf("%.6f\n", schedule.Factor(epoch))
	}
	// Output:
	// 0.000001
	// 0.500000
	// 1.000000
	// 0.853553
	// 0.500000
	// 0.146447
}
