package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

type addRow struct{ x, b, y *Var }

// AddRow returns x + b with the vector b [cols] added to every row of x [rows, cols].
func (tp *Tape) AddRow(x, b *Var) *Var {
	mustWidth("AddRow", x, b)
	op := spare[addRow](tp)
	*op = addRow{x: x, b: b, y: tp.Out(x.needs || b.needs, x.Shape()...)}
	simd.AddRow(op.y.Data(), x.Data(), b.Data(), x.Rows(), x.Cols())
	tp.Record("AddRow", op, op.y)
	return op.y
}

// Backward: dx = dy, db = column sums of dy.
func (op *addRow) Backward(tp *Tape) {
	dy := op.y.OutGrad()
	if op.x.needs {
		tp.addTo(op.x, dy)
	}
	if op.b.needs {
		tp.colSums(op.b.AccumulateZeroed(), dy, op.x.Rows(), op.x.Cols())
	}
}

type mulRow struct{ x, s, y *Var }

// MulRow returns x with every row multiplied, elementwise, by the vector s [cols].
func (tp *Tape) MulRow(x, s *Var) *Var {
	mustWidth("MulRow", x, s)
	op := spare[mulRow](tp)
	*op = mulRow{x: x, s: s, y: tp.Out(x.needs || s.needs, x.Shape()...)}
	mulRows(op.y.Data(), x.Data(), s.Data(), x.Rows(), x.Cols())
	tp.Record("MulRow", op, op.y)
	return op.y
}

func mulRows(dst, x, s []float32, rows, cols int) {
	for r := 0; r < rows; r++ {
		simd.Mul(dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols], s)
	}
}

// Backward: dx = dy s, ds = column sums of x dy.
func (op *mulRow) Backward(tp *Tape) {
	dy, rows, cols := op.y.OutGrad(), op.x.Rows(), op.x.Cols()
	if op.x.needs {
		if g, add := op.x.Accumulate(); add {
			for r := 0; r < rows; r++ {
				simd.MulAdd(g[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols], op.s.Data())
			}
		} else {
			mulRows(g, dy, op.s.Data(), rows, cols)
		}
	}
	if op.s.needs {
		tp.colDots(op.s.AccumulateZeroed(), op.x.Data(), dy, rows, cols)
	}
}

func mustWidth(op string, x, b *Var) {
	if b.value.Size() != x.Cols() {
		panic(fmt.Sprintf("tensor: %s: vector %s does not fit the rows of %s", op, shapeString(b.Shape()), shapeString(x.Shape())))
	}
}

type scaleRows struct {
	x, y *Var
	s    []float32
}

// ScaleRows returns x with row r multiplied by s[r], numbers without a gradient (degrees, weights of items).
func (tp *Tape) ScaleRows(x *Var, s []float32) *Var {
	if len(s) != x.Rows() {
		panic(fmt.Sprintf("tensor: ScaleRows: %d factors for shape %s", len(s), shapeString(x.Shape())))
	}
	op := spare[scaleRows](tp)
	*op = scaleRows{x: x, y: tp.Out(x.needs, x.Shape()...), s: s}
	simd.ScaleRows(op.y.Data(), x.Data(), s, x.Rows(), x.Cols())
	tp.Record("ScaleRows", op, op.y)
	return op.y
}

// Backward: dx = s dy.
func (op *scaleRows) Backward(tp *Tape) {
	if !op.x.needs {
		return
	}
	dy, rows, cols := op.y.OutGrad(), op.x.Rows(), op.x.Cols()
	g := op.x.AccumulateZeroed()
	for r := 0; r < rows; r++ {
		simd.AddScaled(g[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols], op.s[r])
	}
}

type clamp struct {
	x, y   *Var
	lo, hi float32
}

// Clamp returns x limited to [lo, hi]. The gradient passes where x lies inside, ends included, as in PyTorch.
func (tp *Tape) Clamp(x *Var, lo, hi float32) *Var {
	if lo > hi {
		panic(fmt.Sprintf("tensor: Clamp: the limits %v and %v are in the wrong order", lo, hi))
	}
	op := spare[clamp](tp)
	*op = clamp{x: x, y: tp.Out(x.needs, x.Shape()...), lo: lo, hi: hi}
	simd.Clamp(op.y.Data(), x.Data(), lo, hi)
	tp.Record("Clamp", op, op.y)
	return op.y
}

// Backward passes the gradient inside the limits.
func (op *clamp) Backward(tp *Tape) {
	if !op.x.needs {
		return
	}
	part := tp.arena.take(op.x.value.Size())
	simd.ClampGrad(part, op.x.Data(), op.y.OutGrad(), op.lo, op.hi)
	tp.addTo(op.x, part)
	tp.arena.give(part)
}

type softmax struct {
	x, y     *Var
	backward bool
	g, dy    []float32
	add      bool
	h        []float32 // [workers, cols]
}

// Softmax returns exp(x) over its sum, row by row; the largest element of a row is subtracted first, so no row
// overflows. A row of -Inf alone gives zeros, as a row that may attend nowhere must.
func (tp *Tape) Softmax(x *Var) *Var {
	op := spare[softmax](tp)
	*op = softmax{x: x, y: tp.Out(x.needs, x.Shape()...)}
	parallel.For(x.Rows(), rowsGrain(x.Cols()), op)
	tp.Record("Softmax", op, op.y)
	return op.y
}

// rowsGrain is the number of rows of a width that are a piece of work.
func rowsGrain(cols int) int { return max(1, elementGrain/max(1, cols)) }

// Run does the rows lo to hi. Backward: dx = y (dy - sum y dy).
func (op *softmax) Run(worker, lo, hi int) {
	cols := op.x.Cols()
	if !op.backward {
		simd.SoftmaxRows(op.y.Data()[lo*cols:hi*cols], op.x.Data()[lo*cols:hi*cols], hi-lo, cols, cols)
		return
	}
	y, h := op.y.Data(), op.h[worker*cols:(worker+1)*cols]
	for r := lo; r < hi; r++ {
		yr, dr, gr := y[r*cols:(r+1)*cols], op.dy[r*cols:(r+1)*cols], op.g[r*cols:(r+1)*cols]
		simd.AddConst(h, dr, -float32(simd.Dot(yr, dr)))
		if op.add {
			simd.MulAdd(gr, yr, h)
		} else {
			simd.Mul(gr, yr, h)
		}
	}
}

// Backward goes over the rows.
func (op *softmax) Backward(tp *Tape) {
	if !op.x.needs {
		return
	}
	op.dy, op.backward = op.y.OutGrad(), true
	op.g, op.add = op.x.Accumulate()
	op.h = tp.arena.take(parallel.Workers() * op.x.Cols())
	parallel.For(op.x.Rows(), rowsGrain(op.x.Cols()), op)
	tp.arena.give(op.h)
	*op = softmax{}
}

type dropout struct {
	x, y  *Var
	keep  []float32 // 0 or 1/(1-p), one an element
	key   uint64
	start uint64
	p     float64
}

// Dropout returns x with each element set to 0 with probability p and divided by 1-p otherwise, in a training pass; x
// itself in an evaluation pass, or where p is 0. The mask comes from the random stream of the pass.
func (tp *Tape) Dropout(x *Var, p float64) *Var {
	if !(p >= 0 && p < 1) {
		panic(fmt.Sprintf("tensor: Dropout: probability %v is outside [0, 1)", p))
	}
	if p == 0 || !tp.pass.Train {
		return x
	}
	op := spare[dropout](tp)
	key, counter := tp.Draw()
	*op = dropout{x: x, y: tp.Out(x.needs, x.Shape()...), keep: tp.arena.take(x.value.Size()), key: key, start: counter, p: p}
	parallel.For(len(op.keep), elementGrain, op)
	tp.zip(simd.Mul, op.y.Data(), x.Data(), op.keep)
	tp.Record("Dropout", op, op.y)
	return op.y
}

// Run draws the mask of elements lo to hi, four to a block of the stream.
func (op *dropout) Run(_, lo, hi int) {
	simd.DropoutMask(op.keep[lo:hi], op.key, op.start+uint64(lo/4), op.p)
}

// Backward multiplies by the same mask.
func (op *dropout) Backward(tp *Tape) {
	if op.x.needs {
		tp.addProduct(op.x, op.y.OutGrad(), op.keep)
	}
	tp.arena.give(op.keep)
	op.keep = nil
}
