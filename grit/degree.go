package grit

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// degreeScaler is the recorded operation of degreeScale.
type degreeScaler struct {
	x, coef, y *tensor.Var
	log        []float32
}

// degreeScale returns x ⊙ (c0 + ln(1 + degree) c1) for coef = [c0, c1], GRIT's degree scaler (section 3.3 of the paper),
// which gives attention the node's degree back that softmax has taken away.
func degreeScale(tp *tensor.Tape, x, coef *tensor.Var, logDegree []float32) *tensor.Var {
	op, ok := tp.Spare().(*degreeScaler)
	if !ok {
		op = new(degreeScaler)
	}
	*op = degreeScaler{x: x, coef: coef, log: logDegree, y: tp.Out(x.Needs() || coef.Needs(), x.Shape()...)}
	op.scale(tp, op.y.Data(), x.Data())
	tp.Record("DegreeScale", op, op.y)
	return op.y
}

// scale writes x c0 + (ln(1 + degree) x) c1 to dst.
func (op *degreeScaler) scale(tp *tensor.Tape, dst, x []float32) {
	rows, d, c := op.x.Rows(), op.x.Cols(), op.coef.Data()
	scaled, zero := tp.Scratch(rows*d), tp.Scratch(d)
	clear(zero)
	simd.ScaleRows(scaled, x, op.log, rows, d)
	simd.AffineRows2(dst, x, scaled, c[:d], c[d:], zero, rows, d)
	tp.Release(zero)
	tp.Release(scaled)
}

// Backward: dx = dy scale, dc0 = sum x dy, dc1 = sum ln(1 + degree) x dy.
func (op *degreeScaler) Backward(tp *tensor.Tape) {
	rows, d, dy := op.x.Rows(), op.x.Cols(), op.y.OutGrad()
	part := tp.Scratch(rows * d)
	if op.x.Needs() {
		dx, add := op.x.Accumulate()
		if !add {
			op.scale(tp, dx, dy)
		} else {
			op.scale(tp, part, dy)
			simd.Add(dx, dx, part)
		}
	}
	if op.coef.Needs() {
		dc := op.coef.AccumulateZeroed()
		simd.ColDots(dc[:d], op.x.Data(), dy, rows, d)
		simd.ScaleRows(part, dy, op.log, rows, d)
		simd.ColDots(dc[d:], op.x.Data(), part, rows, d)
	}
	tp.Release(part)
}
