package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxJSON is the size of a JSON file of splits or vocabularies, unpacked, that is
// read. The largest published one has half a megabyte.
const maxJSON = 64 << 20

// readJSON reads a file that is one JSON value into a pointer.
func readJSON(path string, into any) error {
	file, err := openData(path)
	if err != nil {
		return err
	}
	defer file.Close() // only read from: closing cannot lose anything
	text, err := io.ReadAll(io.LimitReader(file, maxJSON+1))
	if err != nil {
		return damaged(path, 0, err)
	}
	if len(text) > maxJSON {
		return &FileError{Path: path, Reason: fmt.Sprintf("it is larger than %d MiB", maxJSON>>20), Hint: "this is not the published data: get the file again"}
	}
	if err := parseJSON(text, into); err != nil {
		err.Path = path
		return err
	}
	return nil
}

// parseJSON reads one JSON value; the error has no path yet.
func parseJSON(text []byte, into any) *FileError {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	e := &FileError{Reason: "malformed JSON: " + err.Error(), Hint: "the file is damaged or another one: get it again", Err: err}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Line = lineOf(text, syntax.Offset)
	case errors.As(err, &kind):
		e.Line = lineOf(text, kind.Offset)
		e.Reason = fmt.Sprintf("%s where %s was expected (key %q)", kind.Value, kind.Type, strings.ToLower(kind.Field))
	}
	return e
}

// lineOf is the line, from 1, of a byte.
func lineOf(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}
