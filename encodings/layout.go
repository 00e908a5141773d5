package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/graphs"
)

// Kind is a kind of layout.
type Kind int

// The kinds of layouts.
const (
	Sequence Kind = iota // tokens one after another
	Grid                 // tokens on a regular grid: patches of an image, frames of a clip
	Points               // tokens anywhere: each has its own coordinates
	Graph                // tokens are the nodes of graphs
	Table                // tokens of tables, which can be read in several orders
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case Sequence:
		return "sequence"
	case Grid:
		return "grid"
	case Points:
		return "points"
	case Graph:
		return "graph"
	case Table:
		return "table"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Layout says where the tokens of a batch are. Items lie end to end, nothing padded. Make one with [Sequences],
// [ContinuedSequences], [OnGrid], [OnGrids], [AtPoints], [OfGraphs], [OfGraphsWithLeading] or [InOrders]; it is to be read
// only.
type Layout struct {
	Kind    Kind
	Offsets []int // items+1: item b owns the tokens Offsets[b] to Offsets[b+1]
	// Rank is the number of coordinates of a token: 1 for sequences, the number of axes of a grid or of points, 0 for
	// graphs.
	Rank int
	// Coords [tokens, rank] are the coordinates, slowest axis first: a patch has (row, column), a patch of a clip (frame,
	// row, column).
	Coords []float64
	// Leading tokens at the front of every item have no place, such as a class token. Their coordinates are 0.
	Leading int
	Shape   []int         // of a grid, where it is the same for every item: [rank]; see [Layout.ShapeOf]
	Shapes  [][]int       // of grids that differ, of every item: [items, rank]
	Graphs  *graphs.Batch // of graphs
	Orders  [][]int32     // of tables: for each order the place of every token in its item, a permutation of 0, 1, 2, ..., but for branches
	Spans   [][2]int      // of tables: the tokens of each item, counted in it, that are cells; nil means all, see [Layout.WithSpans]
	// Branches [tokens] are the branches of items that have such, 0 for the trunk; nil means none, see [Layout.WithBranches].
	Branches []int32
	Past     []int   // of sequences that go on: how many tokens of each item came in passes before; nil means none
	Memory   *Memory // of sequences that go on: what encodings keep between passes; nil means nothing
}

// Items returns the number of items.
func (l *Layout) Items() int { return len(l.Offsets) - 1 }

// Tokens returns the number of tokens.
func (l *Layout) Tokens() int { return l.Offsets[len(l.Offsets)-1] }

// At returns the coordinates of token t.
func (l *Layout) At(t int) []float64 { return l.Coords[t*l.Rank : (t+1)*l.Rank] }

// Leads reports whether token t of item b is one of the leading tokens without a place.
func (l *Layout) Leads(b, t int) bool { return t-l.Offsets[b] < l.Leading }

// String describes the layout in a few words, for messages.
func (l *Layout) String() string {
	switch l.Kind {
	case Grid:
		if l.Shapes != nil {
			return fmt.Sprintf("%d-D grids of different shapes", l.Rank)
		}
		return fmt.Sprintf("a %d-D grid %v", l.Rank, l.Shape)
	case Points:
		return fmt.Sprintf("%d-D points", l.Rank) + l.branching()
	case Graph:
		return "graphs"
	case Table:
		return fmt.Sprintf("tables in %d orders", len(l.Orders)) + l.branching()
	}
	if l.Past != nil {
		return "sequences that go on"
	}
	return "sequences" + l.branching()
}

func (l *Layout) branching() string {
	if l.Branches == nil {
		return ""
	}
	return " with branches"
}

// Refuse returns the error of an encoding that cannot serve the layout. Begin returns it; why ends the sentence.
func (l *Layout) Refuse(encoding, why string) error {
	return fmt.Errorf("encodings: %s cannot serve %v: %s", encoding, l, why)
}

// Flat returns the layout of the same tokens as sequences, in the order in which they lie: what a 1-D encoding makes of
// an image or a table.
func (l *Layout) Flat() *Layout {
	flat := sequences(l.Offsets, nil)
	flat.Branches = l.Branches
	for t, by := range flat.shifts() {
		flat.Coords[t] -= float64(by)
	}
	return flat
}

// Sequences lays out sequences of the given offsets: [sequences+1], rising from 0.
func Sequences(offsets []int) (*Layout, error) {
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	return sequences(offsets, nil), nil
}

// ContinuedSequences lays out the new tokens of sequences of which past[b] tokens came before, with m for what encodings
// have to remember of them.
func ContinuedSequences(offsets, past []int, m *Memory) (*Layout, error) {
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	if len(past) != len(offsets)-1 {
		return nil, fmt.Errorf("encodings: layout: %d numbers of past tokens for %d sequences", len(past), len(offsets)-1)
	}
	for b, n := range past {
		if n < 0 {
			return nil, fmt.Errorf("encodings: layout: sequence %d has %d past tokens", b, n)
		}
	}
	if m != nil && m.sequences != len(past) {
		return nil, fmt.Errorf("encodings: layout: a memory of %d sequences for %d", m.sequences, len(past))
	}
	l := sequences(offsets, past)
	l.Memory = m
	return l, nil
}

func sequences(offsets, past []int) *Layout {
	l := &Layout{Kind: Sequence, Offsets: offsets, Rank: 1, Past: past}
	l.Coords = make([]float64, l.Tokens())
	for b := range l.Items() {
		for t := offsets[b]; t < offsets[b+1]; t++ {
			l.Coords[t] = float64(t - offsets[b])
			if past != nil {
				l.Coords[t] += float64(past[b])
			}
		}
	}
	return l
}

// OnGrid lays out items grids of the given shape, the last axis fastest, each with leading tokens without a place before
// it.
func OnGrid(items, leading int, shape ...int) (*Layout, error) {
	cells, err := gridCells(items, leading, shape)
	if err != nil {
		return nil, err
	}
	each := leading + cells
	l := &Layout{Kind: Grid, Rank: len(shape), Leading: leading, Shape: shape, Offsets: make([]int, items+1)}
	l.Coords = make([]float64, items*each*l.Rank)
	for b := range items {
		l.Offsets[b+1] = (b + 1) * each
		l.placeCells(b, shape)
	}
	return l, nil
}

// AtPoints lays out tokens with coordinates [tokens, rank] of their own; the first leading tokens of every item have no
// place, whatever their coordinates say. A coordinate that is not finite is refused.
func AtPoints(offsets []int, leading, rank int, coords []float64) (*Layout, error) {
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	l := &Layout{Kind: Points, Offsets: offsets, Rank: rank, Leading: leading}
	if rank < 1 || leading < 0 || len(coords) != l.Tokens()*rank {
		return nil, fmt.Errorf("encodings: layout: %d coordinates for %d tokens of %d each, %d of an item leading", len(coords), l.Tokens(), rank, leading)
	}
	l.Coords = append([]float64(nil), coords...)
	for b := range l.Items() {
		for t := offsets[b]; t < offsets[b+1]; t++ {
			for axis, x := range l.At(t) {
				if l.Leads(b, t) {
					l.At(t)[axis] = 0
				} else if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, fmt.Errorf("encodings: layout: coordinate %d of token %d of item %d is %v: want a finite number", axis, t-offsets[b], b, x)
				}
			}
		}
	}
	return l, nil
}

// OfGraphs lays out the nodes of a batch of graphs.
func OfGraphs(b *graphs.Batch) *Layout {
	return &Layout{Kind: Graph, Offsets: b.Offsets, Graphs: b}
}

// InOrders lays out tokens that can be read in several orders, each of which gives every token its place in its item.
func InOrders(offsets []int, orders ...[]int32) (*Layout, error) {
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, fmt.Errorf("encodings: layout: a table in no order: want at least one")
	}
	l := sequences(offsets, nil)
	l.Kind, l.Orders = Table, orders
	for k, order := range orders {
		if len(order) != l.Tokens() {
			return nil, fmt.Errorf("encodings: layout: order %d has %d places for %d tokens", k, len(order), l.Tokens())
		}
		for b := range l.Items() {
			places := order[offsets[b]:offsets[b+1]]
			seen := make([]bool, len(places))
			for t, p := range places {
				if p < 0 || int(p) >= len(places) || seen[p] {
					return nil, fmt.Errorf("encodings: layout: order %d gives token %d of item %d the place %d, which is taken or outside 0 to %d", k, t, b, p, len(places)-1)
				}
				seen[p] = true
			}
		}
	}
	return l, nil
}

func checkOffsets(offsets []int) error {
	if len(offsets) == 0 || offsets[0] != 0 {
		return fmt.Errorf("encodings: layout: offsets %v do not begin with 0", offsets)
	}
	for b := 1; b < len(offsets); b++ {
		if offsets[b] < offsets[b-1] {
			return fmt.Errorf("encodings: layout: offset %d is %d, below the one before, %d", b, offsets[b], offsets[b-1])
		}
	}
	return nil
}
