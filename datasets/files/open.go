package files

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
)

// Limits of a compressed file: it may grow to maxRatio times its size, but a small
// one always to smallFile.
const (
	maxRatio  = 1000
	smallFile = 16 << 20
)

var errBomb = errors.New("it unpacks to far more than data does")

// Open opens a file for reading; one called *.gz is unpacked on the way, within the
// limits of the package. The error is a *FileError; those of reading are too.
func Open(path string) (io.ReadCloser, error) {
	file, size, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return &opened{in: file, file: file, path: path}, nil
	}
	unzip, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		file.Close() // only read from: closing cannot lose anything
		return nil, unreadable(path, 0, err)
	}
	return &opened{in: bounded.New(unzip, max(smallFile, maxRatio*size), errBomb), file: file, path: path}, nil
}

func openPlain(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		e := &FileError{File: path, Reason: reason(err), Hint: "check its name and permissions", Err: err}
		if errors.Is(err, fs.ErrNotExist) {
			e.Hint = "check the name; paths start from the folder of --data, or from where the command runs"
		}
		return nil, 0, e
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder, not a file")
	}
	if err != nil {
		file.Close() // only read from: closing cannot lose anything
		return nil, 0, &FileError{File: path, Reason: reason(err), Err: err}
	}
	return file, info.Size(), nil
}

// opened reads from one end, closes at the other and places errors.
type opened struct {
	in   io.Reader
	file io.Closer
	path string
}

// Read reads as in does.
func (o *opened) Read(p []byte) (int, error) {
	n, err := o.in.Read(p)
	if err != nil && err != io.EOF {
		err = unreadable(o.path, 0, err)
	}
	return n, err
}

// Close closes the file.
func (o *opened) Close() error { return o.file.Close() }

// unmarked reads ahead far enough for a table's line of names, and leaves out a byte
// order mark.
func unmarked(in io.Reader) *bufio.Reader {
	buffered := bufio.NewReaderSize(in, 1<<16)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3) // they are there
	}
	return buffered
}

// unreadable is an error of reading a file.
func unreadable(path string, line int, err error) error {
	var file *FileError
	if errors.As(err, &file) {
		if file.Line == 0 {
			file.Line = line
		}
		return file
	}
	e := &FileError{File: path, Line: line, Reason: reason(err), Err: err}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		e.Reason, e.Hint = "the compressed data ends too early", "the file is cut off: copy it again"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		e.Reason, e.Hint = "it is not sound gzip data", "the file is damaged, or not compressed although its name ends in .gz"
	case errors.Is(err, errBomb):
		e.Hint = fmt.Sprintf("if it is data all the same, unpack it first: more than %d times its size is not unpacked", maxRatio)
	}
	return e
}

// reason is the cause of an error of package os without operation and path.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// File identifies the contents of a file that a model was trained on.
type File struct {
	Name   string `json:"name"` // without folders
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
}

// identify reads a file as a whole, as it lies there.
func identify(path string) (File, error) {
	file, _, err := openPlain(path)
	if err != nil {
		return File{}, err
	}
	defer file.Close() // only read from: closing cannot lose anything
	h := sha256.New()
	n, err := io.Copy(h, file)
	if err != nil {
		return File{}, unreadable(path, 0, err)
	}
	return File{Name: filepath.Base(path), Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}
