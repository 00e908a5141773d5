package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// tokenSoftmax is the recorded operation.
type tokenSoftmax struct {
	x, y    *tensor.Var
	offsets []int
	work    []float32
	g       gradient
	dy      []float32
	back    bool
}

// softmaxRows is the number of rows whose exponentials are added before they join the sum of the sequence, so that the
// rounding of a sum does not grow with its length.
const softmaxRows = 256

// TokenSoftmax returns the soft-max over the tokens of each sequence, channel by channel: exp(x) over its sum over rows
// offsets[b] to offsets[b+1] of x [tokens, channels]. The keys of LightNet's attention without causality are such. A
// channel of -Inf alone gives zeros.
func TokenSoftmax(tp *tensor.Tape, x *tensor.Var, offsets []int) *tensor.Var {
	mustOffsets("TokenSoftmax", "token", offsets, x.Rows())
	op, ok := tp.Spare().(*tokenSoftmax)
	if !ok {
		op = new(tokenSoftmax)
	}
	*op = tokenSoftmax{x: x, y: tp.Out(x.Needs(), x.Shape()...), offsets: offsets}
	op.run(tp)
	tp.Record("TokenSoftmax", op, op.y)
	return op.y
}

// run goes over all sequences and pieces of their channels.
func (op *tokenSoftmax) run(tp *tensor.Tape) {
	op.work = tp.Scratch(parallel.Workers() * 3 * channelGrain)
	parallel.For((len(op.offsets)-1)*parallel.Chunks(op.x.Cols(), channelGrain), 1, op)
	tp.Release(op.work)
	op.work = nil
}

// Run does sequences, piece by piece of the channels.
func (op *tokenSoftmax) Run(worker, lo, hi int) {
	width := op.x.Cols()
	pieces := parallel.Chunks(width, channelGrain)
	for u := lo; u < hi; u++ {
		b, c := u/pieces, u%pieces*channelGrain
		end, t := min(c+channelGrain, width), tile{op.work[worker*3*channelGrain:]}
		if op.back {
			op.itemBack(t, op.offsets[b], op.offsets[b+1], c, end)
		} else {
			op.item(t, op.offsets[b], op.offsets[b+1], c, end)
		}
	}
}

// item computes rows lo to hi, channels c to end.
func (op *tokenSoftmax) item(t tile, lo, hi, c, end int) {
	width := op.x.Cols()
	high, sum, part := t.cut(end-c), t.cut(end-c), t.cut(end-c)
	row := func(v *tensor.Var, r int) []float32 { return v.Data()[r*width+c : r*width+end] }
	simd.Fill(high, noMass)
	for r := lo; r < hi; r++ {
		raise(high, row(op.x, r))
	}
	clear(sum)
	for first := lo; first < hi; first += softmaxRows {
		clear(part)
		for r := first; r < min(first+softmaxRows, hi); r++ {
			y := row(op.y, r)
			simd.Sub(y, row(op.x, r), high)
			simd.Exp(y, y)
			simd.Add(part, part, y)
		}
		simd.Add(sum, sum, part)
	}
	for n, s := range sum {
		if sum[n] = 1 / s; s == 0 {
			sum[n] = 0
		}
	}
	for r := lo; r < hi; r++ {
		simd.Mul(row(op.y, r), row(op.y, r), sum)
	}
}

// Backward: dx_t = y_t (dy_t - sum over s of y_s dy_s).
func (op *tokenSoftmax) Backward(tp *tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	op.dy, op.g, op.back = op.y.OutGrad(), gradientOf(op.x), true
	op.run(tp)
	op.dy, op.g = nil, gradient{}
}

// itemBack goes back through rows lo to hi, channels c to end.
func (op *tokenSoftmax) itemBack(t tile, lo, hi, c, end int) {
	width, y := op.x.Cols(), op.y.Data()
	sum, part, dx := t.cut(end-c), t.cut(end-c), t.cut(end-c)
	clear(sum)
	for first := lo; first < hi; first += softmaxRows {
		clear(part)
		for r := first; r < min(first+softmaxRows, hi); r++ {
			simd.MulAdd(part, y[r*width+c:r*width+end], op.dy[r*width+c:r*width+end])
		}
		simd.Add(sum, sum, part)
	}
	for r := lo; r < hi; r++ {
		g := op.g.to[r*width+c : r*width+end]
		simd.Sub(dx, op.dy[r*width+c:r*width+end], sum)
		if op.g.add {
			simd.MulAdd(g, dx, y[r*width+c:r*width+end])
		} else {
			simd.Mul(g, dx, y[r*width+c:r*width+end])
		}
	}
}
