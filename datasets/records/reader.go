package records

import (
	"fmt"
	"io"
	"slices"

	"github.com/graft-ml/graft/datasets/files"
)

// Reader reads rows of a table for prediction, in memory for one row. It does not look at
// targets.
type Reader struct {
	name    string
	in      source
	text    *text // nil for other formats than delimited text
	schema  *Schema
	from    []int // where the columns of the schema are
	line    int
	columns []string
}

// NewReader reads the names of columns from delimited text, which messages call name. The
// table must have every column that the model reads, in any order, and may have the target
// and those that training passed over; the *files.FileError of others names them.
func NewReader(name string, in io.Reader, o Options, s *Schema) (*Reader, error) {
	t, err := newText(name, io.NopCloser(in), o.WithDefaults())
	if err != nil {
		return nil, err
	}
	return newReader(name, t, t, s)
}

// OpenReader is [NewReader] of a file, which may be of another format.
func OpenReader(path string, o Options, s *Schema) (*Reader, error) {
	in, err := openSource(path, o.WithDefaults())
	if err != nil {
		return nil, err
	}
	t, _ := in.(*text)
	return newReader(path, in, t, s)
}

func newReader(name string, in source, t *text, s *Schema) (*Reader, error) {
	r := &Reader{name: name, in: in, text: t, schema: s, columns: in.columns()}
	var absent, known []string
	for _, c := range s.Columns {
		known = append(known, c.Name)
		k := slices.Index(r.columns, c.Name)
		if k < 0 {
			absent = append(absent, c.Name)
		}
		r.from = append(r.from, k)
	}
	var unknown []string
	for _, name := range r.columns {
		if name != s.Target.Name && !slices.Contains(known, name) && !slices.Contains(s.Others, name) {
			unknown = append(unknown, name)
		}
	}
	fail := func(hint, format string, args ...any) error {
		in.Close() // only read from: closing cannot lose anything
		return &files.FileError{File: name, Line: 1, Reason: fmt.Sprintf(format, args...), Hint: hint}
	}
	switch {
	case len(absent) > 0:
		return nil, fail(fmt.Sprintf("the table has %s", listed(r.columns)), "columns that the model reads are not there: %s", listed(absent))
	case len(unknown) > 0:
		return nil, fail("remove them, or rename those that are meant otherwise", "columns that the model was not trained with: %s", listed(unknown))
	}
	return r, nil
}

// Columns are the names of the columns.
func (r *Reader) Columns() []string { return r.columns }

// Line is where the row that was read last begins, from 1.
func (r *Reader) Line() int { return r.line }

// Table is the delimited text that is read; nil for other formats.
func (r *Reader) Table() *files.Table {
	if r.text == nil {
		return nil
	}
	return r.text.table
}

// Read appends the tokens of the next row to rows, which [Schema.Rows] makes, and gives its
// cells, valid until the next call. At the end the error is io.EOF. A row that cannot be used
// is a *files.RowError, and the next call goes on behind it; any other error is final.
func (r *Reader) Read(to *Rows) ([]string, error) {
	cells, line, err := r.in.next()
	r.line = line
	if err != nil {
		return nil, err
	}
	return cells, to.add(r.schema, r.name, line, cells, r.from, -1)
}

// Close closes the file.
func (r *Reader) Close() error { return r.in.Close() }

// Rows makes rows that have none yet.
func (s *Schema) Rows() *Rows { return newRows(s, 0) }

// Reset forgets all rows.
func (r *Rows) Reset() {
	r.classes, r.tokens = r.classes[:0], r.tokens[:0]
	if r.ends != nil {
		r.ends = r.ends[:0]
	}
}
