package nn

import (
	"fmt"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// DropPath leaves out the whole branch x [rows, width] of an item with probability p and divides it by 1-p otherwise, in a
// training pass; it is x itself in an evaluation pass, or where p is 0: the stochastic depth of residual networks (Huang
// and others, "Deep Networks with Stochastic Depth", ECCV 2016), item by item as timm has it. Item b owns the rows
// offsets[b] to offsets[b+1]; what is dropped comes from the random stream of the pass.
func DropPath(tp *tensor.Tape, x *tensor.Var, offsets []int, p float64) *tensor.Var {
	if !(p >= 0 && p < 1) {
		panic(fmt.Sprintf("nn: DropPath: probability %v, want one below 1", p))
	}
	if p == 0 || !tp.Training() {
		return x
	}
	items := len(offsets) - 1
	if items < 0 || offsets[0] != 0 || offsets[items] != x.Rows() {
		panic(fmt.Sprintf("nn: DropPath: offsets that end at %d do not fit %d rows", offsets[max(items, 0)], x.Rows()))
	}
	op, ok := tp.Spare().(*dropPath)
	if !ok {
		op = new(dropPath)
	}
	*op = dropPath{x: x, y: tp.Out(x.Needs(), x.Shape()...), offsets: offsets, bits: op.bits[:0], keep: float32(1 / (1 - p))}
	for range items {
		op.bits = append(op.bits, 0)
	}
	key, counter := tp.Draw()
	simd.RandomBits(op.bits, key, counter)
	op.limit = uint32(p * (1 << 32))
	op.apply(op.y.Data(), x.Data(), false)
	tp.Record("DropPath", op, op.y)
	return op.y
}

type dropPath struct {
	x, y    *tensor.Var
	offsets []int
	bits    []uint32 // [items]
	limit   uint32   // bits below it drop
	keep    float32  // factor of what stays
}

// apply sets or adds to dst the rows of src that stay, times the factor.
func (op *dropPath) apply(dst, src []float32, add bool) {
	cols := op.x.Cols()
	for b, bits := range op.bits {
		lo, hi := op.offsets[b]*cols, op.offsets[b+1]*cols
		switch {
		case bits < op.limit && !add:
			clear(dst[lo:hi])
		case bits < op.limit:
		case add:
			simd.AddScaled(dst[lo:hi], src[lo:hi], op.keep)
		default:
			simd.Scale(dst[lo:hi], src[lo:hi], op.keep)
		}
	}
}

// Backward hands on the gradient of what stayed.
func (op *dropPath) Backward(*tensor.Tape) {
	if op.x.Needs() {
		dx, add := op.x.Accumulate()
		op.apply(dx, op.y.OutGrad(), add)
	}
}
