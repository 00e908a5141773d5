package encodings

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Learned adds to every token a learned vector of its place (BERT, GPT-2; ViT for images). It has a table for lines, and
// then refuses sequences that are longer, or for a grid of one Shape.
//
// A table of rows and columns serves grids of other sizes too, several in one batch: it is resized by bicubic
// interpolation, or bilinear, as the vision models do that go on to larger images (torch's interpolate with align_corners
// false and without antialiasing), and learns through the interpolation. The rows of leading tokens stay what they are.
//
// The zero value is the published default for sequences.
type Learned struct {
	MaxLength int   // places of a line; 0 means 512, which is BERT's; GPT-2 has 1,024
	Shape     []int // of the grid that the table is for; nil means a table for lines
	// Leading rows of the table of a grid are for the leading tokens, as ViT has one for its class token. With 0, leading
	// tokens get nothing.
	Leading  int
	Bilinear bool // resizes the table by bilinear interpolation
	// Std is the standard deviation of the initial values; 0 means 0.02. ViT cuts the distribution off at ±2, a hundred
	// deviations away.
	Std float64
}

var _ Encoding = Learned{}

// Name returns learned.
func (Learned) Name() string { return "learned" }

// extrapolating are the encodings that an error names to those whose sequences are longer than a table.
const extrapolating = "alibi, t5-bias, none, or a rotation with rescaled places"

// New refuses a table that is too large for its places to be numbered.
func (e Learned) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if e.Std == 0 {
		e.Std = 0.02
	}
	places := e.MaxLength
	if len(e.Shape) > 0 {
		if places != 0 {
			return nil, fmt.Errorf("encodings: %s: a table of a grid %v has no length %d: set one of both", e.Name(), e.Shape, places)
		}
		places = 1
		for _, n := range e.Shape {
			if n < 1 || places > math.MaxInt32/n {
				return nil, fmt.Errorf("encodings: %s: a grid of shape %v has no cells, or too many", e.Name(), e.Shape)
			}
			places *= n
		}
	} else if places == 0 {
		places = 512
	}
	if places < 1 || e.Leading < 0 || places > math.MaxInt32-e.Leading || len(e.Shape) == 0 && e.Leading != 0 {
		return nil, fmt.Errorf("encodings: %s: a table of %d places of a line or a grid %v, after %d leading ones of the grid, does not exist", e.Name(), places, e.Shape, e.Leading)
	}
	l := &learned{Learned: e, places: places, table: tensor.New(e.Leading+places, d.Width)}
	l.Shape = slices.Clone(e.Shape)
	init.Normal(l.table, e.Std)
	return l, nil
}

type learned struct {
	Learned
	places int                       // without the leading ones
	table  *tensor.Tensor            // [leading + places, width]
	last   atomic.Pointer[tableRows] // of the last grids: passes over one layout follow each other
}

// Params declares the table.
func (e *learned) Params(c *nn.Params) { c.Param("table", e.table) }

// Branches says that it goes by places alone.
func (e *learned) Branches() string { return "" }

// Begin refuses what is longer than the table, and grids that it cannot be resized to.
func (e *learned) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if len(e.Shape) > 0 {
		return e.beginGrid(l)
	}
	places, err := l.places(e.Name())
	if err != nil {
		return nil, err
	}
	for t, p := range places {
		if int(p) >= e.places {
			return nil, l.Refuse(e.Name(), fmt.Sprintf("token %d has place %d, and the table ends after MaxLength %d places: set more, or take an encoding that extrapolates: %s", t, p, e.places, extrapolating))
		}
	}
	return &tableRows{learned: e, index: places}, nil
}

func (e *learned) beginGrid(l *Layout) (Positions, error) {
	if p := e.last.Load(); p != nil && p.layout == l {
		return p, nil
	}
	if l.Kind != Grid || l.Rank != len(e.Shape) {
		return nil, l.Refuse(e.Name(), fmt.Sprintf("its table is for a grid %v: take a table without Shape for lines, and sinusoidal for points", e.Shape))
	}
	if e.Leading != 0 && l.Leading != e.Leading {
		return nil, l.Refuse(e.Name(), fmt.Sprintf("its table is for %d leading tokens, and there are %d", e.Leading, l.Leading))
	}
	p := &tableRows{learned: e, layout: l}
	known := map[[2]int]int{} // where the cells of a shape begin among those of the pass
	for b := range l.Items() {
		shape := l.ShapeOf(b)
		first := 0
		switch same := slices.Equal(shape, e.Shape); {
		case l.Rank != 2 && !same:
			return nil, l.Refuse(e.Name(), fmt.Sprintf("its table is for the shape %v, and only tables of rows and columns can be resized", e.Shape))
		case l.Rank == 2:
			key := [2]int(shape)
			at, ok := known[key]
			if !ok {
				at = p.cells
				known[key] = at
				p.add(shape, same)
			}
			first = at
		}
		p.place(l, b, first)
	}
	if len(p.tokens) == l.Tokens() {
		p.tokens = nil
	}
	e.last.Store(p)
	return p, nil
}

// tableRows adds rows of the table to tokens. It is never changed once it is made.
type tableRows struct {
	Silent
	*learned
	layout *Layout
	index  []int32          // the row of each token
	tokens []int32          // the tokens that get one; nil means all
	resize []*tensor.Tensor // of every shape of the batch, [cells, cells of the table]; nil for the table's own
	cells  int              // of all these shapes
}

// add takes in a shape, of the table itself where it is the same.
func (p *tableRows) add(shape []int, same bool) {
	var m *tensor.Tensor
	if !same {
		m = interpolation(p.Shape, shape, p.Bilinear)
	}
	p.resize, p.cells = append(p.resize, m), p.cells+shape[0]*shape[1]
}

// place numbers the rows of the tokens of item b, whose cells begin at first.
func (p *tableRows) place(l *Layout, b, first int) {
	for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
		switch {
		case !l.Leads(b, t):
			cell := 0
			for axis, n := range l.ShapeOf(b) {
				cell = cell*n + int(l.At(t)[axis])
			}
			p.index = append(p.index, int32(p.Leading+first+cell))
			p.tokens = append(p.tokens, int32(t))
		case p.Leading > 0:
			p.index = append(p.index, int32(t-l.Offsets[b]))
			p.tokens = append(p.tokens, int32(t))
		}
	}
}

// Tokens returns the tokens with their rows added.
func (p *tableRows) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	rows := tp.Gather(p.resized(tp), p.index)
	if p.tokens == nil {
		return tp.Add(x, rows)
	}
	return tp.ScatterAdd(x, rows, p.tokens)
}

// resized returns the rows of leading tokens and the cells of all shapes.
func (p *tableRows) resized(tp *tensor.Tape) *tensor.Var {
	table := tp.Leaf(p.table)
	if len(p.resize) == 0 || len(p.resize) == 1 && p.resize[0] == nil {
		return table
	}
	cells := tp.Rows(table, p.Leading, p.table.Rows())
	all := tp.Rows(table, 0, p.Leading)
	for _, m := range p.resize {
		of := cells
		if m != nil {
			of = tp.MatMul(tp.Const(m), cells)
		}
		all = tp.ConcatRows(all, of)
	}
	return all
}

// interpolation returns the matrix [cells of to, cells of from] that resizes a grid of rows and columns, the centres of
// cells half a cell from the border and cells beyond the border equal to those at it: torch's interpolate with
// align_corners=False, by cubic convolution (Keys 1981) with the coefficient -3/4, mode="bicubic", or linear on each axis,
// mode="bilinear".
func interpolation(from, to []int, bilinear bool) *tensor.Tensor {
	rows, cols := resample(from[0], to[0], bilinear), resample(from[1], to[1], bilinear)
	m := tensor.New(to[0]*to[1], from[0]*from[1])
	for cell := range m.Rows() {
		for i, r := range rows[cell/to[1]] {
			if r == 0 {
				continue
			}
			for j, c := range cols[cell%to[1]] {
				m.Row(cell)[i*from[1]+j] = float32(r * c)
			}
		}
	}
	return m
}

// resample returns the weights of from points for each of to points on one axis.
func resample(from, to int, linear bool) [][]float64 {
	const a = -0.75
	near := func(d float64) float64 { return ((a+2)*d-(a+3))*d*d + 1 }  // d to 1
	far := func(d float64) float64 { return ((a*d-5*a)*d+8*a)*d - 4*a } // d from 1 to 2
	weights := make([][]float64, to)
	for t := range weights {
		weights[t] = make([]float64, from)
		at := (float64(t)+0.5)*float64(from)/float64(to) - 0.5
		low := math.Floor(at)
		d := at - low
		of := []float64{far(d + 1), near(d), near(1 - d), far(2 - d)}
		if linear {
			of = []float64{0, 1 - d, d, 0}
		}
		for k, w := range of {
			weights[t][min(max(int(low)-1+k, 0), from-1)] += w
		}
	}
	return weights
}
