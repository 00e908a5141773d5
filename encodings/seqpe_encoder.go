package encodings

import (
	"fmt"
	"math/rand/v2"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// seqPE is the encoder.
type seqPE struct {
	SeqPE
	d                    Dims
	out, lossHeads       int // width of a vector, slices of it that losses take for rows
	queryWidth, keyWidth int // of e_q and e_k
	reader               *digitReader
	class                *tensor.Tensor // [1, out]: of leading tokens; nil where there is none
	maps                 []*nn.Linear   // W: one, or one a layer; none where vectors are added to tokens
	seed                 uint64         // of the pool of places that windows are moved to
}

// Params declares the reader of digits, the vector of leading tokens and W.
func (e *seqPE) Params(c *nn.Params) {
	c.Sub("reader", e.reader)
	c.Param("class", e.class)
	for i, m := range e.maps {
		c.Sub(fmt.Sprintf("map.%d", i), m)
	}
}

// coords returns the whole coordinates [tokens, axes] of a layout, 0 for leading tokens.
func (e *seqPE) coords(l *Layout) ([]int, error) {
	switch {
	case l.Kind == Graph:
		return nil, l.Refuse(e.Name(), "it reads coordinates, and nodes have none: take an encoding of graphs, or AtPoints with coordinates of the nodes")
	case l.Kind == Table && e.Axes != 1:
		return nil, l.Refuse(e.Name(), fmt.Sprintf("Axes is %d: lay the cells out by OnGrid or AtPoints, or set Axes to 1 for their first order", e.Axes))
	case l.Leading > 0 && e.class == nil:
		return nil, l.Refuse(e.Name(), "it has no vector for leading tokens: set Leading")
	case l.Rank != e.Axes:
		return nil, l.Refuse(e.Name(), fmt.Sprintf("Axes is %d and tokens have %d coordinates: set Axes to %d, or take the layout's Flat", e.Axes, l.Rank, l.Rank))
	}
	written := l.Coords
	if l.Kind == Table {
		written = make([]float64, l.Tokens())
		for t, place := range l.Orders[0] {
			written[t] = float64(place)
		}
	}
	coords := make([]int, len(written))
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			for i := t * e.Axes; i < (t+1)*e.Axes && !l.Leads(b, t); i++ {
				if err := e.fits(written[i]); err != nil {
					return nil, l.Refuse(e.Name(), fmt.Sprintf("token %d of item %d: %v", t-l.Offsets[b], b, err))
				}
				coords[i] = int(written[i])
			}
		}
	}
	return coords, nil
}

// window returns the extent of the batch along each axis.
func (e *seqPE) window(l *Layout, coords []int) []int {
	if l.Shape != nil {
		return l.Shape
	}
	window := make([]int, e.Axes)
	for i, x := range coords {
		window[i%e.Axes] = max(window[i%e.Axes], x+1)
	}
	return window
}

// Branches says that it goes by places alone.
func (e *seqPE) Branches() string { return "" }

// Begin reads the distinct positions of the batch, and in training those that the losses compare.
func (e *seqPE) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	coords, err := e.coords(l)
	if err != nil {
		return nil, err
	}
	p := &seqPEPass{seqPE: e, layout: l}
	set := newPositionSet(e.SeqPE)
	if tp.Training() && l.Past == nil && l.Tokens() > 0 {
		if err := e.draw(tp, p, set, coords); err != nil {
			return nil, err
		}
	}
	e.number(p, set, coords)
	e.read(tp, p, set)
	return p, nil
}

// read makes the vectors of the numbered positions, and what all layers share of them.
func (e *seqPE) read(tp *tensor.Tape, p *seqPEPass, set *positionSet) {
	p.vectors = e.reader.read(tp, set.coords)
	if p.first > 0 {
		p.vectors = tp.ConcatRows(tp.Leaf(e.class), p.vectors)
	}
	if len(e.maps) == 1 {
		p.mapped = e.maps[0].Apply(tp, p.vectors)
	}
}

// number gives every token the row of its vector.
func (e *seqPE) number(p *seqPEPass, set *positionSet, coords []int) {
	l := p.layout
	p.first = int32(min(l.Leading, 1))
	p.rows = make([]int32, l.Tokens())
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			if !l.Leads(b, t) {
				p.rows[t] = p.first + set.row(coords[t*e.Axes:(t+1)*e.Axes])
			}
		}
	}
}

// draw does what a training pass leaves to chance: it moves coords, or draws the windows of the distillation, and draws
// the pivots of the contrastive loss.
func (e *seqPE) draw(tp *tensor.Tape, p *seqPEPass, set *positionSet, coords []int) error {
	d := &seqPEDraw{settings: e.SeqPE, rng: rand.New(rand.NewPCG(tp.Draw()))}
	l := p.layout
	window := e.window(l, coords)
	for a, n := range window {
		if n >= e.MaxPosition && !(e.Shift.Off && e.Transfer.Off) {
			return l.Refuse(e.Name(), fmt.Sprintf("axis %d is %d long, and positions beyond it are drawn below MaxPosition %d: raise it, or set Shift.Off and Transfer.Off", a, n, e.MaxPosition))
		}
	}
	if !e.Shift.Off && d.rng.Float64() < e.Shift.Rate {
		e.move(d, l, window, coords)
	} else if !e.Transfer.Off {
		if err := e.drawTransfer(d, p, set, window); err != nil {
			return err
		}
	}
	if e.Contrastive.Off {
		return nil
	}
	for range e.Contrastive.Pivots {
		v := d.pivot()
		p.pivots, p.labels = append(p.pivots, set.row(v.at)), append(p.labels, v.label)
		for _, c := range v.candidates {
			p.candidates = append(p.candidates, set.row(c))
		}
	}
	return nil
}

// move adds to the coordinates of every item a start from the pool, as many different ones in the batch as Splits allows.
// Start k of a shape of window is a function of the encoder's seed, so there is no pool to keep.
func (e *seqPE) move(d *seqPEDraw, l *Layout, window, coords []int) {
	splits := min(e.Shift.Splits, e.Shift.Starts, l.Items())
	first := d.rng.IntN(e.Shift.Starts)
	start := make([]int, e.Axes)
	for b := range l.Items() {
		k := (first + b*splits/l.Items()) % e.Shift.Starts
		rng := rand.New(rand.NewPCG(e.seed, uint64(k)))
		for a, n := range window {
			start[a] = rng.IntN(e.MaxPosition - n + 1)
		}
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			for a := range start {
				coords[t*e.Axes+a] += start[a] // those of leading tokens are not looked at
			}
		}
	}
}

// drawTransfer draws the cells that the distillation compares.
func (e *seqPE) drawTransfer(d *seqPEDraw, p *seqPEPass, set *positionSet, window []int) error {
	cells, room := 1, false
	for _, n := range window {
		cells *= n
		room = room || e.MaxPosition > 2*n
	}
	if !room {
		return p.layout.Refuse(e.Name(), fmt.Sprintf("no window of %v outside the batch's own fits below MaxPosition %d: raise it, or set Transfer.Off", window, e.MaxPosition))
	}
	at := make([]int, e.Axes)
	for range e.Transfer.Windows {
		start := d.moved(window)
		for _, cell := range d.distinct(uint64(cells), e.Transfer.Cells) {
			for a := e.Axes - 1; a >= 0; a-- {
				at[a] = int(cell % uint64(window[a]))
				cell /= uint64(window[a])
			}
			p.home = append(p.home, set.row(at))
			for a := range at {
				at[a] += start[a]
			}
			p.away = append(p.away, set.row(at))
		}
	}
	return nil
}
