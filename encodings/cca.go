package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ Encoding = CCA{}

// CCA is concentric causal attention (Xing and others, "Mitigating Object Hallucination via Concentric Causal Attention",
// NeurIPS 2024, arXiv 2410.15926; xing0047/cca-llava, cca.py): the tokens of an image have the places of the rings in
// which they lie, from the border to the centre, in place of the raster's, turn by them as in [RoPE], and attend to the
// rings outside their own and to their own, in both directions. So no token of an image is farther than its rings from the
// text that follows, and what is at the centre sees all of it. It learns nothing.
//
// Cell (i, j) of a grid of H rows and W columns is in ring min(i, j, H-1-i, W-1-j), of which there are ceil(min(H, W)/2).
// The paper has even squares; the innermost ring of other grids, a line or a point, is an extension of ours.
//
// It serves 2-D grids. Their leading tokens, such as a class token, stand after the image as the text does that asks about
// it: they see all cells and those of their own before them, and no cell sees them. Text around an image is laid out as
// points on a line, whose places [Concentric] gives; sequences have the places 0, 1, 2, ... A decoder may go on from
// either: the next token has the place after the largest.
type CCA struct {
	Base float64 // of the rotation; 0 means 10000
	// LeadingFirst puts the leading tokens of a grid before the image, as text that all cells see and that sees no cell.
	LeadingFirst bool
	NoMask       bool // leaves the attention as the model has it: the places alone
}

// Name returns cca.
func (CCA) Name() string { return "cca" }

// New makes the encoder. The head dim must be even.
func (e CCA) New(d Dims, _ *nn.Init) (Encoder, error) {
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
	c := &cca{CCA: e}
	c.rotary.name, c.rotary.axes = e.Name(), 1
	c.rotary.addAxis(0, Frequencies(d.HeadDim, base, Scaling{}))
	return c, nil
}

type cca struct {
	Bare
	CCA
	rotary rotary
}

// Branches says that it goes by places alone.
func (e *cca) Branches() string { return "" }

// Begin finds the places of all tokens.
func (e *cca) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	places, err := e.places(l)
	if err != nil {
		return nil, err
	}
	coords := make([]float64, len(places))
	for t, p := range places {
		coords[t] = float64(p)
	}
	return &ccaPass{rotaryPass: e.rotary.begin(tp, coords), places: places, mask: !e.NoMask}, nil
}

// places returns the place of every token.
func (e *cca) places(l *Layout) ([]int32, error) {
	switch {
	case l.Kind == Grid && l.Rank == 2:
		places := make([]int32, 0, l.Tokens())
		for b := range l.Items() {
			shape := l.ShapeOf(b)
			before, after := 0, l.Leading
			if e.LeadingFirst {
				before, after = l.Leading, 0
			}
			p := Concentric(before, shape[0], shape[1], after)
			cells := len(p) - after
			places = append(append(places, p[cells:]...), p[:cells]...)
		}
		return places, nil
	case l.Kind == Points && l.Rank == 1:
		return e.linePlaces(l)
	case l.Kind == Sequence:
		return e.sequencePlaces(l), nil
	}
	return nil, l.Refuse(e.Name(), "it knows images, alone or between text: lay them out by OnGrid, or by AtPoints with the places that Concentric gives")
}

// linePlaces are the coordinates of points on a line. A memory keeps by how much the places that follow are apart from
// the number of tokens before them.
func (e *cca) linePlaces(l *Layout) ([]int32, error) {
	places := make([]int32, l.Tokens())
	for b := range l.Items() {
		next := 0
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			x := l.Coords[t]
			if x != math.Trunc(x) || x < 0 || x >= math.MaxInt32 {
				return nil, l.Refuse(e.Name(), fmt.Sprintf("token %d of item %d is at %v: want places, whole numbers from 0, as Concentric gives them", t-l.Offsets[b], b, x))
			}
			places[t] = int32(x)
			next = max(next, int(x)+1)
		}
		if l.Memory != nil {
			l.Memory.Get(0, e.Name(), 1).Row(b)[0] = float32(next - (l.Offsets[b+1] - l.Offsets[b]))
		}
	}
	return places, nil
}

// sequencePlaces counts the tokens, on from where a memory knows that an image took fewer places than it has tokens.
func (e *cca) sequencePlaces(l *Layout) []int32 {
	places := make([]int32, l.Tokens())
	for b := range l.Items() {
		shift := 0
		if l.Memory != nil && l.Past != nil && l.Past[b] > 0 {
			shift = int(l.Memory.Get(0, e.Name(), 1).Row(b)[0])
		}
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			places[t] = int32(int(l.Coords[t]) + shift)
		}
	}
	return places
}

type ccaPass struct {
	*rotaryPass
	places []int32
	mask   bool
}

// Attend hands angles and places to the kernel. That a key's place is not after the query's is the whole mask: text sees
// the text and the image before it, an image the text before it, and its cells the rings up to their own.
func (p *ccaPass) Attend(tp *tensor.Tape, a *Attention) {
	p.rotaryPass.Attend(tp, a)
	a.QueryIndex, a.KeyIndex = p.places, p.places
	if p.mask {
		a.Mask.Causal = true
	}
}

// Rings returns the ring of every cell of a grid, row by row, 0 at the border, and their number; see [CCA].
func Rings(rows, columns int) (ring []int32, rings int) {
	if rows < 1 || columns < 1 {
		panic(fmt.Sprintf("encodings: Rings: a grid of %d rows and %d columns has no cells", rows, columns))
	}
	for i := range rows {
		for j := range columns {
			ring = append(ring, int32(min(i, j, rows-1-i, columns-1-j)))
		}
	}
	return ring, (min(rows, columns) + 1) / 2
}

// Concentric returns the places that [CCA] gives a sequence of tokens of text before an image, the cells of the image row
// by row, and tokens of text after it.
func Concentric(before, rows, columns, after int) []int32 {
	ring, rings := Rings(rows, columns)
	var places []int32
	for t := range before {
		places = append(places, int32(t))
	}
	for _, r := range ring {
		places = append(places, int32(before)+r)
	}
	for t := range after {
		places = append(places, int32(before+rings+t))
	}
	return places
}
