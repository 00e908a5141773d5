package tables

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// scanner reads the dialects that encoding/csv has not: backslashes, single quotes,
// no quotes. For its dialect it gives what that gives.
type scanner struct {
	lines *lines
	comma []byte
	quote byte // 0 for none
	d     Dialect
	most  int
	cut   bool // the input is the beginning of a longer row

	text []byte // of all cells of the row so far, what quotes and backslashes stand for taken literally
	ends []int  // of the cells in text
	row  []string

	start        int // line where the row begins
	opened, mark int // line and byte of the quote that is open
}

func newScanner(name string, in io.Reader, d Dialect, most int) *scanner {
	return &scanner{lines: newLines(name, in, most), comma: utf8.AppendRune(nil, d.Comma), quote: d.Quote.char(), d: d, most: most}
}

// Next gives the cells of the next row.
func (s *scanner) Next() ([]string, int, error) {
	line, err := s.lines.next()
	for err == nil && len(line) == 0 {
		line, err = s.lines.next()
	}
	if err != nil {
		return nil, 0, err
	}
	s.text, s.ends, s.row = s.text[:0], s.ends[:0], s.row[:0]
	s.start = s.lines.line
	for at := 0; at >= 0; {
		if line, at, err = s.cell(line, at); err != nil {
			return nil, s.start, err
		}
		s.ends = append(s.ends, len(s.text))
	}
	text, from := string(s.text), 0
	for _, end := range s.ends {
		s.row = append(s.row, text[from:end])
		from = end
	}
	return s.row, s.start, nil
}

// cell takes the cell that begins at a byte of a line. It gives the line where it
// ends, and where the next cell begins there, -1 if there is none.
func (s *scanner) cell(line []byte, at int) ([]byte, int, error) {
	if s.quote != 0 && at < len(line) && line[at] == s.quote {
		var err error
		if line, at, err = s.quoted(line, at+1); err != nil {
			return nil, 0, err
		}
		if at < len(line) && !bytes.HasPrefix(line[at:], s.comma) {
			return nil, 0, s.fail(at, "text goes on behind the quote that ends a cell", s.literally())
		}
	}
	for at < len(line) {
		switch {
		case bytes.HasPrefix(line[at:], s.comma):
			return line, at + len(s.comma), nil
		case s.d.Backslash && line[at] == '\\':
			at = s.escaped(line, at)
		case s.quote == '"' && line[at] == '"':
			return nil, 0, s.fail(at, "a quote stands in a cell that does not begin with one", "put the whole cell in quotes; "+s.literally())
		default:
			s.text = append(s.text, line[at])
			at++
		}
	}
	return line, -1, nil
}

// quoted takes the rest of a cell behind the quote that opens it, in as many lines as
// it has, and the quote that closes it.
func (s *scanner) quoted(line []byte, at int) ([]byte, int, error) {
	s.opened, s.mark = s.lines.line, at
	for {
		switch {
		case at >= len(line):
			s.text = append(s.text, '\n')
			if len(s.text) > s.most {
				return nil, 0, s.unclosed(true)
			}
			var err error
			if line, err = s.lines.next(); err == io.EOF {
				return nil, 0, s.unclosed(s.cut)
			} else if err != nil {
				return nil, 0, err
			}
			at = 0
		case s.d.Backslash && line[at] == '\\':
			at = s.escaped(line, at)
		case line[at] == s.quote && !s.d.Backslash && at+1 < len(line) && line[at+1] == s.quote:
			s.text = append(s.text, s.quote)
			at += 2
		case line[at] == s.quote:
			return line, at + 1, nil
		default:
			s.text = append(s.text, line[at])
			at++
		}
	}
}

// escaped takes the backslash at a byte of a line and, if it is one of those that
// have a meaning, the character behind it. It gives the byte behind both.
func (s *scanner) escaped(line []byte, at int) int {
	rest := line[at+1:]
	switch {
	case len(rest) > 0 && (rest[0] == '\\' || s.quote != 0 && rest[0] == s.quote):
		s.text = append(s.text, rest[0])
		return at + 2
	case bytes.HasPrefix(rest, s.comma):
		s.text = append(s.text, s.comma...)
		return at + 1 + len(s.comma)
	}
	s.text = append(s.text, '\\')
	return at + 1
}

// literally says how a quote is written that belongs to the text.
func (s *scanner) literally() string {
	if s.d.Backslash {
		return "put a backslash in front of a quote that belongs to the text"
	}
	return "write a quote that belongs to the text twice"
}

// unclosed is the error of a quote without an end in the row, or in what there is of
// a row that is too long.
func (s *scanner) unclosed(cut bool) error {
	e := &FileError{File: s.lines.name, Line: s.opened, Column: s.mark, Reason: "the quote that opens here is never closed", Hint: s.literally()}
	if cut {
		e.Reason = fmt.Sprintf("the quote that opens here is not closed within the %d bytes that a row may have", s.most)
		e.Hint += "; if it is closed further on, raise MaxRow"
	}
	return e
}

// fail is an error at a byte, from 0, of the line that was read last.
func (s *scanner) fail(at int, reason, hint string) error {
	return &FileError{File: s.lines.name, Line: s.lines.line, Column: at + 1, Reason: reason, Hint: hint}
}
