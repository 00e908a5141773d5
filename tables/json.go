package tables

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/graft-ml/graft/internal/tap"
)

// ReadJSON reads records, each an object whose keys are columns and whose values are
// texts, numbers, true, false or null: an array of them, or one after another as in
// JSON Lines. The columns come in the order in which their keys are first met, a key
// that a record lacks, and null, is an empty cell. Numbers keep the form they are
// written in. Objects and arrays within a record are refused. The table is held as a
// whole; name is what messages call the file. The error is a [*FileError] or
// [*OptionError].
func ReadJSON(name string, in io.Reader, o Options) (*Table, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.NoHeader {
		return nil, &OptionError{"NoHeader", "records name their columns"}
	}
	j := newJSONRecords(name, newChecked(name, in), o)
	if err := j.read(); err != nil {
		return nil, err
	}
	o.Ragged, o.MaxRows = RaggedPad, 0 // records of fewer keys are no fault
	r, err := NewRowReader(name, j, o)
	if err != nil {
		return nil, err
	}
	t, err := r.Table()
	if err != nil {
		return nil, err
	}
	t.Notes = nil
	if j.cut {
		t.Notes = []string{fmt.Sprintf("the records after the first %d were left out", len(t.Rows))}
	}
	return t, nil
}

// jsonRecords are the records of a file, which then come as rows, the keys first.
type jsonRecords struct {
	name    string
	tap     *tap.Reader
	decoder *json.Decoder
	o       Options
	line    int // of tap.held[0]

	keys  []string
	place map[string]int // of keys
	last  []int          // per key: the record, from 1, that had it last
	rows  [][]string     // each as long as the keys that were known
	lines []int          // where they begin
	cut   bool
	given int // by Next, the keys included
}

func newJSONRecords(name string, in io.Reader, o Options) *jsonRecords {
	j := &jsonRecords{name: name, tap: tap.New(in, o.MaxRow), o: o, line: 1, place: map[string]int{}}
	j.decoder = json.NewDecoder(j.tap)
	j.decoder.UseNumber()
	return j
}

// read reads all records.
func (j *jsonRecords) read() error {
	token, err := j.decoder.Token()
	if err == io.EOF {
		return &FileError{File: j.name, Reason: "the file is empty", Hint: "it must hold records, an array of objects or one object after another"}
	}
	array := token == json.Delim('[')
	if array {
		token, err = j.decoder.Token()
	}
	for {
		if err == io.EOF && !array {
			break
		}
		if err != nil {
			return j.malformed(err)
		}
		if array && token == json.Delim(']') {
			return j.nothingBehind()
		}
		if token != json.Delim('{') {
			return j.fail(fmt.Sprintf("%s where a record was expected", kind(token)), "each record must be an object: {\"name\": \"Lyon\", \"people\": 516092}")
		}
		if j.cut = j.o.MaxRows > 0 && len(j.rows) == j.o.MaxRows; j.cut {
			return nil
		}
		if err := j.record(); err != nil {
			return err
		}
		token, err = j.decoder.Token()
	}
	return nil
}

// nothingBehind refuses text behind the array.
func (j *jsonRecords) nothingBehind() error {
	if _, err := j.decoder.Token(); err != io.EOF {
		return j.fail("text goes on behind the array of records", "a file has one array, or objects one after another")
	}
	return nil
}

// record reads an object behind its brace.
func (j *jsonRecords) record() error {
	j.letGo()
	j.lines = append(j.lines, j.line)
	row := make([]string, len(j.keys))
	for j.decoder.More() {
		key, err := j.decoder.Token()
		if err != nil {
			return j.malformed(err)
		}
		column, err := j.column(key.(string)) // the decoder has refused any other
		if err != nil {
			return err
		}
		value, err := j.decoder.Token()
		if err != nil {
			return j.malformed(err)
		}
		if column == len(row) {
			row = append(row, "")
		}
		switch v := value.(type) {
		case string:
			row[column] = v
		case nil:
		case json.Delim:
			return j.fail(fmt.Sprintf("record %d: the value of %q is %s", len(j.rows)+1, clip(key.(string)), kind(value)), "a cell holds text, a number, true, false or null: flatten the records first")
		default:
			row[column] = fmt.Sprint(v)
		}
	}
	if _, err := j.decoder.Token(); err != nil {
		return j.malformed(err)
	}
	j.rows = append(j.rows, row)
	return nil
}

// column gives the place of a key in the record that is read.
func (j *jsonRecords) column(key string) (int, error) {
	record := len(j.rows) + 1
	at, known := j.place[key]
	if !known {
		if at = len(j.keys); at == j.o.MaxColumns {
			return 0, j.fail(fmt.Sprintf("record %d: its key %q makes more than %d columns", record, clip(key), at), "are the keys values? If not, raise MaxColumns")
		}
		j.keys, j.place[key], j.last = append(j.keys, key), at, append(j.last, 0)
	}
	if j.last[at] == record {
		return 0, j.fail(fmt.Sprintf("record %d has the key %q twice", record, clip(key)), "")
	}
	j.last[at] = record
	return at, nil
}

// letGo forgets the text that was read.
func (j *jsonRecords) letGo() {
	j.line += bytes.Count(j.tap.Take(j.decoder.InputOffset()), []byte("\n"))
}

// Next gives the keys, then the rows.
func (j *jsonRecords) Next() ([]string, int, error) {
	j.given++
	switch {
	case j.given == 1 && len(j.rows) == 0:
		return nil, 0, &FileError{File: j.name, Reason: "there are no records", Hint: "columns are named by the keys of records"}
	case j.given == 1:
		return j.keys, j.lines[0], nil
	case j.given-2 < len(j.rows):
		return j.rows[j.given-2], j.lines[j.given-2], nil
	}
	return nil, 0, io.EOF
}

// malformed is an error of the decoder.
func (j *jsonRecords) malformed(err error) error {
	var file *FileError
	switch {
	case errors.As(err, &file):
		return err
	case errors.Is(err, tap.ErrTooLong):
		return &FileError{File: j.name, Line: j.line, Reason: fmt.Sprintf("the record is longer than %d bytes", j.o.MaxRow), Hint: "is a quote missing? If not, raise MaxRow"}
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return j.fail("malformed JSON: the text ends too early", "the file may be cut off")
	}
	return j.fail("malformed JSON: "+err.Error(), "")
}

// fail is an error where the decoder is, or at the first character behind.
func (j *jsonRecords) fail(reason, hint string) error {
	at := int(j.decoder.InputOffset() - j.tap.Offset())
	held := j.tap.Held()
	for at < len(held) && bytes.IndexByte([]byte(" \t\r\n,:"), held[at]) >= 0 {
		at++
	}
	before := held[:min(at, len(held))]
	return &FileError{File: j.name, Line: j.line + bytes.Count(before, []byte("\n")), Reason: reason, Hint: hint}
}

// kind says what a token begins.
func kind(token json.Token) string {
	switch token.(type) {
	case json.Delim:
		if token == json.Delim('{') {
			return "an object"
		}
		return "an array"
	case string:
		return "a text"
	case nil:
		return "null"
	case bool:
		return "true or false"
	}
	return "a number"
}
