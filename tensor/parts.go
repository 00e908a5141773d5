package tensor

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/simd"
)

type rowRange struct {
	x, y *Var
	lo   int
}

// Rows returns the rows lo to hi of x [rows, ...]. No values are copied.
func (tp *Tape) Rows(x *Var, lo, hi int) *Var {
	if len(x.Shape()) == 0 || lo < 0 || hi < lo || hi > x.Rows() {
		panic(fmt.Sprintf("tensor: Rows: %d to %d are not rows of %s", lo, hi, shapeString(x.Shape())))
	}
	cols := x.Cols()
	op := spare[rowRange](tp)
	*op = rowRange{x: x, lo: lo, y: tp.alias(x, x.Data()[lo*cols:hi*cols], x.Shape()...)}
	op.y.value.shape[0] = hi - lo
	tp.Record("Rows", op, op.y)
	return op.y
}

// Backward adds to the rows that were taken.
func (op *rowRange) Backward(tp *Tape) {
	if op.x.needs {
		dy := op.y.OutGrad()
		at := op.x.AccumulateZeroed()[op.lo*op.x.Cols():][:len(dy)]
		tp.zip(simd.Add, at, at, dy)
	}
}

type concatRows struct{ a, b, y *Var }

// ConcatRows returns the rows of a [m, ...] followed by those of b [n, ...], which have the same shape: [m+n, ...].
func (tp *Tape) ConcatRows(a, b *Var) *Var {
	if len(a.Shape()) == 0 || len(b.Shape()) == 0 || !slices.Equal(a.Shape()[1:], b.Shape()[1:]) {
		panic(fmt.Sprintf("tensor: ConcatRows: %s and %s differ in width", shapeString(a.Shape()), shapeString(b.Shape())))
	}
	tp.shape = append(append(tp.shape[:0], a.Rows()+b.Rows()), a.Shape()[1:]...)
	op := spare[concatRows](tp)
	*op = concatRows{a: a, b: b, y: tp.Out(a.needs || b.needs, tp.shape...)}
	n := copy(op.y.Data(), a.Data())
	copy(op.y.Data()[n:], b.Data())
	tp.Record("ConcatRows", op, op.y)
	return op.y
}

// Backward splits the gradient.
func (op *concatRows) Backward(tp *Tape) {
	dy, n := op.y.OutGrad(), op.a.value.Size()
	if op.a.needs {
		tp.addTo(op.a, dy[:n])
	}
	if op.b.needs {
		tp.addTo(op.b, dy[n:])
	}
}
