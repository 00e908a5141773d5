package tables

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Records gives the rows of a file as they stand there: what a format must do to
// become a table. The cells are valid until the next call; line is where they begin,
// from 1. At the end the error is io.EOF.
type Records interface {
	Next() (cells []string, line int, err error)
}

// RowReader gives a table row by row, in memory for one row, and repairs or refuses
// what is not a rectangle as its options say. Make one with [NewRowReader], or for
// delimited text with [StreamCSV].
type RowReader struct {
	name    string
	in      Records
	o       Options
	header  []string
	pending []string // the first row where that is data, until it was given
	line    int
	rows    int // given
	short   tally
	long    tally
	cut     bool
	err     error // final
}

// tally counts repaired rows.
type tally struct{ rows, first int }

func (t *tally) at(line int) {
	if t.rows++; t.rows == 1 {
		t.first = line
	}
}

// NewRowReader reads the names of the columns from in, which messages call name. The
// error is a [*FileError] or [*OptionError].
func NewRowReader(name string, in Records, o Options) (*RowReader, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &RowReader{name: name, in: in, o: o}
	first, line, err := in.Next()
	if err == io.EOF {
		return nil, &FileError{File: name, Reason: "the file is empty", Hint: "its first line must name the columns"}
	}
	if err != nil {
		return nil, err
	}
	r.line = line
	if err := r.checkCells(first, 0); err != nil {
		return nil, err
	}
	switch {
	case len(first) == 0:
		return nil, r.fail("the header has no columns", "its first line must name them")
	case o.NoHeader:
		r.pending = slices.Clone(first)
		r.header = make([]string, len(first))
		for j := range r.header {
			r.header[j] = placeName(j)
		}
	default:
		if r.header, err = nameColumns(first, o.Names); err != nil {
			return nil, r.fail(err.Error(), "give each column a name of its own, or have them numbered (Names)")
		}
	}
	return r, nil
}

// placeName is the name of a column that has none.
func placeName(j int) string { return fmt.Sprintf("column %d", j+1) }

// nameColumns makes the names of columns out of the cells of a header.
func nameColumns(cells []string, how Names) ([]string, error) {
	names := slices.Clone(cells)
	if how == NamesKept {
		return names, nil
	}
	for j := range names {
		if names[j] = strings.TrimSpace(names[j]); names[j] == "" {
			names[j] = placeName(j)
		}
	}
	place := make(map[string]int, len(names)) // of the first of each name
	for j, name := range names {
		if first, twice := place[name]; twice {
			if how == NamesUnique {
				return nil, fmt.Errorf("columns %d and %d are both called %q", first+1, j+1, clip(name))
			}
			continue
		}
		place[name] = j
	}
	number(names, place)
	return names, nil
}

// number tells names that come again apart: "name (2)", "name (3)". place has the
// first of each.
func number(names []string, place map[string]int) {
	last := map[string]int{}
	for j, name := range names {
		if place[name] == j {
			continue
		}
		n := max(last[name], 1) + 1
		for {
			numbered := fmt.Sprintf("%s (%d)", name, n)
			if _, taken := place[numbered]; !taken {
				names[j], place[numbered], last[name] = numbered, j, n
				break
			}
			n++
		}
	}
}

// Header is the names of the columns.
func (r *RowReader) Header() []string { return r.header }

// Line is where the row that was read last begins, from 1.
func (r *RowReader) Line() int { return r.line }

// Next gives the cells of the next row, as many as the header has; they are valid
// until the one after. At the end the error is io.EOF, else a [*FileError]; either is
// final.
func (r *RowReader) Next() ([]string, error) {
	if r.err != nil {
		return nil, r.err
	}
	row, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.rows++
	return row, nil
}

func (r *RowReader) next() ([]string, error) {
	row, line := r.pending, r.line
	r.pending = nil
	if row == nil {
		var err error
		row, line, err = r.in.Next()
		if r.o.MaxRows > 0 && r.rows == r.o.MaxRows && err != io.EOF {
			r.cut = true // whatever comes, a wrong row included
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
	}
	r.line = line
	if err := r.checkCells(row, r.rows+1); err != nil {
		return nil, err
	}
	return r.fit(row)
}

// checkCells holds a row to the limits; 0 is the header's number.
func (r *RowReader) checkCells(row []string, number int) error {
	what := func() string {
		if number == 0 {
			return "the header"
		}
		return fmt.Sprintf("row %d", number)
	}
	if len(row) > r.o.MaxColumns {
		return r.fail(fmt.Sprintf("%s has %d cells, and %d are the most", what(), len(row), r.o.MaxColumns), "are line ends lost? If not, raise MaxColumns")
	}
	size := 0
	for j, cell := range row {
		if size += len(cell); size > r.o.MaxRow {
			return r.fail(fmt.Sprintf("%s has more than %d bytes", what(), r.o.MaxRow), "leave long columns out, or raise MaxRow")
		}
		if len(cell) > r.o.MaxCell {
			return r.fail(fmt.Sprintf("%s: the cell in column %d has %d bytes, and %d are the most", what(), j+1, len(cell), r.o.MaxCell), "is a quote missing? If not, raise MaxCell")
		}
	}
	return nil
}

// fit makes a row as wide as the header, or refuses it.
func (r *RowReader) fit(row []string) ([]string, error) {
	columns := len(r.header)
	switch {
	case len(row) == columns:
		return row, nil
	case len(row) < columns && r.o.Ragged != RaggedRefuse:
		r.short.at(r.line)
		for len(row) < columns {
			row = append(row, "")
		}
		return row, nil
	case len(row) > columns && r.o.Ragged == RaggedFit:
		r.long.at(r.line)
		return row[:columns], nil
	}
	advice := "put cells that hold the delimiter in quotes, or have the rest cut off (RaggedFit)"
	if len(row) < columns {
		advice = "add the missing cells, or have short rows padded (RaggedPad)"
	}
	return nil, r.fail(fmt.Sprintf("row %d has %s", r.rows+1, miscount(len(row), columns)), advice)
}

func (r *RowReader) fail(reason, hint string) error {
	return &FileError{File: r.name, Line: r.line, Reason: reason, Hint: hint}
}

// Notes say what was repaired or left out so far, for people.
func (r *RowReader) Notes() []string {
	var notes []string
	add := func(t tally, what, done string) {
		if t.rows > 0 {
			notes = append(notes, fmt.Sprintf("%s with too %s cells %s, the first in line %d", plural(t.rows, "row"), what, done, t.first))
		}
	}
	add(r.short, "few", "padded with empty ones")
	add(r.long, "many", "cut to the header's width")
	if r.cut {
		notes = append(notes, fmt.Sprintf("the rows after the first %d were left out", r.o.MaxRows))
	}
	return notes
}

// Padding may make a table so much larger than what was in the file and no more, so
// that a small file of short rows below a wide header cannot fill the memory.
const (
	paddingFree  = 1 << 20 // cells that may be padding in any case
	paddingRatio = 16      // cells of padding to each cell that came
)

// Table reads all further rows.
func (r *RowReader) Table() (*Table, error) {
	t := &Table{Name: r.name, Header: r.header}
	came, made := 0, 0
	for {
		row, err := r.Next()
		if err == io.EOF {
			t.Notes = r.Notes()
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, slices.Clone(row))
		made += len(row)
		for _, cell := range row {
			if cell != "" {
				came++
			}
		}
		if made > paddingFree+paddingRatio*came {
			return nil, r.fail(fmt.Sprintf("of %d cells read so far only %d hold anything", made, came), "leave empty columns out, or read row by row")
		}
	}
}
