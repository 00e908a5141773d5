package nn

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// CrossEntropy is the mean of -ln p of the true class, p being the softmax of the predictions.
type CrossEntropy struct{}

// Name returns cross-entropy.
func (CrossEntropy) Name() string { return "cross-entropy" }

// Loss takes predictions [rows, classes], two classes at least, and class ids [rows].
func (CrossEntropy) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	if pred.Cols() < 2 {
		panic(fmt.Sprintf("nn: CrossEntropy: predictions %v have one class; use BinaryCrossEntropy", pred.Shape()))
	}
	mustClasses("CrossEntropy", pred, target)
	return record(tp, "CrossEntropy", crossEntropy, pred, target)
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

func crossEntropy(pred, target, grad []float32, cols int) float64 {
	return softmaxLoss(pred, target, grad, cols, func(int) float64 { return 1 })
}

// softmaxLoss returns the mean of -ln p of the true classes, each row weighted by its class.
func softmaxLoss(pred, target, grad []float32, cols int, weight func(class int) float64) float64 {
	var sum, total float64
	for _, t := range target {
		if !missing(t) {
			total += weight(int(t))
		}
	}
	var row []float32
	if grad == nil {
		row = make([]float32, cols)
	}
	for r, t := range target {
		if grad != nil {
			row = grad[r*cols : (r+1)*cols]
		}
		if missing(t) {
			clear(row)
			continue
		}
		w := share(weight(int(t)), total)
		nll, norm := negLogSoftmax(row, pred[r*cols:(r+1)*cols], int(t))
		sum += w * nll
		if grad != nil { // w (p - 1 at the true class)
			simd.Scale(row, row, float32(w/norm))
			row[int(t)] -= float32(w)
		}
	}
	return sum
}

// negLogSoftmax returns -ln of the softmax of x at class. It leaves exp(x - max x) in work, and returns their sum.
func negLogSoftmax(work, x []float32, class int) (nll, norm float64) {
	largest := simd.Max(x)
	simd.AddConst(work, x, -largest)
	simd.Exp(work, work)
	norm = simd.Sum(work)
	return math.Log(norm) + float64(largest) - float64(x[class]), norm
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
	return record(tp, "WeightedCrossEntropy", weightedClasses, pred, target)
}

// batchWeights returns the weight of each class that occurs in the targets.
func batchWeights(target []float32, classes int) []float64 {
	weights := make([]float64, classes)
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

func weightedClasses(pred, target, grad []float32, cols int) float64 {
	weights := batchWeights(target, cols)
	return softmaxLoss(pred, target, grad, cols, func(class int) float64 { return weights[class] })
}

func weightedBinary(pred, target, grad []float32, _ int) float64 {
	weights := batchWeights(target, 2)
	return logitLoss(pred, target, grad, func(t float32) float64 { return weights[int(t)] })
}
