package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// XPos is the rotary encoding with a decay (Sun and others 2022, "A Length-Extrapolatable Transformer", arXiv
// 2212.10554), as Giraffe compares itself with it (abacusai/Long-Context, xpos.py): besides turning, pair i of the d
// channels of a query at place p is multiplied by ζ^((p - Center)/ScaleBase), that of a key by the inverse, with
// ζ = (2i + 0.4 d) / (1.4 d). Pairs are interleaved. The product of query and key depends on the difference of places
// alone, but its factors grow with the distance from Center: a place so far out that they leave float32 is refused.
//
// It serves what [RoPE] serves.
type XPos struct {
	Base      float64 // of the frequencies; 0 means 10000
	ScaleBase float64 // places by which the decay acts once; 0 means 512
	Center    float64 // the place whose factor is 1: half the length of the cache in the code; 0 means 0
}

// Name returns xpos.
func (XPos) Name() string { return "xpos" }

// New makes the encoder. The head dim must be even.
func (e XPos) New(d Dims, _ *nn.Init) (Encoder, error) {
	turn, err := RoPE{Base: e.Base, Interleaved: true}.encoder(e.Name(), d)
	if err != nil {
		return nil, err
	}
	x := &xposEncoder{turn: turn, center: e.Center, base: e.ScaleBase, decay: make([]float64, len(turn.freqs))}
	if x.base == 0 {
		x.base = 512
	}
	if !(x.base > 0) || math.IsInf(x.base, 0) || math.IsNaN(e.Center) || math.IsInf(e.Center, 0) {
		return nil, fmt.Errorf("encodings: %s: ScaleBase %v with Center %v: want a positive number, 0 for 512, and a place", e.Name(), e.ScaleBase, e.Center)
	}
	dim := 2 * float64(len(x.decay))
	for i := range x.decay {
		x.decay[i] = math.Log((2*float64(i) + 0.4*dim) / (1.4 * dim))
	}
	return x, nil
}

type xposEncoder struct {
	Bare
	turn         *ropeEncoder
	decay        []float64 // [pairs] logarithms of ζ, below 0
	center, base float64
}

// Relative says that scores depend on differences of places.
func (x *xposEncoder) Relative() bool { return true }

// xposReach is the largest logarithm of a factor: queries and keys keep a margin of 10^8 to the end of float32.
const xposReach = 70

// Branches says what its rotation says.
func (x *xposEncoder) Branches() string { return x.turn.Branches() }

// Begin computes the angles of a pass and multiplies the tables of queries and keys by their factors.
func (x *xposEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	p, err := x.turn.pass(tp, l)
	if err != nil {
		return nil, err
	}
	coords, pairs := p.fill.coords, len(x.decay)
	key := &attention.Rotation{Cos: rotaryOut(tp, len(coords), pairs), Sin: rotaryOut(tp, len(coords), pairs), Pairs: pairs, Interleaved: true}
	reach := xposReach / -x.decay[0] * x.base
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			at := coords[t] - x.center
			if l.Leads(b, t) {
				at = 0
			}
			if math.Abs(at) > reach {
				return nil, l.Refuse(x.turn.name, fmt.Sprintf("its factors leave float32 at place %v: with ScaleBase %v places lie at most %.0f from Center; set a larger ScaleBase",
					coords[t], x.base, math.Floor(reach)))
			}
			for i, z := range x.decay {
				n, f := t*pairs+i, math.Exp(z*at/x.base)
				cos, sin := float64(p.fill.cos[n]), float64(p.fill.sin[n])
				p.fill.cos[n], p.fill.sin[n] = float32(cos*f), float32(sin*f)
				key.Cos.Data()[n], key.Sin.Data()[n] = float32(cos/f), float32(sin/f)
			}
		}
	}
	p.key = key
	return p, nil
}
