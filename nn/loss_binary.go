package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// BinaryCrossEntropy is the mean of -t ln p - (1-t) ln(1-p) over all labels t that are there, p being the sigmoid of
// the predicted logits: independent yes-or-no questions, as in molecule benchmarks of several tasks.
type BinaryCrossEntropy struct{}

// Name returns binary-cross-entropy.
func (BinaryCrossEntropy) Name() string { return "binary-cross-entropy" }

// Loss takes logits and labels from 0 to 1 of the same shape. A label outside panics.
func (BinaryCrossEntropy) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	mustSameSize("BinaryCrossEntropy", pred, target)
	for i, t := range target.Data() {
		if t < 0 || t > 1 {
			panic(fmt.Sprintf("nn: BinaryCrossEntropy: label %v of row %d is outside 0 to 1", t, i/max(pred.Cols(), 1)))
		}
	}
	return record(tp, "BinaryCrossEntropy", binaryCrossEntropy, pred, target)
}

func binaryCrossEntropy(pred, target, grad []float32, _ int) float64 {
	return logitLoss(pred, target, grad, func(float32) float64 { return 1 })
}

// logitLoss returns the mean over the labels that are there of their cross entropy times their weight.
func logitLoss(pred, target, grad []float32, weight func(label float32) float64) float64 {
	n := float64(present(target))
	var sum float64
	for i, t := range target {
		var loss, slope float64
		if !missing(t) {
			x, w := float64(pred[i]), weight(t)
			loss = w * (softplus(x) - x*float64(t))
			slope = w * (sigmoid(x) - float64(t))
		}
		sum += loss
		if grad != nil {
			grad[i] = float32(share(slope, n))
		}
	}
	return share(sum, n)
}
