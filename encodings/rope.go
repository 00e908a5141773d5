package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ropeBase is the base of the frequencies in the paper, and in most models since.
const ropeBase = 10000

// RoPE is the rotary position embedding (Su and others, "RoFormer", arXiv 2104.09864, section 3.2.2): pair i of the d
// channels of a query or key at place p turns by p base^(-2i/d), so that its product with another depends on the
// difference of their places alone. It learns nothing.
//
// It serves sequences, tables in their first order, and points of one coordinate, which may be any real number. Tokens
// without a place do not turn. Keys may be kept turned in a cache.
type RoPE struct {
	Base float64 // of the frequencies; 0 means 10000
	// Interleaved pairs the channels (2i, 2i+1), as RoFormer, GPT-J and code with complex numbers do; otherwise pair i is
	// (i, i+d/2), as in GPT-NeoX, LLaMA and Qwen. Weights of queries and keys move from one to the other by a permutation
	// of the rows of every head: channel c of the interleaved form is channel c/2 + (c mod 2) d/2 of the other.
	Interleaved bool
	// Partial is the fraction of the channels of a head, the first ones, that turn, as rotary_pct in GPT-NeoX and Phi;
	// their number then takes the place of d. 0 means all.
	Partial float64
	Scaling Scaling // for sequences longer than those of training
}

// Name returns rope.
func (RoPE) Name() string { return "rope" }

// New makes the encoder. The channels that turn must be even in number.
func (e RoPE) New(d Dims, _ *nn.Init) (Encoder, error) {
	r, err := e.encoder(e.Name(), d)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// encoder is New for the encodings that contain a RoPE, which errors are to name.
func (e RoPE) encoder(name string, d Dims) (*ropeEncoder, error) {
	d, err := d.fill(name)
	if err != nil {
		return nil, err
	}
	base, err := checkBase(name, e.Base, ropeBase)
	if err != nil {
		return nil, err
	}
	if err := e.Scaling.check(name); err != nil {
		return nil, err
	}
	turning := d.HeadDim
	if e.Partial != 0 {
		if !(e.Partial > 0 && e.Partial <= 1) {
			return nil, fmt.Errorf("encodings: %s: Partial is %v: want a fraction of the channels, above 0 and at most 1, or 0 for all", name, e.Partial)
		}
		const slack = 1e-6 // a fraction such as 4.0/6 times 6 may come to less than 4
		turning = int(float64(d.HeadDim)*e.Partial + slack)
		if turning < 2 || turning%2 != 0 {
			return nil, fmt.Errorf("encodings: %s: Partial %v lets %d of the %d channels of a head turn, which is no number of pairs: %d channels are %v",
				name, e.Partial, turning, d.HeadDim, max(2, turning&^1), float64(max(2, turning&^1))/float64(d.HeadDim))
		}
	} else if err := evenHead(name, d.HeadDim); err != nil {
		return nil, err
	}
	r := &ropeEncoder{base: base, scaling: e.Scaling}
	r.name, r.axes, r.interleaved = name, 1, e.Interleaved
	r.axis, r.freqs = make([]int, turning/2), make([]float64, turning/2)
	e.Scaling.frequencies(r.freqs, base, e.Scaling.NTK.Length)
	return r, nil
}

type ropeEncoder struct {
	Bare
	rotary
	base    float64
	scaling Scaling
}

// Relative says that scores depend on differences of places; a base that goes by the length does not break that.
func (r *ropeEncoder) Relative() bool { return true }

// Branches refuses what goes by the length of an item, or draws its places as a whole.
func (r *ropeEncoder) Branches() string {
	switch {
	case r.scaling.Random:
		return "Scaling.Random draws the places of a sequence as a whole, and branches would be drawn together"
	case r.scaling.NTK.Factor != 0 && r.scaling.NTK.Length == 0:
		return "Scaling.NTK without Length goes by the length of a sequence, which is not that of trunk and branch"
	}
	return ""
}

// Begin computes the angles of a pass.
func (r *ropeEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	p, err := r.pass(tp, l)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (r *ropeEncoder) pass(tp *tensor.Tape, l *Layout) (*rotaryPass, error) {
	coords, err := axesOf(r.name, 1, l)
	if err != nil {
		return nil, err
	}
	if r.scaling.Random {
		if l.Kind != Sequence && l.Kind != Table || l.Past != nil && tp.Training() {
			return nil, l.Refuse(r.name, "Scaling.Random draws the places of whole sequences in training: train on those, or leave it out")
		}
		if tp.Training() {
			coords = randomPlaces(tp, l, coords)
		}
	}
	byLength := r.scaling.NTK.Factor != 0 && r.scaling.NTK.Length == 0
	if byLength && l.Past != nil {
		return nil, l.Refuse(r.name, "Scaling.NTK goes by the length, and keys of passes before turned by that of then: set Scaling.NTK.Length to the longest that will come")
	}
	p := r.begin(tp, coords)
	if !byLength {
		return p, nil
	}
	freqs := make([]float64, len(r.freqs))
	for b := range l.Items() {
		lo, hi := l.Offsets[b], l.Offsets[b+1]
		if !r.scaling.NTK.stretches(hi - lo) {
			continue
		}
		r.scaling.frequencies(freqs, r.base, hi-lo)
		p.fill.lo, p.fill.freqs, p.fill.table = lo, freqs, nil
		parallel.For(hi-lo, rotaryGrain, &p.fill)
	}
	return p, nil
}
