package encodings

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// HarmonicForm is a way in which the bias of [Harmonic] grows with the distance n of query and key, for head h = 1..H.
type HarmonicForm int

// The forms of the bias.
const (
	HarmonicSlopes   HarmonicForm = iota // -n/h: slopes 1, 1/2, 1/3, ...
	HarmonicDistance                     // -2^(-8h/H) (1 + 1/2 + ... + 1/n), which grows like a logarithm
	PlainSlopes                          // -2^(-8h/H) n, for any number of heads
)

// String returns the form's name.
func (f HarmonicForm) String() string {
	switch f {
	case HarmonicSlopes:
		return "harmonic slopes"
	case HarmonicDistance:
		return "harmonic distance"
	case PlainSlopes:
		return "plain slopes"
	}
	return fmt.Sprintf("HarmonicForm(%d)", int(f))
}

// Harmonic is [RoPE] together with a distance bias of [ALiBi]'s kind that goes by the harmonic series, the "factored
// combination" of "The Nature of Mathematical Modeling and Probabilistic Optimization Engineering in Generative AI"
// (arXiv 2410.18441). It is derived: of the method nothing but the name is known, and the first two forms are this
// project's readings of it. The scores are
//
//	(R_i q_i) · (R_j k_j) / sqrt(d) + Factor B_h(|i - j|)
//
// It serves sequences and tables in their first order. Keys may be kept turned in a cache.
type Harmonic struct {
	RoPE   RoPE
	Form   HarmonicForm
	Factor float64 // of the bias; 0 means 1
	Learn  bool    // learns a factor for every layer, from Factor on
}

// Name returns rope-alibi-harmonic.
func (Harmonic) Name() string { return "rope-alibi-harmonic" }

// New makes the encoder, with the parameters layer.N.factor [1] where they are learned.
func (e Harmonic) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	turn, err := e.RoPE.encoder(e.Name(), d)
	if err != nil {
		return nil, err
	}
	if e.Form < HarmonicSlopes || e.Form > PlainSlopes {
		return nil, fmt.Errorf("encodings: %s: Form is %v: want HarmonicSlopes, HarmonicDistance or PlainSlopes", e.Name(), e.Form)
	}
	if math.IsNaN(e.Factor) || math.IsInf(e.Factor, 0) {
		return nil, fmt.Errorf("encodings: %s: Factor is %v: want a number, or 0 for 1", e.Name(), e.Factor)
	}
	if e.Factor == 0 {
		e.Factor = 1
	}
	h := &harmonicEncoder{turn: turn, form: e.Form, slopes: tensor.New(d.Heads)}
	for n := range d.Heads {
		slope := math.Exp2(-8 * float64(n+1) / float64(d.Heads))
		if e.Form == HarmonicSlopes {
			slope = 1 / float64(n+1)
		}
		if !e.Learn {
			slope *= e.Factor
		}
		h.slopes.Data()[n] = float32(slope)
	}
	if e.Learn {
		for range d.Layers {
			h.factors = append(h.factors, tensor.FromSlice([]float32{float32(e.Factor)}, 1))
		}
	}
	return h, nil
}

type harmonicEncoder struct {
	turn    *ropeEncoder
	form    HarmonicForm
	slopes  *tensor.Tensor   // [heads]
	factors []*tensor.Tensor // [layers] of [1]; nil where they are not learned
	table   atomic.Pointer[[]float32]
}

// Params declares the factors.
func (h *harmonicEncoder) Params(p *nn.Params) {
	for n, f := range h.factors {
		p.Param(fmt.Sprintf("layer.%d.factor", n), f)
	}
}

// Relative says that scores depend on differences of places.
func (h *harmonicEncoder) Relative() bool { return true }

// Branches says what its rotation says.
func (h *harmonicEncoder) Branches() string { return h.turn.Branches() }

// Begin computes angles and distances of a pass.
func (h *harmonicEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind != Sequence && l.Kind != Table {
		return nil, l.Refuse(h.turn.name, "its bias counts the tokens between two places: use axial-rope, or the layout's Flat for the order in which they lie")
	}
	turn, err := h.turn.pass(tp, l)
	if err != nil {
		return nil, err
	}
	p := &harmonicPass{rotaryPass: turn, encoder: h, layout: l}
	if h.form == HarmonicDistance {
		longest := 0
		for b := range l.Items() {
			length := l.Offsets[b+1] - l.Offsets[b]
			if l.Past != nil {
				length += l.Past[b]
			}
			longest = max(longest, length)
		}
		p.distance = h.numbers(longest)
	}
	return p, nil
}

// numbers returns at least the first n harmonic numbers, 0 and 1 the first two, from a table that grows.
func (h *harmonicEncoder) numbers(n int) []float32 {
	if t := h.table.Load(); t != nil && len(*t) >= n {
		return *t
	}
	size := 64
	for size < n {
		size *= 2
	}
	t, sum := make([]float32, size), 0.0
	for n := 1; n < size; n++ {
		sum += 1 / float64(n)
		t[n] = float32(sum)
	}
	h.table.Store(&t)
	return t
}

type harmonicPass struct {
	*rotaryPass
	encoder  *harmonicEncoder
	layout   *Layout
	distance []float32
}

// Attend hands the kernel the angles and adds the bias.
func (p *harmonicPass) Attend(tp *tensor.Tape, a *Attention) {
	p.rotaryPass.Attend(tp, a)
	p.layout.onLine(a)
	slopes := tp.Const(p.encoder.slopes)
	if p.encoder.factors != nil {
		slopes = tp.MulScalar(slopes, tp.Leaf(p.encoder.factors[a.Layer]))
	}
	a.Biases = append(a.Biases, attention.DistanceBias{Slopes: slopes, Distance: p.distance})
}
