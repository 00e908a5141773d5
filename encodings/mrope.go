package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// MRoPE is the multimodal rotary encoding of Qwen2-VL (Wang and others 2024, arXiv 2409.12191, section 2.1; transformers
// 4.51, apply_multimodal_rotary_pos_emb): the pairs of [RoPE], half-split, with the frequencies of one axis, but the
// first of them turn by the frame t, the next by the row h and the last by the column w.
//
// It serves points of three coordinates (t, h, w), which [MRoPEPoints] gives for text mixed with images and clips, grids
// of three axes, and sequences, whose tokens have the same number three times. Keys may be kept turned in a cache. It
// learns nothing.
type MRoPE struct {
	Base float64 // of the frequencies; 0 means 10000, the code's default; the published models have 1000000
	// Sections are the pairs of t, h and w, together half the head dim; zeros mean a quarter of them for t, rounded down,
	// and halves of the rest, which are the 16, 24 and 24 of Qwen2-VL at its head dim of 128.
	Sections [3]int
}

// Name returns mrope.
func (MRoPE) Name() string { return "mrope" }

// New makes the encoder. The head dim must be even.
func (e MRoPE) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if err := evenHead(e.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	base, err := checkBase(e.Name(), e.Base, ropeBase)
	if err != nil {
		return nil, err
	}
	s, pairs := e.Sections, d.HeadDim/2
	if s == [3]int{} {
		s[0] = pairs / 4
		s[1] = (pairs - s[0]) / 2
		s[2] = pairs - s[0] - s[1]
	}
	if min(s[0], s[1], s[2]) < 0 || s[0]+s[1]+s[2] != pairs {
		return nil, fmt.Errorf("encodings: %s: Sections %v do not share out the %d pairs of a head of %d channels: want three numbers, at least 0, whose sum is %d",
			e.Name(), s, pairs, d.HeadDim, pairs)
	}
	r := &mropeEncoder{}
	r.name, r.axes = e.Name(), 3
	freqs := Frequencies(d.HeadDim, base, Scaling{})
	for axis, n := range s {
		r.addAxis(axis, freqs[len(r.freqs):][:n])
	}
	return r, nil
}

type mropeEncoder struct {
	Bare
	rotary
}

// Relative says that scores depend on differences of coordinates.
func (r *mropeEncoder) Relative() bool { return true }

// Begin computes the angles of a pass.
func (r *mropeEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind == Sequence {
		coords := make([]float64, 0, 3*len(l.Coords))
		for _, p := range l.Coords {
			coords = append(coords, p, p, p)
		}
		return r.begin(tp, coords), nil
	}
	coords, err := axesOf(r.name, 3, l)
	if err != nil {
		return nil, err
	}
	return r.begin(tp, coords), nil
}

// MRoPEPart is a stretch of a sequence: some tokens of text, or an image or clip of Frames times Rows times Columns
// tokens, the columns fastest. An image is a clip of one frame.
type MRoPEPart struct {
	Text                  int
	Frames, Rows, Columns int
}

// MRoPEPoints returns the coordinates [tokens, 3] that Qwen2-VL gives the tokens of the parts (get_rope_index), for
// [AtPoints], and the place of the text token that comes after them. Tokens of text have the same place on all axes, one
// after the largest before; those of a clip count frames, rows and columns from there. The error names a part that is
// neither text nor a clip, or both.
func MRoPEPoints(parts ...MRoPEPart) (coords []float64, next float64, err error) {
	for n, p := range parts {
		clip := p.Frames > 0 && p.Rows > 0 && p.Columns > 0 && p.Text == 0
		if text := p.Text >= 0 && p.Frames == 0 && p.Rows == 0 && p.Columns == 0; !clip && !text {
			return nil, 0, fmt.Errorf("encodings: mrope: part %d is %+v: want tokens of Text, or Frames, Rows and Columns of at least 1", n, p)
		}
		for range p.Text {
			coords = append(coords, next, next, next)
			next++
		}
		for f := range p.Frames {
			for y := range p.Rows {
				for x := range p.Columns {
					coords = append(coords, next+float64(f), next+float64(y), next+float64(x))
				}
			}
		}
		next += float64(max(p.Frames, p.Rows, p.Columns))
	}
	return coords, next, nil
}
