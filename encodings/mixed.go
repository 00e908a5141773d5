package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// mixedBase is the base of the magnitudes that learned frequencies begin with.
const mixedBase = 10

// MixedRoPE is the rotary encoding of images with learned frequencies, RoPE-Mixed (Heo and others, ECCV 2024, arXiv
// 2403.13298, equation 6; naver-ai/rope-vit, init_random_2d_freqs): pair t of a head turns by x fx[t] + y fy[t], where
// every layer and head of keys has its own fx and fy. They begin as axial frequencies base^(-4i/d) of two axes, turned by
// an angle that is drawn for each head. Heads of queries that share keys share their frequencies. Pairs are interleaved.
// The published recipe decays no weights of the frequencies.
//
// It serves 2-D grids and points, whose first coordinate is the row y. Tokens without a place do not turn. For more axes
// take [ComRoPE] with blocks of 2, whose linearly dependent form is this.
type MixedRoPE struct {
	Base float64 // of the magnitudes at the start; 0 means 10
}

// Name returns mixed-rope.
func (MixedRoPE) Name() string { return "mixed-rope" }

// New makes the encoder, with the frequencies of every layer [2, kv heads * HeadDim/2], those of x first, as the
// parameters layer.N.frequencies. The head dim must be a multiple of 4.
func (e MixedRoPE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if err := quarters(e.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	base, err := checkBase(e.Name(), e.Base, mixedBase)
	if err != nil {
		return nil, err
	}
	m := &mixedEncoder{name: e.Name(), dims: d}
	turns := tensor.New(d.KVHeads)
	for range d.Layers {
		init.Uniform(turns, math.Pi)
		f := tensor.New(2, d.KVHeads*d.HeadDim/2)
		for h, turn := range turns.Data() {
			mixedFrequencies(f, h, float64(turn), d.HeadDim, base)
		}
		m.frequencies = append(m.frequencies, f)
	}
	m.spread = spreadHeads(2, d)
	return m, nil
}

// mixedFrequencies sets head h of f [2, heads * dim/2] to what it begins with, turned by an angle.
func mixedFrequencies(f *tensor.Tensor, h int, turn float64, dim int, base float64) {
	x, y := f.Row(0)[h*dim/2:], f.Row(1)[h*dim/2:]
	for i, size := range Frequencies(dim/2, base, Scaling{}) {
		for half := range 2 {
			sin, cos := math.Sincos(turn + float64(half)*math.Pi/2)
			x[half*dim/4+i], y[half*dim/4+i] = float32(size*cos), float32(size*sin)
		}
	}
}

// spreadHeads returns, for rows of a parameter that each kv head has, row h of n groups at n*kv heads + h, the rows in
// which every head of queries finds those of its keys; nil where both have as many heads.
func spreadHeads(groups int, d Dims) []int32 {
	if d.Heads == d.KVHeads {
		return nil
	}
	rows := make([]int32, 0, groups*d.Heads)
	for g := range groups {
		for h := range d.Heads {
			rows = append(rows, int32(g*d.KVHeads+h*d.KVHeads/d.Heads))
		}
	}
	return rows
}

type mixedEncoder struct {
	name        string
	dims        Dims
	frequencies []*tensor.Tensor // [layers] of [2, kv heads * pairs]
	spread      []int32
}

// Params declares the frequencies.
func (m *mixedEncoder) Params(c *nn.Params) {
	for n, f := range m.frequencies {
		c.Param(fmt.Sprintf("layer.%d.frequencies", n), f)
	}
}

// Relative says that scores depend on differences of coordinates.
func (m *mixedEncoder) Relative() bool { return true }

// Branches says that it goes by places alone.
func (m *mixedEncoder) Branches() string { return "" }

// Begin takes down the coordinates, x first.
func (m *mixedEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	coords, err := axesOf(m.name, 2, l)
	if err != nil {
		return nil, err
	}
	p := &mixedPass{encoder: m, coords: tp.Out(false, l.Tokens(), 2).Keep()}
	for t := range l.Tokens() {
		p.coords.Data()[2*t], p.coords.Data()[2*t+1] = float32(coords[2*t+1]), float32(coords[2*t])
	}
	return p, nil
}

type mixedPass struct {
	Silent
	encoder *mixedEncoder
	coords  *tensor.Var // [tokens, 2]
}

// Attend hands the kernel the angles of the layer, a product of coordinates and frequencies.
func (p *mixedPass) Attend(tp *tensor.Tape, a *Attention) {
	m := p.encoder
	pairs, f := m.dims.HeadDim/2, tp.Leaf(m.frequencies[a.Layer])
	a.RotateKey = &attention.Rotation{Angles: tp.MatMul(p.coords, f), Pairs: pairs, Interleaved: true}
	a.RotateQuery = a.RotateKey
	if m.spread != nil {
		f = tp.Gather(tp.Reshape(f, 2*m.dims.KVHeads, pairs), m.spread)
		f = tp.Reshape(f, 2, m.dims.Heads*pairs)
		a.RotateQuery = &attention.Rotation{Angles: tp.MatMul(p.coords, f), Pairs: pairs, Interleaved: true}
	}
}
