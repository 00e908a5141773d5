package encodings

import (
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ALiBi takes from the score of a key its distance from the query times a slope of the head (Press and others, "Train
// short, test long: attention with linear biases enables input length extrapolation", ICLR 2022, arXiv 2108.12409,
// section 3):
//
//	s_ij = q_i · k_j / sqrt(d) - m_h |i - j|
//
// With n heads, n a power of two, head h = 1..n has the slope m_h = 2^(-8h/n); otherwise the largest power of two p below
// n gives p slopes, and the first n-p odd-numbered slopes of 2p heads the rest
// (ofirpress/attention_with_linear_biases, get_slopes as of commit 4b92f28). Slopes are not learned, and the bias is not
// scaled.
//
// Under a causal mask this is the published form, to which the official code's slope times the key's place is equal
// after the softmax. Without a mask it is the symmetric form for encoders.
//
// The zero value is the published default.
type ALiBi struct {
	// MPT orders the slopes of n heads, n no power of two, as MosaicML's models do: of the next power of two above n the
	// 2nd, 4th, ... slope, then the 1st, 3rd, ..., cut off at n.
	MPT bool
}

var _ Encoding = ALiBi{}

// Name returns alibi.
func (ALiBi) Name() string { return "alibi" }

// Slopes returns the slopes of a number of heads, at least 1.
func (a ALiBi) Slopes(heads int) []float32 {
	power := 1 // the largest power of two that is not above heads
	for 2*power <= heads {
		power *= 2
	}
	slopes := make([]float32, 0, heads)
	ladder := func(of, from, step, most int) {
		for h := from; h <= of && most > 0; h += step {
			slopes = append(slopes, float32(math.Exp2(-8*float64(h)/float64(of))))
			most--
		}
	}
	switch {
	case power == heads:
		ladder(heads, 1, 1, heads)
	case a.MPT:
		ladder(2*power, 2, 2, heads)
		ladder(2*power, 1, 2, heads-len(slopes))
	default:
		ladder(power, 1, 1, heads)
		ladder(2*power, 1, 2, heads-power)
	}
	return slopes
}

// New never fails for a model that exists.
func (a ALiBi) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(a.Name())
	if err != nil {
		return nil, err
	}
	return &alibi{name: a.Name(), slopes: tensor.FromSlice(a.Slopes(d.Heads), d.Heads)}, nil
}

type alibi struct {
	Bare
	name   string
	slopes *tensor.Tensor // [heads]
}

// Begin serves sequences, those that go on too, and the first order of tables.
func (e *alibi) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if _, err := l.places(e.name); err != nil {
		return nil, err
	}
	return &linearBias{alibi: e, layout: l}, nil
}

// Relative reports that scores depend on differences of places only.
func (e *alibi) Relative() bool { return true }

// Branches says that it goes by places alone.
func (e *alibi) Branches() string { return "" }

type linearBias struct {
	Silent
	*alibi
	layout *Layout
}

// Attend adds the bias, the same in every layer.
func (p *linearBias) Attend(tp *tensor.Tape, a *Attention) {
	p.layout.onLine(a)
	a.Biases = append(a.Biases, attention.DistanceBias{Slopes: tp.Const(p.slopes)})
}
