package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// axialBase is the base of rotary encodings of images.
const axialBase = 100

// AxialRoPE is the rotary encoding of n axes, each of which turns pairs of channels of its own. The zero value is that
// of images (Heo and others, "Rotary Position Embedding for Vision Transformer", ECCV 2024, arXiv 2403.13298, equations
// 4 and 5; naver-ai/rope-vit, compute_axial_cis): the column x turns the first half of the interleaved pairs, the row y
// the second, both by base^(-4i/d), i < d/4. For n axes each has d/n/2 pairs, rounded down, and the frequencies
// base^(-i/pairs); channels that are left over do not turn.
//
// It serves grids and points of as many axes. Tokens without a place do not turn. It learns nothing.
type AxialRoPE struct {
	Axes int     // 0 means 2
	Base float64 // of the frequencies; 0 means 100
	// SlowestFirst gives the first pairs to the first, slowest coordinate of the layout, the row of an image; otherwise
	// the last coordinate, its column, has them.
	SlowestFirst bool
	// HalfSplit pairs channel i with i + pairs of all axes; otherwise pairs are interleaved.
	HalfSplit bool
	// Shares are the channels of every axis, in the order in which they take them, such as 16, 24 and 24 of the video
	// models; nil means equal ones.
	Shares []int
	// Scaling stretches every axis, in the same order, each by its own trained extent; nil stretches none. The base of
	// NTK goes by NTK.Length, and Random is for sequences.
	Scaling []Scaling
}

// Name returns axial-rope.
func (AxialRoPE) Name() string { return "axial-rope" }

// New makes the encoder. Every axis must get a pair of channels, and the head dim must be even.
func (e AxialRoPE) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if err := evenHead(e.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	base, err := checkBase(e.Name(), e.Base, axialBase)
	if err != nil {
		return nil, err
	}
	shares, err := e.shares(d.HeadDim)
	if err != nil {
		return nil, err
	}
	if len(e.Scaling) != 0 && len(e.Scaling) != len(shares) {
		return nil, fmt.Errorf("encodings: %s: %d Scaling for %d axes: want one for each, or none", e.Name(), len(e.Scaling), len(shares))
	}
	r := &axialEncoder{}
	r.name, r.axes, r.interleaved = e.Name(), len(shares), !e.HalfSplit
	for n, share := range shares {
		var s Scaling
		if len(e.Scaling) > 0 {
			s = e.Scaling[n]
		}
		if err := s.check(e.Name()); err != nil {
			return nil, err
		}
		if s.Random || s.NTK.Factor != 0 && s.NTK.Length == 0 {
			return nil, fmt.Errorf("encodings: %s: Scaling of axis %d: Random and an NTK without Length go by the length of a sequence, which an axis is not: set NTK.Length to the extent of the axis", e.Name(), n)
		}
		axis := n
		if !e.SlowestFirst {
			axis = len(shares) - 1 - n
		}
		r.addAxis(axis, Frequencies(share, base, s))
	}
	return r, nil
}

// shares returns the channels of every axis.
func (e AxialRoPE) shares(headDim int) ([]int, error) {
	axes := e.Axes
	if axes == 0 {
		axes = 2
		if e.Shares != nil {
			axes = len(e.Shares)
		}
	}
	if axes < 1 || headDim < 2*axes {
		return nil, fmt.Errorf("encodings: %s: %d axes and a head of %d channels: want at least one axis and a pair of channels for each, so a HeadDim of %d",
			e.Name(), axes, headDim, 2*max(axes, 1))
	}
	if e.Shares == nil {
		shares := make([]int, axes)
		for n := range shares {
			shares[n] = headDim / axes / 2 * 2
		}
		return shares, nil
	}
	sum := 0
	for n, share := range e.Shares {
		if share < 2 || share%2 != 0 {
			return nil, fmt.Errorf("encodings: %s: Shares gives axis %d %d channels: want an even number, at least 2", e.Name(), n, share)
		}
		sum += share
	}
	if len(e.Shares) != axes || sum > headDim {
		return nil, fmt.Errorf("encodings: %s: Shares %v are %d channels for %d axes: want one share an axis and at most the %d channels of a head",
			e.Name(), e.Shares, sum, axes, headDim)
	}
	return e.Shares, nil
}

// addAxis lets the next pairs listen to a coordinate.
func (r *rotary) addAxis(axis int, freqs []float64) {
	for _, w := range freqs {
		r.axis, r.freqs = append(r.axis, axis), append(r.freqs, w)
	}
}

type axialEncoder struct {
	Bare
	rotary
}

// Relative says that scores depend on differences of coordinates.
func (r *axialEncoder) Relative() bool { return true }

// Begin computes the angles of a pass.
func (r *axialEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	coords, err := axesOf(r.name, r.axes, l)
	if err != nil {
		return nil, err
	}
	return r.begin(tp, coords), nil
}
