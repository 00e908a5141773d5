package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// lrpeTable holds the cosines and sines of all coordinates that a batch has: few, on a grid.
type lrpeTable struct {
	axes, each int
	theta      *tensor.Var
	index      []int32   // [tokens, axes] rows of values; -1 for tokens without a place
	values     []float64 // distinct coordinates
	cos, sin   []float32 // [values, theta's size]
}

func newLRPETable(tp *tensor.Tape, name string, axes int, l *Layout, theta *tensor.Var) (*lrpeTable, error) {
	coords, err := axesOf(name, axes, l)
	if err != nil {
		return nil, err
	}
	t := &lrpeTable{axes: axes, each: theta.Cols(), theta: theta, index: make([]int32, len(coords))}
	rows := map[float64]int32{}
	for b := range l.Items() {
		for i := l.Offsets[b] * axes; i < l.Offsets[b+1]*axes; i++ {
			if l.Leads(b, i/axes) {
				t.index[i] = -1
				continue
			}
			r, ok := rows[coords[i]]
			if !ok {
				r = int32(len(t.values))
				rows[coords[i]] = r
				t.values = append(t.values, coords[i])
			}
			t.index[i] = r
		}
	}
	size := len(theta.Data())
	t.cos, t.sin = tp.Out(false, len(t.values), size).Keep().Data(), tp.Out(false, len(t.values), size).Keep().Data()
	parallel.For(len(t.values), rotaryGrain, parallel.Func(func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for i, w := range theta.Data() {
				s, c := math.Sincos(t.values[r] * float64(w))
				t.cos[r*size+i], t.sin[r*size+i] = float32(c), float32(s)
			}
		}
	}))
	return t, nil
}

// lrpeOperation is LRPECosine on the tape.
type lrpeOperation struct {
	table      *lrpeTable
	x, y       *tensor.Var
	heads, dim int
	dy, dx     []float32
	add        bool
	partial    []float32 // [pieces, theta's size]: gradient of θ; nil where none is wanted
}

// lrpeGrain is the number of tokens of a piece.
const lrpeGrain = 64

func (t *lrpeTable) apply(tp *tensor.Tape, x *tensor.Var, heads int) *tensor.Var {
	groups := t.theta.Rows()
	dim := x.Cols() / max(heads, 1)
	if heads < 1 || x.Cols()%heads != 0 || heads%groups != 0 || (dim+t.axes-1)/t.axes != t.each || x.Rows()*t.axes != len(t.index) {
		panic(fmt.Sprintf("encodings: LRPECosine: x %v in %d heads and frequencies %v do not fit %d tokens on %d axes",
			x.Shape(), heads, t.theta.Shape(), len(t.index)/t.axes, t.axes))
	}
	op, ok := tp.Spare().(*lrpeOperation)
	if !ok {
		op = new(lrpeOperation)
	}
	*op = lrpeOperation{table: t, x: x, heads: heads, dim: dim}
	op.y = tp.Out(x.Needs() || t.theta.Needs(), x.Rows(), 2*heads*dim)
	parallel.For(x.Rows(), lrpeGrain, op)
	tp.Record("LRPECosine", op, op.y)
	return op.y
}

// Run does tokens lo to hi.
func (op *lrpeOperation) Run(_, lo, hi int) {
	for n := lo; n < hi; n++ {
		for h := range op.heads {
			if op.dy == nil {
				op.forward(n, h)
			} else {
				op.back(n, h, lo/lrpeGrain)
			}
		}
	}
}

// segment returns the channels from to to of a head that listen to axis a, and where its frequencies are in the rows of
// the tables.
func (op *lrpeOperation) segment(h, a int) (from, to, at int) {
	t := op.table
	return a * t.each, min((a+1)*t.each, op.dim), h / (op.heads / t.theta.Rows()) * t.each
}

func (op *lrpeOperation) forward(n, h int) {
	t, size := op.table, op.table.theta.Rows()*op.table.each
	x := op.x.Data()[(n*op.heads+h)*op.dim:][:op.dim]
	y := op.y.Data()[(n*op.heads+h)*2*op.dim:][:2*op.dim]
	for a := range t.axes {
		from, to, at := op.segment(h, a)
		row := int(t.index[n*t.axes+a])
		if row < 0 {
			copy(y, x)
			clear(y[op.dim:])
			return
		}
		at += row * size
		simd.Mul(y[from:to], x[from:to], t.cos[at:at+to-from])
		simd.Mul(y[op.dim+from:op.dim+to], x[from:to], t.sin[at:at+to-from])
	}
}

// back: with g and g' the gradients of x cos φ and x sin φ, dx = g cos φ + g' sin φ and dφ = x (g' cos φ - g sin φ).
func (op *lrpeOperation) back(n, h, piece int) {
	t, size := op.table, op.table.theta.Rows()*op.table.each
	dy := op.dy[(n*op.heads+h)*2*op.dim:][:2*op.dim]
	var dx []float32
	if op.dx != nil {
		dx = op.dx[(n*op.heads+h)*op.dim:][:op.dim]
		if !op.add {
			clear(dx)
		}
	}
	for a := range t.axes {
		from, to, at := op.segment(h, a)
		row := int(t.index[n*t.axes+a])
		if row < 0 {
			if dx != nil {
				simd.Add(dx, dx, dy[:op.dim])
			}
			return
		}
		cos, sin := t.cos[row*size+at:][:to-from], t.sin[row*size+at:][:to-from]
		g, gs := dy[from:to], dy[op.dim+from:op.dim+to]
		if dx != nil {
			simd.MulAdd(dx[from:to], g, cos)
			simd.MulAdd(dx[from:to], gs, sin)
		}
		if op.partial != nil {
			x, d := op.x.Data()[(n*op.heads+h)*op.dim+from:], op.partial[piece*size+at:]
			for i := range to - from {
				d[i] += float32(t.values[row]) * x[i] * (gs[i]*cos[i] - g[i]*sin[i])
			}
		}
	}
}

// Backward adds up the pieces of the gradient of θ in their order.
func (op *lrpeOperation) Backward(tp *tensor.Tape) {
	tokens, size := op.x.Rows(), op.table.theta.Rows()*op.table.each
	op.dy = op.y.OutGrad()
	if len(op.dy) == 0 {
		return
	}
	if op.x.Needs() {
		op.dx, op.add = op.x.Accumulate()
	}
	pieces := parallel.Chunks(tokens, lrpeGrain)
	if op.table.theta.Needs() {
		op.partial = tp.Scratch(pieces * size)
		clear(op.partial)
	}
	parallel.For(tokens, lrpeGrain, op)
	if op.partial != nil {
		d := op.table.theta.AccumulateZeroed()
		for p := range pieces {
			simd.Add(d, d, op.partial[p*size:(p+1)*size])
		}
		tp.Release(op.partial)
	}
	op.dy, op.dx, op.partial = nil, nil, nil
}
