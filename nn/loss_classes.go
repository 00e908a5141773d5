package nn

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/tensor"
)

// CrossEntropy is the mean of -ln p of the true class, p being the softmax of the predictions. For language models the
// classes are the vocabulary and the rows the tokens; tokens that are not to be learned, a prompt or the end of a text, have
// NaN for their target.
type CrossEntropy struct{}

// Name returns cross-entropy.
func (CrossEntropy) Name() string { return "cross-entropy" }

// Loss takes predictions [rows, classes], two classes at least, and class ids [rows].
func (CrossEntropy) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	if pred.Cols() < 2 {
		panic(fmt.Sprintf("nn: CrossEntropy: predictions %v have one class; use BinaryCrossEntropy", pred.Shape()))
	}
	mustClasses("CrossEntropy", pred, target)
	return recordSoftmax(tp, "CrossEntropy", pred, target, nil)
}

// mustClasses panics unless target holds a class of pred, or NaN, for every row. A single column means two classes.
func mustClasses(loss string, pred *tensor.Var, target *tensor.Tensor) {
	if target.Size() != pred.Rows() || pred.Cols() == 0 {
		panic(fmt.Sprintf("nn: %s: class ids %v do not fit predictions %v", loss, target.Shape(), pred.Shape()))
	}
	classes := max(pred.Cols(), 2)
	for i, t := range target.Data() {
		if id := int(t); !missing(t) && (float32(id) != t || id < 0 || id >= classes) {
			panic(fmt.Sprintf("nn: %s: target %v of row %d is not a class: want 0 to %d", loss, t, i, classes-1))
		}
	}
}

// WeightedCrossEntropy is the cross entropy of PATTERN and CLUSTER (Dwivedi and others 2020), in which the classes of a
// batch weigh the less the more frequent they are: with V rows, n of them of class c, class c has weight (V-n)/V, and 0
// where n is 0. The weights are those of the batch at hand.
//
// With several classes the loss is the mean weighted by the classes. With a single logit (two classes) it is the
// weighted binary cross entropy divided by V and not by the sum of the weights, as the benchmark's code has it.
// A batch of a single class weighs nothing: its loss is 0.
type WeightedCrossEntropy struct{}

// Name returns weighted-cross-entropy.
func (WeightedCrossEntropy) Name() string { return "weighted-cross-entropy" }

// Loss takes predictions [rows, classes], or logits [rows, 1] of class 1, and class ids [rows].
func (WeightedCrossEntropy) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	mustClasses("WeightedCrossEntropy", pred, target)
	if pred.Cols() == 1 {
		return record(tp, "WeightedCrossEntropy", weightedBinary, pred, target)
	}
	return recordSoftmax(tp, "WeightedCrossEntropy", pred, target, func(memory []float64) []float64 {
		return batchWeights(memory, target.Data(), pred.Cols())
	})
}

// batchWeights returns the weight of each class that occurs in the targets, in memory if that suffices.
func batchWeights(memory []float64, target []float32, classes int) []float64 {
	weights := slices.Grow(memory[:0], classes)[:classes]
	clear(weights)
	for _, t := range target {
		if !missing(t) {
			weights[int(t)]++
		}
	}
	v := float64(present(target))
	for c, n := range weights {
		if n > 0 {
			weights[c] = (v - n) / v
		}
	}
	return weights
}

func weightedBinary(pred, target, grad []float32, _ int) float64 {
	weights := batchWeights(nil, target, 2)
	return logitLoss(pred, target, grad, func(t float32) float64 { return weights[int(t)] })
}
