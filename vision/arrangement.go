package vision

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// arrangement is how the tokens of a batch lie. It is never changed once it is made, so passes on several tapes may share
// it.
type arrangement struct {
	grid   tensor.Grid // of the patches
	layout *encodings.Layout
	rows   []int32 // with a class token: where each token comes from, 0 being the class token and 1 the first patch
	first  []int32 // with a class token: where those of the images are
}

// arrange returns the arrangement of patches on a grid; batches of one size follow each other, so the last one is kept.
func (m *Model) arrange(grid tensor.Grid) *arrangement {
	if a := m.last.Load(); a != nil && a.grid.Equal(grid) {
		return a
	}
	leading := m.Config.leading()
	a := &arrangement{grid: grid, layout: layoutOf(grid, leading)}
	if leading > 0 {
		for b := range grid.Items() {
			a.first = append(a.first, int32(len(a.rows)))
			a.rows = append(a.rows, 0)
			for t := grid.Offset(b); t < grid.Offset(b+1); t++ {
				a.rows = append(a.rows, int32(t+1))
			}
		}
	}
	m.last.Store(a)
	return a
}

// layoutOf lays out patches, with leading tokens before those of every image.
func layoutOf(grid tensor.Grid, leading int) *encodings.Layout {
	var l *encodings.Layout
	var err error
	switch {
	case grid.Items() == 0:
		l, err = encodings.OnGrid(0, leading, 1, 1)
	case grid.Uniform():
		l, err = encodings.OnGrid(grid.Items(), leading, grid.Size(0).Height, grid.Size(0).Width)
	default:
		shapes := make([][]int, grid.Items())
		for b := range shapes {
			shapes[b] = []int{grid.Size(b).Height, grid.Size(b).Width}
		}
		l, err = encodings.OnGrids(leading, shapes...)
	}
	if err != nil {
		panic(fmt.Sprintf("vision: Forward: %v", err))
	}
	return l
}
