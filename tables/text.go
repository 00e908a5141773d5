package tables

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// toUTF8 is what to do about text in another encoding.
const toUTF8 = "convert the file to UTF-8, for example: iconv -f %s -t UTF-8 IN > OUT"

// checked passes text on that is UTF-8 and refuses the first byte that is not, with
// its line and its place therein. It leaves a byte order mark out.
type checked struct {
	name    string
	in      *bufio.Reader
	started bool
	part    []byte // the bytes of a character that are here, while others are still to come
	line    int    // of the byte that is read next
	column  int
	err     error
}

func newChecked(name string, in io.Reader) *checked {
	return &checked{name: name, in: bufio.NewReaderSize(in, 1<<16), line: 1, column: 1}
}

// Read reads as in does. Errors are *FileErrors, or io.EOF.
func (c *checked) Read(p []byte) (int, error) {
	if !c.started {
		c.started = true
		if c.err = c.start(); c.err != nil {
			return 0, c.err
		}
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.in.Read(p)
	good, invalid := c.check(p[:n])
	switch {
	case invalid != nil:
		c.err = invalid
	case err == io.EOF && len(c.part) > 0:
		c.err = c.invalid(c.part[0])
	case err == io.EOF:
		c.err = err
	case err != nil:
		c.err = unreadable(c.name, c.line, err)
	}
	return good, c.err
}

// start passes over a byte order mark.
func (c *checked) start() error {
	head, _ := c.in.Peek(3) // an error will come again
	switch {
	case bytes.HasPrefix(head, []byte(byteOrderMark)):
		_, err := c.in.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return &FileError{File: c.name, Line: 1, Column: 1, Reason: "the text is UTF-16, not UTF-8", Hint: fmt.Sprintf(toUTF8, "UTF-16")}
	}
	return nil
}

// check gives how many bytes of p are good and goes past them. Those of a character
// that is not complete are passed on as well; if it comes out wrong, the error is
// that of the next call.
func (c *checked) check(p []byte) (int, error) {
	at := 0
	for len(c.part) > 0 && at < len(p) {
		c.part = append(c.part, p[at])
		at++
		if !utf8.FullRune(c.part) {
			continue
		}
		if r, size := utf8.DecodeRune(c.part); r == utf8.RuneError && size == 1 {
			return 0, c.invalid(c.part[0])
		}
		c.column += len(c.part)
		c.part = c.part[:0]
	}
	rest := p[at:]
	if utf8.Valid(rest) {
		c.pass(rest)
		return len(p), nil
	}
	for len(rest) > 0 {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			good := p[at : len(p)-len(rest)]
			c.pass(good)
			if utf8.FullRune(rest) {
				return len(p) - len(rest), c.invalid(rest[0])
			}
			c.part = append(c.part, rest...)
			break
		}
		rest = rest[size:]
	}
	return len(p), nil
}

// pass goes past complete characters.
func (c *checked) pass(text []byte) {
	if lines := bytes.Count(text, []byte("\n")); lines > 0 {
		c.line += lines
		c.column = 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	c.column += len(text)
}

func (c *checked) invalid(b byte) error {
	return &FileError{File: c.name, Line: c.line, Column: c.column, Reason: fmt.Sprintf("%#02x is not UTF-8 text", b), Hint: fmt.Sprintf(toUTF8, "WINDOWS-1252")}
}

// unreadable is an error of the file below a reader. One that says where already is
// left as it is.
func unreadable(name string, line int, err error) error {
	var file *FileError
	if errors.As(err, &file) {
		return err
	}
	return &FileError{File: name, Line: line, Reason: err.Error(), Err: err}
}

// lines cuts text into lines without their ends, LF or CR LF, in memory for the
// longest.
type lines struct {
	name string
	in   *bufio.Reader
	most int // bytes of a line
	line int // number of the one that was read last
	text []byte
}

func newLines(name string, in io.Reader, most int) *lines {
	return &lines{name: name, in: bufio.NewReader(in), most: most}
}

// next gives the next line, valid until the one after, or io.EOF.
func (l *lines) next() ([]byte, error) {
	l.text = l.text[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.text = append(l.text, part...)
		if len(l.text) > l.most+2 {
			return nil, &FileError{File: l.name, Line: l.line + 1, Reason: fmt.Sprintf("the line is longer than %d bytes", l.most), Hint: "are line ends lost? If not, raise MaxRow"}
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(l.text) == 0:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, unreadable(l.name, l.line+1, err)
		}
		l.line++
		return bytes.TrimSuffix(bytes.TrimSuffix(l.text, []byte("\n")), []byte("\r")), nil
	}
}
