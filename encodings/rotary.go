package encodings

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// rotary turns the pairs of channels of queries and keys by fixed angles. All rotations that learn nothing are this one
// table: pair t of a token at p turns by p[axis[t]] * freqs[t] radians.
type rotary struct {
	name        string
	axes        int       // coordinates that a token must have
	axis        []int     // [pairs] the coordinate that each pair listens to
	freqs       []float64 // [pairs] radians by unit of the coordinate
	interleaved bool
	table       atomic.Pointer[rotaryTable]
}

// rotaryTable holds the cosines and sines of whole coordinates 0, 1, 2, ... It is never changed once others can see it,
// so passes on several tapes may share it.
type rotaryTable struct {
	freqs    []float64
	rows     int
	cos, sin []float32 // [rows, pairs]
}

// rotaryRows is the longest table that is kept, and rotaryGrain the number of tokens that are done at a time.
const (
	rotaryRows  = 1 << 15
	rotaryGrain = 256
)

// evenHead refuses heads whose channels do not make pairs.
func evenHead(name string, dim int) error {
	if dim%2 != 0 {
		return fmt.Errorf("encodings: %s: a head of %d channels does not fall into pairs that can turn: choose Width and Heads so that HeadDim is even, %d or %d for one",
			name, dim, max(2, dim-1), dim+1)
	}
	return nil
}

// checkBase refuses bases whose powers are no frequencies and puts in the default for 0.
func checkBase(name string, base, fallback float64) (float64, error) {
	if base == 0 {
		return fallback, nil
	}
	if !(base > 0) || math.IsInf(base, 0) {
		return 0, fmt.Errorf("encodings: %s: Base is %v: want a positive number, 0 for the default of %v", name, base, fallback)
	}
	return base, nil
}

// axesOf returns the coordinates [tokens, axes] of a layout, or why it has none that fit.
func axesOf(name string, axes int, l *Layout) ([]float64, error) {
	switch l.Kind {
	case Graph:
		return nil, l.Refuse(name, "it turns by coordinates, and nodes have none: use an encoding of graphs, or AtPoints with coordinates of the nodes")
	case Table:
		if axes == 1 {
			coords := make([]float64, l.Tokens())
			for t, p := range l.Orders[0] {
				coords[t] = float64(p)
			}
			return coords, nil
		}
		return nil, l.Refuse(name, fmt.Sprintf("it wants %d coordinates of every token: lay the cells out by OnGrid or AtPoints", axes))
	}
	if l.Rank == axes {
		return l.Coords, nil
	}
	if axes == 1 {
		return nil, l.Refuse(name, fmt.Sprintf("it knows one axis and tokens have %d coordinates: use axial-rope, mixed-rope or comrope-ld, or the layout's Flat for the order in which they lie", l.Rank))
	}
	return nil, l.Refuse(name, fmt.Sprintf("it was made for %d axes and tokens have %d: make it for %d, or use rope for a single one", axes, l.Rank, l.Rank))
}

// Branches says that angles go by the places of tokens alone.
func (r *rotary) Branches() string { return "" }

// rotaryPass is the encoding of a pass in which queries and keys turn by fixed angles, in all layers alike.
type rotaryPass struct {
	Silent
	query, key *attention.Rotation
	turn       attention.Rotation // what both usually are
	fill       rotaryFill
}

// Attend hands the angles to the kernel.
func (p *rotaryPass) Attend(_ *tensor.Tape, a *Attention) {
	a.RotateQuery, a.RotateKey = p.query, p.key
}

// begin makes the pass of tokens at coords [tokens, axes].
func (r *rotary) begin(tp *tensor.Tape, coords []float64) *rotaryPass {
	return r.beginAt(tp, coords, r.freqs)
}

// beginAt is begin with frequencies of this pass.
func (r *rotary) beginAt(tp *tensor.Tape, coords, freqs []float64) *rotaryPass {
	pairs, tokens := len(r.freqs), len(coords)/r.axes
	p := &rotaryPass{}
	p.turn = attention.Rotation{Cos: rotaryOut(tp, tokens, pairs), Sin: rotaryOut(tp, tokens, pairs), Pairs: pairs, Interleaved: r.interleaved}
	p.query, p.key = &p.turn, &p.turn
	p.fill = rotaryFill{cos: p.turn.Cos.Data(), sin: p.turn.Sin.Data(), coords: coords, axes: r.axes, axis: r.axis,
		freqs: freqs, table: r.lookup(coords, freqs)}
	parallel.For(tokens, rotaryGrain, &p.fill)
	return p
}

// rotaryOut returns memory of the tape for a table that all layers read.
func rotaryOut(tp *tensor.Tape, tokens, pairs int) *tensor.Tensor {
	return tp.Out(false, tokens, pairs).Keep().Value()
}

// lookup returns the table of the frequencies, made longer where the coordinates want it, or nil where there is none.
func (r *rotary) lookup(coords, freqs []float64) *rotaryTable {
	old := r.table.Load()
	if old != nil && !slices.Equal(old.freqs, freqs) {
		old = nil
	}
	need := 0
	for _, x := range coords {
		if x < rotaryRows && x >= float64(need) {
			need = int(x) + 1
		}
	}
	if old != nil && old.rows >= need || need > 64+4*len(coords) {
		return old // long enough, or it would be made for a few tokens far out
	}
	rows := 64
	for rows < need {
		rows *= 2
	}
	pairs := len(freqs)
	made := &rotaryTable{freqs: slices.Clone(freqs), rows: rows, cos: make([]float32, rows*pairs), sin: make([]float32, rows*pairs)}
	whole := make([]float64, rows)
	for n := range whole {
		whole[n] = float64(n)
	}
	parallel.For(rows, rotaryGrain, &rotaryFill{cos: made.cos, sin: made.sin, coords: whole, axes: 1, axis: make([]int, pairs), freqs: freqs})
	r.table.Store(made)
	return made
}

// rotaryFill computes rows of cosines and sines.
type rotaryFill struct {
	cos, sin []float32 // [tokens, pairs]
	coords   []float64 // [tokens, axes]
	axes     int
	axis     []int
	freqs    []float64
	table    *rotaryTable // of whole coordinates; nil where there is none
	lo       int          // the first token
}

// Run does the tokens lo to hi after the first.
func (f *rotaryFill) Run(_, lo, hi int) {
	pairs := len(f.freqs)
	for t := f.lo + lo; t < f.lo+hi; t++ {
		at, cos, sin := f.coords[t*f.axes:(t+1)*f.axes], f.cos[t*pairs:(t+1)*pairs], f.sin[t*pairs:(t+1)*pairs]
		if row := f.row(at[0]); row >= 0 && f.axes == 1 {
			copy(cos, f.table.cos[row:])
			copy(sin, f.table.sin[row:])
			continue
		}
		for i, w := range f.freqs {
			x := at[f.axis[i]]
			if row := f.row(x); row >= 0 {
				cos[i], sin[i] = f.table.cos[row+i], f.table.sin[row+i]
				continue
			}
			s, c := math.Sincos(x * w)
			cos[i], sin[i] = float32(c), float32(s)
		}
	}
}

// row returns where the table has the coordinate, or -1.
func (f *rotaryFill) row(x float64) int {
	if f.table == nil || !(x >= 0 && x < float64(f.table.rows)) || x != math.Trunc(x) {
		return -1
	}
	return int(x) * len(f.freqs)
}
