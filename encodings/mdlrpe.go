package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ Encoding = MDLRPE{}

// MDLRPE is the cosine form of the linearised relative encoding of LightNet in several dimensions (Qin and others, "You
// Only Need One Scan", arXiv 2405.21022; Doraemonzzz/xopes, lrpe_cosine_md). The d channels of a head are dealt out to m
// axes, e = ceil(d/m) to each but perhaps the last. Channel c of a token at p turns by φ_c = p_a θ_i, a = c div e and
// i = c mod e, which doubles it: x becomes [x cos φ | x sin φ], so that
//
//	x̃(p) · ỹ(r) = sum over c of x_c y_c cos(φ_c(p) - φ_c(r))
//
// depends on differences of coordinates alone. Tokens without a place become [x | 0]. As a plain function of queries and
// keys, [LRPECosine], it goes with linear attention as well as with softmax.
//
// It serves grids and points of Axes coordinates; with one axis sequences, and tables in their first order. Of the paper
// only the abstract was to be had: θ, of which the code knows several, is that of RoPE by default, base^(-i/e).
type MDLRPE struct {
	Axes int     // 0 means 2
	Base float64 // of the frequencies θ; 0 means 10000
	// HeadLadder cuts one ladder of frequencies, base^(-2j/(heads e)), into heads e steps; head h of the keys, and the
	// queries that share it, take the steps from h e on. Otherwise all heads have the same.
	HeadLadder bool
	Learned    bool // lets θ learn, from there
}

// Name returns md-lrpe.
func (MDLRPE) Name() string { return "md-lrpe" }

// New makes the frequencies.
func (m MDLRPE) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(m.Name())
	if err != nil {
		return nil, err
	}
	if m.Axes == 0 {
		m.Axes = 2
	}
	if m.Axes < 1 || m.Axes > d.HeadDim {
		return nil, fmt.Errorf("encodings: %s: Axes is %d for heads of %d channels: want at least one channel for each of at least one axis", m.Name(), m.Axes, d.HeadDim)
	}
	base, err := checkBase(m.Name(), m.Base, ropeBase)
	if err != nil {
		return nil, err
	}
	heads, each := 1, (d.HeadDim+m.Axes-1)/m.Axes
	step := 1 / float64(each)
	if m.HeadLadder {
		heads = d.KVHeads
		step = 2 / float64(heads*each)
	}
	theta := tensor.New(heads, each)
	for j := range theta.Data() {
		theta.Data()[j] = float32(math.Pow(base, -float64(j)*step))
	}
	return &mdLRPE{MDLRPE: m, d: d, theta: theta}, nil
}

type mdLRPE struct {
	MDLRPE
	d     Dims
	theta *tensor.Tensor // [1 or key heads, e]
}

// Params declares θ where it learns.
func (m *mdLRPE) Params(c *nn.Params) {
	if m.Learned {
		c.Param("theta", m.theta)
	}
}

// Relative says that scores depend on differences of coordinates.
func (m *mdLRPE) Relative() bool { return true }

// Branches says that it goes by places alone.
func (m *mdLRPE) Branches() string { return "" }

// Begin computes the cosines and sines of a pass.
func (m *mdLRPE) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	theta := tp.Const(m.theta)
	if m.Learned {
		theta = tp.Leaf(m.theta)
	}
	table, err := newLRPETable(tp, m.Name(), m.Axes, l, theta)
	if err != nil {
		return nil, err
	}
	return &mdLRPEPass{mdLRPE: m, layout: l, table: table}, nil
}

type mdLRPEPass struct {
	Silent
	*mdLRPE
	layout *Layout
	table  *lrpeTable
}

// Attend doubles the channels of queries and keys.
func (p *mdLRPEPass) Attend(tp *tensor.Tape, a *Attention) {
	p.layout.onLine(a)
	a.Query, a.Key = p.table.apply(tp, a.Query, p.d.Heads), p.table.apply(tp, a.Key, p.d.KVHeads)
	if a.Scale == 0 {
		a.Scale = 1 / math.Sqrt(float64(p.d.HeadDim))
	}
}

// LRPECosine returns [x cos φ | x sin φ], head by head, of queries or keys x [tokens, heads * d]: [tokens, heads * 2d]. theta
// has e = ceil(d/m) frequencies for each of the m axes of the layout, [r, e]; its r rows are for equal groups of heads,
// one for all of them or one for each. See [MDLRPE].
func LRPECosine(tp *tensor.Tape, l *Layout, x, theta *tensor.Var, heads int) (*tensor.Var, error) {
	table, err := newLRPETable(tp, MDLRPE{}.Name(), max(l.Rank, 1), l, theta)
	if err != nil {
		return nil, err
	}
	return table.apply(tp, x, heads), nil
}
