package optim

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// GradNorm returns the Euclidean norm of all gradients together, summed in float64 in the order of params. grads returns
// a parameter's gradient, or nil where it has none. A NaN or an infinity in any gradient shows in the result.
func GradNorm(params []nn.Named, grads func(*tensor.Tensor) []float32) float64 {
	var sum float64
	for _, p := range params {
		sum += simd.SumSquares(grads(p.Tensor))
	}
	return math.Sqrt(sum)
}

// ClipFactor returns what gradients of the given norm are multiplied by so that their norm does not exceed limit:
// limit/(norm + 1e-6), or 1 where that is larger, as PyTorch's clip_grad_norm_ has it. A limit of 0 or below clips
// nothing. A norm that is NaN gives NaN: check it first.
func ClipFactor(norm, limit float64) float64 {
	if limit <= 0 {
		return 1
	}
	return min(1, limit/(norm+1e-6)) // the 1e-6 is PyTorch's too; min passes NaN on
}
