package nn

import "github.com/graft-ml/graft/tensor"

// L1 is the mean absolute difference over all numbers. Its gradient at a difference of 0 is 0.
type L1 struct{}

// Name returns l1.
func (L1) Name() string { return "l1" }

// Loss compares predictions and targets of the same shape.
func (L1) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	mustSameSize("L1", pred, target)
	return record(tp, "L1", absolute, pred, target)
}

func absolute(pred, target, grad []float32, _ int) float64 {
	step := float32(share(1, float64(present(target))))
	var sum float64
	for i, t := range target {
		d := pred[i] - t // 0 at 0, NaN where the prediction is
		slope := d
		switch {
		case missing(t):
			d, slope = 0, 0
		case d > 0:
			slope = 1
		case d < 0:
			d, slope = -d, -1
		}
		sum += float64(d)
		if grad != nil {
			grad[i] = slope * step
		}
	}
	return share(sum, float64(present(target)))
}

// MSE is the mean squared difference over all numbers.
type MSE struct{}

// Name returns mse.
func (MSE) Name() string { return "mse" }

// Loss compares predictions and targets of the same shape.
func (MSE) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	mustSameSize("MSE", pred, target)
	return record(tp, "MSE", squared, pred, target)
}

func squared(pred, target, grad []float32, _ int) float64 {
	n := float64(present(target))
	var sum float64
	for i, t := range target {
		d := float64(pred[i]) - float64(t)
		if missing(t) {
			d = 0
		}
		sum += d * d
		if grad != nil {
			grad[i] = float32(share(2*d, n))
		}
	}
	return share(sum, n)
}
