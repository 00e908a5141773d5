package tables

import (
	"fmt"
	"strings"
)

// Empty is the word that an empty cell is read as, so that every cell has a token
// (2D-TPE's data code).
const Empty = "None"

// Table is a rectangle of strings below a line of names.
type Table struct {
	Name   string     // where it comes from: a file's name, an id of a data set; for messages
	Title  string     // what is known of it in words, such as a caption; may be empty
	Header []string   // names of the columns
	Rows   [][]string // [rows][columns]
	Notes  []string   // what a reader repaired or left out, for people; usually empty
}

// Columns is the number of columns.
func (t *Table) Columns() int { return len(t.Header) }

// Check tells whether the table is a rectangle of at least one column: the error is
// a [*TableError] that names the first row that is not as wide as the header. A
// table without rows is in order; see [Table.Answerable].
func (t *Table) Check() error {
	if len(t.Header) == 0 {
		return &TableError{Table: t.Name, Row: 0, Reason: "there are no columns", Hint: "the first row must name the columns"}
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Header) {
			return &TableError{Table: t.Name, Row: i + 1, Reason: miscount(len(row), len(t.Header)),
				Hint: "give every row the same number of cells, empty ones included"}
		}
	}
	return nil
}

// Answerable is Check for a table that a question is to be asked of, which must have
// a row: the error of one that has none is an [*EmptyError].
func (t *Table) Answerable() error {
	if err := t.Check(); err != nil {
		return err
	}
	if len(t.Rows) == 0 {
		return &EmptyError{Table: t.Name}
	}
	return nil
}

// Cells gives the texts that are read, the header first: [rows+1][columns], blanks
// around each cut off and Empty in place of nothing.
func (t *Table) Cells() [][]string {
	cells := make([][]string, 0, len(t.Rows)+1)
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		read := make([]string, len(row))
		for j, cell := range row {
			if read[j] = strings.TrimSpace(cell); read[j] == "" {
				read[j] = Empty
			}
		}
		cells = append(cells, read)
	}
	return cells
}

// Head gives the table with its first rows only, all of them where it has no more.
// It shares header and rows with t. Where rows are left out, a note says so.
func (t *Table) Head(rows int) *Table {
	head := *t
	if rows = max(rows, 0); rows < len(t.Rows) {
		head.Rows = t.Rows[:rows:rows]
		head.Notes = append(t.Notes[:len(t.Notes):len(t.Notes)], fmt.Sprintf("%d of %d rows are kept", rows, len(t.Rows)))
	}
	return &head
}

// miscount says by how many cells a row is too long or too short.
func miscount(cells, columns int) string {
	if cells > columns {
		return fmt.Sprintf("%d cells, %d too many for %s", cells, cells-columns, plural(columns, "column"))
	}
	return fmt.Sprintf("%s, %d too few for %s", plural(cells, "cell"), columns-cells, plural(columns, "column"))
}

// plural is a number with the word for what it counts.
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
