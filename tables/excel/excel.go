package excel

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tables"
)

// Options choose what is read of a workbook. The zero value is the first sheet as
// Excel shows it.
type Options struct {
	Sheet string // name of the sheet; empty means the first
	Raw   bool   // numbers and dates as they are stored, not as they are shown

	// Limits, beyond which a workbook is refused before it is unpacked; 0 means the default.
	MaxFile     int64 // bytes of the file: DefaultMaxFile
	MaxUnpacked int64 // bytes of all its parts: DefaultMaxUnpacked
}

// Limits of Options.
const (
	DefaultMaxFile     = 64 << 20
	DefaultMaxUnpacked = 512 << 20
)

const (
	inMemory = 16 << 20 // a sheet that is larger is unpacked to a temporary file
	mostRows = 1 << 20  // that a sheet of Excel can have
)

// Read reads a sheet as a whole; name is what messages call the workbook, which has
// size bytes.
func Read(name string, in io.ReaderAt, size int64, o Options, rows tables.Options) (*tables.Table, error) {
	r, err := Stream(name, in, size, o, rows)
	if err != nil {
		return nil, err
	}
	t, err := r.Table()
	return t, errors.Join(err, r.Close())
}

// Reader gives a sheet row by row. It must be closed, which removes temporary files.
type Reader struct {
	*tables.RowReader
	sheet *sheet
}

// Stream opens a sheet and reads its header.
func Stream(name string, in io.ReaderAt, size int64, o Options, rows tables.Options) (*Reader, error) {
	book, err := open(name, in, size, o)
	if err != nil {
		return nil, err
	}
	s := &sheet{name: name, book: book}
	r, err := s.start(o.Sheet, rows)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Reader{RowReader: r, sheet: s}, nil
}

// Close removes what was unpacked.
func (r *Reader) Close() error { return r.sheet.close() }

// Sheets lists the sheets of a workbook.
func Sheets(name string, in io.ReaderAt, size int64, o Options) ([]string, error) {
	book, err := open(name, in, size, o)
	if err != nil {
		return nil, err
	}
	var list []string
	err = guard(name, func() error { list = book.GetSheetList(); return nil })
	return list, errors.Join(err, book.Close())
}

// open checks the archive and opens the workbook in it.
func open(name string, in io.ReaderAt, size int64, o Options) (*excelize.File, error) {
	for _, limit := range []struct {
		name     string
		value    *int64
		standard int64
	}{{"MaxFile", &o.MaxFile, DefaultMaxFile}, {"MaxUnpacked", &o.MaxUnpacked, DefaultMaxUnpacked}} {
		if *limit.value < 0 {
			return nil, &tables.OptionError{Option: limit.name, Reason: "it is below 0; 0 means the default"}
		}
		if *limit.value == 0 {
			*limit.value = limit.standard
		}
	}
	if size > o.MaxFile {
		return nil, &tables.FileError{File: name, Reason: fmt.Sprintf("the workbook has %d bytes, and %d are the most", size, o.MaxFile), Hint: "save the sheet as CSV, which is read row by row, or raise MaxFile"}
	}
	if err := checkArchive(name, in, size, o.MaxUnpacked); err != nil {
		return nil, err
	}
	var book *excelize.File
	err := guard(name, func() (err error) {
		book, err = excelize.OpenReader(io.NewSectionReader(in, 0, size), excelize.Options{
			RawCellValue: o.Raw, UnzipSizeLimit: o.MaxUnpacked, UnzipXMLSizeLimit: min(inMemory, o.MaxUnpacked),
			ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm:ss",
		})
		return err
	})
	return book, err
}

// oldFormat begins workbooks of Excel 97 and encrypted ones.
const oldFormat = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// checkArchive adds the sizes up that the archive declares, which its reader holds it
// to. excelize adds them up as well, but takes one beyond 2^63 for a negative number.
func checkArchive(name string, in io.ReaderAt, size, most int64) error {
	head := make([]byte, len(oldFormat))
	if n, _ := in.ReadAt(head, 0); string(head[:n]) == oldFormat {
		return &tables.FileError{File: name, Reason: "it is a workbook of an older Excel, or an encrypted one", Hint: "save it as XLSX without a password"}
	}
	archive, err := zip.NewReader(in, size)
	if err != nil {
		return damaged(name, err)
	}
	left := uint64(most)
	for _, part := range archive.File {
		if part.UncompressedSize64 > left {
			return &tables.FileError{File: name, Reason: fmt.Sprintf("it unpacks to more than %d bytes", most), Hint: "if the workbook is to be trusted, raise MaxUnpacked"}
		}
		left -= part.UncompressedSize64
	}
	return nil
}

func damaged(name string, err error) error {
	return &tables.FileError{File: name, Reason: "it is not a sound workbook: " + strings.TrimPrefix(err.Error(), "zip: "), Hint: "open it in a spreadsheet program and save it as XLSX again", Err: err}
}

// guard calls excelize. Files that are damaged in ways it did not think of make it
// panic, which is an error like any other here.
func guard(name string, call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damaged(name, fmt.Errorf("reading it failed: %v", r))
		}
	}()
	if err := call(); err != nil {
		return damaged(name, err)
	}
	return nil
}

// sheet gives the rows of one as they are stored.
type sheet struct {
	name  string
	book  *excelize.File
	rows  *excelize.Rows
	line  int
	width int // of the header, once that was given
}

// start opens the sheet of a name and reads its header.
func (s *sheet) start(name string, o tables.Options) (*tables.RowReader, error) {
	if err := s.choose(name); err != nil {
		return nil, err
	}
	return tables.NewRowReader(s.name, s, o)
}

// choose opens the sheet of a name, or the first. Where there are several, messages
// name it as formulas do: people.xlsx!2024.
func (s *sheet) choose(name string) error {
	var list []string
	if err := guard(s.name, func() error { list = s.book.GetSheetList(); return nil }); err != nil {
		return err
	}
	if len(list) == 0 {
		return &tables.FileError{File: s.name, Reason: "the workbook has no sheets"}
	}
	if name == "" {
		name = list[0]
	}
	if !slices.Contains(list, name) {
		return &tables.FileError{File: s.name, Reason: fmt.Sprintf("there is no sheet %q; the sheets are %q", name, list), Hint: fmt.Sprintf("did you mean %q?", nearest.To(name, list))}
	}
	err := guard(s.name, func() (err error) { s.rows, err = s.book.Rows(name); return err })
	if len(list) > 1 {
		s.name += "!" + name
	}
	return err
}

// Next gives the cells of the next row that is not blank, as many at least as the
// header has.
func (s *sheet) Next() ([]string, int, error) {
	for {
		var cells []string
		more := false
		err := guard(s.name, func() (err error) {
			if more = s.rows.Next(); more {
				cells, err = s.rows.Columns()
			}
			return err
		})
		if s.line++; err != nil {
			return nil, s.line, err
		}
		if !more {
			return nil, s.line, io.EOF
		}
		if s.line > mostRows {
			return nil, s.line, &tables.FileError{File: s.name, Line: s.line, Reason: fmt.Sprintf("a sheet has at most %d rows", mostRows)}
		}
		for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
			cells = cells[:len(cells)-1]
		}
		if len(cells) == 0 {
			continue
		}
		if s.width == 0 {
			s.width = len(cells)
		}
		for len(cells) < s.width {
			cells = append(cells, "")
		}
		return cells, s.line, nil
	}
}

// close removes what was unpacked.
func (s *sheet) close() error {
	return guard(s.name, func() error {
		var err error
		if s.rows != nil {
			err = s.rows.Close()
		}
		return errors.Join(err, s.book.Close())
	})
}
