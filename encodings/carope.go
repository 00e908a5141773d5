package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// CARoPE is the rotary encoding whose speed depends on the tokens passed (Veisi, Fartoot and Amirzadeh, "Context-aware
// Rotary Position Embedding", arXiv 2507.23083; there is no official code): pair i of head h turns by the sum, over the
// tokens t up to the one at hand, of f(x_t)_h to the power of i, with f(x) = 1 / (softplus(x W) + 1). Two tokens are apart
// by what lies between them. Pairs are half-split; i counts from 1, as the formula is written; x is the input of the
// layer's attention, whose W every layer has for itself. Heads of queries that share keys share their phases.
//
// It serves sequences, and tables in their first order. Sequences may go on with a [Memory], which keeps the phases, and
// keys may be kept turned in a cache. Without a mask the phases still come from the tokens before alone.
type CARoPE struct {
	FromZero bool // i counts from 0: the first pair turns by 1 with every token, whatever it is
	// Bias adds a learned bias to x W, and starts with W = 0 and the bias that makes f = 10000^(-2/d), the speed of
	// [RoPE]. The paper wants to start there but writes no bias, without which no W does.
	Bias bool
	// Shared takes f once from the tokens as the encoding's Tokens sees them, for all layers, with a single W.
	Shared bool
}

// Name returns carope.
func (CARoPE) Name() string { return "carope" }

// New makes the encoder, with W [kv heads, width] and the bias [kv heads] of every layer as the parameters
// layer.N.weight and layer.N.bias, or weight and bias where they are shared. The head dim must be even.
func (e CARoPE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if err := evenHead(e.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	c := &caropeEncoder{set: e, dims: d, group: spreadHeads(1, d)}
	layers := d.Layers
	if e.Shared {
		layers = 1
	}
	for range layers {
		if !e.Bias {
			c.speed = append(c.speed, nn.NewLinearNoBias(d.Width, d.KVHeads, init))
			continue
		}
		s := &nn.Linear{Weight: tensor.New(d.KVHeads, d.Width), Bias: tensor.New(d.KVHeads)}
		s.Bias.Fill(float32(inverseSoftplus(math.Pow(ropeBase, 2/float64(d.HeadDim)) - 1)))
		c.speed = append(c.speed, s)
	}
	return c, nil
}

// inverseSoftplus returns the x whose softplus is y.
func inverseSoftplus(y float64) float64 { return y + math.Log(-math.Expm1(-y)) }

type caropeEncoder struct {
	set   CARoPE
	dims  Dims
	speed []*nn.Linear // of the layers, or of all of them
	group []int32      // [heads] the head of keys of each head of queries; nil where they are the same
}

// Params declares the layers' weights.
func (c *caropeEncoder) Params(p *nn.Params) {
	if c.set.Shared {
		c.speed[0].Params(p)
		return
	}
	for n, s := range c.speed {
		p.Sub(fmt.Sprintf("layer.%d", n), s)
	}
}

// Branches refuses them.
func (*caropeEncoder) Branches() string {
	return "it adds up phases from token to token as they lie, so that a branch would go on from the one before it"
}

// Begin finds the order in which phases add up.
func (c *caropeEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind != Sequence && l.Kind != Table {
		return nil, l.Refuse(c.set.Name(), "it adds up phases from token to token, in the one order of a sequence: use the layout's Flat for the order in which they lie")
	}
	if l.Memory == nil && l.Past != nil {
		for b, n := range l.Past {
			if n > 0 {
				return nil, l.Refuse(c.set.Name(), fmt.Sprintf("item %d has a past of %d tokens, whose phases nobody kept: give ContinuedSequences a Memory, from the first pass on", b, n))
			}
		}
	}
	p := &caropePass{encoder: c, layout: l}
	if l.Kind == Table {
		p.order = make([]int32, l.Tokens())
		for b := range l.Items() {
			lo := l.Offsets[b]
			for t := lo; t < l.Offsets[b+1]; t++ {
				p.order[lo+int(l.Orders[0][t])] = int32(t)
			}
		}
	}
	return p, nil
}

type caropePass struct {
	Silent
	encoder *caropeEncoder
	layout  *Layout
	order   []int32     // the tokens as they follow each other; nil means as they lie
	shared  *tensor.Var // phases for all layers
	spread  []int32     // rows of phases [tokens * kv heads] for every head of queries
}

// Tokens takes the phases from the tokens where layers share them.
func (p *caropePass) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if p.encoder.set.Shared {
		p.shared = p.phases(tp, 0, x)
	}
	return x
}

// Attend hands the kernel the phases.
func (p *caropePass) Attend(tp *tensor.Tape, a *Attention) {
	c, phases := p.encoder, p.shared
	switch {
	case !c.set.Shared && a.Input == nil:
		panic("encodings: carope: Attention.Input is nil: want what queries and keys are projected from")
	case !c.set.Shared:
		phases = p.phases(tp, a.Layer, a.Input)
	case phases == nil:
		panic("encodings: carope: Attend came before Tokens, which Shared takes the phases from")
	}
	pairs := c.dims.HeadDim / 2
	a.RotateKey = &attention.Rotation{Angles: phases, Pairs: pairs}
	a.RotateQuery = a.RotateKey
	if c.group != nil {
		tokens, heads := phases.Rows(), c.dims.Heads
		if p.spread == nil {
			p.spread = make([]int32, 0, tokens*heads)
			for t := range tokens {
				for _, h := range c.group {
					p.spread = append(p.spread, int32(t*c.dims.KVHeads)+h)
				}
			}
		}
		each := tp.Gather(tp.Reshape(phases, tokens*c.dims.KVHeads, pairs), p.spread)
		a.RotateQuery = &attention.Rotation{Angles: tp.Reshape(each, tokens, heads*pairs), Pairs: pairs}
	}
}

// phases returns the angles [tokens, kv heads * pairs] of a layer, modulo 2π.
func (p *caropePass) phases(tp *tensor.Tape, layer int, x *tensor.Var) *tensor.Var {
	c := p.encoder
	first := 1
	if c.set.FromZero {
		first = 0
	}
	return sumPhases(tp, c.speed[layer].Apply(tp, x), c.dims.HeadDim/2, first, layer, p.layout, p.order)
}
