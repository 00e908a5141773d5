package vision

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Block is attention and a feed-forward part, each behind a norm and beside a residual connection:
//
//	x = x + drop(AttentionScale ⊙ Attention(AttentionNorm(x)))
//	x = x + drop(FeedForwardScale ⊙ FeedForward(FeedForwardNorm(x)))
//
// drop drops features, and whole parts of images.
type Block struct {
	AttentionNorm    *nn.LayerNorm
	Attention        Mixer
	AttentionScale   *tensor.Tensor // [width]; nil without LayerScale
	FeedForwardNorm  *nn.LayerNorm
	FeedForward      *nn.FeedForward // with the exact GELU
	FeedForwardScale *tensor.Tensor  // [width]; nil without LayerScale

	dropout, dropPath float64
}

// newBlock returns block k, its linear layers of zeros.
func newBlock(c Config, k int) *Block {
	b := &Block{AttentionNorm: newNorm(c), FeedForwardNorm: newNorm(c), dropout: c.Dropout,
		FeedForward: &nn.FeedForward{In: linear(c.Width, c.hidden(), true), Out: linear(c.hidden(), c.Width, true), Activation: nn.GELU, Dropout: c.Dropout}}
	if c.Attention == Linear {
		b.Attention = newLinearAttention(c)
	} else {
		b.Attention = newSoftmax(c)
	}
	if c.LayerScale != 0 {
		b.AttentionScale, b.FeedForwardScale = tensor.New(c.Width), tensor.New(c.Width)
		b.AttentionScale.Fill(float32(c.LayerScale))
		b.FeedForwardScale.Fill(float32(c.LayerScale))
	}
	if c.Layers > 1 {
		b.dropPath = c.DropPath * float64(k) / float64(c.Layers-1)
	}
	return b
}

func newNorm(c Config) *nn.LayerNorm {
	return nn.NewLayerNormEps(c.Width, c.NormEps)
}

// Params declares the parameters.
func (b *Block) Params(c *nn.Params) {
	c.Sub("attention_norm", b.AttentionNorm)
	c.Sub("attention", b.Attention)
	c.Param("attention_scale", b.AttentionScale)
	c.Sub("feed_forward_norm", b.FeedForwardNorm)
	c.Sub("feed_forward", b.FeedForward)
	c.Param("feed_forward_scale", b.FeedForwardScale)
}

// linears returns the linear layers in the order of the parameters.
func (b *Block) linears() []*nn.Linear {
	return append(b.Attention.linears(), b.FeedForward.In, b.FeedForward.Out)
}

// apply returns the block's output [tokens, width] for x [tokens, width].
func (b *Block) apply(tp *tensor.Tape, x *tensor.Var, s *step) *tensor.Var {
	tp.Enter("attention")
	x = b.add(tp, x, b.Attention.attend(tp, b.AttentionNorm.Apply(tp, x), s), b.AttentionScale, s)
	tp.Leave()
	tp.Enter("feed_forward")
	defer tp.Leave()
	return b.add(tp, x, b.FeedForward.Apply(tp, b.FeedForwardNorm.Apply(tp, x)), b.FeedForwardScale, s)
}

// add returns x plus what a part of the block made of it.
func (b *Block) add(tp *tensor.Tape, x, part *tensor.Var, scale *tensor.Tensor, s *step) *tensor.Var {
	part = tp.Dropout(part, b.dropout)
	if scale != nil {
		part = tp.MulRow(part, tp.Leaf(scale))
	}
	return tp.Add(x, nn.DropPath(tp, part, s.layout.Offsets, b.dropPath))
}
