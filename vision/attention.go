package vision

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Mixer is the part of a block in which tokens see each other: a [SoftmaxAttention] or a [LinearAttention].
type Mixer interface {
	nn.Module
	attend(tp *tensor.Tape, n *tensor.Var, s *step) *tensor.Var
	linears() []*nn.Linear
}

var (
	_ Mixer = (*SoftmaxAttention)(nil)
	_ Mixer = (*LinearAttention)(nil)
)

// step is what a block has to know of the pass beside its tokens.
type step struct {
	layer     int
	positions encodings.Positions
	layout    *encodings.Layout
	look      func(a *encodings.Attention) // see [Model.Inspect]; nil where nobody looks
}

// SoftmaxAttention is scaled dot-product attention of heads among the tokens of an image, all layers with a bias.
type SoftmaxAttention struct {
	Query, Key, Value, Output *nn.Linear // [width, width]

	heads   int
	dropout float64
}

// newSoftmax returns attention of zeros.
func newSoftmax(c Config) *SoftmaxAttention {
	w := c.Width
	return &SoftmaxAttention{Query: linear(w, w, true), Key: linear(w, w, true), Value: linear(w, w, true), Output: linear(w, w, true),
		heads: c.Heads, dropout: c.AttentionDropout}
}

// linear returns a layer of zeros.
func linear(in, out int, bias bool) *nn.Linear {
	l := &nn.Linear{Weight: tensor.New(out, in)}
	if bias {
		l.Bias = tensor.New(out)
	}
	return l
}

// Params declares the layers.
func (m *SoftmaxAttention) Params(c *nn.Params) {
	c.Sub("query", m.Query)
	c.Sub("key", m.Key)
	c.Sub("value", m.Value)
	c.Sub("output", m.Output)
}

func (m *SoftmaxAttention) linears() []*nn.Linear {
	return []*nn.Linear{m.Query, m.Key, m.Value, m.Output}
}

// attend returns what the tokens n [tokens, width] see.
func (m *SoftmaxAttention) attend(tp *tensor.Tape, n *tensor.Var, s *step) *tensor.Var {
	a := &encodings.Attention{Layer: s.layer, Input: n, Softmax: attention.Softmax{Heads: m.heads, Dropout: m.dropout, KeepWeights: s.look != nil}}
	a.Queries = s.layout.Offsets
	a.Query, a.Key, a.Value = m.Query.Apply(tp, n), m.Key.Apply(tp, n), m.Value.Apply(tp, n)
	o := a.Run(tp, s.positions)
	if s.look != nil {
		s.look(a)
	}
	return m.Output.Apply(tp, o)
}

// LinearAttention is the layer of LightNet for images (Qin and others, "You Only Need One Scan", arXiv 2405.21022; of the
// paper only the abstract was to be had, and the operator is the one that the first author's toolbox documents): with
// heads of width d, P the encoding, MD-LRPE by origin, and all layers without a bias,
//
//	q = P(SiLU(Query x)),  k = P(softmax over the tokens(Key x)),  o = q (kᵀ Value x)
//	y = Output( RMSNorm(o) ⊙ SiLU(GateUp GateDown x) )
type LinearAttention struct {
	Query, Key, Value, Output *nn.Linear  // [width, width]
	Norm                      *nn.RMSNorm // over the width
	GateDown                  *nn.Linear  // [gate width, width]
	GateUp                    *nn.Linear  // [width, gate width]

	heads int
}

// newLinearAttention returns attention of zeros.
func newLinearAttention(c Config) *LinearAttention {
	w := c.Width
	m := &LinearAttention{Query: linear(w, w, false), Key: linear(w, w, false), Value: linear(w, w, false), Output: linear(w, w, false),
		Norm: nn.NewRMSNorm(w), GateDown: linear(w, c.GateWidth, false), GateUp: linear(c.GateWidth, w, false), heads: c.Heads}
	m.Norm.Eps = c.NormEps
	return m
}

// Params declares the layers.
func (m *LinearAttention) Params(c *nn.Params) {
	c.Sub("query", m.Query)
	c.Sub("key", m.Key)
	c.Sub("value", m.Value)
	c.Sub("output", m.Output)
	c.Sub("norm", m.Norm)
	c.Sub("gate_down", m.GateDown)
	c.Sub("gate_up", m.GateUp)
}

func (m *LinearAttention) linears() []*nn.Linear {
	return []*nn.Linear{m.Query, m.Key, m.Value, m.Output, m.GateDown, m.GateUp}
}

// attend returns what the tokens n [tokens, width] see. What the encoding does to queries and keys, a turn by angles
// too, is a function of each of them alone, so the product kᵀ v goes on being formed once.
func (m *LinearAttention) attend(tp *tensor.Tape, n *tensor.Var, s *step) *tensor.Var {
	a := &encodings.Attention{Layer: s.layer, Input: n, Softmax: attention.Softmax{Heads: m.heads}}
	a.Queries = s.layout.Offsets
	a.Query = tp.SiLU(m.Query.Apply(tp, n))
	a.Key = attention.TokenSoftmax(tp, m.Key.Apply(tp, n), s.layout.Offsets)
	a.Value = m.Value.Apply(tp, n)
	s.positions.Attend(tp, a)
	if a.RotateQuery != nil {
		a.Query = a.RotateQuery.Apply(tp, a.Query, m.heads)
	}
	if a.RotateKey != nil {
		a.Key = a.RotateKey.Apply(tp, a.Key, m.heads)
	}
	o := attention.Linear{Heads: m.heads, Unnormalized: true}.Apply(tp,
		attention.LinearInput{Queries: a.Queries, Query: a.Query, Key: a.Key, Value: a.Value})
	gate := tp.SiLU(m.GateUp.Apply(tp, m.GateDown.Apply(tp, n)))
	return m.Output.Apply(tp, tp.Mul(m.Norm.Apply(tp, o), gate))
}
