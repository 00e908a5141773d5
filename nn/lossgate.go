package nn

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// lossGate hands tokens through, and on the way back lets the gradient of a loss of its own begin.
type lossGate struct{ x, extra, y *tensor.Var }

// WithLoss returns x, and makes extra, a scalar, part of what is differentiated: whoever goes back through the result goes
// back through extra too, with the gradient 1. It serves models that bring in a loss beside the one that is computed of
// their predictions (see [LossParts]).
func WithLoss(tp *tensor.Tape, x, extra *tensor.Var) *tensor.Var {
	g, ok := tp.Spare().(*lossGate)
	if !ok {
		g = new(lossGate)
	}
	*g = lossGate{x: x, extra: extra, y: tp.Out(x.Needs() || extra.Needs(), x.Shape()...)}
	copy(g.y.Data(), x.Data())
	tp.Record("Loss", g, g.y)
	return g.y
}

// Backward hands the gradient on, and starts that of the loss.
func (g *lossGate) Backward(*tensor.Tape) {
	if g.x.Needs() {
		dx, add := g.x.Accumulate()
		if add {
			simd.Add(dx, dx, g.y.OutGrad())
		} else {
			copy(dx, g.y.OutGrad())
		}
	}
	if g.extra.Needs() {
		g.extra.AccumulateZeroed()[0]++
	}
}
