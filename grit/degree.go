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
	d := x.Cols()
	row := tp.Scratch(d)
	for i, l := range logDegree {
		op.scale(row, l)
		simd.Mul(op.y.Data()[i*d:(i+1)*d], x.Data()[i*d:(i+1)*d], row)
	}
	tp.Release(row)
	tp.Record("DegreeScale", op, op.y)
	return op.y
}

// scale writes c0 + l c1.
func (op *degreeScaler) scale(row []float32, l float32) {
	d := len(row)
	copy(row, op.coef.Data()[:d])
	simd.AddScaled(row, op.coef.Data()[d:], l)
}

// Backward: dx = dy scale, dc0 = sum x dy, dc1 = sum ln(1 + degree) x dy.
func (op *degreeScaler) Backward(tp *tensor.Tape) {
	d, dy := op.x.Cols(), op.y.OutGrad()
	row := tp.Scratch(d)
	if op.x.Needs() {
		dx := op.x.AccumulateZeroed()
		for i, l := range op.log {
			op.scale(row, l)
			simd.MulAdd(dx[i*d:(i+1)*d], dy[i*d:(i+1)*d], row)
		}
	}
	if op.coef.Needs() {
		dc := op.coef.AccumulateZeroed()
		for i, l := range op.log {
			simd.Mul(row, op.x.Data()[i*d:(i+1)*d], dy[i*d:(i+1)*d])
			simd.Add(dc[:d], dc[:d], row)
			simd.AddScaled(dc[d:], row, l)
		}
	}
	tp.Release(row)
}
