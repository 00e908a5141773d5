package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// EVA is the rotary encoding of the EVA-02 image models (Fang and others 2023, arXiv 2303.11331; baaivision/EVA,
// VisionRotaryEmbeddingFast): interleaved pairs, of which the first half turns by the row and the second by the column,
// both by base^(-4i/d), i < d/4. Coordinates are multiplied by the side of the grid of pretraining over that of the
// grid at hand, so that a larger image is squeezed into the trained range.
//
// It serves 2-D grids, whose shape tells their side, each axis its own where they differ, and 2-D points, whose
// coordinates are taken as those of the grid of pretraining. Tokens without a place do not turn. It learns nothing.
type EVA struct {
	Base    float64 // of the frequencies; 0 means 10000
	Trained int     // cells along a side of the grid of pretraining, pt_seq_len in the code; 0 means 16
}

// Name returns eva.
func (EVA) Name() string { return "eva" }

// New makes the encoder. The head dim must be a multiple of 4.
func (e EVA) New(d Dims, _ *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if err := quarters(e.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	base, err := checkBase(e.Name(), e.Base, ropeBase)
	if err != nil {
		return nil, err
	}
	if e.Trained < 0 {
		return nil, fmt.Errorf("encodings: %s: Trained is %d: want the cells along a side of the grid of pretraining, or 0 for 16", e.Name(), e.Trained)
	}
	r := &evaEncoder{trained: float64(e.Trained)}
	if e.Trained == 0 {
		r.trained = 16
	}
	r.name, r.axes, r.interleaved = e.Name(), 2, true
	for axis := range 2 {
		r.addAxis(axis, Frequencies(d.HeadDim/2, base, Scaling{}))
	}
	return r, nil
}

// quarters refuses heads that do not fall into two axes of pairs.
func quarters(name string, dim int) error {
	if dim%4 != 0 {
		return fmt.Errorf("encodings: %s: a head of %d channels does not fall into pairs for two axes: choose Width and Heads so that HeadDim is a multiple of 4, such as %d",
			name, dim, (dim+3)/4*4)
	}
	return nil
}

type evaEncoder struct {
	Bare
	rotary
	trained float64
}

// Relative says that scores depend on differences of coordinates.
func (r *evaEncoder) Relative() bool { return true }

// Begin computes the angles of a pass.
func (r *evaEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	coords, err := axesOf(r.name, 2, l)
	if err != nil {
		return nil, err
	}
	if l.Kind != Grid {
		return r.begin(tp, coords), nil
	}
	if l.Shapes == nil {
		return r.beginAt(tp, coords, r.squeezed(l.Shape)), nil
	}
	p := r.begin(tp, coords)
	for b, shape := range l.Shapes {
		lo, hi := l.Offsets[b], l.Offsets[b+1]
		p.fill.lo, p.fill.freqs, p.fill.table = lo, r.squeezed(shape), nil
		parallel.For(hi-lo, rotaryGrain, &p.fill)
	}
	return p, nil
}

// squeezed returns the frequencies on a grid of the given shape.
func (r *evaEncoder) squeezed(shape []int) []float64 {
	freqs := make([]float64, len(r.freqs))
	for i, w := range r.freqs {
		freqs[i] = w * r.trained / float64(shape[r.axis[i]])
	}
	return freqs
}
