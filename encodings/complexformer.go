package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ComplexFormer takes the pairs of channels of queries and keys as complex numbers and scores by magnitudes and phases
// (Shao and others 2025, arXiv 2505.10222, which its first author withdrew; the first author's code,
// shaojintian/complexFormer, cmha_with_kv_cache.py): with query m, key n, head h and pair i,
//
//	s_mn = sum over i of |q_mi| |k_ni| cos( delta_hi (arg q_mi - arg k_ni) + bias_hi + (m - n) 10000^(-2i/d) )
//
// without 1/sqrt(d), which the encoding sets. It is a curiosity more than a recommendation: no numbers of the paper
// can be had, and where delta is no whole number the score jumps as an angle passes ±π. With delta 1 and bias 0 it is
// half-split [RoPE].
//
// The phase is that of the query minus that of the key, so the kernel gets |q| and |k| at phases of their own, turned as
// in RoPE, and the score is a plain product; the code makes a tensor of all pairs of tokens. Heads of queries that share
// keys share delta. It serves what RoPE serves, and keys may be kept turned in a cache.
type ComplexFormer struct{}

// Name returns complexformer.
func (ComplexFormer) Name() string { return "complexformer" }

// New makes the encoder, with the parameters layer.N.delta [kv heads, HeadDim/2], normal with the variance 2/HeadDim, and
// layer.N.bias [heads, HeadDim/2], zeros. The head dim must be even.
func (e ComplexFormer) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	turn, err := RoPE{}.encoder(e.Name(), d)
	if err != nil {
		return nil, err
	}
	c := &complexEncoder{turn: turn, heads: d.Heads, kvHeads: d.KVHeads, group: spreadHeads(1, d)}
	for range d.Layers {
		delta := tensor.New(d.KVHeads, d.HeadDim/2)
		init.Normal(delta, math.Sqrt(2/float64(d.HeadDim)))
		c.delta = append(c.delta, delta)
		c.bias = append(c.bias, tensor.New(d.Heads, d.HeadDim/2))
	}
	return c, nil
}

type complexEncoder struct {
	turn           *ropeEncoder
	heads, kvHeads int
	delta, bias    []*tensor.Tensor // [layers]
	group          []int32
}

// Params declares the parameters of the layers.
func (c *complexEncoder) Params(p *nn.Params) {
	for n := range c.delta {
		p.Param(fmt.Sprintf("layer.%d.delta", n), c.delta[n])
		p.Param(fmt.Sprintf("layer.%d.bias", n), c.bias[n])
	}
}

// Relative says that scores depend on differences of places.
func (c *complexEncoder) Relative() bool { return true }

// Branches says what its rotation says.
func (c *complexEncoder) Branches() string { return c.turn.Branches() }

// Begin computes the angles of the places.
func (c *complexEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	p, err := c.turn.pass(tp, l)
	if err != nil {
		return nil, err
	}
	return &complexPass{rotaryPass: p, encoder: c}, nil
}

type complexPass struct {
	*rotaryPass
	encoder *complexEncoder
}

// Attend changes the phases of queries and keys and has the kernel turn them by their places.
func (p *complexPass) Attend(tp *tensor.Tape, a *Attention) {
	p.rotaryPass.Attend(tp, a)
	c := p.encoder
	delta := tp.Leaf(c.delta[a.Layer])
	a.Key = scalePhases(tp, a.Key, delta, nil)
	if c.group != nil {
		delta = tp.Gather(delta, c.group)
	}
	a.Query = scalePhases(tp, a.Query, delta, tp.Leaf(c.bias[a.Layer]))
	a.Scale = 1
}
