package datasets

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
)

// readTable reads some columns of a CSV file with a header, row by row. use sees
// the line on which the row begins and the columns asked for, in that order.
func readTable(ctx context.Context, path string, columns []string, use func(line int, values []string) error) error {
	file, err := openData(path)
	if err != nil {
		return err
	}
	defer file.Close() // only read from: closing cannot lose anything
	return parseTable(ctx, path, file, columns, use)
}

func parseTable(ctx context.Context, path string, in io.Reader, columns []string, use func(line int, values []string) error) error {
	buffered := bufio.NewReader(&shortLines{in: in, path: path, line: 1})
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		if _, err := buffered.Discard(3); err != nil {
			return damaged(path, 1, err)
		}
	}
	r := csv.NewReader(buffered)
	r.ReuseRecord = true
	header, err := r.Read()
	if err == io.EOF {
		return &FileError{Path: path, Reason: "the file is empty", Hint: "its first line must name the columns"}
	}
	if err != nil {
		return badRow(path, err)
	}
	places, err := findColumns(path, header, columns)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if errors.Is(err, csv.ErrFieldCount) && len(row) == 1 && strings.TrimSpace(row[0]) == "" {
			continue // a line of blanks, or of CR CR LF
		}
		if err != nil {
			return badRow(path, err)
		}
		line, _ := r.FieldPos(0)
		for k, place := range places {
			if values[k] = row[place]; !utf8.ValidString(values[k]) {
				return &FileError{Path: path, Line: line, Reason: fmt.Sprintf("column %q is not UTF-8 text", columns[k]), Hint: "save the file as UTF-8"}
			}
		}
		if err := use(line, values); err != nil {
			return err
		}
	}
}

// findColumns gives the place of each column in the header. Copies of the published
// tables differ in capitals and in blanks around names.
func findColumns(path string, header, columns []string) ([]int, error) {
	places := make([]int, len(columns))
	for k, name := range columns {
		if places[k] = slices.Index(header, name); places[k] >= 0 {
			continue
		}
		if places[k] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) }); places[k] >= 0 {
			continue
		}
		e := &FileError{Path: path, Line: 1, Reason: fmt.Sprintf("there is no column %q; the columns are %s", name, clipped(header))}
		if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
			e.Hint = "columns must be separated by commas"
		} else if len(header) <= 1000 {
			e.Hint = fmt.Sprintf("did you mean %q?", nearest.To(name, header))
		}
		return nil, e
	}
	return places, nil
}

// clipped names the first columns of a header.
func clipped(header []string) string {
	const most = 20
	var names []string
	for _, name := range header[:min(len(header), most)] {
		names = append(names, fmt.Sprintf("%q", clip([]byte(name))))
	}
	if len(header) > most {
		names = append(names, fmt.Sprintf("and %d more", len(header)-most))
	}
	return list(names)
}

// badRow places an error of a csv.Reader.
func badRow(path string, err error) error {
	var file *FileError
	if errors.As(err, &file) {
		return file
	}
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return damaged(path, 0, err)
	}
	e := &FileError{Path: path, Line: parse.Line, Err: err}
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		e.Reason, e.Hint = "the row has another number of columns than the header", "put a value that holds a comma in quotes"
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		e.Reason, e.Hint = fmt.Sprintf("column %d: a quote stands where none may", parse.Column), "double a quote within a quoted value"
	default:
		e.Reason = parse.Err.Error()
	}
	return e
}

// shortLines passes on what it reads and fails at a line longer than maxLine,
// which a csv.Reader would take into memory whole.
type shortLines struct {
	in   io.Reader
	path string
	line int // from 1
	run  int // bytes of the line so far
}

// Read reads as in does.
func (s *shortLines) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	for rest := p[:n]; ; s.line++ {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			s.run += len(rest)
		} else {
			s.run += end
		}
		if s.run > maxLine {
			return 0, &FileError{Path: s.path, Line: s.line, Reason: fmt.Sprintf("the line is longer than %d bytes", maxLine),
				Hint: "the file is not what its name says, or its line ends are lost"}
		}
		if end < 0 {
			break
		}
		rest, s.run = rest[end+1:], 0
	}
	if err != nil && err != io.EOF {
		err = damaged(s.path, s.line, err)
	}
	return n, err
}
