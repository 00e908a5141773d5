package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// rowMix is a sum of two matrices whose rows have weights of their own.
type rowMix struct {
	w, y   *tensor.Var
	parts  [2]*tensor.Var
	dw, dy []float32
	dparts [2][]float32
}

// mixRowsGrain is the number of rows that are done at a time.
const mixRowsGrain = 256

// mixRows returns w[r, 0] first[r] + w[r, 1] second[r] for every row r: w is [rows, 2], the others [rows, width].
func mixRows(tp *tensor.Tape, w, first, second *tensor.Var) *tensor.Var {
	rows, width := first.Rows(), first.Cols()
	if w.Rows() != rows || w.Cols() != 2 || second.Rows() != rows || second.Cols() != width {
		panic(fmt.Sprintf("encodings: mixRows: weights %v do not fit rows %v and %v", w.Shape(), first.Shape(), second.Shape()))
	}
	op, ok := tp.Spare().(*rowMix)
	if !ok {
		op = new(rowMix)
	}
	*op = rowMix{w: w, parts: [2]*tensor.Var{first, second}, y: tp.Out(w.Needs() || first.Needs() || second.Needs(), rows, width)}
	parallel.For(rows, mixRowsGrain, op)
	tp.Record("MixRows", op, op.y)
	return op.y
}

// Run does rows lo to hi.
func (op *rowMix) Run(_, lo, hi int) {
	width, w := op.y.Cols(), op.w.Data()
	for r := lo; r < hi; r++ {
		at := r * width
		for k, part := range op.parts {
			x := part.Data()[at : at+width]
			if op.dy == nil {
				if y := op.y.Data()[at : at+width]; k == 0 {
					simd.Scale(y, x, w[2*r])
				} else {
					simd.AddScaled(y, x, w[2*r+1])
				}
				continue
			}
			dy := op.dy[at : at+width]
			if op.dparts[k] != nil {
				simd.AddScaled(op.dparts[k][at:at+width], dy, w[2*r+k])
			}
			if op.dw != nil {
				op.dw[2*r+k] += float32(simd.Dot(dy, x))
			}
		}
	}
}

// Backward adds to the gradients of weights and rows.
func (op *rowMix) Backward(*tensor.Tape) {
	op.dy = op.y.OutGrad()
	if len(op.dy) == 0 {
		op.dy = nil
		return
	}
	if op.w.Needs() {
		op.dw = op.w.AccumulateZeroed()
	}
	for k, part := range op.parts {
		if part.Needs() {
			op.dparts[k] = part.AccumulateZeroed()
		}
	}
	parallel.For(op.y.Rows(), mixRowsGrain, op)
	op.dw, op.dy, op.dparts = nil, nil, [2][]float32{}
}
