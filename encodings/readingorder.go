package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// readingOrder is the way from the order in which the tokens of a batch lie to one in which they are read. Attention in
// that order is plain causal attention, whose kernel passes over the keys after a query; among tokens that lie in another
// order it would have to compute most pairs to mask half of them.
type readingOrder struct {
	from []int32 // row r in reading order is token from[r]; nil where tokens lie as they are read
	to   []int32 // token t is row to[t]
}

// newReadingOrder returns the order in which every token has the given place in its item. Branches are read one after
// another, as they lie, each in the order of its places.
func newReadingOrder(l *Layout, places []int32) readingOrder {
	o := readingOrder{make([]int32, len(places)), make([]int32, len(places))}
	same := true
	shift := l.shifts()
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			row := l.Offsets[b] + int(places[t])
			if shift != nil {
				row += int(shift[t])
			}
			o.from[row], o.to[t] = int32(t), int32(row)
			same = same && row == t
		}
	}
	if same {
		return readingOrder{}
	}
	return o
}

// arrange returns the rows of x in reading order.
func (o readingOrder) arrange(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if o.from == nil {
		return x
	}
	if x.Rows() != len(o.from) {
		panic(fmt.Sprintf("encodings: readingOrder: %d rows came, the batch has %d tokens", x.Rows(), len(o.from)))
	}
	op, ok := tp.Spare().(*arrangement)
	if !ok {
		op = new(arrangement)
	}
	*op = arrangement{order: o, x: x, y: tp.Out(x.Needs(), x.Rows(), x.Cols())}
	parallel.For(x.Rows(), arrangeGrain, op)
	tp.Record("ReadingOrder", op, op.y)
	return op.y
}

// arrangement is the recorded operation.
type arrangement struct {
	order readingOrder
	x, y  *tensor.Var
	dx    []float32
	add   bool
	back  bool
}

// arrangeGrain is the number of rows that are done at a time.
const arrangeGrain = 128

// Run does rows lo to hi: of the result, or on the way back of what it was made of.
func (op *arrangement) Run(_, lo, hi int) {
	cols := op.x.Cols()
	switch {
	case !op.back:
		simd.GatherRows(op.y.Data()[lo*cols:hi*cols], op.x.Data(), op.order.from[lo:hi], cols)
	case !op.add:
		simd.GatherRows(op.dx[lo*cols:hi*cols], op.y.OutGrad(), op.order.to[lo:hi], cols)
	default:
		dy := op.y.OutGrad()
		for t := lo; t < hi; t++ {
			row, r := op.dx[t*cols:(t+1)*cols], int(op.order.to[t])*cols
			simd.Add(row, row, dy[r:r+cols])
		}
	}
}

// Backward hands the gradient back to where the rows came from.
func (op *arrangement) Backward(*tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	op.dx, op.add = op.x.Accumulate()
	op.y.OutGrad()
	op.back = true
	parallel.For(op.x.Rows(), arrangeGrain, op)
}

// attend runs the kernel on what a holds, which lies as o says, in reading order, with the rotation of tokens that lie so.
// Branches, and so their mask, are where they were. The result is in reading order, and a is as it was.
func (o readingOrder) attend(tp *tensor.Tape, a *Attention, turn *attention.Rotation) *tensor.Var {
	in := a.SoftmaxInput
	a.Query, a.Key, a.Value = o.arrange(tp, in.Query), o.arrange(tp, in.Key), o.arrange(tp, in.Value)
	a.QueryIndex, a.KeyIndex, a.RotateQuery, a.RotateKey = nil, nil, turn, turn
	out := a.Kernel(tp)
	a.SoftmaxInput = in
	return out
}
