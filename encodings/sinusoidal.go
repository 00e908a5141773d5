package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Sinusoidal adds sines and cosines of the coordinates to the tokens (Vaswani and others, "Attention Is All You Need",
// 2017, section 3.5). With width D and frequencies w_i = Base^(-2i/D), a token at place p gets
//
//	PE[p, 2i] = sin(p w_i),  PE[p, 2i+1] = cos(p w_i)
//
// On grids and points of n coordinates every axis has D/n channels, which are laid out and have their frequencies as if
// they were a whole encoding, sines before cosines; the fastest axis, the column x of an image, comes first (MAE and
// MoCo v3, facebookresearch/mae, util/pos_embed.py as of commit efb2a80; the names of its variables say the opposite).
// Leading tokens get zeros. Nothing is learned.
//
// The zero value is the published default.
type Sinusoidal struct {
	// Halves lays out all sines before all cosines on a line too, as tensor2tensor and RoFormer do.
	Halves bool
	Base   float64 // 0 means 10,000
	// ScaleTokens multiplies the tokens by the root of the width first, as the embeddings of the 2017 paper are
	// (section 3.4).
	ScaleTokens bool
}

var _ Encoding = Sinusoidal{}

// Name returns sinusoidal.
func (Sinusoidal) Name() string { return "sinusoidal" }

// New refuses an odd width.
func (s Sinusoidal) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(s.Name())
	if err != nil {
		return nil, err
	}
	if d.Width%2 != 0 {
		return nil, fmt.Errorf("encodings: %s: a sine needs its cosine, which width %d has no room for: want an even width", s.Name(), d.Width)
	}
	if s.Base == 0 {
		s.Base = 10000
	}
	if !(s.Base > 1) || math.IsInf(s.Base, 1) {
		return nil, fmt.Errorf("encodings: %s: the base is %v: want a number above 1", s.Name(), s.Base)
	}
	return &sinusoidal{Sinusoidal: s, width: d.Width}, nil
}

type sinusoidal struct {
	Bare
	Sinusoidal
	width int
}

// Branches says that it goes by places alone.
func (s *sinusoidal) Branches() string { return "" }

// Begin refuses graphs, and coordinates among which the width cannot be divided.
func (s *sinusoidal) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	out := tp.Out(false, l.Tokens(), s.width)
	f := out.Value()
	f.Zero()
	switch l.Kind {
	case Grid, Points:
		if s.width%(2*l.Rank) != 0 {
			return nil, l.Refuse(s.Name(), fmt.Sprintf("the width %d is no multiple of %d, a sine and a cosine for each of %d coordinates", s.width, 2*l.Rank, l.Rank))
		}
		each := s.width / l.Rank
		for axis := range l.Rank {
			w := newWaves(each, s.Base, s.Halves || l.Rank > 1)
			at := (l.Rank - 1 - axis) * each
			for b := range l.Items() {
				for t := l.Offsets[b] + min(l.Leading, l.Offsets[b+1]-l.Offsets[b]); t < l.Offsets[b+1]; t++ {
					w.write(f.Row(t)[at:at+each], l.At(t)[axis])
				}
			}
		}
	default:
		places, err := l.places(s.Name())
		if err != nil {
			return nil, err
		}
		w := newWaves(s.width, s.Base, s.Halves)
		for t, p := range places {
			w.write(f.Row(t), float64(p))
		}
	}
	p := sinusoids{features: out, scale: 1}
	if s.ScaleTokens {
		p.scale = float32(math.Sqrt(float64(s.width)))
	}
	return p, nil
}

type sinusoids struct {
	Silent
	features *tensor.Var // [tokens, width]
	scale    float32
}

// Tokens returns the tokens, scaled where that was asked for, with the sinusoids added.
func (p sinusoids) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if p.scale != 1 {
		x = tp.Scale(x, p.scale)
	}
	return tp.Add(x, p.features)
}

// waves writes rows of sinusoids. Places come back, in every sequence and all over a grid, so rows are remembered: what
// sines cost shows only for places that are new.
type waves struct {
	frequency []float64 // [width / 2]
	halves    bool
	seen      map[float64][]float32 // the row of a place
}

func newWaves(width int, base float64, halves bool) *waves {
	w := &waves{frequency: make([]float64, width/2), halves: halves, seen: map[float64][]float32{}}
	for i := range w.frequency {
		w.frequency[i] = math.Pow(base, -2*float64(i)/float64(width))
	}
	return w
}

// write fills row [width] with the sinusoids of a place.
func (w *waves) write(row []float32, place float64) {
	if old, ok := w.seen[place]; ok {
		copy(row, old)
		return
	}
	for i, f := range w.frequency {
		sin, cos := math.Sincos(place * f)
		if w.halves {
			row[i], row[len(w.frequency)+i] = float32(sin), float32(cos)
		} else {
			row[2*i], row[2*i+1] = float32(sin), float32(cos)
		}
	}
	w.seen[place] = row
}
