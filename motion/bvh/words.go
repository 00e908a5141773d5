package bvh

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/graft-ml/graft/motion"
)

// longestWord bounds what a name or number may be, in bytes.
const longestWord = 4096

// words reads a file word by word.
type words struct {
	in   *bufio.Reader
	file string
	line int    // of what was read last
	next int    // line that the reader is in
	word []byte // the last word; valid until the next is read
	cr   bool   // the last byte was a carriage return
	held bool   // word is to be given once more
	err  error  // why there is none; io.EOF at the end
}

func newWords(file string, r io.Reader) *words {
	w := &words{in: bufio.NewReaderSize(r, 1<<16), file: file, line: 1, next: 1}
	if mark, _ := w.in.Peek(3); string(mark) == "\ufeff" {
		w.in.Discard(3)
	}
	return w
}

// read gives the next word; ok is false at the end and where reading fails.
func (w *words) read() (ok bool) {
	if w.held {
		w.held = false
		return true
	}
	w.word = w.word[:0]
	for w.err == nil {
		c, err := w.in.ReadByte()
		if err != nil {
			w.err = err
			break
		}
		newline := c == '\r' || c == '\n' && !w.cr
		w.cr = c == '\r'
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f':
			if newline {
				w.next++
			}
			if len(w.word) > 0 {
				return true
			}
			continue
		case c == '{' || c == '}':
			if len(w.word) > 0 {
				w.in.UnreadByte()
				return true
			}
			w.line = w.next
			w.word = append(w.word, c)
			return true
		}
		if len(w.word) == 0 {
			w.line = w.next
		}
		if w.word = append(w.word, c); len(w.word) > longestWord {
			w.err = w.fail("a word is longer than %d bytes", longestWord)
			return false
		}
	}
	if len(w.word) == 0 {
		w.line = w.next
		return false
	}
	return w.err == io.EOF
}

// unread lets the next read give the same word again.
func (w *words) unread() { w.held = true }

// is tells whether the last word is a key word.
func (w *words) is(key string) bool { return strings.EqualFold(string(w.word), key) }

// fail is an error at the last word.
func (w *words) fail(format string, values ...any) error {
	return &motion.FileError{File: w.file, Line: w.line, Reason: fmt.Sprintf(format, values...)}
}

// end is the error of a file that ends, or cannot be read, where something is wanted.
func (w *words) end(wanted string) error {
	if w.err != io.EOF {
		if e, ours := w.err.(*motion.FileError); ours {
			return e
		}
		return &motion.FileError{File: w.file, Line: w.line, Reason: w.err.Error(), Err: w.err}
	}
	return &motion.FileError{File: w.file, Line: w.line, Reason: "the file ends, expected " + wanted, Hint: "was it cut off?", Err: io.ErrUnexpectedEOF}
}

// expect reads a key word.
func (w *words) expect(key string) error {
	if !w.read() {
		return w.end(key)
	}
	if !w.is(key) {
		return w.fail("%q, expected %s", w.text(), key)
	}
	return nil
}

// text is the last word, shortened for a message.
func (w *words) text() string {
	const most = 40
	if len(w.word) > most {
		return string(w.word[:most-3]) + "..."
	}
	return string(w.word)
}
