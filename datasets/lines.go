package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// maxLine is the longest line of a text file in bytes. Those of the published
// files have a few thousand.
const maxLine = 1 << 20

// lines reads a text file line by line, without line ends (LF or CR LF), byte
// order mark and blank lines.
type lines struct {
	path string
	in   *bufio.Reader
	n    int // number of the line that was read last, from 1
	buf  []byte
	// keepBlank gives blank lines as well.
	keepBlank bool
}

func newLines(path string, in io.Reader) *lines {
	return &lines{path: path, in: bufio.NewReaderSize(in, 1<<16)}
}

// fail is an error about the line that was read last.
func (l *lines) fail(hint, format string, args ...any) error {
	return &FileError{Path: l.path, Line: l.n, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// next gives the next line, which is valid until the call after, or io.EOF.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.read()
		if err != nil {
			return nil, err
		}
		if l.n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) == 0 && !l.keepBlank {
			continue
		}
		if !utf8.Valid(line) {
			return nil, l.fail("save the file as UTF-8", "the line is not UTF-8 text")
		}
		return line, nil
	}
}

func (l *lines) read() ([]byte, error) {
	l.buf = l.buf[:0]
	for started := false; ; {
		part, err := l.in.ReadSlice('\n')
		if len(part) > 0 && !started {
			started = true
			l.n++
		}
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		if len(l.buf)+len(part) > maxLine {
			return nil, l.fail("the file is not what its name says, or its line ends are lost", "the line is longer than %d bytes", maxLine)
		}
		l.buf = append(l.buf, part...)
		switch {
		case ended, err == io.EOF && started:
			return l.buf, nil
		case err == io.EOF:
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, damaged(l.path, l.n, err)
		}
	}
}

// fields cuts a line at commas and blanks, into the memory of into.
func fields(into [][]byte, line []byte) [][]byte {
	into = into[:0]
	start := -1
	for i, b := range line {
		separator := b == ' ' || b == '\t' || b == ','
		switch {
		case !separator && start < 0:
			start = i
		case separator && start >= 0:
			into = append(into, line[start:i])
			start = -1
		}
	}
	if start >= 0 {
		into = append(into, line[start:])
	}
	return into
}

// whole reads a whole number from low to high.
func (l *lines) whole(text []byte, what string, low, high int64) (int64, error) {
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, l.fail("", "%s: %q is not a whole number", what, clip(text))
	}
	if v < low || v > high {
		return 0, l.fail("", "%s: %d is out of range, expected %d to %d", what, v, low, high)
	}
	return v, nil
}

// clip shortens a text for a message.
func clip(text []byte) string {
	if len(text) > 32 {
		return string(text[:29]) + "..."
	}
	return string(text)
}
