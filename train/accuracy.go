package train

import (
	"math"

	"github.com/graft-ml/graft/tensor"
)

var _ Metric = Accuracy{}

// Accuracy is the share of rows whose predicted class is the target: the class of the largest score, the first of
// equal ones; with a single score per row, class 1 where it is above 0. Rows without a target (NaN) do not count. Of
// targets that are shares of several classes, as of mixed images, the largest is the class.
type Accuracy struct{}

// Name returns "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// HigherIsBetter returns true.
func (Accuracy) HigherIsBetter() bool { return true }

// New returns a meter for scores [rows, classes] or [rows, 1] and class ids [rows], or shares [rows, classes].
func (Accuracy) New() Meter { return &accuracyMeter{} }

type accuracyMeter struct{ right, count float64 }

func (m *accuracyMeter) Add(pred, target *tensor.Tensor) {
	if target.Dims() == 2 && target.Cols() > 1 && target.Cols() == pred.Cols() && target.Rows() == pred.Rows() {
		for r := range target.Rows() {
			if c := PredictedClass(target.Row(r)); c >= 0 {
				m.add(pred.Row(r), c)
			}
		}
		return
	}
	for r, rows := 0, classRows("accuracy", pred, target); r < rows; r++ {
		if c, ok := targetClass("accuracy", target.Data()[r], r); ok {
			m.add(pred.Row(r), c)
		}
	}
}

// add counts a row whose class is c.
func (m *accuracyMeter) add(scores []float32, c int) {
	m.count++
	if PredictedClass(scores) == c {
		m.right++
	}
}

func (m *accuracyMeter) Value() float64 {
	if m.count == 0 {
		return math.NaN()
	}
	return m.right / m.count
}

func (m *accuracyMeter) State() []float64 { return []float64{m.right, m.count} }

func (m *accuracyMeter) Restore(state []float64) error {
	if len(state) != 2 {
		return badState("accuracy", state, "2")
	}
	m.right, m.count = state[0], state[1]
	return nil
}
