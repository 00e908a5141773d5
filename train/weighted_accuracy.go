package train

import (
	"math"

	"github.com/graft-ml/graft/tensor"
)

var _ Metric = WeightedAccuracy{}

// WeightedAccuracy is the accuracy of PATTERN and CLUSTER (Dwivedi and others 2020): the mean over classes of the share
// of a class's rows that are predicted right, all rows of the split taken together. The classes are those that occur
// among targets or predictions; one that is only ever predicted counts with a share of 0. Predictions are those of
// [Accuracy]. Rows without a target (NaN) do not count.
type WeightedAccuracy struct{}

// Name returns "accuracy-SBM", the name under which results are published.
func (WeightedAccuracy) Name() string { return "accuracy-SBM" }

// HigherIsBetter returns true.
func (WeightedAccuracy) HigherIsBetter() bool { return true }

// New returns a meter for scores [rows, classes] or [rows, 1] and class ids [rows].
func (WeightedAccuracy) New() Meter { return &weightedMeter{} }

// weightedMeter holds the three numbers per class that the metric needs of the confusion matrix.
type weightedMeter struct {
	counts []float64 // class after class: rows with this target, those predicted right, rows with this prediction
}

const perClass = 3

func (m *weightedMeter) Add(pred, target *tensor.Tensor) {
	for r, rows := 0, classRows("accuracy-SBM", pred, target); r < rows; r++ {
		c, ok := targetClass("accuracy-SBM", target.Data()[r], r)
		if !ok {
			continue
		}
		p := PredictedClass(pred.Row(r))
		for len(m.counts) < perClass*(max(c, p)+1) {
			m.counts = append(m.counts, 0)
		}
		m.counts[perClass*c]++
		if p == c {
			m.counts[perClass*c+1]++
		}
		if p >= 0 {
			m.counts[perClass*p+2]++
		}
	}
}

func (m *weightedMeter) Value() float64 {
	var sum, classes float64
	for c := 0; c < len(m.counts); c += perClass {
		rows, right, predicted := m.counts[c], m.counts[c+1], m.counts[c+2]
		if rows > 0 {
			sum += right / rows
		}
		if rows > 0 || predicted > 0 {
			classes++
		}
	}
	if classes == 0 {
		return math.NaN()
	}
	return sum / classes
}

func (m *weightedMeter) State() []float64 { return m.counts }

func (m *weightedMeter) Restore(state []float64) error {
	if len(state)%perClass != 0 {
		return badState("accuracy-SBM", state, "3 for each class")
	}
	m.counts = append([]float64(nil), state...)
	return nil
}
