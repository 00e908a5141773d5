package tables

// Length is the number of tokens that a table has with its separators, see [Read];
// cells is [rows][columns][tokens].
func Length(cells [][][]int32) int {
	n := 0
	for _, row := range cells {
		n += rowLength(row)
	}
	return n
}

// rowLength is what one row of the table takes in both its rows of the grid.
func rowLength(row [][]int32) int {
	n := 3*len(row) + 2 // bars, dashes, bars below; two ends of a row
	for _, cell := range row {
		n += len(cell)
	}
	return n
}

// Budget is the room that there is for a table.
type Budget struct {
	Limit    int  // tokens of the whole sequence at most
	Text     int  // tokens of it that are not the table's: text around it, an answer
	Truncate bool // a table that is too long is cut to the rows that fit, from the first
}

// Rows is how many of the rows below the header fit; cells is [rows][columns][tokens],
// the header first. It is -1 where not even the header does.
func (b Budget) Rows(cells [][][]int32) int {
	room := b.Limit - b.Text
	for i, row := range cells {
		if room -= rowLength(row); room < 0 {
			return i - 1
		}
	}
	return len(cells) - 1
}

// Fit gives table and tokens as they are where there is room for them, and else the
// rows that fit if the budget allows it. The error is a [*LongError]: the table is
// too long and may not be truncated, or not even its first row fits. cells are the
// tokens of t.
func (b Budget) Fit(t *Table, cells [][][]int32) (*Table, [][][]int32, error) {
	fit := max(b.Rows(cells), 0)
	tokens := b.Text + Length(cells)
	if tokens <= b.Limit {
		return t, cells, nil
	}
	if !b.Truncate || fit == 0 {
		return nil, nil, &LongError{Table: t.Name, Tokens: tokens, Limit: b.Limit, Rows: len(t.Rows), Fit: fit}
	}
	return t.Head(fit), cells[: fit+1 : fit+1], nil
}
