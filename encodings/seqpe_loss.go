package encodings

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// contrastiveLoss is the mean cross entropy of the nearest candidate: pivots [pivots, width], candidates
// [pivots * each, width], labels numbers of candidates. With heads above 1 every slice of a vector is a row of its own.
func contrastiveLoss(tp *tensor.Tape, pivots, candidates *tensor.Var, labels []int, heads int, scale float64) *tensor.Var {
	scores := scaled(tp, groupScoresOf(tp, pivots, candidates, pivots.Rows(), heads), scale)
	target := tensor.New(len(labels) * heads)
	for i := range target.Data() {
		target.Data()[i] = float32(labels[i/heads])
	}
	return nn.CrossEntropy{}.Loss(tp, scores, target)
}

// transferLoss compares the products among vectors of a window at home, [windows * cells, width], with those of the same
// cells of windows moved away, as [SeqPETransfer] says. Its two divergences add up to the mean of (p - p')(S - S'), p being
// exp S.
func transferLoss(tp *tensor.Tape, home, away *tensor.Var, windows, heads int, t SeqPETransfer, scale float64) *tensor.Var {
	products := func(e *tensor.Var) *tensor.Var {
		return tp.LogSoftmax(scaled(tp, groupScoresOf(tp, e, e, windows, heads), scale))
	}
	compare := func(a, b *tensor.Var) *tensor.Var {
		if t.SquaredError {
			return tp.Mean(tp.Square(tp.Sub(a, b)))
		}
		return tp.Mean(tp.Mul(tp.Sub(tp.Exp(a), tp.Exp(b)), tp.Sub(a, b)))
	}
	if t.Beta == 1 {
		home = tp.Const(home.Value())
	}
	s, moved := products(home), products(away)
	loss := scaled(tp, compare(tp.Const(s.Value()), moved), t.Beta)
	if t.Beta < 1 {
		loss = tp.Add(loss, scaled(tp, compare(s, tp.Const(moved.Value())), 1-t.Beta))
	}
	return loss
}

func scaled(tp *tensor.Tape, x *tensor.Var, by float64) *tensor.Var {
	if by == 1 {
		return x
	}
	return tp.Scale(x, float32(by))
}
