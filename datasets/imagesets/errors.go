package imagesets

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/graft-ml/graft/datasets"
)

// again is what to do about files that are not what was published.
const again = "this is not the published data: get the file again"

// refused is an error about a line of a file, 0 meaning the whole file.
func refused(path string, line int, hint, format string, args ...any) error {
	return &datasets.FileError{Path: path, Line: line, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// damaged makes an error of what failed in a file a *datasets.FileError, unless it is one
// or the end of a context.
func damaged(path string, err error) error {
	if own := (*datasets.FileError)(nil); errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &datasets.FileError{Path: path, Reason: err.Error(), Hint: again, Err: err}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.Hint = "there is no such file", "check its name"
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.Hint = "it may not be read", "check its permissions"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Reason, e.Hint = "the data ends too early", "the file is cut off: copy it again"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		e.Reason, e.Hint = "it is not sound gzip data", "the file is damaged: copy it again"
	case errors.Is(err, tar.ErrHeader):
		e.Reason, e.Hint = "it is not a sound tar archive", "the file is damaged: copy it again"
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm):
		e.Reason, e.Hint = "it is not sound zip data", "the archive is damaged: copy it again"
	}
	return e
}

// clip shortens a text for a message.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:37]) + "..."
	}
	return text
}
