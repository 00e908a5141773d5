package cswin

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Block is attention in stripes and a feed-forward part, each behind a norm and beside a residual connection (Dong and
// others, equation 5):
//
//	x = x + drop(Attention(AttentionNorm(x)))
//	x = x + drop(FeedForward(FeedForwardNorm(x)))
//
// drop drops features, and whole parts of images.
type Block struct {
	AttentionNorm   *nn.LayerNorm
	Attention       *Attention
	FeedForwardNorm *nn.LayerNorm
	FeedForward     *nn.FeedForward // with the exact GELU

	dropout, dropPath float64
}

// Attention is that of a block: one projection to queries, keys and values, softmax in stripes with LePE, and one
// projection of what all heads gave.
type Attention struct {
	QueryKeyValue *nn.Linear // [3 width, width]
	// Local is the 3 by 3 convolution of LePE for each half of the heads: vertical stripes, then horizontal ones; or for all
	// heads where attention is among all tokens.
	Local []*nn.Conv
	Out   *nn.Linear

	op attention.Windows
}

const lePEKernel = 3

// newBlock returns a block of a stage, its linear layers of zeros but for their shape.
func newBlock(c Config, s stageConfig, dropPath float64, init *nn.Init) *Block {
	hidden := c.hidden(s.width)
	b := &Block{AttentionNorm: nn.NewLayerNormEps(s.width, c.NormEps), FeedForwardNorm: nn.NewLayerNormEps(s.width, c.NormEps), dropout: c.Dropout, dropPath: dropPath,
		Attention: &Attention{QueryKeyValue: nn.NewLinearNormal(s.width, 3*s.width, c.InitStd, init), Out: nn.NewLinearNormal(s.width, s.width, c.InitStd, init)}}
	a := b.Attention
	a.op = attention.Windows{Parts: s.parts(), Dropout: c.AttentionDropout}
	for _, p := range a.op.Parts {
		a.Local = append(a.Local, nn.NewDepthwiseConv(s.width/s.heads*p.Heads, lePEKernel, init))
	}
	b.FeedForward = &nn.FeedForward{In: nn.NewLinearNormal(s.width, hidden, c.InitStd, init), Out: nn.NewLinearNormal(hidden, s.width, c.InitStd, init),
		Activation: nn.GELU, Dropout: c.Dropout}
	return b
}

// parts returns the heads with their stripes.
func (s stageConfig) parts() []attention.WindowHeads {
	if s.full {
		return []attention.WindowHeads{{Heads: s.heads}}
	}
	return []attention.WindowHeads{
		{Heads: s.heads / 2, Window: tensor.Size{Width: s.stripe}},
		{Heads: s.heads / 2, Window: tensor.Size{Height: s.stripe}},
	}
}

// Params declares the parameters.
func (b *Block) Params(c *nn.Params) {
	c.Sub("attention_norm", b.AttentionNorm)
	c.Sub("attention", b.Attention)
	c.Sub("feed_forward_norm", b.FeedForwardNorm)
	c.Sub("feed_forward", b.FeedForward)
}

// Params declares the parameters.
func (a *Attention) Params(c *nn.Params) {
	c.Sub("query_key_value", a.QueryKeyValue)
	if len(a.Local) == 1 {
		c.Sub("local", a.Local[0])
	} else {
		c.Sub("local_vertical", a.Local[0])
		c.Sub("local_horizontal", a.Local[1])
	}
	c.Sub("out", a.Out)
}

// place is where the tokens of a stage are, in one pass.
type place struct {
	grid    tensor.Grid
	offsets []int // of the images
	// look, where it is not nil, is shown the attention weights of each block.
	look func(a *Attention, out attention.WindowsOutput)
}

// apply returns the block's output [tokens, width] for x [tokens, width].
func (b *Block) apply(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var {
	tp.Enter("attention")
	x = b.add(tp, x, b.Attention.apply(tp, b.AttentionNorm.Apply(tp, x), at), at)
	tp.Leave()
	tp.Enter("feed_forward")
	defer tp.Leave()
	return b.add(tp, x, b.FeedForward.Apply(tp, b.FeedForwardNorm.Apply(tp, x)), at)
}

// add returns x plus what a part of the block made of it.
func (b *Block) add(tp *tensor.Tape, x, part *tensor.Var, at *place) *tensor.Var {
	return tp.Add(x, nn.DropPath(tp, tp.Dropout(part, b.dropout), at.offsets, b.dropPath))
}

// apply returns the attention's output [tokens, width] for x [tokens, width].
func (a *Attention) apply(tp *tensor.Tape, x *tensor.Var, at *place) *tensor.Var {
	var terms [2]attention.LocalTerm
	for p, l := range a.Local {
		terms[p] = attention.LocalTerm{Weight: tp.Leaf(l.Weight), Bias: tp.Leaf(l.Bias)}
	}
	op := a.op
	op.KeepWeights = at.look != nil
	tp.Enter("query_key_value")
	x = a.QueryKeyValue.Apply(tp, x)
	tp.Leave()
	out := op.Apply(tp, attention.WindowsInput{Grid: at.grid, QueryKeyValue: x}, terms[:len(a.Local)]...)
	if at.look != nil {
		at.look(a, out)
	}
	tp.Enter("out")
	defer tp.Leave()
	return a.Out.Apply(tp, out.Tokens)
}
