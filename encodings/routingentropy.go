package encodings

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// routingEntropy is minus the sum over rows and orders of share[row] r ln r, r being limited to leastRouting and 1 as in
// the official code.
type routingEntropy struct {
	r, y  *tensor.Var
	share []float32
	logs  []float32 // ln r [rows, orders]
	sums  []float32 // of the pieces
	dy    float32
	dr    []float32
	add   bool
	back  bool
}

const (
	leastRouting = 1e-10
	entropyGrain = 2048 // rows that are done at a time
)

// entropyOf returns the entropy of r [rows, orders], weighted row by row: a scalar.
func entropyOf(tp *tensor.Tape, r *tensor.Var, share []float32) *tensor.Var {
	op, ok := tp.Spare().(*routingEntropy)
	if !ok {
		op = new(routingEntropy)
	}
	*op = routingEntropy{r: r, share: share, y: tp.Out(r.Needs())}
	op.logs, op.sums = tp.Scratch(len(r.Data())), tp.Scratch(parallel.Chunks(r.Rows(), entropyGrain))
	parallel.For(r.Rows(), entropyGrain, op)
	op.y.Data()[0] = -float32(simd.Sum(op.sums))
	tp.Release(op.sums)
	op.sums = nil
	if !r.Needs() || !tp.Recording() {
		tp.Release(op.logs)
	}
	tp.Record("Routing entropy", op, op.y)
	return op.y
}

// Run does rows lo to hi.
func (op *routingEntropy) Run(_, lo, hi int) {
	r, logs := op.r.Data()[orders*lo:orders*hi], op.logs[orders*lo:orders*hi]
	if op.back {
		dr := op.dr[orders*lo : orders*hi]
		for i, x := range r {
			g := float32(0)
			if x >= leastRouting {
				g = -op.dy * op.share[lo+i/orders] * (logs[i] + 1)
			}
			if op.add {
				g += dr[i]
			}
			dr[i] = g
		}
		return
	}
	simd.Clamp(logs, r, leastRouting, 1)
	simd.Log(logs, logs)
	sum := 0.0
	for i := 0; i < len(r); i += orders {
		row := 0.0
		for k := range orders {
			row += float64(max(r[i+k], leastRouting)) * float64(logs[i+k])
		}
		sum += float64(op.share[lo+i/orders]) * row
	}
	op.sums[lo/entropyGrain] = float32(sum)
}

// Backward adds to the gradient of r.
func (op *routingEntropy) Backward(tp *tensor.Tape) {
	if !op.r.Needs() {
		return
	}
	op.dr, op.add = op.r.Accumulate()
	op.dy, op.back = op.y.OutGrad()[0], true
	parallel.For(op.r.Rows(), entropyGrain, op)
	tp.Release(op.logs)
	op.logs = nil
}
