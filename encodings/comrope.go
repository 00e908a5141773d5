package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ComRoPEKind is a way to make the angle matrices of [ComRoPE].
type ComRoPEKind int

// The kinds of angle matrices.
const (
	// LinearlyDependent gives every block one generator and every axis a number by which it counts in the block, shared
	// by the heads: B_ij = θ_ij (P_j - P_jᵀ), equation 17.
	LinearlyDependent ComRoPEKind = iota
	// AxialPartition gives block j to axis j mod N alone: B_ij = P_j - P_jᵀ for that axis, equation 15.
	AxialPartition
	// LieRE gives every axis and block a generator of its own (Ostmeier and others 2024, arXiv 2406.10322). They do not
	// commute, so scores are not functions of differences.
	LieRE
	// Vanilla is the axial RoPE that the paper compares with: blocks of 2 that learn nothing, shared out among the axes
	// one after another, block t of an axis turning by Theta^t.
	Vanilla
)

// String returns the name of the encoding with such matrices.
func (k ComRoPEKind) String() string {
	switch k {
	case LinearlyDependent:
		return "comrope-ld"
	case AxialPartition:
		return "comrope-ap"
	case LieRE:
		return "liere"
	case Vanilla:
		return "comrope-vanilla"
	}
	return fmt.Sprintf("ComRoPEKind(%d)", int(k))
}

// ComRoPE rotates blocks of b channels of queries and keys by learned matrices (Yu and others, "ComRoPE: Scalable and
// Robust Rotary Position Embedding Parameterized by Trainable Commuting Angle Matrices", CVPR 2025, arXiv 2506.03737;
// Longin-Yu/ComRoPE): R(x) = exp(sum over the axes of B_i x_i) with skew-symmetric B_i. Where these commute (theorem 1),
// and only there, the product of a query at x and a key at y depends on y - x alone. Heads of queries that share keys
// share their matrices.
//
// It serves grids of as many axes, whose cells it places at their centres with every axis of the image running from 0 to
// 1, and points, whose coordinates it takes as they are; made for one axis it serves sequences too, as points. Keys may be
// kept rotated in a cache. A token without a place, such as a class token, is at 0.5 on every axis, and rotates.
//
// The code scales queries before the rotation, which the kernel here does after: that is the same.
type ComRoPE struct {
	Kind ComRoPEKind
	Axes int // N; 0 means 2
	// Block is b, 2 to 8, which divides the head dim. 0 means 8, the paper's best, or the largest that fits the head where
	// 8 does not; and 2 for Vanilla.
	Block int
	// InitStd is the standard deviation of the generators P at the start; 0 means 1, as in the code. The numbers of
	// LinearlyDependent begin as standard normal ones.
	InitStd float64
	// FromZero starts with generators of zeros, which rotate nothing, to train on a model that had no rotation.
	FromZero bool
	Divisor  float64 // of the matrices of LieRE; 0 means 1
	Theta    float64 // of Vanilla; 0 means 10000^(-2N/d), which is RoPE's
	// Perturb is the intensity σ of the perturbation in training: every token of a grid moves, along the two fastest
	// axes, by 0.5 σ times a normal number, at most half a cell. The paper has twice that deviation; this is the code's,
	// which however draws once for all items of a batch.
	Perturb float64
	// Offset is the deviation of a normal shift, common to all tokens, in training. The paper tests invariance with it.
	Offset float64
	// Raw takes the indices of cells of a grid as coordinates, neither centred nor divided by the size of the image.
	Raw bool
}

// Name returns comrope-ld, comrope-ap, liere or comrope-vanilla.
func (e ComRoPE) Name() string { return e.Kind.String() }

// New makes the encoder. Its parameters are those of every layer: layer.N.generators, P [kv heads, blocks, b, b], for
// LieRE [kv heads, axes, blocks, b, b]; and, for LinearlyDependent, layer.N.multiplier, θ [axes, blocks].
func (e ComRoPE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if e.Axes == 0 {
		e.Axes = 2
	}
	if e.Block == 0 {
		e.Block = 2
		if e.Kind != Vanilla {
			e.Block = e.fitting(d.HeadDim)
		}
	}
	if err := e.check(d); err != nil {
		return nil, err
	}
	c := &comropeEncoder{set: e}
	c.shape = blockShape{heads: d.Heads, kvHeads: d.KVHeads, headDim: d.HeadDim, block: e.Block, axes: e.Axes, scale: 1}
	c.partition(d)
	if e.Kind == Vanilla {
		return c, nil
	}
	shape := []int{d.KVHeads, c.shape.blocks(), e.Block, e.Block}
	if c.shape.free {
		shape = []int{d.KVHeads, e.Axes, c.shape.blocks(), e.Block, e.Block}
	}
	std := e.InitStd
	if std == 0 {
		std = 1
	}
	for range d.Layers {
		p := tensor.New(shape...)
		if !e.FromZero {
			init.Normal(p, std)
		}
		c.generators = append(c.generators, p)
		if e.Kind == LinearlyDependent {
			m := tensor.New(e.Axes, c.shape.blocks())
			init.Normal(m, 1)
			c.multipliers = append(c.multipliers, m)
		}
	}
	return c, nil
}

// check refuses settings that do not fit each other or the head.
func (e ComRoPE) check(d Dims) error {
	name := e.Name()
	if e.Kind < LinearlyDependent || e.Kind > Vanilla {
		return fmt.Errorf("encodings: comrope: Kind is %v: want LinearlyDependent, AxialPartition, LieRE or Vanilla", e.Kind)
	}
	if err := evenHead(name, d.HeadDim); err != nil {
		return err
	}
	if e.Axes < 1 || e.Block < 2 || e.Block > maxBlock || e.Kind == Vanilla && e.Block != 2 {
		return fmt.Errorf("encodings: %s: Axes %d and Block %d: want at least one axis and blocks of 2 to %d channels, of 2 for Vanilla", name, e.Axes, e.Block, maxBlock)
	}
	if d.HeadDim%e.Block != 0 {
		return fmt.Errorf("encodings: %s: blocks of %d channels do not divide a head of %d: set Block to a divisor of it, such as %d", name, e.Block, d.HeadDim, e.fitting(d.HeadDim))
	}
	if blocks := d.HeadDim / e.Block; (e.Kind == AxialPartition || e.Kind == Vanilla) && blocks%e.Axes != 0 {
		return fmt.Errorf("encodings: %s: %d axes cannot share the %d blocks of a head of %d channels: want a HeadDim that is a multiple of Axes times Block, %d, or another Block; LinearlyDependent takes any",
			name, e.Axes, blocks, d.HeadDim, e.Axes*e.Block)
	}
	for _, s := range []struct {
		field string
		value float64
	}{{"InitStd", e.InitStd}, {"Divisor", e.Divisor}, {"Theta", e.Theta}, {"Perturb", e.Perturb}, {"Offset", e.Offset}} {
		if !(s.value >= 0) || math.IsInf(s.value, 0) {
			return fmt.Errorf("encodings: %s: %s is %v: want a positive number, or 0 for the default", name, s.field, s.value)
		}
	}
	return nil
}

// fitting returns the largest size of blocks, 2 at least, that divides the head and that the axes can share.
func (e ComRoPE) fitting(headDim int) int {
	for b := maxBlock; b > 2; b-- {
		if headDim%b == 0 && (e.Kind != AxialPartition || headDim/b%max(e.Axes, 1) == 0) {
			return b
		}
	}
	return 2
}

// partition says which axes blocks listen to, where that is not learned.
func (c *comropeEncoder) partition(d Dims) {
	s, n := &c.shape, c.set.Axes
	blocks := s.blocks()
	switch c.set.Kind {
	case LieRE:
		s.free = true
		if c.set.Divisor != 0 {
			s.scale = 1 / c.set.Divisor
		}
	case AxialPartition:
		s.share = make([]float64, n*blocks)
		for j := range blocks {
			s.share[j%n*blocks+j] = 1
		}
	case Vanilla:
		theta := c.set.Theta
		if theta == 0 {
			theta = math.Pow(ropeBase, -2*float64(n)/float64(d.HeadDim))
		}
		s.share, s.fixed = make([]float64, n*blocks), make([]float64, blocks)
		for j := range blocks {
			s.share[j/(blocks/n)*blocks+j] = 1
			s.fixed[j] = math.Pow(theta, float64(j%(blocks/n)))
		}
	}
}

type comropeEncoder struct {
	set         ComRoPE // with its defaults filled in
	shape       blockShape
	generators  []*tensor.Tensor // [layers]
	multipliers []*tensor.Tensor
}

// Params declares the parameters of the layers.
func (c *comropeEncoder) Params(p *nn.Params) {
	for n := range c.generators {
		p.Param(fmt.Sprintf("layer.%d.generators", n), c.generators[n])
		if c.multipliers != nil {
			p.Param(fmt.Sprintf("layer.%d.multiplier", n), c.multipliers[n])
		}
	}
}

// Relative says that scores depend on differences of coordinates, but for LieRE.
func (c *comropeEncoder) Relative() bool { return c.set.Kind != LieRE }

// Branches says that it goes by places alone.
func (c *comropeEncoder) Branches() string { return "" }

// Begin computes the coordinates of a pass.
func (c *comropeEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if _, err := axesOf(c.set.Name(), c.set.Axes, l); err != nil {
		return nil, err
	}
	if l.Kind == Table {
		return nil, l.Refuse(c.set.Name(), "a table has orders, not coordinates: lay its cells out by OnGrid or AtPoints, or use its Flat")
	}
	coords := tp.Out(false, l.Tokens(), c.set.Axes).Keep()
	c.place(tp, l, coords.Data())
	return &comropePass{encoder: c, coords: coords}, nil
}

type comropePass struct {
	Silent
	encoder *comropeEncoder
	coords  *tensor.Var // [tokens, axes]
}

// Attend rotates queries and keys.
func (p *comropePass) Attend(tp *tensor.Tape, a *Attention) {
	c := p.encoder
	var generators, multiplier *tensor.Var
	if c.generators != nil {
		generators = tp.Leaf(c.generators[a.Layer])
	}
	if c.multipliers != nil {
		multiplier = tp.Leaf(c.multipliers[a.Layer])
	}
	a.Query, a.Key = rotateBlocks(tp, c.shape, a.Query, a.Key, p.coords, generators, multiplier)
}
