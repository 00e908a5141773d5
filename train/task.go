package train

import (
	"errors"
	"fmt"

	"github.com/graft-ml/graft/nn"
)

// Data is one split of a data set, ready to be made into batches for a model.
type Data interface {
	// Len returns the number of items.
	Len() int
	// Prepare encodes the items of the given numbers, from 0 to Len()-1 each, as one batch. It depends on nothing but
	// the numbers, is safe for concurrent use, and neither keeps nor changes the slice. An error should name the item.
	Prepare(items []int) (nn.Batch, error)
}

// Epochs may be implemented by training data that is not the same in every epoch: by images that are changed at random
// each time they are seen. The loop then calls PrepareEpoch where it would call Prepare, which serves evaluations.
type Epochs interface {
	// PrepareEpoch is Prepare for an epoch of training, counted from 0. It depends on nothing but the epoch and the
	// numbers: a resumed run asks for the same batches.
	PrepareEpoch(epoch int, items []int) (nn.Batch, error)
}

// ofEpoch is data as it is in an epoch of training.
type ofEpoch struct {
	Data
	epochs Epochs
	epoch  int
}

// Prepare prepares items of the epoch.
func (d ofEpoch) Prepare(items []int) (nn.Batch, error) { return d.epochs.PrepareEpoch(d.epoch, items) }

// dataOf returns the data of an epoch.
func dataOf(d Data, epoch int) Data {
	if e, ok := d.(Epochs); ok {
		return ofEpoch{d, e, epoch}
	}
	return d
}

// Task is what is to be learned: a model, what it minimises, what is reported, and the data.
type Task struct {
	Model nn.Model
	Loss  nn.Loss
	// Metric selects the best epoch, on Val. Nil selects by the loss.
	Metric Metric
	// MoreMetrics are reported beside it.
	MoreMetrics []Metric
	// Train is required. Without Val the latest epoch counts as the best; without Test there is no test score.
	Train, Val, Test Data
}

// metrics returns all metrics, the selecting one first.
func (t *Task) metrics() []Metric {
	var all []Metric
	if t.Metric != nil {
		all = append(all, t.Metric)
	}
	return append(all, t.MoreMetrics...)
}

// check returns what is wrong with the task.
func (t *Task) check() error {
	switch {
	case t.Model == nil:
		return errors.New("the task has no Model: there is nothing to train")
	case t.Loss == nil:
		return errors.New("the task has no Loss: choose what to minimise, nn.L1{} for instance")
	case t.Train == nil:
		return errors.New("the task has no Train data: there is nothing to learn from")
	}
	for _, s := range t.splits() {
		if s.data != nil && s.data.Len() <= 0 {
			return fmt.Errorf("the %s split is empty: check the path and the split of the data set", s.name)
		}
	}
	seen := map[string]bool{lossName: true}
	for _, m := range t.metrics() {
		if m == nil {
			return errors.New("MoreMetrics holds a nil metric")
		}
		if seen[m.Name()] {
			return fmt.Errorf("the name %q belongs to two scores: list each metric once, and none called %q", m.Name(), lossName)
		}
		seen[m.Name()] = true
	}
	return nil
}

type split struct {
	name string
	data Data
}

func (t *Task) splits() []split {
	return []split{{"train", t.Train}, {"val", t.Val}, {"test", t.Test}}
}

// better tells whether score a selects an epoch over score b. NaN, an undefined score, never does.
func (t *Task) better(a, b float64) bool {
	switch {
	case a != a:
		return false
	case b != b:
		return true
	case t.Metric != nil && t.Metric.HigherIsBetter():
		return a > b
	}
	return a < b
}

// selector returns the name of the score that selects the best epoch.
func (t *Task) selector() string {
	if t.Metric != nil {
		return t.Metric.Name()
	}
	return lossName
}
