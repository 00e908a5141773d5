package tables

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/graft-ml/graft/internal/tap"
)

// ReadCSV reads delimited text as a whole; name is what messages call it. The error
// is a [*FileError] or [*OptionError].
func ReadCSV(name string, in io.Reader, d Dialect, o Options) (*Table, error) {
	r, err := StreamCSV(name, in, d, o)
	if err != nil {
		return nil, err
	}
	return r.Table()
}

// StreamCSV reads the header of delimited text, whose rows then come one by one, in
// memory for one row. Text must be UTF-8, a byte order mark is passed over.
func StreamCSV(name string, in io.Reader, d Dialect, o Options) (*RowReader, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	text := bufio.NewReaderSize(newChecked(name, in), sniffedBytes)
	head, err := text.Peek(sniffedBytes) // an error will come again
	if onlyCR(head) {
		return nil, &FileError{File: name, Line: 1, Column: bytes.IndexByte(head, '\r') + 1, Reason: "lines end in CR alone", Hint: "convert the line ends, for example: tr '\\r' '\\n' < IN > OUT"}
	}
	if d.Comma == 0 {
		d.Comma = sniff(head, err == io.EOF, d.Quote)
	}
	if d.Quote == QuoteDouble && !d.Backslash {
		return NewRowReader(name, newStandard(name, text, d, o.MaxRow), o)
	}
	return NewRowReader(name, newScanner(name, text, d, o.MaxRow), o)
}

// standard reads the dialect of encoding/csv with it. What that cannot tell of, where
// a quote was opened that is never closed and that a row has no end, is found out
// from the text of the row.
type standard struct {
	name string
	tap  *tap.Reader
	rows *csv.Reader
	d    Dialect
	most int
	next int // the line behind the row that was read last
}

func newStandard(name string, in io.Reader, d Dialect, most int) *standard {
	s := &standard{name: name, tap: tap.New(in, most), d: d, most: most, next: 1}
	s.rows = csv.NewReader(s.tap)
	s.rows.Comma = d.Comma
	s.rows.FieldsPerRecord = -1
	s.rows.ReuseRecord = true
	return s
}

// Next gives the cells of the next row.
func (s *standard) Next() ([]string, int, error) {
	row, err := s.rows.Read()
	if err == io.EOF {
		return nil, 0, io.EOF
	}
	held := s.tap.Held()
	raw := s.tap.Take(s.rows.InputOffset())
	if err != nil {
		return nil, 0, s.explain(raw, held, err)
	}
	s.next += bytes.Count(raw, []byte("\n"))
	line, _ := s.rows.FieldPos(0)
	if len(raw) > s.most {
		return nil, 0, tooLong(s.name, line, s.most)
	}
	return row, line, nil
}

// explain is the error of a row that the csv.Reader gave up on, which is raw, and held
// with what was read ahead.
func (s *standard) explain(raw, held []byte, err error) error {
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
	case errors.Is(err, tap.ErrTooLong):
		raw = held
	default:
		return unreadable(s.name, s.next, err)
	}
	again := newScanner(s.name, bytes.NewReader(raw), s.d, s.most)
	again.lines.line, again.cut = s.next-1, parse == nil
	if _, _, found := again.Next(); found != nil && found != io.EOF {
		return found
	}
	if parse == nil {
		return tooLong(s.name, s.next, s.most)
	}
	return &FileError{File: s.name, Line: parse.Line, Column: parse.Column, Reason: parse.Err.Error(), Err: err}
}

func tooLong(name string, line, most int) error {
	return &FileError{File: name, Line: line, Reason: fmt.Sprintf("the row is longer than %d bytes", most), Hint: "are line ends lost? If not, raise MaxRow"}
}
