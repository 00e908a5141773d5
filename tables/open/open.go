package open

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/excel"
)

// Options say how a file becomes a table; those of other formats than its own are
// not looked at. The zero value refuses whatever is not a table already.
type Options struct {
	Rows     tables.Options // for every format
	Dialect  tables.Dialect // of delimited text; Comma is the tab in .tsv and .tab if it is not set
	Workbook excel.Options
}

// format is a kind of file.
type format int

const (
	unknown format = iota
	delimited
	tabbed
	markdown
	records
	workbook
)

// endings are those of the formats, in the order in which messages list them.
var endings = []struct {
	ending string
	format format
}{
	{".csv", delimited}, {".tsv", tabbed}, {".tab", tabbed}, {".txt", delimited}, {".md", markdown}, {".markdown", markdown},
	{".json", records}, {".jsonl", records}, {".ndjson", records}, {".xlsx", workbook},
}

// Endings lists the endings of files that can be read, without .gz.
func Endings() []string {
	list := make([]string, len(endings))
	for i, e := range endings {
		list[i] = e.ending
	}
	return list
}

// formatOf finds a format by the ending of a path; packed tells that .gz follows.
func formatOf(path string) (f format, packed bool, err error) {
	ending := strings.ToLower(filepath.Ext(path))
	if packed = ending == ".gz"; packed {
		ending = strings.ToLower(filepath.Ext(path[:len(path)-len(".gz")]))
	}
	for _, e := range endings {
		if e.ending == ending && !(packed && e.format == workbook) {
			return e.format, packed, nil
		}
	}
	reason := fmt.Sprintf("the ending %q is of no table that can be read; those are %s, and .gz behind all but the last", ending, strings.Join(Endings(), " "))
	advice := "rename the file if it is one of these"
	if slices.Contains([]string{".xls", ".xlsm", ".xlsb", ".ods"}, ending) || packed {
		advice = "save it as .xlsx or .csv"
	}
	return unknown, packed, &tables.FileError{File: path, Reason: reason, Hint: advice}
}

// Open reads the table in a file as a whole.
func Open(path string, o Options) (*tables.Table, error) {
	s, err := NewStream(path, o)
	if err != nil {
		return nil, err
	}
	t, err := s.Table()
	if closing := s.Close(); err == nil && closing != nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// file is an open file, and what must be closed when it was read.
type file struct {
	path string
	*os.File
	size int64
}

func openFile(path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		advice := "check its name and permissions"
		return nil, &tables.FileError{File: path, Reason: cause(err), Hint: advice, Err: err}
	}
	stat, err := f.Stat()
	if err != nil {
		return nil, errors.Join(&tables.FileError{File: path, Reason: cause(err), Err: err}, f.Close())
	}
	if !stat.Mode().IsRegular() {
		return nil, errors.Join(&tables.FileError{File: path, Reason: "it is not a regular file", Hint: "name the file that holds the table"}, f.Close())
	}
	return &file{path, f, stat.Size()}, nil
}

// cause is the reason of an error of package os without operation and path.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// Limits of a compressed file: it may grow to maxRatio times its size, but a small
// one always to smallFile.
const (
	maxRatio  = 100
	smallFile = 1 << 20
)

// text is the file's text, unpacked where it is packed.
func (f *file) text(packed bool) (io.Reader, error) {
	if !packed {
		return f.File, nil
	}
	unzip, err := gzip.NewReader(bufio.NewReader(f.File))
	if err != nil {
		return nil, f.damaged(err)
	}
	bomb := &tables.FileError{File: f.path, Reason: fmt.Sprintf("it unpacks to more than %d times its size", maxRatio), Hint: "if it is to be trusted, unpack it first"}
	return unpacked{f, bounded.New(unzip, max(smallFile, maxRatio*f.size), bomb)}, nil
}

// unpacked says of errors in compressed data what they are.
type unpacked struct {
	file *file
	in   io.Reader
}

// Read reads unpacked bytes.
func (u unpacked) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	if err != nil && err != io.EOF {
		err = u.file.damaged(err)
	}
	return n, err
}

func (f *file) damaged(err error) error {
	var corrupt flate.CorruptInputError
	e := &tables.FileError{File: f.path, Reason: err.Error(), Err: err}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		e.Reason, e.Hint = "the compressed data ends too early", "the file is cut off: copy it again"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		e.Reason, e.Hint = "it is not sound gzip data", "the file is damaged: copy it again"
	}
	return keep(err, e)
}

// keep gives the error of a table itself, and of any other what was made of it.
func keep(err error, made *tables.FileError) error {
	var known *tables.FileError
	if errors.As(err, &known) {
		return known
	}
	return made
}
