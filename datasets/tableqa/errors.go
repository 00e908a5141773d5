package tableqa

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/datasets"
)

// again is what to do about files that are not what was published.
const again = "this is not the published data: get the file again"

// notPublished is an error about a line of a file, 0 meaning the whole file.
func notPublished(path string, line int, format string, args ...any) error {
	return &datasets.FileError{Path: path, Line: line, Reason: fmt.Sprintf(format, args...), Hint: again}
}

// damaged makes an error of what failed in a file a *datasets.FileError, unless it is one.
func damaged(path string, line int, err error) error {
	if file := (*datasets.FileError)(nil); errors.As(err, &file) {
		return err
	}
	e := &datasets.FileError{Path: path, Line: line, Reason: err.Error(), Hint: again, Err: err}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.Hint = "there is no such file", "get the set again, all files of it"
	case errors.Is(err, fs.ErrInvalid):
		e.Reason = "that is no path of a file below the folder"
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.Hint = "it may not be read", "check its permissions"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Reason, e.Hint = "the packed data ends too early", "the file is cut off: copy it again"
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm), errors.As(err, &corrupt):
		e.Reason, e.Hint = "it is not sound zip data", "the archive is damaged: copy it again"
	}
	return e
}

// withoutTable is the error of a question whose table cannot be read: about the question
// where there is no such table, and about the table where it is not sound.
func withoutTable(path, question string, line int, table string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return &datasets.FileError{Path: path, Line: line, Reason: fmt.Sprintf("%s: there is no table %q", question, clip(table)),
			Hint: "get the set again, all files of it", Err: err}
	}
	return err
}

// parseJSON reads one JSON value; the error has the line.
func parseJSON(path string, text []byte, into any) error {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	e := &datasets.FileError{Path: path, Reason: "malformed JSON: " + err.Error(), Hint: again, Err: err}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Line = lineOf(text, syntax.Offset)
	case errors.As(err, &kind):
		e.Line = lineOf(text, kind.Offset)
		e.Reason = fmt.Sprintf("%s where %s was expected", kind.Value, kind.Type)
		if kind.Field != "" {
			e.Reason += fmt.Sprintf(" (key %q)", strings.ToLower(kind.Field))
		}
	}
	return e
}

// parseLine reads one JSON value that is a line of a file.
func parseLine(path string, line int, text []byte, into any) error {
	err := parseJSON(path, text, into)
	if file := (*datasets.FileError)(nil); errors.As(err, &file) {
		file.Line = line
	}
	return err
}

// eachLine calls do with every line that is not blank, and its number, until it fails.
func eachLine(path string, text []byte, do func(line int, text []byte) error) error {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for line := 1; len(text) > 0; line++ {
		now, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		if now = bytes.TrimSpace(now); len(now) == 0 {
			continue
		}
		if !utf8.Valid(now) {
			return notPublished(path, line, "the line is not UTF-8 text")
		}
		if err := do(line, now); err != nil {
			return err
		}
	}
	return nil
}

// lineOf is the line, from 1, of a byte.
func lineOf(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}

// clip shortens a text for a message.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:37]) + "..."
	}
	return text
}
