package sequences

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Normaliser is a norm of tokens: an [nn.RMSNorm] or an [nn.LayerNorm].
type Normaliser interface {
	nn.Module
	// Apply returns x [tokens, width] normalised.
	Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var
}

var (
	_ Normaliser = (*nn.RMSNorm)(nil)
	_ Normaliser = (*nn.LayerNorm)(nil)
)

// Block is attention and a feed-forward part, each behind a norm and beside a residual connection:
//
//	x = x + s Output(attention(Query n, Key n, Value n))  with n = AttentionNorm(x)
//	x = x + s Down(act(Gate n) * Up n)                    with n = FeedForwardNorm(x)
//
// s being Config.ResidualScale. Without a gate the second line has act(Up n).
type Block struct {
	AttentionNorm   Normaliser
	Query           *nn.Linear // [heads * head dim, width]
	Key, Value      *nn.Linear // [kv heads * head dim, width]
	Output          *nn.Linear // [width, heads * head dim]
	FeedForwardNorm Normaliser
	Gate            *nn.Linear // [feed-forward width, width]; nil for the forms without a gate
	Up              *nn.Linear // [feed-forward width, width]
	Down            *nn.Linear // [width, feed-forward width]

	config Config
}

// newBlock returns a block of zeros.
func newBlock(c Config) *Block {
	inner, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	b := &Block{
		AttentionNorm: newNorm(c), FeedForwardNorm: newNorm(c),
		Query: linear(c.Width, inner, c.AttentionBias), Key: linear(c.Width, kv, c.AttentionBias),
		Value: linear(c.Width, kv, c.AttentionBias), Output: linear(inner, c.Width, c.AttentionBias),
		Up:   linear(c.Width, c.FeedForwardWidth, c.FeedForwardBias),
		Down: linear(c.FeedForwardWidth, c.Width, c.FeedForwardBias), config: c,
	}
	if c.FeedForward.Gated() {
		b.Gate = linear(c.Width, c.FeedForwardWidth, c.FeedForwardBias)
	}
	return b
}

// linear returns a layer of zeros.
func linear(in, out int, bias bool) *nn.Linear {
	l := &nn.Linear{Weight: tensor.New(out, in)}
	if bias {
		l.Bias = tensor.New(out)
	}
	return l
}

func newNorm(c Config) Normaliser {
	if c.Norm == LayerNorm {
		n := nn.NewLayerNorm(c.Width)
		n.Eps = c.NormEps
		return n
	}
	n := nn.NewRMSNorm(c.Width)
	n.Eps = c.NormEps
	return n
}

// Params declares the parameters.
func (b *Block) Params(c *nn.Params) {
	c.Sub("attention_norm", b.AttentionNorm)
	c.Sub("attention.query", b.Query)
	c.Sub("attention.key", b.Key)
	c.Sub("attention.value", b.Value)
	c.Sub("attention.output", b.Output)
	c.Sub("feed_forward_norm", b.FeedForwardNorm)
	if b.Gate != nil {
		c.Sub("feed_forward.gate", b.Gate)
	}
	c.Sub("feed_forward.up", b.Up)
	c.Sub("feed_forward.down", b.Down)
}

// step is what a block has to know of the pass beside its tokens.
type step struct {
	layer     int
	positions encodings.Positions
	layout    *encodings.Layout
	cache     *cache                       // nil where nothing is kept
	look      func(a *encodings.Attention) // see [Model.Inspect]; nil where nobody looks
}

// apply returns the block's output [tokens, width] for x [tokens, width].
func (b *Block) apply(tp *tensor.Tape, x *tensor.Var, s step) *tensor.Var {
	tp.Enter("attention")
	x = b.add(tp, x, b.attention(tp, b.AttentionNorm.Apply(tp, x), s))
	tp.Leave()
	tp.Enter("feed_forward")
	defer tp.Leave()
	return b.add(tp, x, b.feedForward(tp, b.FeedForwardNorm.Apply(tp, x)))
}

// add returns x plus what a part of the block made of it.
func (b *Block) add(tp *tensor.Tape, x, part *tensor.Var) *tensor.Var {
	if s := b.config.ResidualScale; s != 1 {
		part = tp.Scale(part, float32(s))
	}
	return tp.Add(x, tp.Dropout(part, b.config.Dropout))
}

func (b *Block) attention(tp *tensor.Tape, n *tensor.Var, s step) *tensor.Var {
	c := &b.config
	a := &encodings.Attention{
		Layer: s.layer, Input: n,
		Softmax: attention.Softmax{Heads: c.Heads, KVHeads: c.KVHeads, Scale: c.AttentionScale, SoftCap: c.SoftCap, Dropout: c.AttentionDropout},
		SoftmaxInput: attention.SoftmaxInput{
			Queries: s.layout.Offsets,
			Query:   b.Query.Apply(tp, n), Key: b.Key.Apply(tp, n), Value: b.Value.Apply(tp, n),
			Structure: attention.Structure{Mask: s.layout.Causal()},
		},
	}
	s.cache.join(a)
	a.KeepWeights = s.look != nil
	o := a.Run(tp, s.positions)
	if s.look != nil {
		s.look(a)
	}
	return b.Output.Apply(tp, o)
}

func (b *Block) feedForward(tp *tensor.Tape, n *tensor.Var) *tensor.Var {
	act, up := b.config.FeedForward.activation(), b.Up.Apply(tp, n)
	if b.Gate != nil {
		up = tp.Mul(act.Apply(tp, b.Gate.Apply(tp, n)), up)
	} else {
		up = act.Apply(tp, up)
	}
	return b.Down.Apply(tp, tp.Dropout(up, b.config.FeedForwardDropout))
}
