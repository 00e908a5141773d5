package tensor

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

type layerNorm struct {
	x, w, b, y   *Var
	mean, invStd []float32 // [rows]
	eps          float64
	backward     bool
	g            []float32 // gradient of x; nil where none is wanted
	add          bool
	dy           []float32
	scratch      []float32 // [workers, 2, cols]
	partial      []float32 // [pieces, 2, cols]: gradients of w and b; nil where none is wanted
}

// LayerNorm returns w (x - mean) / sqrt(var + eps) + b with mean and biased variance of each row of x [rows, cols]
// (Ba, Kiros and Hinton 2016). A constant row gives b.
func (tp *Tape) LayerNorm(x, w, b *Var, eps float64) *Var {
	mustWidth("LayerNorm", x, w)
	mustWidth("LayerNorm", x, b)
	op := spare[layerNorm](tp)
	*op = layerNorm{x: x, w: w, b: b, y: tp.Out(x.needs || w.needs || b.needs, x.Shape()...),
		mean: tp.arena.take(x.Rows()), invStd: tp.arena.take(x.Rows()), eps: eps}
	parallel.For(x.Rows(), normGrain, op)
	tp.Record("LayerNorm", op, op.y)
	return op.y
}

// Run does the rows lo to hi.
func (op *layerNorm) Run(worker, lo, hi int) {
	if op.backward {
		op.gradients(worker, lo, hi)
		return
	}
	cols := op.x.Cols()
	x, y, mean, std := op.x.Data()[lo*cols:hi*cols], op.y.Data()[lo*cols:hi*cols], op.mean[lo:hi], op.invStd[lo:hi]
	simd.RowMoments(mean, std, x, hi-lo, cols)
	w, b := op.w.Data(), op.b.Data()
	for r := range mean {
		std[r] = float32(1 / math.Sqrt(float64(std[r])/float64(cols)+op.eps))
		row := y[r*cols : (r+1)*cols]
		op.normalise(row, lo+r)
		simd.Mul(row, row, w)
		simd.Add(row, row, b)
	}
}

// normalise writes x̂ of row r.
func (op *layerNorm) normalise(dst []float32, r int) {
	cols := len(dst)
	simd.AddConst(dst, op.x.Data()[r*cols:(r+1)*cols], -op.mean[r])
	simd.Scale(dst, dst, op.invStd[r])
}

// gradients: with h = w dy, dx = (h - mean h - x̂ mean(h x̂)) / std, dw = sum dy x̂ and db = sum dy.
func (op *layerNorm) gradients(worker, lo, hi int) {
	cols := op.x.Cols()
	xhat, h := op.scratch[2*worker*cols:][:cols], op.scratch[(2*worker+1)*cols:][:cols]
	var dw, db []float32
	if op.partial != nil {
		part := op.partial[lo/normGrain*2*cols:][:2*cols]
		clear(part)
		dw, db = part[:cols], part[cols:]
	}
	for r := lo; r < hi; r++ {
		dr := op.dy[r*cols : (r+1)*cols]
		op.normalise(xhat, r)
		if dw != nil {
			simd.MulAdd(dw, dr, xhat)
			simd.Add(db, db, dr)
		}
		if op.g == nil {
			continue
		}
		simd.Mul(h, dr, op.w.Data())
		meanH, meanHX := simd.Sum(h)/float64(cols), simd.Dot(h, xhat)/float64(cols)
		simd.AddConst(h, h, float32(-meanH))
		simd.AddScaled(h, xhat, float32(-meanHX))
		gr := op.g[r*cols : (r+1)*cols]
		if op.add {
			simd.AddScaled(gr, h, op.invStd[r])
		} else {
			simd.Scale(gr, h, op.invStd[r])
		}
	}
}

// Backward adds up the pieces of the gradients of weight and bias in their order.
func (op *layerNorm) Backward(tp *Tape) {
	rows, cols := op.x.Rows(), op.x.Cols()
	pieces := parallel.Chunks(rows, normGrain)
	op.dy, op.backward = op.y.OutGrad(), true
	if op.x.needs {
		op.g, op.add = op.x.Accumulate()
	}
	if op.w.needs || op.b.needs {
		op.partial = tp.arena.take(pieces * 2 * cols)
	}
	op.scratch = tp.arena.take(parallel.Workers() * 2 * cols)
	parallel.For(rows, normGrain, op)
	tp.arena.give(op.scratch)
	if op.partial != nil {
		op.addPieces(op.w, pieces, 0)
		op.addPieces(op.b, pieces, cols)
		tp.arena.give(op.partial)
	}
	tp.arena.give(op.invStd)
	tp.arena.give(op.mean)
	*op = layerNorm{}
}

// addPieces adds the part of every piece that begins at offset from to the gradient of v.
func (op *layerNorm) addPieces(v *Var, pieces, from int) {
	if !v.needs {
		return
	}
	cols := v.value.Size()
	dv := v.AccumulateZeroed()
	for p := range pieces {
		simd.Add(dv, dv, op.partial[p*2*cols+from:][:cols])
	}
}
