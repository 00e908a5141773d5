package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// groupScores is the product of every row of a with every row of b of its group, head by head.
type groupScores struct {
	a, b, y             *tensor.Var
	groups, n, m, heads int
	da, db, dy          []float32
}

// groupScoresOf returns scores [groups * heads * n, m] of a [groups * n, width] and b [groups * m, width], whose rows
// are cut into heads. a and b may be the same.
func groupScoresOf(tp *tensor.Tape, a, b *tensor.Var, groups, heads int) *tensor.Var {
	if a.Cols() != b.Cols() || a.Cols()%heads != 0 || a.Rows()%groups != 0 || b.Rows()%groups != 0 {
		panic(fmt.Sprintf("encodings: groupScores: rows %v and %v do not make %d groups of %d heads", a.Shape(), b.Shape(), groups, heads))
	}
	op, ok := tp.Spare().(*groupScores)
	if !ok {
		op = new(groupScores)
	}
	*op = groupScores{a: a, b: b, groups: groups, n: a.Rows() / groups, m: b.Rows() / groups, heads: heads}
	op.y = tp.Out(a.Needs() || b.Needs(), groups*heads*op.n, op.m)
	parallel.For(groups, 1, op)
	tp.Record("GroupScores", op, op.y)
	return op.y
}

// Run does groups lo to hi.
func (op *groupScores) Run(_, lo, hi int) {
	a, b, width := op.a.Data(), op.b.Data(), op.a.Cols()
	dim, size := width/op.heads, op.n*op.m
	for g := lo; g < hi; g++ {
		for h := range op.heads {
			ra, rb, at := g*op.n*width+h*dim, g*op.m*width+h*dim, (g*op.heads+h)*size
			if op.dy == nil {
				simd.Gemm(false, true, op.n, op.m, dim, a[ra:], width, b[rb:], width, op.y.Data()[at:at+size], op.m, false)
				continue
			}
			dy := op.dy[at : at+size]
			if op.da != nil {
				simd.Gemm(false, false, op.n, dim, op.m, dy, op.m, b[rb:], width, op.da[ra:], width, true)
			}
			if op.db != nil {
				simd.Gemm(true, false, op.m, dim, op.n, dy, op.m, a[ra:], width, op.db[rb:], width, true)
			}
		}
	}
}

// Backward adds dy b to the gradient of a, and dyᵀ a to that of b.
func (op *groupScores) Backward(*tensor.Tape) {
	if op.dy = op.y.OutGrad(); len(op.dy) == 0 {
		return
	}
	if op.a.Needs() {
		op.da = op.a.AccumulateZeroed()
	}
	if op.b.Needs() {
		op.db = op.b.AccumulateZeroed()
	}
	parallel.For(op.groups, 1, op)
	op.da, op.db, op.dy = nil, nil, nil
}
