package train

import (
	"math"

	"github.com/graft-ml/graft/tensor"
)

var (
	_ Metric = MAE{}
	_ Metric = RMSE{}
)

// MAE is the mean absolute error over all numbers that have a target, each counting the same: the mean of batch means
// is another number when the last batch is short. Missing (NaN) targets are passed over.
type MAE struct{}

// Name returns "mae".
func (MAE) Name() string { return "mae" }

// HigherIsBetter returns false.
func (MAE) HigherIsBetter() bool { return false }

// New returns a meter for predictions and targets of the same shape.
func (MAE) New() Meter { return &errorMeter{name: "mae"} }

// RMSE is the square root of the mean squared error over all numbers that have a target. Missing (NaN) targets are
// passed over.
type RMSE struct{}

// Name returns "rmse".
func (RMSE) Name() string { return "rmse" }

// HigherIsBetter returns false.
func (RMSE) HigherIsBetter() bool { return false }

// New returns a meter for predictions and targets of the same shape.
func (RMSE) New() Meter { return &errorMeter{name: "rmse", squared: true} }

// errorMeter sums absolute or squared errors in float64, number after number, so that the way a split is cut into
// batches does not show in the sum.
type errorMeter struct {
	name       string
	squared    bool
	sum, count float64
}

func (m *errorMeter) Add(pred, target *tensor.Tensor) {
	pairShapes(m.name, pred, target)
	p := pred.Data()
	for i, t := range target.Data() {
		if t != t {
			continue
		}
		d := float64(p[i]) - float64(t)
		if m.squared {
			m.sum += d * d
		} else {
			m.sum += math.Abs(d)
		}
		m.count++
	}
}

func (m *errorMeter) Value() float64 {
	mean := m.sum / m.count // 0/0 is NaN
	if m.squared {
		return math.Sqrt(mean)
	}
	return mean
}

func (m *errorMeter) State() []float64 { return []float64{m.sum, m.count} }

func (m *errorMeter) Restore(state []float64) error {
	if len(state) != 2 {
		return badState(m.name, state, "2")
	}
	m.sum, m.count = state[0], state[1]
	return nil
}
