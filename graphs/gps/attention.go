package gps

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/splitmix"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// performerDim is the width of a head of Performer, whatever the width of the model: the default of the library that the
// official code takes it from.
const performerDim = 64

// Attention is the global part of a layer, as [Config.Attention] says. Transformer is scaled dot-product attention with
// biases in all four layers (torch.nn.MultiheadAttention); BigBird is the same among the pairs of [BigBird]; Performer is
// its estimate by random features (attention.Performer), with heads 64 wide and without biases but for that of Output.
type Attention struct {
	Query, Key, Value, Output *nn.Linear
	Projection                *tensor.Tensor // of Performer [1, features, 64], a buffer that is never drawn anew
	config                    Config
	layer                     int
}

// newAttention makes the attention of a layer; nil where c has none.
func newAttention(c Config, layer int, seed uint64, in *nn.Init) *Attention {
	if c.Attention == NoAttention {
		return nil
	}
	d := c.Width
	a := &Attention{config: c, layer: layer}
	if c.Attention == Performer {
		inner := c.Heads * performerDim
		a.Query, a.Key, a.Value = nn.NewLinearNoBias(d, inner, in), nn.NewLinearNoBias(d, inner, in), nn.NewLinearNoBias(d, inner, in)
		a.Output = nn.NewLinear(inner, d, in)
		a.Projection = attention.DrawProjection(1, c.PerformerFeatures, performerDim, splitmix.Mix(seed)+uint64(layer))
		return a
	}
	for _, l := range []**nn.Linear{&a.Query, &a.Key, &a.Value} {
		*l = nn.NewLinear(d, d, in)
		in.XavierUniform((*l).Weight, d, 3*d) // the official layer is one of 3d outputs
		(*l).Bias.Zero()
	}
	a.Output = nn.NewLinear(d, d, in)
	a.Output.Bias.Zero()
	return a
}

// Params declares query, key, value and output, and projection as a buffer.
func (a *Attention) Params(c *nn.Params) {
	c.Sub("query", a.Query)
	c.Sub("key", a.Key)
	c.Sub("value", a.Value)
	c.Sub("output", a.Output)
	if a.Projection != nil {
		c.Buffer("projection", a.Projection)
	}
}

// Apply attends among the nodes x [nodes, width] of each graph of a batch. What an encoding says of the pass is p, nil
// where there is none.
func (a *Attention) Apply(tp *tensor.Tape, x *tensor.Var, p encodings.Positions, b *Batch) *tensor.Var {
	c := &a.config
	q, k, v := a.Query.Apply(tp, x), a.Key.Apply(tp, x), a.Value.Apply(tp, x)
	if c.Attention == Performer {
		o := attention.Performer{Heads: c.Heads, Projection: a.Projection, Padded: c.PerformerPadded}.Apply(tp, b.Offsets, q, k, v)
		return tp.Dropout(a.Output.Apply(tp, o), c.AttentionDropout)
	}
	kernel := attention.Softmax{Heads: c.Heads, Dropout: c.AttentionDropout}
	in := attention.SoftmaxInput{Queries: b.Offsets, Query: q, Key: k, Value: v}
	in.Mask.Neighbours = b.pairs
	if p == nil {
		return a.Output.Apply(tp, kernel.Apply(tp, in).Tokens)
	}
	driven := encodings.Attention{Layer: a.layer, Input: x, Softmax: kernel, SoftmaxInput: in}
	return a.Output.Apply(tp, driven.Run(tp, p))
}
