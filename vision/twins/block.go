package twins

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Block is attention and a feed-forward part, each behind a norm and beside a residual connection, after the tokens were
// anchored as the attention wants it:
//
//	x = A(x)
//	x = x + drop(Attention(AttentionNorm(x)))
//	x = x + drop(FeedForward(FeedForwardNorm(x)))
//
// drop drops features, and whole parts of images. The roll of A is not undone: what comes after works in the rolled frame.
type Block struct {
	AttentionNorm   *nn.LayerNorm
	Attention       Mixer
	FeedForwardNorm *nn.LayerNorm
	FeedForward     *nn.FeedForward // with the exact GELU

	dropout, dropPath float64
}

// newBlock returns block k of a stage.
func newBlock(c Config, s stageConfig, k int, dropPath float64, init *nn.Init) *Block {
	hidden := int(c.FFNRatio * float64(s.width))
	b := &Block{AttentionNorm: nn.NewLayerNormEps(s.width, c.NormEps), FeedForwardNorm: nn.NewLayerNormEps(s.width, c.NormEps), dropout: c.Dropout, dropPath: dropPath}
	if s.windowed(k) {
		b.Attention = newWindowAttention(c, s, init)
	} else {
		b.Attention = newSubsampledAttention(c, s, init)
	}
	b.FeedForward = &nn.FeedForward{In: nn.NewLinearNormal(s.width, hidden, c.InitStd, init), Out: nn.NewLinearNormal(hidden, s.width, c.InitStd, init),
		Activation: nn.GELU, Dropout: c.Dropout}
	return b
}

// Params declares the parameters.
func (b *Block) Params(c *nn.Params) {
	c.Sub("attention_norm", b.AttentionNorm)
	c.Sub("attention", b.Attention)
	c.Sub("feed_forward_norm", b.FeedForwardNorm)
	c.Sub("feed_forward", b.FeedForward)
}

// apply returns the block's output [tokens, width] for x [tokens, width].
func (b *Block) apply(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var {
	tp.Enter("attention")
	x = b.Attention.anchoring().Apply(tp, x, at.grid)
	x = b.add(tp, x, b.Attention.attend(tp, b.AttentionNorm.Apply(tp, x), at), at)
	tp.Leave()
	tp.Enter("feed_forward")
	defer tp.Leave()
	return b.add(tp, x, b.FeedForward.Apply(tp, b.FeedForwardNorm.Apply(tp, x)), at)
}

// add returns x plus what a part of the block made of it.
func (b *Block) add(tp *tensor.Tape, x, part *tensor.Var, at *place) *tensor.Var {
	return tp.Add(x, nn.DropPath(tp, tp.Dropout(part, b.dropout), at.offsets, b.dropPath))
}
