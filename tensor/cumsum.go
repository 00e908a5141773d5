package tensor

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/parallel"
)

// mustOffsets panics unless the offsets begin at 0, do not fall, and end at the number of rows of x.
func mustOffsets(op string, x *Var, offsets []int) {
	if len(offsets) == 0 || offsets[0] != 0 || offsets[len(offsets)-1] != x.Rows() || !slices.IsSorted(offsets) {
		panic(fmt.Sprintf("tensor: %s: offsets %v do not cover the rows of %s", op, offsets, shapeString(x.Shape())))
	}
}

// cumBlock is the number of columns that a running sum takes at a time.
const cumBlock = 64

type cumSum struct {
	x, y     *Var
	offsets  []int
	blocks   int // of columns
	backward bool
	dy, g    []float32
	add      bool
}

// CumSum returns the sum of each row and the rows before it of the same item: row offsets[b]+t of the result is the sum
// of the rows offsets[b] to offsets[b]+t of x [rows, cols]. Sums are formed in float64.
func (tp *Tape) CumSum(x *Var, offsets []int) *Var {
	mustOffsets("CumSum", x, offsets)
	op := spare[cumSum](tp)
	*op = cumSum{x: x, y: tp.Out(x.needs, x.Shape()...), offsets: offsets, blocks: parallel.Chunks(x.Cols(), cumBlock)}
	parallel.For((len(offsets)-1)*op.blocks, 1, op)
	tp.Record("CumSum", op, op.y)
	return op.y
}

// Run does the pieces lo to hi, each a block of columns of an item.
func (op *cumSum) Run(_, lo, hi int) {
	for p := lo; p < hi; p++ {
		b, c := p/op.blocks, p%op.blocks*cumBlock
		width := min(cumBlock, op.x.Cols()-c)
		if op.backward {
			op.down(op.offsets[b], op.offsets[b+1], c, width)
		} else {
			op.up(op.offsets[b], op.offsets[b+1], c, width)
		}
	}
}

func (op *cumSum) up(first, end, c, width int) {
	var sums [cumBlock]float64
	x, y, cols := op.x.Data(), op.y.Data(), op.x.Cols()
	for r := first; r < end; r++ {
		yr := y[r*cols+c:][:width]
		for i, v := range x[r*cols+c:][:width] {
			sums[i] += float64(v)
			yr[i] = float32(sums[i])
		}
	}
}

// down: the gradient of a row is the sum of those of the rows from there to the end of the item.
func (op *cumSum) down(first, end, c, width int) {
	var sums [cumBlock]float64
	cols := op.x.Cols()
	for r := end - 1; r >= first; r-- {
		gr := op.g[r*cols+c:][:width]
		for i, v := range op.dy[r*cols+c:][:width] {
			sums[i] += float64(v)
			if op.add {
				gr[i] += float32(sums[i])
			} else {
				gr[i] = float32(sums[i])
			}
		}
	}
}

// Backward sums the gradient from the last row of each item to the first.
func (op *cumSum) Backward(*Tape) {
	if !op.x.needs {
		return
	}
	op.dy, op.backward = op.y.OutGrad(), true
	op.g, op.add = op.x.Accumulate()
	parallel.For((len(op.offsets)-1)*op.blocks, 1, op)
	*op = cumSum{}
}
