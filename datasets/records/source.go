package records

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/open"
)

// source gives the rows of a table one by one.
type source interface {
	// columns are the names, without blanks around them, no two the same.
	columns() []string
	// next gives the cells of the next row, valid until the one after, and the line where it
	// begins. The error is io.EOF at the end, a *files.RowError of a row behind which one can
	// go on, or another one, which is final.
	next() (cells []string, line int, err error)
	Close() error
}

// delimited tells of a path whether it is delimited text.
func delimited(path string) bool {
	switch strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz"))) {
	case ".xlsx", ".md", ".markdown", ".json", ".jsonl", ".ndjson":
		return false
	}
	return true
}

// openSource opens a file.
func openSource(path string, o Options) (source, error) {
	if !delimited(path) {
		s, err := open.NewStream(path, open.Options{Rows: tables.Options{MaxRow: o.MaxRow}})
		if err != nil {
			return nil, ofTables(path, err)
		}
		return &formatted{path: path, in: s}, nil
	}
	in, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := newText(path, in, o)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return t, nil
}

// text is delimited text.
type text struct {
	name  string
	in    io.Closer
	table *files.Table
}

var _ source = (*text)(nil)

// newText reads the names of columns.
func newText(name string, in io.ReadCloser, o Options) (*text, error) {
	d := o.Delimiter
	if d == files.Auto && strings.HasSuffix(strings.TrimSuffix(strings.ToLower(name), ".gz"), ".tsv") {
		d = files.Tab
	}
	t, err := files.NewTable(name, in, d, o.MaxRow)
	if err != nil {
		return nil, renamed(err)
	}
	seen := map[string]int{}
	for i, column := range t.Columns() {
		first, twice := seen[column]
		switch {
		case column == "":
			return nil, &files.FileError{File: name, Line: 1, Reason: fmt.Sprintf("column %d has no name", i+1), Hint: "the first line must name all columns"}
		case twice:
			return nil, &files.FileError{File: name, Line: 1, Reason: fmt.Sprintf("columns %d and %d are both called %q", first+1, i+1, clip(column)), Hint: "give each column a name of its own"}
		}
		seen[column] = i
	}
	return &text{name: name, in: in, table: t}, nil
}

func (t *text) columns() []string { return t.table.Columns() }

func (t *text) next() ([]string, int, error) {
	cells, err := t.table.Next()
	if row := (*files.RowError)(nil); errors.As(err, &row) && cells == nil {
		return nil, row.Line, renamed(err)
	}
	if err != nil && err != io.EOF {
		return nil, t.table.Line(), renamed(err)
	}
	return cells, t.table.Line(), err
}

// Close closes the file.
func (t *text) Close() error { return t.in.Close() }

// renamed puts the settings of this package in the place of those that hints of package
// files name.
func renamed(err error) error {
	const theirs, ours = "data.files.", "data.table."
	var row *files.RowError
	var file *files.FileError
	switch {
	case errors.As(err, &row):
		row.Hint = strings.ReplaceAll(row.Hint, theirs, ours)
	case errors.As(err, &file):
		file.Hint = strings.ReplaceAll(file.Hint, theirs, ours)
	}
	return err
}

// formatted is a table of another format than delimited text.
type formatted struct {
	path string
	in   *open.Stream
	rows int
}

var _ source = (*formatted)(nil)

func (f *formatted) columns() []string { return f.in.Header() }

func (f *formatted) next() ([]string, int, error) {
	cells, err := f.in.Next()
	if err == io.EOF {
		return nil, 0, io.EOF
	}
	if err != nil {
		return nil, 0, ofTables(f.path, err)
	}
	f.rows++
	return cells, f.rows + 1, nil
}

// Close closes the file.
func (f *formatted) Close() error { return f.in.Close() }

// ofTables makes an error of package tables one of package files, which commands know.
func ofTables(path string, err error) error {
	var bad *tables.FileError
	if !errors.As(err, &bad) {
		return err
	}
	return &files.FileError{File: path, Line: bad.Line, Reason: bad.Reason, Hint: bad.Hint, Err: bad}
}

// identify gives size and hash of a file.
func identify(path string) (files.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return files.File{}, &files.FileError{File: path, Reason: err.Error(), Hint: "name a file that is there", Err: err}
	}
	defer f.Close() // only read from: closing cannot lose anything
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return files.File{}, &files.FileError{File: path, Reason: err.Error(), Err: err}
	}
	return files.File{Name: filepath.Base(path), Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}
