package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TransformerXL is the relative attention of Transformer-XL (Dai and others, "Transformer-XL: attentive language models
// beyond a fixed-length context", ACL 2019, section 3.3; kimiyoung/transformer-xl, commit 44781ed,
// RelPartialLearnableMultiHeadAttn):
//
//	s_ij = ((q_i + u) · k_j + (q_i + v) · W_R R_(i-j)) / sqrt(d)
//
// R_d being the sinusoids of the distance d, sines before cosines, as [Sinusoidal] has them. Every layer has its own
// W_R; u and v, which are vectors of every head, are shared by all. The attention is made causal: there are no negative
// distances.
//
// Where keys and values have rows before the queries, of the memory of an earlier segment (Attention.Keys other than
// Attention.Queries) or of a cache, the last query lies at the last key.
//
// The zero value is the published default.
type TransformerXL struct {
	// ClampLength is the largest distance that is told apart; 0 means that all are. The official code has it in
	// evaluation, 400 on WikiText-103.
	ClampLength int
}

var _ Encoding = TransformerXL{}

// Name returns transformer-xl.
func (TransformerXL) Name() string { return "transformer-xl" }

// New refuses an odd width.
func (x TransformerXL) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(x.Name())
	if err != nil {
		return nil, err
	}
	if d.Width%2 != 0 {
		return nil, fmt.Errorf("encodings: %s: a sine needs its cosine, which width %d has no room for: want an even width", x.Name(), d.Width)
	}
	if x.ClampLength < 0 {
		return nil, fmt.Errorf("encodings: %s: distances are clamped to %d: want a positive number, or 0 for none", x.Name(), x.ClampLength)
	}
	e := &transformerXL{TransformerXL: x, dims: d, content: tensor.New(d.Heads * d.HeadDim), place: tensor.New(d.Heads * d.HeadDim)}
	// The official code draws all parameters from one distribution.
	init.Normal(e.content, 0.02)
	init.Normal(e.place, 0.02)
	for range d.Layers {
		l := &nn.Linear{Weight: tensor.New(d.Heads*d.HeadDim, d.Width)}
		init.Normal(l.Weight, 0.02)
		e.keys = append(e.keys, l)
	}
	return e, nil
}

type transformerXL struct {
	TransformerXL
	dims           Dims
	content, place *tensor.Tensor // u and v [heads * head dim]
	keys           []*nn.Linear   // W_R of each layer
}

// Params declares content and place, which are u and v, and the layers' W_R as key.0, key.1, ...
func (e *transformerXL) Params(c *nn.Params) {
	c.Param("content", e.content)
	c.Param("place", e.place)
	for i, l := range e.keys {
		c.Sub(fmt.Sprintf("key.%d", i), l)
	}
}

// Begin serves sequences, those that go on too, and the first order of tables.
func (e *transformerXL) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if _, err := l.places(e.Name()); err != nil {
		return nil, err
	}
	return &distanceKeys{transformerXL: e, layout: l}, nil
}

// Relative reports that scores depend on differences of places only.
func (e *transformerXL) Relative() bool { return true }

// Branches says that it goes by places alone.
func (e *transformerXL) Branches() string { return "" }

type distanceKeys struct {
	Silent
	*transformerXL
	layout    *Layout
	sinusoids *tensor.Tensor // [distances, width], the farthest first
}

// Attend adds u to the queries and gives the kernel the keys of the distances.
func (p *distanceKeys) Attend(tp *tensor.Tape, a *Attention) {
	if a.Layer < 0 || a.Layer >= len(p.keys) {
		panic(fmt.Sprintf("encodings: TransformerXL: layer %d, expected one of %d", a.Layer, len(p.keys)))
	}
	p.layout.onLine(a)
	a.Mask.Causal = true
	far := p.farthest(a)
	if p.sinusoids == nil || p.sinusoids.Rows() != far+1 {
		p.sinusoids = tensor.New(far+1, p.dims.Width)
		w := newWaves(p.dims.Width, 10000, true)
		for t := range far + 1 {
			w.write(p.sinusoids.Row(t), float64(far-t))
		}
	}
	a.Relative = &attention.RelativeKeys{
		Keys:  p.keys[a.Layer].Apply(tp, tp.Const(p.sinusoids)),
		Min:   -far,
		Query: tp.AddRow(a.Query, tp.Leaf(p.place)),
	}
	a.Query = tp.AddRow(a.Query, tp.Leaf(p.content))
}

// farthest returns the largest distance from a query to a key, clamped.
func (p *distanceKeys) farthest(a *Attention) int {
	offsets := a.Keys
	if offsets == nil {
		offsets = a.Queries
	}
	far := 0
	for b := range len(offsets) - 1 {
		n := offsets[b+1] - offsets[b]
		if p.layout.Past != nil {
			n += p.layout.Past[b] // of which the keys may or may not be here yet
		}
		far = max(far, n-1)
	}
	if p.ClampLength > 0 {
		far = min(far, p.ClampLength)
	}
	return far
}
