package gps

import (
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Block is one layer (GPSLayer of the official code). Message passing and attention both read its input x, have a
// residual and a norm each, and are added:
//
//	a = norm(x + dropout(messages(x, e))),  b = norm(x + dropout(attention(x)))
//	y = norm(a + b + dropout(feedforward(a + b)))
//
// GatedGCN has residual and dropout inside. A part that the configuration leaves out is nil and has no norm.
//
// Without feed-forward a layer is one of benchmarks of message passing (Dwivedi and others, "Benchmarking Graph Neural
// Networks", 2020), y = x + dropout(act(norm(messages(x, e)))), and GatedGCN by itself, which has all that inside.
type Block struct {
	Local         MessagePassing
	Gate          *joined.StableGate // weighs messages by distances of positions
	LocalNorm     normaliser         // norm1_local
	Attention     *Attention
	AttentionNorm normaliser // norm1_attn
	FeedForward   *nn.FeedForward
	Norm          normaliser // norm2
	config        Config
}

// newBlock makes a layer; last says that nothing reads its edges, seed and layer choose the projection of Performer.
func newBlock(c Config, layer int, last bool, seed uint64, in *nn.Init) *Block {
	b := &Block{config: c}
	b.Local = newLocal(c, last, in)
	if c.StableFrequencies > 0 {
		b.Gate = joined.NewStableGate(c.Width, in)
	}
	if b.Local != nil && !(c.NoFeedForward && c.Local == LocalGatedGCN) {
		b.LocalNorm = newNorm(c)
	}
	if b.Attention = newAttention(c, layer, seed, in); b.Attention != nil {
		b.AttentionNorm = newNorm(c)
	}
	if !c.NoFeedForward {
		b.FeedForward = nn.NewFeedForward(c.Width, 2*c.Width, c.Activation, in)
		b.FeedForward.Dropout = c.Dropout
		b.Norm = newNorm(c)
	}
	return b
}

// Params declares local, gate, local_norm, attention, attention_norm, feedforward and norm, those that there are.
func (b *Block) Params(c *nn.Params) {
	if b.Local != nil {
		c.Sub("local", b.Local)
	}
	if b.Gate != nil {
		c.Sub("gate", b.Gate)
	}
	if b.LocalNorm != nil {
		c.Sub("local_norm", b.LocalNorm)
	}
	if b.Attention != nil {
		c.Sub("attention", b.Attention)
	}
	if b.AttentionNorm != nil {
		c.Sub("attention_norm", b.AttentionNorm)
	}
	if b.FeedForward != nil {
		c.Sub("feedforward", b.FeedForward)
	}
	if b.Norm != nil {
		c.Sub("norm", b.Norm)
	}
}

// stream is what goes from layer to layer: nodes [nodes, width], and edges [edges, width], nil where there are none.
type stream struct{ nodes, edges *tensor.Var }

// pass is what all layers of a pass know.
type pass struct {
	positions encodings.Positions // of the encoding that drives the attention; nil where there is none
	stable    *tensor.Var         // positions whose distances weigh messages [nodes, width]; nil where there are none
}

// apply computes the layer.
func (b *Block) apply(tp *tensor.Tape, in stream, p pass, batch *Batch) stream {
	out := stream{edges: in.edges}
	if b.Local != nil {
		tp.Enter("local")
		out = b.local(tp, in, p, batch)
		tp.Leave()
	}
	if b.Attention != nil {
		tp.Enter("attention")
		h := b.Attention.Apply(tp, in.nodes, p.positions, batch)
		h = normalise(tp, b.AttentionNorm, tp.Add(in.nodes, tp.Dropout(h, b.config.Dropout)), batch)
		if out.nodes != nil {
			h = tp.Add(out.nodes, h)
		}
		out.nodes = h
		tp.Leave()
	}
	if b.FeedForward != nil {
		h := tp.Dropout(b.FeedForward.Apply(tp, out.nodes), b.config.Dropout)
		out.nodes = normalise(tp, b.Norm, tp.Add(out.nodes, h), batch)
	}
	return out
}

// local computes the message passing with its residual and norm.
func (b *Block) local(tp *tensor.Tape, in stream, p pass, batch *Batch) stream {
	var weight *tensor.Var
	if b.Gate != nil {
		weight = b.Gate.Apply(tp, &batch.edges, p.stable)
	}
	h, e := b.Local.Apply(tp, in.nodes, in.edges, weight, batch)
	c := &b.config
	switch {
	case c.Local == LocalGatedGCN:
		h = normalise(tp, b.LocalNorm, h, batch)
	case c.NoFeedForward:
		h = c.Activation.Apply(tp, normalise(tp, b.LocalNorm, h, batch))
		h = tp.Add(in.nodes, tp.Dropout(h, c.Dropout))
	default:
		h = normalise(tp, b.LocalNorm, tp.Add(in.nodes, tp.Dropout(h, c.Dropout)), batch)
	}
	return stream{h, e}
}

// normalise applies a norm that may be nil.
func normalise(tp *tensor.Tape, n normaliser, x *tensor.Var, b *Batch) *tensor.Var {
	if n == nil {
		return x
	}
	return n.normalise(tp, x, b)
}
