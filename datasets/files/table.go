package files

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/tap"
)

// Table reads delimited text with a line of names on top, row by row: CSV as RFC 4180
// has it, with commas, semicolons or tabs, line ends of either kind and with or
// without a byte order mark. Text must be UTF-8. Blank lines are passed over.
type Table struct {
	name      string
	tap       *tap.Reader
	rows      *csv.Reader
	columns   []string
	delimiter Delimiter
	crlf      bool
	maxRow    int
	line      int // of the row that was read last
	next      int // line behind it
	raw       []byte
}

// NewTable reads the line of names from in, which messages call name. maxRow is the
// most bytes of a row; 0 means DefaultMaxRow. The error is a *FileError.
func NewTable(name string, in io.Reader, d Delimiter, maxRow int) (*Table, error) {
	if maxRow == 0 {
		maxRow = DefaultMaxRow
	}
	buffered := unmarked(in)
	t := &Table{name: name, delimiter: d, maxRow: maxRow, next: 1}
	head, _ := buffered.Peek(1 << 16) // an error will come again
	t.crlf = crlf(head)
	if d == Auto {
		t.delimiter = guess(head)
	}
	t.tap = tap.New(buffered, maxRow)
	t.rows = csv.NewReader(t.tap)
	t.rows.Comma = t.delimiter.char()
	t.rows.ReuseRecord = true
	header, err := t.Next()
	switch {
	case err == io.EOF:
		return nil, &FileError{File: name, Reason: "the file is empty", Hint: "its first line must name the columns"}
	case Skippable(err):
		var row *RowError
		errors.As(err, &row)
		return nil, &FileError{File: name, Line: row.Line, Reason: "the line of names: " + row.Reason, Hint: row.Hint, Err: row.Err}
	case err != nil:
		return nil, err
	}
	for _, c := range header {
		t.columns = append(t.columns, strings.TrimSpace(c))
	}
	return t, nil
}

// crlf tells whether the first line ends in CR LF.
func crlf(head []byte) bool {
	i := bytes.IndexByte(head, '\n')
	return i > 0 && head[i-1] == '\r'
}

// guess gives the delimiter that the first line has most of outside quotes; of equal
// numbers, and where there is none, the comma.
func guess(head []byte) Delimiter {
	counts := [4]int{}
	quoted := false
	for _, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == ',':
			counts[Comma]++
		case b == ';':
			counts[Semicolon]++
		case b == '\t':
			counts[Tab]++
		}
		if b == '\n' && !quoted {
			break
		}
	}
	best := Comma
	for _, d := range []Delimiter{Semicolon, Tab} {
		if counts[d] > counts[best] {
			best = d
		}
	}
	return best
}

// Columns are the names in the first line, without blanks around them.
func (t *Table) Columns() []string { return t.columns }

// Delimiter is the one that the table has.
func (t *Table) Delimiter() Delimiter { return t.delimiter }

// CRLF tells whether lines end in CR LF.
func (t *Table) CRLF() bool { return t.crlf }

// Line is the first line of the row that was read last, from 1.
func (t *Table) Line() int { return t.line }

// Raw is the row that was read last as it stands in the file, without the end of its
// line; it is valid until the next is read.
func (t *Table) Raw() []byte { return t.raw }

// Has tells whether there is a column of this name.
func (t *Table) Has(name string) bool { return slices.Contains(t.columns, name) }

// Find gives the place of a column; what it is for, an option or a flag, is named in
// the *FileError of one that is not there, or there twice.
func (t *Table) Find(name, what string) (int, error) {
	place := slices.Index(t.columns, name)
	if place >= 0 {
		if slices.Contains(t.columns[place+1:], name) {
			return 0, &FileError{File: t.name, Line: 1, Reason: fmt.Sprintf("the column %q comes twice", clip(name)), Hint: "give each column a name of its own"}
		}
		return place, nil
	}
	e := &FileError{File: t.name, Line: 1, Reason: fmt.Sprintf("there is no column %q; the columns are %s", clip(name), quoted(t.columns))}
	if other := t.otherDelimiter(); other != Auto {
		e.Hint = fmt.Sprintf("they seem to be separated by %ss, not by %ss: set data.files.delimiter to %v", other, t.delimiter, other)
	} else if len(t.columns) == 1 && strings.ContainsAny(t.columns[0], "|:") {
		e.Hint = "columns must be separated by commas, semicolons or tabs"
	} else if len(t.columns) <= 1000 {
		e.Hint = fmt.Sprintf("did you mean %q? %s says which it is", clip(nearest.To(name, t.columns)), what)
	}
	return 0, e
}

// otherDelimiter is the one that a table of one column seems to have.
func (t *Table) otherDelimiter() Delimiter {
	if len(t.columns) > 1 {
		return Auto
	}
	for _, d := range []Delimiter{Comma, Semicolon, Tab} {
		if d != t.delimiter && strings.ContainsRune(t.columns[0], d.char()) {
			return d
		}
	}
	return Auto
}

// Next gives the cells of the next row, valid until the one after, or io.EOF. A row
// that is not well formed is a *RowError, and the next call gives the row behind it;
// any other error is a *FileError and final.
func (t *Table) Next() ([]string, error) {
	row, err := t.rows.Read()
	ended := t.tap.Ended(t.rows.InputOffset())
	t.take()
	if err == io.EOF {
		return nil, io.EOF
	}
	var parse *csv.ParseError
	switch {
	case err == nil:
	case errors.As(err, &parse):
		return nil, t.malformed(parse, ended)
	case errors.Is(err, tap.ErrTooLong):
		return nil, t.tooLong()
	default:
		return nil, unreadable(t.name, t.line, err)
	}
	if len(t.raw) > t.maxRow {
		return nil, t.tooLong()
	}
	if !utf8.Valid(t.raw) {
		at := 0
		for rest := t.raw; ; {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size == 1 {
				break
			}
			at, rest = at+size, rest[size:]
		}
		return nil, t.fail("", fmt.Sprintf("byte %d, %#02x, is not UTF-8 text", at+1, t.raw[at]), "save the file as UTF-8")
	}
	return row, nil
}

// take moves the bytes of the row that was read from the tap to raw, and counts lines.
func (t *Table) take() {
	t.raw = append(t.raw[:0], t.tap.Take(t.rows.InputOffset())...)
	t.line = t.next
	t.next += bytes.Count(t.raw, []byte("\n"))
	for { // blank lines in front
		rest := bytes.TrimPrefix(t.raw, []byte("\r"))
		if len(rest) == 0 || rest[0] != '\n' {
			break
		}
		t.raw = rest[1:]
		t.line++
	}
	t.raw = bytes.TrimSuffix(bytes.TrimSuffix(t.raw, []byte("\n")), []byte("\r"))
}

// malformed is the error of a row that a csv.Reader does not take.
func (t *Table) malformed(err *csv.ParseError, ended bool) error {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		e := t.fail("", fmt.Sprintf("the row has another number of cells than the %d columns", len(t.columns)), "put a value that holds the delimiter in quotes")
		if other := t.otherDelimiter(); other != Auto {
			e.Hint = fmt.Sprintf("cells seem to be separated by %ss: set data.files.delimiter to %v", other, other)
		}
		return e
	case errors.Is(err, csv.ErrQuote) && ended && bytes.IndexByte(t.raw, '\n') >= 0:
		return &FileError{File: t.name, Line: t.line, Reason: "a quote that opens in this row is never closed", Hint: "close it, or double a quote that belongs to the text", Err: err}
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return t.fail("", fmt.Sprintf("a quote stands where none may, at byte %d of line %d", err.Column, err.Line), "put the cell in quotes and double the quotes within it")
	}
	return t.fail("", err.Err.Error(), "")
}

func (t *Table) tooLong() error {
	return &FileError{File: t.name, Line: t.line, Reason: fmt.Sprintf("the row is longer than %d bytes", t.maxRow),
		Hint: "is a quote not closed, or are line ends lost? If not, raise data.files.maxRow"}
}

// fail is an error about the row that was read last.
func (t *Table) fail(column, reason, hint string) *RowError {
	e := &RowError{File: t.name, Line: t.line, Column: column, Reason: reason, Hint: hint}
	if last := t.line + bytes.Count(t.raw, []byte("\n")); last > t.line {
		e.Last = last
	}
	return e
}
