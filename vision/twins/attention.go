package twins

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision/polyphase"
)

// Mixer is the part of a block in which tokens see each other: a [WindowAttention] or a [SubsampledAttention].
type Mixer interface {
	nn.Module
	// anchoring returns the roll that makes the attention commute with shifts.
	anchoring() polyphase.Anchoring
	attend(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var
}

var (
	_ Mixer = (*WindowAttention)(nil)
	_ Mixer = (*SubsampledAttention)(nil)
)

// WindowAttention is locally-grouped self-attention (LSA): softmax among the tokens of square windows side by side.
type WindowAttention struct {
	QueryKeyValue *nn.Linear // [3 width, width]
	Out           *nn.Linear

	op     attention.Windows
	anchor polyphase.Anchoring
}

func newWindowAttention(c Config, s stageConfig, init *nn.Init) *WindowAttention {
	window := tensor.Size{Height: s.window, Width: s.window}
	return &WindowAttention{QueryKeyValue: nn.NewLinearNormal(s.width, 3*s.width, c.InitStd, init), Out: nn.NewLinearNormal(s.width, s.width, c.InitStd, init),
		op:     attention.Windows{Parts: []attention.WindowHeads{{Heads: s.heads, Window: window}}, Dropout: c.AttentionDropout},
		anchor: polyphase.Anchoring{Stride: window, To: inner(c.Anchor)}}
}

// inner returns how tokens are anchored in a model whose images are anchored: where the pixel is at the origin that decides,
// tokens are in the same places after any shift, and any choice among them is the same too.
func inner(anchor polyphase.To) polyphase.To {
	if anchor == polyphase.ToPixel {
		return polyphase.ToPhase
	}
	return anchor
}

// Params declares the layers.
func (w *WindowAttention) Params(c *nn.Params) {
	c.Sub("query_key_value", w.QueryKeyValue)
	c.Sub("out", w.Out)
}

func (w *WindowAttention) anchoring() polyphase.Anchoring { return w.anchor }

// attend returns what the tokens x [tokens, width] see.
func (w *WindowAttention) attend(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var {
	out := w.op.Apply(tp, attention.WindowsInput{Grid: at.grid, QueryKeyValue: w.QueryKeyValue.Apply(tp, x)})
	return w.Out.Apply(tp, out.Tokens)
}

// SubsampledAttention is global sub-sampled attention (GSA): all tokens of an image ask, and keys and values are made of
// squares of them, one each by a convolution whose kernel is its stride, and a norm. With a reduction of 1 it is attention
// among all tokens.
type SubsampledAttention struct {
	Query      *nn.Linear    // [width, width]
	Reduce     *nn.Conv      // [width, width, reduction, reduction]; nil with a reduction of 1
	ReduceNorm *nn.LayerNorm // nil with a reduction of 1
	Key, Value *nn.Linear    // [width, width]
	Out        *nn.Linear    // [width, width]

	op     attention.Softmax
	anchor polyphase.Anchoring
}

func newSubsampledAttention(c Config, s stageConfig, init *nn.Init) *SubsampledAttention {
	linear := func() *nn.Linear { return nn.NewLinearNormal(s.width, s.width, c.InitStd, init) }
	g := &SubsampledAttention{Query: linear(), Key: linear(), Value: linear(), Out: linear(),
		op: attention.Softmax{Heads: s.heads, Dropout: c.AttentionDropout}, anchor: polyphase.Anchoring{To: polyphase.Nowhere}}
	if s.reduction > 1 {
		square := tensor.Size{Height: s.reduction, Width: s.reduction}
		g.Reduce, g.ReduceNorm = nn.NewPatchEmbedding(s.width, s.width, square, init), nn.NewLayerNormEps(s.width, c.NormEps)
		g.anchor = polyphase.Anchoring{Stride: square, To: inner(c.Anchor)}
	}
	return g
}

// Params declares the layers.
func (g *SubsampledAttention) Params(c *nn.Params) {
	c.Sub("query", g.Query)
	if g.Reduce != nil {
		c.Sub("reduce", g.Reduce)
		c.Sub("reduce_norm", g.ReduceNorm)
	}
	c.Sub("key", g.Key)
	c.Sub("value", g.Value)
	c.Sub("out", g.Out)
}

func (g *SubsampledAttention) anchoring() polyphase.Anchoring { return g.anchor }

// attend returns what the tokens x [tokens, width] see.
func (g *SubsampledAttention) attend(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var {
	in := attention.SoftmaxInput{Queries: at.offsets, Keys: at.offsets, Query: g.Query.Apply(tp, x)}
	if g.Reduce != nil {
		in.Keys = at.keys
		x = g.ReduceNorm.Apply(tp, g.Reduce.Apply(tp, x, at.grid))
	}
	in.Key, in.Value = g.Key.Apply(tp, x), g.Value.Apply(tp, x)
	return g.Out.Apply(tp, g.op.Apply(tp, in).Tokens)
}
