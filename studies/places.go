package studies

import (
	"cmp"
	"slices"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/sequences"
)

// place is row and column, or a number twice for a token of text.
type place struct{ row, column int }

// onPlane gives the tokens of a prompt their places by the rule of [OnPlane]; clip is where the grid begins, and cells are
// the first token of the grid and the first after it. grid has the rows and columns of the cells, and lengths.Outside
// elsewhere.
func onPlane(grid [][2]int32) (places []place, clip int, cells [2]int) {
	next, corner := 0, -1 // corner: where the grid begins, -1 before it
	for t, at := range grid {
		p := place{next, next}
		switch {
		case at != [2]int32{lengths.Outside, lengths.Outside}:
			if corner < 0 {
				corner, cells[0] = next, t
			}
			p = place{corner + int(at[0]), corner + int(at[1])}
			cells[1] = t + 1
		case t > 0 && corner >= 0 && cells[1] == t: // the mark behind a row
			p = place{places[t-1].row, places[t-1].column + 1}
		}
		places = append(places, p)
		next = max(next, p.row+1, p.column+1)
	}
	if cells[1] > 0 && cells[1] < len(grid) {
		cells[1]++ // the mark behind the last row
	}
	return places, max(corner, 0), cells
}

// placesFor gives what a reading tells the encoding of a prompt's tokens; nil where they lie in a line.
func placesFor(r Reading, grid [][2]int32) *sequences.Places {
	if r == InLine {
		return nil
	}
	places, clip, cells := onPlane(grid)
	switch r {
	case InOrders:
		byRow := make([]int32, len(places))
		for t := range byRow {
			byRow[t] = int32(t)
		}
		column := slices.Clone(byRow) // tokens as they come column by column
		slices.SortStableFunc(column[cells[0]:cells[1]], func(s, t int32) int {
			return cmp.Compare(places[s].column, places[t].column)
		})
		byColumn := make([]int32, len(places))
		for at, t := range column {
			byColumn[t] = int32(at)
		}
		return &sequences.Places{Orders: [][]int32{byRow, byColumn}, Cells: cells}
	case InClip:
		p := &sequences.Places{Rank: 3}
		for t, at := range places {
			frame := at.row
			if t >= cells[0] && t < cells[1] {
				frame = clip
			}
			p.Coords = append(p.Coords, float64(frame), float64(at.row), float64(at.column))
		}
		return p
	}
	p := &sequences.Places{Rank: 2}
	for _, at := range places {
		p.Coords = append(p.Coords, float64(at.row), float64(at.column))
	}
	return p
}
