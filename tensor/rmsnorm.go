package tensor

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// normGrain is the number of rows that a normalisation of rows takes at a time. The gradient of the weight is summed
// in pieces of as many rows.
const normGrain = 64

type rmsNorm struct {
	x, w, y  *Var // w may be nil
	inv      []float32
	eps      float64
	backward bool
	g        []float32 // gradient of x; nil where none is wanted
	add      bool
	dy       []float32
	scratch  []float32 // [workers, cols]
	partial  []float32 // [pieces, cols]: gradient of w; nil where none is wanted
}

// RMSNorm returns w x / sqrt(mean(x²) + eps), row by row, for x [rows, cols] and w [cols] (Zhang and Sennrich 2019, with
// the eps of LLaMA's code). A nil w scales nothing. The mean is formed in float64. A row of zeros gives zeros, if eps is
// not 0.
func (tp *Tape) RMSNorm(x, w *Var, eps float64) *Var {
	if !(eps >= 0) {
		panic(fmt.Sprintf("tensor: RMSNorm: eps %v is negative or no number", eps))
	}
	if w != nil {
		mustWidth("RMSNorm", x, w)
	}
	op := spare[rmsNorm](tp)
	*op = rmsNorm{x: x, w: w, y: tp.Out(x.needs || w != nil && w.needs, x.Shape()...), inv: tp.arena.take(x.Rows()), eps: eps}
	parallel.For(x.Rows(), normGrain, op)
	tp.Record("RMSNorm", op, op.y)
	return op.y
}

// Run does the rows lo to hi.
func (op *rmsNorm) Run(worker, lo, hi int) {
	if op.backward {
		op.gradients(worker, lo, hi)
		return
	}
	x, y, cols := op.x.Data(), op.y.Data(), op.x.Cols()
	for r := lo; r < hi; r++ {
		xr, yr := x[r*cols:(r+1)*cols], y[r*cols:(r+1)*cols]
		op.inv[r] = float32(1 / math.Sqrt(simd.SumSquares(xr)/float64(cols)+op.eps))
		simd.Scale(yr, xr, op.inv[r])
		if op.w != nil {
			simd.Mul(yr, yr, op.w.Data())
		}
	}
}

// gradients: with x̂ = x inv and h = w dy, dx = inv (h - x̂ mean(h x̂)) and dw = sum dy x̂.
func (op *rmsNorm) gradients(worker, lo, hi int) {
	x, cols := op.x.Data(), op.x.Cols()
	h := op.scratch[worker*cols : (worker+1)*cols]
	var dw []float32
	if op.partial != nil {
		dw = op.partial[lo/normGrain*cols:][:cols]
		clear(dw)
	}
	for r := lo; r < hi; r++ {
		xr, dr, inv := x[r*cols:(r+1)*cols], op.dy[r*cols:(r+1)*cols], op.inv[r]
		if dw != nil {
			simd.Scale(h, xr, inv)
			simd.MulAdd(dw, h, dr)
		}
		if op.g == nil {
			continue
		}
		if op.w != nil {
			simd.Mul(h, dr, op.w.Data())
		} else {
			copy(h, dr)
		}
		gr, i := op.g[r*cols:(r+1)*cols], float64(inv)
		back := float32(-i * i * i * simd.Dot(h, xr) / float64(cols))
		if op.add {
			simd.AddScaled(gr, h, inv)
		} else {
			simd.Scale(gr, h, inv)
		}
		simd.AddScaled(gr, xr, back)
	}
}

// Backward adds up the pieces of the weight's gradient in their order.
func (op *rmsNorm) Backward(tp *Tape) {
	rows, cols := op.x.Rows(), op.x.Cols()
	pieces := parallel.Chunks(rows, normGrain)
	op.dy, op.backward = op.y.OutGrad(), true
	if op.x.needs {
		op.g, op.add = op.x.Accumulate()
	}
	if op.w != nil && op.w.needs {
		op.partial = tp.arena.take(pieces * cols)
	}
	op.scratch = tp.arena.take(parallel.Workers() * cols)
	parallel.For(rows, normGrain, op)
	tp.arena.give(op.scratch)
	if op.partial != nil {
		dw := op.w.AccumulateZeroed()
		for p := range pieces {
			simd.Add(dw, dw, op.partial[p*cols:(p+1)*cols])
		}
		tp.arena.give(op.partial)
	}
	tp.arena.give(op.inv)
	*op = rmsNorm{}
}
