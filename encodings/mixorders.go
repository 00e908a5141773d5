package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// orderMix is the mixture of what the orders say.
type orderMix struct {
	w, y       *tensor.Var
	parts      [orders]*tensor.Var
	reading    [orders]readingOrder
	heads, dim int
	apart      []float32 // the weights order by order, [orders, tokens * heads]; on the way back, then their gradients

	dw, dy []float32
	dparts [orders][]float32
	add    [orders]bool
	addW   bool
	back   bool
}

// mixGrain is the number of tokens that are done at a time.
const mixGrain = 64

// mixOrders returns w[t, h, 0] first[t, h] + w[t, h, 1] second[t, h] for every token t and head h: w is [tokens * heads,
// 2], the others [tokens, heads * dim]. The rows of first and second lie in the reading orders, those of the result as
// the tokens do.
func mixOrders(tp *tensor.Tape, heads int, w *tensor.Var, parts [orders]*tensor.Var, reading [orders]readingOrder) *tensor.Var {
	rows, cols := parts[0].Rows(), parts[0].Cols()
	if parts[1].Rows() != rows || parts[1].Cols() != cols || cols%heads != 0 || w.Rows() != rows*heads || w.Cols() != orders {
		panic(fmt.Sprintf("encodings: mixOrders: weights %v of %d heads do not fit rows %v and %v", w.Shape(), heads, parts[0].Shape(), parts[1].Shape()))
	}
	op, ok := tp.Spare().(*orderMix)
	if !ok {
		op = new(orderMix)
	}
	*op = orderMix{w: w, parts: parts, reading: reading, heads: heads, dim: cols / heads}
	op.y = tp.Out(w.Needs() || parts[0].Needs() || parts[1].Needs(), rows, cols)
	op.run(tp)
	tp.Record("Mix of orders", op, op.y)
	return op.y
}

func (op *orderMix) run(tp *tensor.Tape) {
	op.apart = tp.Scratch(len(op.w.Data()))
	parallel.For(op.y.Rows(), mixGrain, op)
	tp.Release(op.apart)
	op.apart = nil
}

// Run does tokens lo to hi.
func (op *orderMix) Run(_, lo, hi int) {
	n, cols := op.y.Rows()*op.heads, op.heads*op.dim
	for k := range orders {
		w := op.apart[k*n : (k+1)*n]
		for i := lo * op.heads; i < hi*op.heads; i++ {
			w[i] = op.w.Data()[orders*i+k]
		}
		for t := lo; t < hi; t++ {
			row := t
			if to := op.reading[k].to; to != nil {
				row = int(to[t])
			}
			w, row := w[t*op.heads:(t+1)*op.heads], row*cols
			if op.back {
				op.rowBack(w, k, t*cols, row)
				continue
			}
			op.put(op.y.Data()[t*cols:(t+1)*cols], op.parts[k].Data()[row:row+cols], w, k > 0)
		}
	}
}

// put writes, or adds, x [heads, dim] times w [heads].
func (op *orderMix) put(dst, x, w []float32, add bool) {
	if add {
		simd.HeadSum(dst, w, x, 1, op.heads, op.dim, len(x))
		return
	}
	simd.ScaleRows(dst, x, w, op.heads, op.dim)
}

// rowBack does the gradients of the token whose row of the result begins at number at, and that of order k at row.
func (op *orderMix) rowBack(w []float32, k, at, row int) {
	cols := op.heads * op.dim
	dy, x := op.dy[at:at+cols], op.parts[k].Data()[row:row+cols]
	if d := op.dparts[k]; d != nil {
		op.put(d[row:row+cols], dy, w, op.add[k])
	}
	if op.dw == nil {
		return
	}
	simd.HeadDots(w, x, dy, 1, op.heads, op.dim, cols, false)
	for h, g := range w {
		if i := (at/op.dim+h)*orders + k; op.addW {
			op.dw[i] += g
		} else {
			op.dw[i] = g
		}
	}
}

// Backward adds to the gradients of weights and rows.
func (op *orderMix) Backward(tp *tensor.Tape) {
	if op.dy = op.y.OutGrad(); op.w.Needs() {
		op.dw, op.addW = op.w.Accumulate()
	}
	for k, part := range op.parts {
		if part.Needs() {
			op.dparts[k], op.add[k] = part.Accumulate()
		}
	}
	op.back = true
	op.run(tp)
}
