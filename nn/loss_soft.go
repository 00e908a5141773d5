package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// SoftCrossEntropy is the mean of -sum over the classes c of t_c ln p_c, p being the softmax of the predictions and t the
// shares of the classes, of which a row has several where pictures were mixed (Zhang and others, "mixup", 2018; Yun and
// others, "CutMix", 2019). With class ids, which it takes as well, it is [CrossEntropy].
//
// Smoothing moves that part of every target from its classes to all alike (Szegedy and others, "Rethinking the Inception
// Architecture for Computer Vision", 2016, section 7): t becomes (1-Smoothing) t + Smoothing/classes.
type SoftCrossEntropy struct {
	Smoothing float64 // from 0, the default, to below 1
}

// Name returns soft-cross-entropy.
func (SoftCrossEntropy) Name() string { return "soft-cross-entropy" }

// Loss takes predictions [rows, classes], two classes at least, and shares [rows, classes], whose rows have the sum 1, or
// class ids [rows]. A row of shares that holds a NaN is missing.
func (l SoftCrossEntropy) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	if pred.Cols() < 2 {
		panic(fmt.Sprintf("nn: SoftCrossEntropy: predictions %v have one class; use BinaryCrossEntropy", pred.Shape()))
	}
	if !(l.Smoothing >= 0 && l.Smoothing < 1) {
		panic(fmt.Sprintf("nn: SoftCrossEntropy: Smoothing is %v, want a part below 1", l.Smoothing))
	}
	shares := target.Dims() > 1 && target.Cols() > 1
	if shares {
		mustShares(pred, target)
	} else {
		mustClasses("SoftCrossEntropy", pred, target)
	}
	op, ok := tp.Spare().(*softTargets)
	if !ok {
		op = new(softTargets)
	}
	rows := pred.Rows()
	*op = softTargets{pred: pred, y: tp.Out(pred.Needs()), target: target.Data(), shares: shares, smoothing: l.Smoothing,
		rows: slices.Grow(op.rows[:0], rows)[:rows]}
	op.run()
	var sum float64
	for r := range op.rows {
		if !op.missing(r) {
			op.count++
			sum += op.rows[r].nll
		}
	}
	op.y.Data()[0] = float32(share(sum, op.count))
	tp.Record("SoftCrossEntropy", op, op.y)
	return op.y
}

// mustShares panics unless every row of target says how much of it each class has, or is missing.
func mustShares(pred *tensor.Var, target *tensor.Tensor) {
	if target.Rows() != pred.Rows() || target.Cols() != pred.Cols() {
		panic(fmt.Sprintf("nn: SoftCrossEntropy: targets %v do not fit predictions %v", target.Shape(), pred.Shape()))
	}
	for r := range target.Rows() {
		sum := 0.0
		for c, t := range target.Row(r) {
			if t < 0 {
				panic(fmt.Sprintf("nn: SoftCrossEntropy: target %v of row %d and class %d is below 0", t, r, c))
			}
			sum += float64(t)
		}
		if math.Abs(sum-1) > 1e-3 { // not where it is NaN
			panic(fmt.Sprintf("nn: SoftCrossEntropy: the targets of row %d have the sum %v, want 1", r, sum))
		}
	}
}

// softTargets is SoftCrossEntropy on the tape. It keeps two numbers a row and forms the exponentials again on the way
// back.
type softTargets struct {
	pred, y   *tensor.Var
	target    []float32 // [rows, classes] where they are shares, else [rows]
	shares    bool
	smoothing float64
	count     float64 // rows that are not missing
	rows      []softmaxRow
	backward  bool
	dy        float64
	g         []float32
	add       bool
}

func (op *softTargets) run() {
	const elements = 1 << 14 // predictions that are worth a piece of their own
	parallel.For(len(op.rows), max(1, elements/op.pred.Cols()), op)
}

// Run does the rows lo to hi.
func (op *softTargets) Run(_, lo, hi int) {
	cols := op.pred.Cols()
	for r := lo; r < hi; r++ {
		switch x := op.pred.Data()[r*cols : (r+1)*cols]; {
		case op.backward:
			op.gradient(op.g[r*cols:(r+1)*cols], x, r)
		case !op.missing(r):
			op.rows[r] = op.row(x, r)
		}
	}
}

// of returns the shares of row r; nil where it has a class id.
func (op *softTargets) of(r int) []float32 {
	if !op.shares {
		return nil
	}
	cols := op.pred.Cols()
	return op.target[r*cols : (r+1)*cols]
}

func (op *softTargets) missing(r int) bool {
	if t := op.of(r); t != nil {
		return slices.ContainsFunc(t, missing)
	}
	return missing(op.target[r])
}

// row returns the numbers of row r, whose predictions are x: -sum t ln p is ln of the norm less the sum of t x.
func (op *softTargets) row(x []float32, r int) softmaxRow {
	s := softmaxRow{top: simd.Max(x)}
	s.norm = simd.SumExp(x, -s.top)
	hit := 0.0
	if t := op.of(r); t != nil {
		for c, v := range t {
			if v != 0 { // where a class is ruled out, -Inf times 0 says nothing
				hit += float64(v) * float64(x[c])
			}
		}
	} else {
		hit = float64(x[int(op.target[r])])
	}
	if e := op.smoothing; e > 0 {
		sum := 0.0
		for _, v := range x {
			sum += float64(v)
		}
		hit = (1-e)*hit + e*sum/float64(len(x))
	}
	s.nll = math.Log(s.norm) + float64(s.top) - hit
	return s
}

// gradient writes or adds w (softmax(x) - t) for row r, w being its part of the loss and t the smoothed target.
func (op *softTargets) gradient(g, x []float32, r int) {
	if op.missing(r) {
		if !op.add {
			clear(g)
		}
		return
	}
	w := op.dy / op.count
	scale := float32(w / op.rows[r].norm)
	if op.add {
		simd.AddScaledExp(g, x, -op.rows[r].top, scale)
	} else {
		simd.ScaledExp(g, x, -op.rows[r].top, scale)
	}
	hit := float32(w * (1 - op.smoothing))
	if t := op.of(r); t != nil {
		simd.AddScaled(g, t, -hit)
	} else {
		g[int(op.target[r])] -= hit
	}
	if op.smoothing > 0 {
		each := float32(w * op.smoothing / float64(len(x)))
		for c := range g {
			g[c] -= each
		}
	}
}

// Backward does the rows one by one.
func (op *softTargets) Backward(*tensor.Tape) {
	if op.pred.Needs() {
		op.backward, op.dy = true, float64(op.y.OutGrad()[0])
		op.g, op.add = op.pred.Accumulate()
		op.run()
	}
	*op = softTargets{rows: op.rows[:0]}
}
