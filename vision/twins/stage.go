package twins

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision/polyphase"
)

// Stage is blocks at one resolution. Its modules run in the order of the fields, but that Position comes behind the first
// block.
type Stage struct {
	Projection *nn.Conv // patches of pixels, or of the tokens of the stage before, to tokens
	Norm       *nn.LayerNorm
	Position   *polyphase.PositionConv
	Blocks     []*Block

	name   string
	anchor polyphase.Anchoring // before the projection
}

// newStage returns a stage without blocks for so many channels.
func newStage(c Config, s stageConfig, channels int, init *nn.Init) *Stage {
	patch := tensor.Size{Height: s.patch, Width: s.patch}
	return &Stage{Projection: nn.NewPatchEmbedding(channels, s.width, patch, init), Norm: nn.NewLayerNormEps(s.width, c.NormEps),
		Position: polyphase.NewPositionConv(s.width, c.Anchor != polyphase.Nowhere, init), anchor: polyphase.Anchoring{Stride: patch, To: s.anchor}}
}

// Params declares the parameters.
func (s *Stage) Params(c *nn.Params) {
	c.Sub("projection", s.Projection)
	c.Sub("norm", s.Norm)
	c.Sub("position", s.Position)
	for k, b := range s.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
}

// apply returns the stage's tokens at a place, [tokens, width], for x [pixels or tokens, channels] on a grid.
func (s *Stage) apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid, at *place, dropout float64) *tensor.Var {
	mark := tp.Mark()
	tp.Enter("projection")
	x = s.Projection.Apply(tp, s.anchor.Apply(tp, x, grid), grid)
	tp.Leave()
	tp.Enter("norm")
	x = tp.Dropout(s.Norm.Apply(tp, x), dropout)
	tp.Leave()
	for k, b := range s.Blocks {
		tp.Enter(nn.BlockName(k))
		x = b.apply(tp, x, at)
		tp.Leave()
		if k == 0 {
			tp.Enter("position")
			x = s.Position.Apply(tp, x, at.grid)
			tp.Leave()
		}
		tp.Sweep(mark, x)
	}
	return x
}
