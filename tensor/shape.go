package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/simd"
)

type reshape struct{ x, y *Var }

// Reshape returns the elements of x, in their order, with another shape of the same size. No values are copied.
func (tp *Tape) Reshape(x *Var, shape ...int) *Var {
	if sizeOf("Reshape", shape) != x.value.Size() {
		panic(fmt.Sprintf("tensor: Reshape: shape %s does not hold the %d elements of shape %s", shapeString(shape), x.value.Size(), shapeString(x.Shape())))
	}
	op := spare[reshape](tp)
	*op = reshape{x: x, y: tp.alias(x, x.Data(), shape...)}
	tp.Record("Reshape", op, op.y)
	return op.y
}

// Backward passes the gradient on.
func (op *reshape) Backward(tp *Tape) {
	if op.x.needs {
		tp.addTo(op.x, op.y.OutGrad())
	}
}

type transpose struct{ x, y *Var }

// Transpose returns the transpose of the matrix x.
func (tp *Tape) Transpose(x *Var) *Var {
	op := spare[transpose](tp)
	*op = transpose{x: x, y: tp.Out(x.needs, x.Cols(), x.Rows())}
	transposeInto(op.y.Data(), x.Data(), x.Rows(), x.Cols())
	tp.Record("Transpose", op, op.y)
	return op.y
}

func transposeInto(dst, src []float32, rows, cols int) {
	for r := 0; r < rows; r++ {
		for c, v := range src[r*cols : (r+1)*cols] {
			dst[c*rows+r] = v
		}
	}
}

// Backward transposes back.
func (op *transpose) Backward(tp *Tape) {
	if !op.x.needs {
		return
	}
	part := tp.arena.take(op.x.value.Size())
	transposeInto(part, op.y.OutGrad(), op.x.Cols(), op.x.Rows())
	tp.addTo(op.x, part)
	tp.arena.give(part)
}

type columns struct {
	x, y *Var
	lo   int
}

// Columns returns the columns lo to hi of the matrix x.
func (tp *Tape) Columns(x *Var, lo, hi int) *Var {
	if lo < 0 || hi < lo || hi > x.Cols() {
		panic(fmt.Sprintf("tensor: Columns: %d to %d are not columns of %s", lo, hi, shapeString(x.Shape())))
	}
	rows, cols, width := x.Rows(), x.Cols(), hi-lo
	op := spare[columns](tp)
	*op = columns{x: x, lo: lo, y: tp.Out(x.needs, rows, width)}
	for r := 0; r < rows; r++ {
		copy(op.y.Data()[r*width:(r+1)*width], x.Data()[r*cols+lo:])
	}
	tp.Record("Columns", op, op.y)
	return op.y
}

// Backward adds to the columns that were taken.
func (op *columns) Backward(*Tape) {
	if !op.x.needs {
		return
	}
	dy, width, cols := op.y.OutGrad(), op.y.Cols(), op.x.Cols()
	g := op.x.AccumulateZeroed()
	for r := 0; r < op.x.Rows(); r++ {
		at := g[r*cols+op.lo:][:width]
		simd.Add(at, at, dy[r*width:(r+1)*width])
	}
}

type concat struct{ a, b, y *Var }

// Concat returns [a, b]: the columns of the matrix a followed by those of b, which has as many rows.
func (tp *Tape) Concat(a, b *Var) *Var {
	if a.Rows() != b.Rows() {
		panic(fmt.Sprintf("tensor: Concat: %s and %s differ in rows", shapeString(a.Shape()), shapeString(b.Shape())))
	}
	rows, ca, cb := a.Rows(), a.Cols(), b.Cols()
	op := spare[concat](tp)
	*op = concat{a: a, b: b, y: tp.Out(a.needs || b.needs, rows, ca+cb)}
	for r := 0; r < rows; r++ {
		row := op.y.Data()[r*(ca+cb) : (r+1)*(ca+cb)]
		copy(row, a.Data()[r*ca:(r+1)*ca])
		copy(row[ca:], b.Data()[r*cb:(r+1)*cb])
	}
	tp.Record("Concat", op, op.y)
	return op.y
}

// Backward splits the gradient.
func (op *concat) Backward(*Tape) {
	dy, at, cols := op.y.OutGrad(), 0, op.y.Cols()
	for _, v := range [...]*Var{op.a, op.b} {
		width := v.Cols()
		if v.needs {
			g := v.AccumulateZeroed()
			for r := 0; r < v.Rows(); r++ {
				row := g[r*width : (r+1)*width]
				simd.Add(row, row, dy[r*cols+at:][:width])
			}
		}
		at += width
	}
}

type sum struct {
	x, y  *Var
	scale float32
}

// Sum returns the sum of all elements, a scalar. It is formed in float64.
func (tp *Tape) Sum(x *Var) *Var { return tp.total("Sum", x, 1) }

// Mean returns the mean of all elements, a scalar; 0 where there are none.
func (tp *Tape) Mean(x *Var) *Var { return tp.total("Mean", x, 1/float64(max(x.value.Size(), 1))) }

func (tp *Tape) total(name string, x *Var, scale float64) *Var {
	op := spare[sum](tp)
	*op = sum{x: x, y: tp.Out(x.needs), scale: float32(scale)}
	op.y.Data()[0] = float32(simd.Sum(x.Data()) * scale)
	tp.Record(name, op, op.y)
	return op.y
}

// Backward gives every element the same share.
func (op *sum) Backward(*Tape) {
	if op.x.needs {
		g := op.x.AccumulateZeroed()
		simd.AddConst(g, g, op.scale*op.y.OutGrad()[0])
	}
}
