package open

import (
	"io"
	"slices"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/excel"
)

// Stream gives the rows of a file one by one. Delimited text and sheets are read row
// by row; Markdown and records are held in memory. It must be closed.
type Stream struct {
	rows  *tables.RowReader // or
	whole *tables.Table
	given int
	close func() error
}

// NewStream opens a file and reads the names of its columns.
func NewStream(path string, o Options) (*Stream, error) {
	f, packed, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	in, err := openFile(path)
	if err != nil {
		return nil, err
	}
	s := &Stream{close: in.Close}
	if err := s.start(in, f, packed, o); err != nil {
		in.Close() // only read from: closing cannot lose anything
		return nil, err
	}
	return s, nil
}

func (s *Stream) start(in *file, f format, packed bool, o Options) error {
	if f == workbook {
		r, err := excel.Stream(in.path, in, in.size, o.Workbook, o.Rows)
		if err != nil {
			return err
		}
		s.rows = r.RowReader
		s.close = func() error {
			err := r.Close()
			if closing := in.Close(); err == nil {
				err = closing
			}
			return err
		}
		return nil
	}
	text, err := in.text(packed)
	if err != nil {
		return err
	}
	switch f {
	case tabbed:
		if o.Dialect.Comma == 0 {
			o.Dialect.Comma = '\t'
		}
		fallthrough
	case delimited:
		s.rows, err = tables.StreamCSV(in.path, text, o.Dialect, o.Rows)
	case markdown:
		s.whole, err = tables.ReadMarkdown(in.path, text, o.Rows)
	case records:
		s.whole, err = tables.ReadJSON(in.path, text, o.Rows)
	}
	return err
}

// Header is the names of the columns.
func (s *Stream) Header() []string {
	if s.whole != nil {
		return s.whole.Header
	}
	return s.rows.Header()
}

// Next gives the cells of the next row, as many as the header has; they are valid
// until the one after. At the end the error is io.EOF, else a [*tables.FileError].
func (s *Stream) Next() ([]string, error) {
	if s.whole == nil {
		return s.rows.Next()
	}
	if s.given == len(s.whole.Rows) {
		return nil, io.EOF
	}
	s.given++
	return s.whole.Rows[s.given-1], nil
}

// Notes say what was repaired or left out so far, for people.
func (s *Stream) Notes() []string {
	if s.whole != nil {
		return s.whole.Notes
	}
	return s.rows.Notes()
}

// Table reads all further rows.
func (s *Stream) Table() (*tables.Table, error) {
	if s.whole == nil {
		return s.rows.Table()
	}
	t := *s.whole
	t.Rows = slices.Clone(t.Rows[s.given:])
	s.given = len(s.whole.Rows)
	return &t, nil
}

// Close closes the file.
func (s *Stream) Close() error { return s.close() }
