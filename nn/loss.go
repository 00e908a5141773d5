package nn

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Loss is what training makes small.
//
// All losses are means, so their size does not depend on that of the batch. A target that is NaN is missing: it counts
// neither in the sum nor in the number the sum is divided by, and its prediction gets no gradient. Where every target is
// missing the loss is 0.
type Loss interface {
	// Name returns the name that [ParseLoss] knows.
	Name() string
	// Loss returns the loss, a scalar, of the predictions. Shapes that do not fit, and class ids that are none of the
	// model's classes, panic.
	Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var
}

// losses are the known losses, in the order of their listing.
var losses = [...]Loss{L1{}, MSE{}, CrossEntropy{}, SoftCrossEntropy{}, WeightedCrossEntropy{}, BinaryCrossEntropy{}}

// LossNames returns the names that [ParseLoss] knows.
func LossNames() []string {
	var names []string
	for _, l := range losses {
		names = append(names, l.Name())
	}
	return names
}

// ParseLoss returns the loss with the given name. The error of an unknown name tells the nearest known one.
func ParseLoss(name string) (Loss, error) {
	for _, l := range losses {
		if l.Name() == name {
			return l, nil
		}
	}
	return nil, nearest.Unknown("loss", name, LossNames())
}

// formula computes a loss and, where grad is not nil, writes its gradient with respect to pred [rows, cols] there.
type formula func(pred, target, grad []float32, cols int) float64

// lossOp is a loss on the tape, but for those of a softmax. It computes its gradient in the forward pass, where what it
// needs is at hand.
type lossOp struct {
	pred, y *tensor.Var
	grad    []float32 // [rows, cols]; nil where no gradient is wanted
}

func record(tp *tensor.Tape, name string, f formula, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	op, ok := tp.Spare().(*lossOp)
	if !ok {
		op = new(lossOp)
	}
	*op = lossOp{pred: pred, y: tp.Out(pred.Needs())}
	if pred.Needs() {
		op.grad = tp.Scratch(pred.Value().Size())
	}
	op.y.Data()[0] = float32(f(pred.Data(), target.Data(), op.grad, pred.Cols()))
	tp.Record(name, op, op.y)
	return op.y
}

// Backward scales the gradient that the forward pass found.
func (op *lossOp) Backward(tp *tensor.Tape) {
	if !op.pred.Needs() {
		return
	}
	dy := op.y.OutGrad()[0]
	if g, add := op.pred.Accumulate(); add {
		simd.AddScaled(g, op.grad, dy)
	} else {
		simd.Scale(g, op.grad, dy)
	}
	tp.Release(op.grad)
	op.grad = nil
}

func mustSameSize(loss string, pred *tensor.Var, target *tensor.Tensor) {
	if pred.Rows() != target.Rows() || pred.Value().Size() != target.Size() {
		panic(fmt.Sprintf("nn: %s: targets %v do not fit predictions %v", loss, target.Shape(), pred.Shape()))
	}
}

// missing reports whether a target is not there.
func missing(target float32) bool { return target != target }

// present returns the number of targets that are there.
func present(target []float32) int {
	n := 0
	for _, t := range target {
		if !missing(t) {
			n++
		}
	}
	return n
}

// share returns x/n, or 0 where n is 0.
func share(x, n float64) float64 {
	if n == 0 {
		return 0
	}
	return x / n
}

// softplus returns ln(1 + exp(x)) without overflow.
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}
