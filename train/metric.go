package train

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tensor"
)

// Metric is what is reported of a split.
type Metric interface {
	// Name returns the metric's name in logs and configurations.
	Name() string
	// HigherIsBetter tells the direction in which the metric improves.
	HigherIsBetter() bool
	// New returns a meter that has seen nothing.
	New() Meter
}

// Meter computes a metric over the batches of a split.
type Meter interface {
	// Add takes the predictions for a batch and their targets, both as the model and the batch give them. It keeps
	// neither. Shapes that do not fit each other panic.
	Add(pred, target *tensor.Tensor)
	// Value returns the metric of everything added so far, NaN where that defines none.
	Value() float64
	// State returns all that the meter knows, so that a run cut short in the middle of an epoch reports the same
	// numbers once it is resumed. The slice may be the meter's own.
	State() []float64
	// Restore makes the meter one whose State was the given one. An error says that no meter of this kind has such a
	// state.
	Restore(state []float64) error
}

// The metrics of this package.
func allMetrics() []Metric {
	return []Metric{MAE{}, RMSE{}, Accuracy{}, WeightedAccuracy{}, AveragePrecision{}, ROCAUC{}}
}

// MetricNames returns the names that [ParseMetric] knows.
func MetricNames() []string {
	var names []string
	for _, m := range allMetrics() {
		names = append(names, m.Name())
	}
	return names
}

// ParseMetric returns the metric with the given name. The error of an unknown name tells the nearest known one.
func ParseMetric(name string) (Metric, error) {
	for _, m := range allMetrics() {
		if m.Name() == name {
			return m, nil
		}
	}
	return nil, nearest.Unknown("metric", name, MetricNames())
}

// pairShapes panics unless predictions and targets have the same rows and columns, and returns both.
func pairShapes(metric string, pred, target *tensor.Tensor) (rows, cols int) {
	if pred.Rows() != target.Rows() || pred.Cols() != target.Cols() {
		panic(fmt.Sprintf("train: %s: predictions of shape %v do not fit targets of shape %v", metric, pred.Shape(), target.Shape()))
	}
	return pred.Rows(), pred.Cols()
}

// classRows panics unless there is one class id for every row of predictions, and returns the rows.
func classRows(metric string, pred, target *tensor.Tensor) int {
	if target.Cols() != 1 || pred.Rows() != target.Rows() || pred.Cols() < 1 {
		panic(fmt.Sprintf("train: %s: predictions of shape %v need one class id per row, the targets have shape %v", metric, pred.Shape(), target.Shape()))
	}
	return pred.Rows()
}

// PredictedClass returns the class with the largest score, the first of equal ones; of a single score, the logit of
// class 1, whether it is above 0 (its probability above one half). Scores that hold NaN predict no class: -1.
func PredictedClass(scores []float32) int {
	for _, s := range scores {
		if s != s {
			return -1
		}
	}
	if len(scores) == 1 {
		if scores[0] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for c, s := range scores {
		if s > scores[best] {
			best = c
		}
	}
	return best
}

// targetClass returns the class id stored as t, and false where it is missing. What is no class id panics.
func targetClass(metric string, t float32, row int) (int, bool) {
	if t != t {
		return 0, false
	}
	const most = 1 << 20 // ids are counted in memory of this many numbers
	c := int(t)
	if t < 0 || t > most || float32(c) != t {
		panic(fmt.Sprintf("train: %s: target %v of row %d is no class id (a whole number from 0 to %d)", metric, t, row, most))
	}
	return c, true
}

// badState is the error of Restore.
func badState(metric string, state []float64, want string) error {
	return fmt.Errorf("the state of metric %s has %d numbers, want %s", metric, len(state), want)
}
