package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// orderRouter gives every token and head the weights of the orders.
type orderRouter struct{ gate, up, down *nn.Linear } // W1, W2, W3

// Params declares the layers of the router.
func (r *orderRouter) Params(c *nn.Params) {
	c.Sub("gate", r.gate)
	c.Sub("up", r.up)
	c.Sub("down", r.down)
}

// apply returns softmax( W3 ( SiLU(W1 z + b1) ⊙ (W2 z + b2) ) + b3 ), [tokens * heads, 2], for every slice z of x
// [tokens, heads * head dim].
func (r *orderRouter) apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	op, ok := tp.Spare().(*routing)
	if !ok {
		op = new(routing)
	}
	*op = routing{x: x, dim: r.gate.Weight.Cols(), width: r.gate.Weight.Rows()}
	needs := x.Needs()
	for k, l := range []*nn.Linear{r.gate, r.up, r.down} {
		op.w[k], op.b[k] = tp.Leaf(l.Weight), tp.Leaf(l.Bias)
		needs = needs || op.w[k].Needs() || op.b[k].Needs()
	}
	if x.Cols()%op.dim != 0 || r.down.Weight.Rows() != orders {
		panic(fmt.Sprintf("encodings: orderRouter: tokens %v do not fall into slices of %d, or %d orders are not %d", x.Shape(), op.dim, r.down.Weight.Rows(), orders))
	}
	op.rows = len(x.Data()) / op.dim
	op.y = tp.Out(needs, op.rows, orders)
	op.forward(tp)
	tp.Record("Routing", op, op.y)
	return op.y
}

// routing is the recorded operation. With two orders the softmax is the logistic function of the difference of the
// logits, which is h · (w3[0] - w3[1]) plus that of the biases. So the last layer is one product, and the hidden rows
// h [rows, width] live in the cache only: the way back computes them again, which costs no more than it would to fetch
// them from memory.
type routing struct {
	x, y       *tensor.Var
	w, b       [3]*tensor.Var // W1, W2, W3 and their biases
	rows       int
	dim, width int // of a head, of the hidden rows

	lean  []float32    // w3[0] - w3[1] [width]
	turn  [2][]float32 // forward: W1 and W2 transposed [dim, width]; on the way back too
	keen  [2][]float32 // on the way back: W1 and W2, row k times lean[k] [width, dim]
	work  []float32    // of the workers
	each  int          // of one worker
	dx    []float32    // gradient of x, or nil
	add   bool         // whether it is added to
	parts []float32    // gradients of the parameters that the pieces have: see routingPart
	piece int          // rows of a piece
	back  bool
}

const (
	routingRows   = 96 // rows whose hidden rows are in the cache at a time
	routingPieces = 16 // pieces on the way back, at most, each with gradients of all parameters
)

// forward computes the weights.
func (op *routing) forward(tp *tensor.Tape) {
	op.begin(tp, 2)
	parallel.For(op.rows, routingRows, op)
	op.end(tp)
}

// begin takes memory for so many blocks of hidden rows of every worker and prepares the parameters.
func (op *routing) begin(tp *tensor.Tape, blocks int) {
	n := op.dim * op.width
	op.each = blocks*routingRows*op.width + 2*routingRows
	op.work = tp.Scratch(parallel.Workers()*op.each + op.width + 2*n)
	rest := op.work[parallel.Workers()*op.each:]
	op.lean = rest[:op.width]
	w3 := op.w[2].Data()
	simd.Sub(op.lean, w3[:op.width], w3[op.width:])
	for k := range op.turn {
		op.turn[k] = rest[op.width+k*n:][:n]
		simd.Transpose(op.turn[k], op.width, op.w[k].Data(), op.dim, op.width, op.dim)
	}
}

// end gives the memory back.
func (op *routing) end(tp *tensor.Tape) {
	tp.Release(op.work)
	op.work, op.lean, op.turn = nil, nil, [2][]float32{}
}

// Run does rows lo to hi.
func (op *routing) Run(worker, lo, hi int) {
	work := op.work[worker*op.each : (worker+1)*op.each]
	if op.back {
		op.runBack(work, lo, hi)
		return
	}
	n := (hi - lo) * op.width
	gate, up := work[:n], work[routingRows*op.width:][:n]
	op.hidden(gate, up, lo, hi)
	simd.SiLU(gate, gate)
	simd.Mul(gate, gate, up)
	logits := work[2*routingRows*op.width:][:2*routingRows]
	simd.RowDots(logits, gate, op.lean, hi-lo, op.width)
	less, bias := logits[routingRows:], op.b[2].Data()[0]-op.b[2].Data()[1]
	for r := range hi - lo {
		logits[r] += bias
		less[r] = -logits[r]
	}
	simd.Sigmoid(logits, logits)
	y := op.y.Data()[orders*lo : orders*hi]
	for r := range hi - lo {
		y[orders*r], y[orders*r+1] = logits[r], less[r]
	}
}

// hidden computes W1 z + b1 and W2 z + b2 for rows lo to hi.
func (op *routing) hidden(gate, up []float32, lo, hi int) {
	z := op.x.Data()[lo*op.dim : hi*op.dim]
	for k, dst := range [][]float32{gate, up} {
		simd.GemmBias(false, false, hi-lo, op.width, op.dim, z, op.dim, op.turn[k], op.width, op.b[k].Data(), dst, op.width)
	}
}

// routingPart is what a piece has for the gradients of the parameters, in this order: W1 and W2, [width, dim] each, their
// biases, [width] each, all without the factor lean, the first row of W3 [width], and the first bias of W3.
func (op *routing) partSize() int { return 2*op.width*op.dim + 3*op.width + 1 }

// Backward adds to the gradients of tokens and parameters.
func (op *routing) Backward(tp *tensor.Tape) {
	op.piece = max((op.rows+routingPieces-1)/routingPieces, routingRows)
	op.piece = (op.piece + routingRows - 1) / routingRows * routingRows
	op.begin(tp, 4)
	n := op.dim * op.width
	keen := tp.Scratch(2 * n)
	for k := range op.keen {
		op.keen[k] = keen[k*n : (k+1)*n]
		simd.ScaleRows(op.keen[k], op.w[k].Data(), op.lean, op.width, op.dim)
	}
	op.parts = tp.Scratch(max(parallel.Chunks(op.rows, op.piece), 1) * op.partSize())
	clear(op.parts)
	if op.x.Needs() {
		op.dx, op.add = op.x.Accumulate()
	}
	op.y.OutGrad()
	op.back = true
	parallel.For(op.rows, op.piece, op)
	op.finish()
	tp.Release(op.parts)
	tp.Release(keen)
	op.end(tp)
}

// runBack does rows lo to hi, a piece, block by block.
func (op *routing) runBack(work []float32, lo, hi int) {
	size := routingRows * op.width
	part := op.parts[lo/op.piece*op.partSize():][:op.partSize()]
	n := op.width * op.dim
	dw, db, dlean := [2][]float32{part[:n], part[n : 2*n]}, [2][]float32{part[2*n:][:op.width], part[2*n+op.width:][:op.width]}, part[2*n+2*op.width:][:op.width]
	dlogit := &part[len(part)-1]
	y, dy := op.y.Data(), op.y.OutGrad()
	for ; lo < hi; lo += routingRows {
		rows := min(routingRows, hi-lo)
		cut := func(k int) []float32 { return work[k*size:][:rows*op.width] }
		gate, up, act, slope := cut(0), cut(1), cut(2), work[4*size:][:rows]
		op.hidden(gate, up, lo, lo+rows)
		for r := range slope {
			at := orders * (lo + r)
			slope[r] = y[at] * y[at+1] * (dy[at] - dy[at+1])
			*dlogit += slope[r]
		}
		simd.SiLU(act, gate)
		simd.ScaleRows(act, act, slope, rows, op.width)
		simd.ColDots(dlean, act, up, rows, op.width)
		simd.ScaleRows(up, up, slope, rows, op.width)
		simd.SiLUGrad(gate, gate, up)
		z := op.x.Data()[lo*op.dim:][:rows*op.dim]
		for k, dh := range [][]float32{gate, act} { // but for the factor lean of every column
			simd.ColSums(db[k], dh, rows, op.width)
			simd.Gemm(true, false, op.width, op.dim, rows, dh, op.width, z, op.dim, dw[k], op.dim, true)
			if op.dx != nil {
				simd.Gemm(false, false, rows, op.dim, op.width, dh, op.width, op.keen[k], op.dim, op.dx[lo*op.dim:], op.dim, op.add || k == 1)
			}
		}
	}
}

// finish adds the gradients of the pieces, in their order, to those of the parameters.
func (op *routing) finish() {
	size := op.partSize()
	sum := op.parts[:size]
	for at := size; at < len(op.parts); at += size {
		simd.Add(sum, sum, op.parts[at:at+size])
	}
	n := op.width * op.dim
	for k := range 2 {
		if w := op.w[k]; w.Needs() {
			simd.ScaleRows(sum[k*n:(k+1)*n], sum[k*n:(k+1)*n], op.lean, op.width, op.dim)
			g := w.AccumulateZeroed()
			simd.Add(g, g, sum[k*n:(k+1)*n])
		}
		if b := op.b[k]; b.Needs() {
			simd.MulAdd(b.AccumulateZeroed(), sum[2*n+k*op.width:][:op.width], op.lean)
		}
	}
	if w := op.w[2]; w.Needs() {
		g := w.AccumulateZeroed()
		simd.AddScaled(g[:op.width], sum[2*n+2*op.width:][:op.width], 1)
		simd.AddScaled(g[op.width:], sum[2*n+2*op.width:][:op.width], -1)
	}
	if b := op.b[2]; b.Needs() {
		g := b.AccumulateZeroed()
		g[0] += sum[size-1]
		g[1] -= sum[size-1]
	}
}
