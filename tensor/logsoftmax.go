package tensor

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

type logSoftmax struct {
	x, y     *Var
	norm     []float32 // of each row, the logarithm of the sum of exp(x - max x); -Inf for a masked row
	backward bool
	dy, g    []float32
}

// LogSoftmax returns ln softmax(x), row by row: x - ln sum exp(x), formed without overflow; the sum is in float64. A row
// of -Inf alone, whose softmax [Tape.Softmax] takes as zeros, gives -Inf and has no gradient.
func (tp *Tape) LogSoftmax(x *Var) *Var {
	op := spare[logSoftmax](tp)
	*op = logSoftmax{x: x, y: tp.Out(x.needs, x.Shape()...), norm: tp.arena.take(x.Rows())}
	parallel.For(x.Rows(), rowsAtOnce(x.Cols()), op)
	tp.Record("LogSoftmax", op, op.y)
	return op.y
}

// rowsAtOnce is the number of rows of the given width that operations on single rows take at a time.
func rowsAtOnce(cols int) int { return max(1, elementGrain/max(1, cols)) }

// Run does the rows lo to hi.
func (op *logSoftmax) Run(_, lo, hi int) {
	cols := op.x.Cols()
	if op.backward {
		op.gradients(lo, hi)
		return
	}
	for r := lo; r < hi; r++ {
		xr, yr := op.x.Data()[r*cols:(r+1)*cols], op.y.Data()[r*cols:(r+1)*cols]
		top := simd.Max(xr)
		if op.norm[r] = top; math.IsInf(float64(top), -1) {
			copy(yr, xr)
			continue
		}
		op.norm[r] = float32(math.Log(simd.SumExp(xr, -top)))
		simd.AddConst(yr, xr, -top)
		simd.AddConst(yr, yr, -op.norm[r])
	}
}

// gradients: dx = dy - softmax(x) sum dy.
func (op *logSoftmax) gradients(lo, hi int) {
	y, cols := op.y.Data(), op.x.Cols()
	for r := lo; r < hi; r++ {
		if math.IsInf(float64(op.norm[r]), -1) {
			continue
		}
		dr, gr := op.dy[r*cols:(r+1)*cols], op.g[r*cols:(r+1)*cols]
		simd.Add(gr, gr, dr)
		simd.AddScaledExp(gr, y[r*cols:(r+1)*cols], 0, -float32(simd.Sum(dr)))
	}
}

// Backward does the rows one by one.
func (op *logSoftmax) Backward(tp *Tape) {
	if op.x.needs {
		op.dy, op.backward = op.y.OutGrad(), true
		op.g = op.x.AccumulateZeroed()
		parallel.For(op.x.Rows(), rowsAtOnce(op.x.Cols()), op)
	}
	tp.arena.give(op.norm)
	*op = logSoftmax{}
}
