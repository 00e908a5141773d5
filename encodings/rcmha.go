package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// RCMHA is relative convolutional multi-head attention (Sugiharto and others, "RCMHA: relative convolutional multi-head
// attention for natural language modelling", arXiv 2308.03429; hermansh-id/rcmha, commit 87df49b): queries, keys and
// values pass a short depth-wise causal convolution after their projection, and scores have learned terms of the
// relative place r = j - i,
//
//	s_ij = ((q_i + u) · k_j + q_i · R[r] + S[r]) / sqrt(d)
//
// for every head, u, R and S belonging to a layer and being 0 at first. The convolution is that of Primer's MDHA (So and
// others, "Primer: searching for efficient transformers for language modeling", NeurIPS 2021), which the setting
// NoRelative leaves alone. The attention is made causal: later tokens enter neither scores nor convolutions.
//
// Where keys and values have rows before the queries, as with the memory of hidden states of an earlier segment
// (Attention.Keys other than Attention.Queries), their convolution runs through all rows and that of the queries begins
// anew, as in the code. In incremental decoding, on a layout with a [Memory], all three go on where they stopped, so
// that a text gives the same in pieces as at once.
//
// The zero value is the published default.
type RCMHA struct {
	Kernel int // taps of the convolutions; 0 means 3
	// PerHead gives every head its own taps, as Primer does; otherwise all heads share those of one.
	PerHead    bool
	NoRelative bool // leaves u, R and S out: MDHA
	NoConv     bool // leaves the convolutions out: the relative attention that the paper compares with
	// MaxDistance is the farthest place before the query that R and S tell apart; 0 means 4,096. The code has rows for
	// later places too, which its causal mask hides.
	MaxDistance int
}

var _ Encoding = RCMHA{}

// Name returns rcmha.
func (RCMHA) Name() string { return "rcmha" }

// New refuses negative sizes, and settings that leave nothing.
func (r RCMHA) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(r.Name())
	if err != nil {
		return nil, err
	}
	if r.Kernel < 0 || r.MaxDistance < 0 || r.MaxDistance > math.MaxInt32 {
		return nil, fmt.Errorf("encodings: %s: a kernel of %d taps and distances up to %d: want numbers above 0, or 0 for 3 and 4096", r.Name(), r.Kernel, r.MaxDistance)
	}
	if r.NoRelative && r.NoConv {
		return nil, fmt.Errorf("encodings: %s: NoRelative and NoConv leave nothing: take none", r.Name())
	}
	if r.Kernel == 0 {
		r.Kernel = 3
	}
	if r.MaxDistance == 0 {
		r.MaxDistance = 4096
	}
	e := &rcmha{RCMHA: r, dims: d}
	for range d.Layers {
		l := &rcmhaLayer{}
		if !r.NoConv {
			queries, keys := d.HeadDim, d.HeadDim
			if r.PerHead {
				queries, keys = d.Heads*d.HeadDim, d.KVHeads*d.HeadDim
			}
			l.query, l.key, l.value = nn.NewCausalConv(queries, r.Kernel, init), nn.NewCausalConv(keys, r.Kernel, init), nn.NewCausalConv(keys, r.Kernel, init)
		}
		if !r.NoRelative {
			l.queryBias = tensor.New(d.Heads * d.HeadDim)
			l.keys = tensor.New(r.MaxDistance+1, d.Heads*d.HeadDim)
			l.bias = tensor.New(r.MaxDistance+1, d.Heads)
		}
		e.layers = append(e.layers, l)
	}
	for row := range r.MaxDistance + 1 {
		e.rows = append(e.rows, int32(row))
	}
	return e, nil
}

type rcmha struct {
	RCMHA
	dims   Dims
	layers []*rcmhaLayer
	rows   []int32 // 0, 1, 2, ...: every difference has its own row
}

type rcmhaLayer struct {
	query, key, value *nn.CausalConv // nil without convolutions
	queryBias         *tensor.Tensor // u [heads * head dim]; nil without relative terms, as those below
	keys              *tensor.Tensor // R [distances, heads * head dim]: the last row is the query's own place
	bias              *tensor.Tensor // S [distances, heads]
}

// Params declares the layers as layer.0, layer.1, ...
func (e *rcmha) Params(c *nn.Params) {
	for i, l := range e.layers {
		c.Sub(fmt.Sprintf("layer.%d", i), l)
	}
}

// Params declares the convolutions query, key and value, and query_bias, keys and bias.
func (l *rcmhaLayer) Params(c *nn.Params) {
	if l.query != nil {
		c.Sub("query", l.query)
		c.Sub("key", l.key)
		c.Sub("value", l.value)
	}
	c.Param("query_bias", l.queryBias)
	c.Param("keys", l.keys)
	c.Param("bias", l.bias)
}

// Branches refuses them, unless nothing is convolved.
func (e *rcmha) Branches() string {
	if e.NoConv {
		return ""
	}
	return "its convolution reaches over the tokens that lie before, which are those of another branch where one begins"
}

// Begin serves sequences. Those that go on need a [Memory], unless there is no convolution.
func (e *rcmha) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind == Table {
		return nil, l.Refuse(e.Name(), "its convolution follows the order in which tokens lie: take Layout.Flat")
	}
	if _, err := l.places(e.Name()); err != nil {
		return nil, err
	}
	if l.Past != nil && l.Memory == nil && !e.NoConv {
		return nil, l.Refuse(e.Name(), "its convolution wants the rows before: lay the tokens out with a Memory")
	}
	if l.Memory != nil && l.Memory.sequences != l.Items() {
		return nil, l.Refuse(e.Name(), fmt.Sprintf("the Memory is of %d sequences and there are %d: see Memory.Keep", l.Memory.sequences, l.Items()))
	}
	return &rcmhaPass{rcmha: e, layout: l, memory: l.Memory}, nil
}

// Relative reports that scores depend on differences of places only.
func (e *rcmha) Relative() bool { return true }

type rcmhaPass struct {
	Silent
	*rcmha
	layout *Layout
	memory *Memory // nil where nothing goes on
}

// Attend convolves queries, keys and values, and adds the relative terms.
func (p *rcmhaPass) Attend(tp *tensor.Tape, a *Attention) {
	if a.Layer < 0 || a.Layer >= len(p.layers) {
		panic(fmt.Sprintf("encodings: RCMHA: layer %d, expected one of %d", a.Layer, len(p.layers)))
	}
	l := p.layers[a.Layer]
	p.layout.onLine(a)
	a.Mask.Causal = true
	if l.query != nil {
		keys := a.Keys
		if keys == nil {
			keys = a.Queries
		}
		a.Query = p.convolve(tp, l.query, a.Layer, "rcmha query", a.Query, a.Queries)
		a.Key = p.convolve(tp, l.key, a.Layer, "rcmha key", a.Key, keys)
		a.Value = p.convolve(tp, l.value, a.Layer, "rcmha value", a.Value, keys)
	}
	if l.queryBias != nil {
		scale := a.Scale
		if scale == 0 {
			scale = 1 / math.Sqrt(float64(a.Query.Cols()/p.dims.Heads))
		}
		a.Relative = &attention.RelativeKeys{Keys: tp.Leaf(l.keys), Min: -p.MaxDistance, Query: a.Query}
		a.Query = tp.AddRow(a.Query, tp.Leaf(l.queryBias))
		a.Biases = append(a.Biases, attention.RelativeBias{Table: tp.Scale(tp.Leaf(l.bias), float32(scale)), Rows: p.rows, Min: -p.MaxDistance})
	}
}

// convolve runs a convolution over x [tokens, width], after the rows that the memory has of earlier passes, and leaves
// there what the next one needs.
func (p *rcmhaPass) convolve(tp *tensor.Tape, conv *nn.CausalConv, layer int, name string, x *tensor.Var, offsets []int) *tensor.Var {
	if p.memory == nil {
		return conv.Apply(tp, x, offsets)
	}
	cols, before := x.Cols(), conv.Kernel()-1
	state := p.memory.Get(layer, name, before*cols) // [sequences, (kernel-1) * width], oldest row first
	// The pass keeps its own copy: the state moves on below, and the backward pass reads what was before.
	was := state.Clone().Reshape(state.Rows()*before, cols)
	for b := range state.Rows() {
		rows := x.Data()[offsets[b]*cols : offsets[b+1]*cols]
		all := state.Row(b)
		if len(rows) < len(all) {
			copy(all, all[len(rows):])
			copy(all[len(all)-len(rows):], rows)
		} else {
			copy(all, rows[len(rows)-len(all):])
		}
	}
	return conv.ApplyAfter(tp, x, tp.Const(was), offsets)
}
