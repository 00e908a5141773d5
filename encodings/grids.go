package encodings

import (
	"fmt"
	"math"
	"slices"
)

// OnGrids lays out grids of shapes of their own, all of one rank: the images of a batch that differ in size. Each has
// leading tokens without a place before it. Where all shapes are the same it is [OnGrid]. It needs at least one grid.
func OnGrids(leading int, shapes ...[]int) (*Layout, error) {
	if len(shapes) == 0 {
		return nil, fmt.Errorf("encodings: layout: no grids: want at least one, or OnGrid, which says of what rank none are")
	}
	same := true
	for _, s := range shapes {
		same = same && slices.Equal(s, shapes[0])
	}
	if same {
		return OnGrid(len(shapes), leading, shapes[0]...)
	}
	l := &Layout{Kind: Grid, Rank: len(shapes[0]), Leading: leading, Offsets: make([]int, len(shapes)+1)}
	for b, s := range shapes {
		cells, err := gridCells(1, leading, s)
		switch {
		case err != nil:
			return nil, err
		case len(s) != l.Rank:
			return nil, fmt.Errorf("encodings: layout: grid %d has the shape %v, and grid 0 %v: want all of one rank", b, s, shapes[0])
		case l.Offsets[b] > math.MaxInt32-leading-cells:
			return nil, fmt.Errorf("encodings: layout: %d grids, the last of shape %v, have too many cells", b+1, s)
		}
		l.Offsets[b+1] = l.Offsets[b] + leading + cells
		l.Shapes = append(l.Shapes, slices.Clone(s))
	}
	l.Coords = make([]float64, l.Tokens()*l.Rank)
	for b, s := range l.Shapes {
		l.placeCells(b, s)
	}
	return l, nil
}

// ShapeOf returns the shape of the grid of item b: [rank].
func (l *Layout) ShapeOf(b int) []int {
	if l.Shapes != nil {
		return l.Shapes[b]
	}
	return l.Shape
}

// gridCells returns the number of cells of a grid, or why there cannot be so many of it.
func gridCells(items, leading int, shape []int) (int, error) {
	if items < 0 || leading < 0 || len(shape) == 0 {
		return 0, fmt.Errorf("encodings: layout: %d grids of shape %v with %d leading tokens do not exist", items, shape, leading)
	}
	cells := 1
	for _, n := range shape {
		if n < 1 || cells > math.MaxInt32/n {
			return 0, fmt.Errorf("encodings: layout: a grid of shape %v has no cells, or too many", shape)
		}
		cells *= n
	}
	if leading > math.MaxInt32-cells || items > math.MaxInt32/(leading+cells) {
		return 0, fmt.Errorf("encodings: layout: %d grids of shape %v have too many cells", items, shape)
	}
	return cells, nil
}

// placeCells fills in the coordinates of item b, whose grid has the given shape.
func (l *Layout) placeCells(b int, shape []int) {
	for c, first := 0, l.Offsets[b]+l.Leading; first+c < l.Offsets[b+1]; c++ {
		at := l.At(first + c)
		for axis, rest := l.Rank-1, c; axis >= 0; axis-- {
			at[axis] = float64(rest % shape[axis])
			rest /= shape[axis]
		}
	}
}
