package lengths

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Reader reads the records of a task from JSON Lines, the official data files, one a line, and puts them into words.
// Blank lines are skipped. It keeps one line at a time.
type Reader struct {
	task *Task
	file string
	in   *bufio.Scanner
	line int
	end  error
}

// maxLine is the longest line, in bytes: records of the published lengths have some hundreds.
const maxLine = 1 << 20

// NewReader reads records of the task from r; file is its name, for messages.
func NewReader(r io.Reader, file string, t *Task) *Reader {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	return &Reader{task: t, file: file, in: in}
}

// Read gives the next example, or io.EOF after the last one. Any other error is a [*RecordError]; after one that is about
// what a line says, the next Read goes on with the line that follows.
func (r *Reader) Read() (Example, error) {
	for r.end == nil {
		if !r.in.Scan() {
			r.end = r.failure()
			break
		}
		r.line++
		line := bytes.TrimSpace(r.in.Bytes())
		if len(line) == 0 {
			continue
		}
		e, err := r.task.parse(line)
		if err != nil {
			return Example{}, &RecordError{File: r.file, Line: r.line, Err: err}
		}
		return e, nil
	}
	return Example{}, r.end
}

// failure says why there is no further line.
func (r *Reader) failure() error {
	err := r.in.Err()
	switch {
	case err == nil:
		return io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		err = fmt.Errorf("the line is longer than %d bytes: write one record a line", maxLine)
	}
	return &RecordError{File: r.file, Line: r.line + 1, Err: err}
}

// parse reads one record.
func (t *Task) parse(line []byte) (Example, error) {
	record := t.def.empty()
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(record); err != nil {
		return Example{}, fmt.Errorf("lengths: %s: no record of it: %w; a record has the keys of the official data files", t.Name(), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Example{}, fmt.Errorf("lengths: %s: something follows the record: write one record a line", t.Name())
	}
	return t.Process(record)
}

// RecordError is a line of a file that holds no record of the task, or a file that cannot be read on.
type RecordError struct {
	File string
	Line int // from 1
	Err  error
}

// Error gives file, line and reason.
func (e *RecordError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap gives the reason.
func (e *RecordError) Unwrap() error { return e.Err }
