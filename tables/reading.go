package tables

import (
	"fmt"
	"math"
)

// Reading is a sequence of tokens with a table in it, and where each token stands in
// the two orders that 2D-TPE reads a table in. Its tokens lie in row order, those of
// [Reading.InColumnOrder] in column order; everything else is per token.
type Reading struct {
	IDs    []int32    // text before the table, the table with its separators, text after it
	Row    []int32    // place in the row order, a permutation of 0 to tokens-1
	Column []int32    // place in the column order, a permutation of the same
	Span   [2]int     // the table's tokens are IDs[Span[0]:Span[1]]
	Grid   [][2]int32 // row and column in the extended grid, -1 outside the table
	Cell   [][2]int32 // row (0 is the header) and column of the cell in the table, -1 for separators and text
}

// Read lays a table out between two texts as the official data code of 2D-TPE does
// (arXiv 2409.19700, src/sft_minicpm.py, encode_and_insert_separators and
// SupervisedDataset). cells is [rows][columns][tokens], the header first (see
// [Tokens]). prefix begins with Marks.BOS where the model wants it.
//
// The extended grid has two rows for each of the table's: the cells, each followed
// by a cell with Marks.Bar, then Marks.RowEnd; and below them for each cell
// Marks.Dash, in the last Marks.ColumnEnd, followed by Marks.Bar, then Marks.RowEnd.
// So r x c cells become 2r x (2c+1). The row order walks this grid row by row, the
// column order column by column; tokens of one cell stay together, and both orders
// give the table's tokens the same range of places. Text has the same place in both.
//
// The error is a [*TableError]: rows of different width, or a cell without tokens.
func Read(prefix []int32, cells [][][]int32, suffix []int32, m Marks) (*Reading, error) {
	if err := checkTokens(cells); err != nil {
		return nil, err
	}
	table := Length(cells)
	total := len(prefix) + table + len(suffix)
	if total > math.MaxInt32 {
		return nil, &TableError{Row: -1, Reason: fmt.Sprintf("%d tokens are more than a sequence can have", total)}
	}
	r := &Reading{IDs: make([]int32, 0, total), Row: make([]int32, 0, total), Column: make([]int32, 0, total),
		Grid: make([][2]int32, 0, total), Cell: make([][2]int32, 0, total)}
	r.Append(prefix...)
	r.Span = [2]int{len(prefix), len(prefix) + table}
	for i, row := range cells {
		for j, cell := range row {
			r.place(cell, [2]int32{int32(2 * i), int32(2 * j)}, [2]int32{int32(i), int32(j)})
			r.mark(m.Bar, 2*i, 2*j+1)
		}
		r.mark(m.RowEnd, 2*i, 2*len(row))
		below := m.Dash
		if i == len(cells)-1 {
			below = m.ColumnEnd
		}
		for j := range row {
			r.mark(below, 2*i+1, 2*j)
			r.mark(m.Bar, 2*i+1, 2*j+1)
		}
		r.mark(m.RowEnd, 2*i+1, 2*len(row))
	}
	r.columnOrder(2 * len(cells[0]))
	r.Append(suffix...)
	return r, nil
}

func checkTokens(cells [][][]int32) error {
	if len(cells) == 0 || len(cells[0]) == 0 {
		return &TableError{Row: -1, Reason: "there are no cells to read"}
	}
	for i, row := range cells {
		if len(row) != len(cells[0]) {
			return &TableError{Row: i, Reason: miscount(len(row), len(cells[0]))}
		}
		for j, cell := range row {
			if len(cell) == 0 {
				return &TableError{Row: i, Reason: fmt.Sprintf("the cell in column %d has no tokens", j+1), Hint: fmt.Sprintf("write %q in place of nothing", Empty)}
			}
		}
	}
	return nil
}

// place appends the tokens of one cell of the grid; their place in the column order
// is for columnOrder.
func (r *Reading) place(tokens []int32, grid, cell [2]int32) {
	for _, id := range tokens {
		r.Row = append(r.Row, int32(len(r.IDs)))
		r.IDs = append(r.IDs, id)
		r.Column = append(r.Column, 0)
		r.Grid = append(r.Grid, grid)
		r.Cell = append(r.Cell, cell)
	}
}

func (r *Reading) mark(id int32, row, column int) {
	r.place([]int32{id}, [2]int32{int32(row), int32(column)}, outside)
}

// outside is where a token is that is in no cell.
var outside = [2]int32{-1, -1}

// columnOrder numbers the table's tokens column by column. Within a column of the
// grid the row order runs downwards already, so counting sort by column, which keeps
// the order of equals, is all there is to it.
func (r *Reading) columnOrder(lastColumn int) {
	next := make([]int32, lastColumn+2)
	for _, g := range r.Grid[r.Span[0]:r.Span[1]] {
		next[g[1]+1]++
	}
	next[0] = int32(r.Span[0])
	for c := range lastColumn + 1 {
		next[c+1] += next[c]
	}
	for m := r.Span[0]; m < r.Span[1]; m++ {
		column := r.Grid[m][1]
		r.Column[m] = next[column]
		next[column]++
	}
}

// Append adds text at the end, such as an answer while it is written: tokens whose
// places continue in both orders.
func (r *Reading) Append(ids ...int32) {
	for _, id := range ids {
		r.Row = append(r.Row, int32(len(r.IDs)))
		r.Column = append(r.Column, int32(len(r.IDs)))
		r.IDs = append(r.IDs, id)
		r.Grid = append(r.Grid, outside)
		r.Cell = append(r.Cell, outside)
	}
}

// InColumnOrder gives the same tokens one after another as the column order has
// them, for encodings of one dimension that read by columns. Row and Column still
// tell the place of each token in either order, so Column counts up.
func (r *Reading) InColumnOrder() *Reading {
	n := len(r.IDs)
	out := &Reading{IDs: make([]int32, n), Row: make([]int32, n), Column: make([]int32, n), Span: r.Span,
		Grid: make([][2]int32, n), Cell: make([][2]int32, n)}
	for m, to := range r.Column {
		out.IDs[to], out.Row[to], out.Column[to] = r.IDs[m], r.Row[m], to
		out.Grid[to], out.Cell[to] = r.Grid[m], r.Cell[m]
	}
	return out
}

// Coordinates gives each token a point in the plane, [tokens, 2] row after row, for
// axial rotations. Token i of the text before the table stands at (i, i); with P
// such tokens, the cell at row y and column x of the extended grid at (P+y, P+x), its
// k-th of n tokens k/n of a column to the right; the text after the table goes on
// along the diagonal one beyond the larger side of the grid.
//
// The published data code has coordinates as well, which the model never uses; they
// stride by the grid's width and height, and these do not, so that a step in the
// table is the same step whatever the size.
func (r *Reading) Coordinates() []float64 {
	out := make([]float64, 0, 2*len(r.IDs))
	corner := r.Span[0]
	var side int32
	for _, g := range r.Grid {
		side = max(side, g[0]+1, g[1]+1)
	}
	for m := range corner {
		out = append(out, float64(m), float64(m))
	}
	for m := corner; m < r.Span[1]; {
		end := m + 1
		for end < r.Span[1] && r.Grid[end] == r.Grid[m] { // in both orders a cell's tokens stay together
			end++
		}
		y, x := float64(corner+int(r.Grid[m][0])), float64(corner+int(r.Grid[m][1]))
		for k := range end - m {
			out = append(out, y, x+float64(k)/float64(end-m))
		}
		m = end
	}
	for m := r.Span[1]; m < len(r.IDs); m++ {
		at := float64(corner + int(side) + m - r.Span[1])
		out = append(out, at, at)
	}
	return out
}
