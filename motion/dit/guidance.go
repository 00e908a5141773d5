package dit

import (
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Unconditional are the learned motion tokens of a video that follows no movement (MTVCrafter, section 3.3, motion-aware
// classifier-free guidance). In training they stand in for the tokens of clips drawn at random, and what the model makes of
// them is the other end of [Guide].
type Unconditional struct {
	Table *nn.Embedding // [tokens of a clip, width]
}

// NewUnconditional returns standard normal tokens, as many as a clip has; the published 7B model has 312, 13 steps of 24
// joints, of width 3072.
func NewUnconditional(tokens, width int, init *nn.Init) *Unconditional {
	return &Unconditional{nn.NewEmbedding(tokens, width, init)}
}

// Params declares tokens.
func (u *Unconditional) Params(c *nn.Params) { c.Sub("tokens", u.Table) }

// Apply returns the motion tokens m [clips*tokens, width] with those of every clip b that is dropped replaced by u's; m may
// be nil where all are. Which are dropped in training is the caller's to draw; the official rate is not known.
func (u *Unconditional) Apply(tp *tensor.Tape, m *tensor.Var, dropped []bool) *tensor.Var {
	table := tp.Leaf(u.Table.Table)
	tokens := table.Rows()
	given := 0
	if m != nil {
		if given = m.Rows(); given != len(dropped)*tokens || m.Cols() != table.Cols() {
			panic(fmt.Sprintf("dit: Unconditional: motion tokens [%d, %d] of %d clips, want %d tokens of width %d each", given, m.Cols(), len(dropped), tokens, table.Cols()))
		}
		table = tp.ConcatRows(m, table)
	}
	index := make([]int32, 0, len(dropped)*tokens)
	for b, drop := range dropped {
		from := b * tokens
		switch {
		case drop:
			from = given
		case m == nil:
			panic(fmt.Sprintf("dit: Unconditional: no motion tokens, and clip %d is not dropped", b))
		}
		for k := range tokens {
			index = append(index, int32(from+k))
		}
	}
	return tp.Gather(table, index)
}

// GuidanceScale is that of the published 7B model.
const GuidanceScale = 3.0

// Guide moves what a model predicts with a movement away from what it predicts without, both of the same shape, into a new
// tensor: without + scale (with - without). A scale of 1 gives the first, 0 the second.
func Guide(with, without *tensor.Tensor, scale float64) *tensor.Tensor {
	if !slices.Equal(with.Shape(), without.Shape()) {
		panic(fmt.Sprintf("dit: Guide: predictions of shape %v and %v", with.Shape(), without.Shape()))
	}
	out := tensor.New(with.Shape()...)
	for i, u := range without.Data() {
		out.Data()[i] = u + float32(scale)*(with.Data()[i]-u)
	}
	return out
}

// DynamicScale is the scale with left of steps still to do, where it grows in their course, from 1 at the first to 1 + scale
// at the end: 1 + scale (1 - cos(pi ((steps-left)/steps)^5)) / 2, as CogVideoX has it. Its official pipeline sets left in the
// thousand steps of training against the steps of the sampler, which is no such curve.
func DynamicScale(scale float64, left, steps int) float64 {
	if steps <= 0 || left < 0 || left > steps {
		panic(fmt.Sprintf("dit: DynamicScale: %d of %d steps left", left, steps))
	}
	return 1 + scale*(1-math.Cos(math.Pi*math.Pow(float64(steps-left)/float64(steps), 5)))/2
}
