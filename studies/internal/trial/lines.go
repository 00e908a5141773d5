package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/graft-ml/graft/train/checkpoint"
)

// ReadLines hands the lines of a file of results to read, as [ParseLines] does; a file that is not there has none. What
// was cut short at its end is removed, so that nothing that is added joins it.
func ReadLines(path string, read func(line []byte) error) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := ParseLines(path, text, read); err != nil {
		return err
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	if end == len(text) {
		return nil
	}
	return checkpoint.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text[:end])
		return err
	})
}

// ParseLines hands the lines of a text to read, but for blank ones. A last line without its end was cut short as it was
// written, and is passed over. The error of read comes back with path, line and what to do.
func ParseLines(path string, text []byte, read func(line []byte) error) error {
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if text = rest; !whole {
			break
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("%s: line %d: %w; correct or remove the line", path, n, err)
		}
	}
	return nil
}

// AppendLines writes lines, each with its end, after those of a file, in one piece, so that several processes may fill
// one file.
func AppendLines(path string, lines []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(lines)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
