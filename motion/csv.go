package motion

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteCSV writes a clip as comma-separated text. The first line is "# " and a JSON
// object (name, fps, unit, axes, parents); the second names the columns: frame, then
// joint.x, joint.y, joint.z of each joint. Numbers are as short as they can be and
// give the same float32 when they are read.
func WriteCSV(w io.Writer, c *Clip) error {
	if err := c.Validate(); err != nil {
		return err
	}
	m := metaOf(c)
	if err := m.check(); err != nil {
		return err
	}
	m.Joints = nil // the header has them
	head, err := json.Marshal(m)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# %s\n", head)
	table := csv.NewWriter(out)
	row := make([]string, 1, 1+3*c.Joints())
	row[0] = "frame"
	for _, joint := range c.Skeleton.Joints {
		row = append(row, joint+".x", joint+".y", joint+".z")
	}
	if err := table.Write(row); err != nil {
		return err
	}
	for f := range c.Frames() {
		row[0] = strconv.Itoa(f)
		for i, v := range c.Frame(f) {
			row[1+i] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		if err := table.Write(row); err != nil {
			return err
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return err
	}
	return out.Flush()
}

// longestHead bounds the first line of a CSV file: names of joints are not in it.
const longestHead = 1 << 20

// ReadCSV reads what [WriteCSV] writes. The line of JSON may be missing: then the
// frame rate and unit are not known, and every joint is a root unless the joints are
// called as those of [SMPL] or [SMPL22]. So may the column frame. name is the file's,
// for errors, and the clip's if the file gives none.
func ReadCSV(name string, r io.Reader) (*Clip, error) {
	fail := func(line int, cause error, format string, values ...any) (*Clip, error) {
		return nil, &FileError{File: name, Line: line, Reason: fmt.Sprintf(format, values...), Err: cause}
	}
	in := bufio.NewReaderSize(r, longestHead)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		in.Discard(3)
	}
	before := 0 // lines above the table
	var m meta
	if first, _ := in.Peek(1); len(first) == 1 && first[0] == '#' {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return fail(1, nil, "the line is longer than %d bytes", longestHead)
		}
		if m, err = decodeMeta(bytes.TrimSpace(line[1:])); err != nil {
			return fail(1, err, "expected # and a JSON object such as {\"fps\":30,\"parents\":[-1,0]}: %v", err)
		}
		before = 1
	}
	table := csv.NewReader(in)
	table.ReuseRecord = true
	header, err := table.Read()
	if err == io.EOF {
		return fail(0, nil, "it has no header, expected columns such as hips.x, hips.y, hips.z")
	} else if err != nil {
		return nil, csvError(name, before, err)
	}
	skip := 0
	if header[0] == "frame" {
		skip = 1
	}
	joints, reason := csvJoints(header[skip:])
	if reason != "" {
		return fail(before+1, nil, "%s", reason)
	}
	if m.Parents == nil {
		m.Parents = guessParents(joints)
	}
	c, err := m.clip(name, joints)
	if err != nil {
		return fail(1, err, "%v", err)
	}
	if err := c.Skeleton.Validate(); err != nil {
		return fail(1, err, "%s", err.(*ClipError).Reason)
	}
	for frame := 0; ; frame++ {
		row, err := table.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, csvError(name, before, err)
		}
		line, _ := table.FieldPos(0)
		line += before
		if skip == 1 {
			if n, err := strconv.Atoi(row[0]); err != nil || n != frame {
				return fail(line, nil, "frame %q, expected %d: frames are numbered from 0", clipText(row[0]), frame)
			}
		}
		for i, text := range row[skip:] {
			v, err := strconv.ParseFloat(text, 32)
			if err != nil || v-v != 0 {
				return fail(line, nil, "frame %d, joint %q: %c is %q, expected a finite number", frame, joints[i/3], 'x'+rune(i%3), clipText(text))
			}
			c.Positions = append(c.Positions, float32(v))
		}
	}
	return fileClip(name, c)
}

// fileClip checks a clip that was read.
func fileClip(name string, c *Clip) (*Clip, error) {
	if err := c.Validate(); err != nil {
		e := *err.(*ClipError)
		e.Clip = ""
		return nil, &FileError{File: name, Reason: strings.TrimPrefix(e.Error(), "motion: "), Err: err}
	}
	return c, nil
}

// csvError tells the line of the file, not of the table in it.
func csvError(name string, before int, err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return &FileError{File: name, Reason: err.Error(), Err: err}
	}
	e := &FileError{File: name, Line: p.Line + before, Reason: p.Err.Error(), Err: err}
	if p.Err == csv.ErrFieldCount {
		e.Reason, e.Hint = "the row has another number of cells than the header", "was the file cut off?"
	}
	return e
}

// csvJoints finds the joints in the names of columns, or says what is wrong.
func csvJoints(columns []string) (joints []string, reason string) {
	if len(columns) == 0 || len(columns)%3 != 0 {
		return nil, fmt.Sprintf("%d columns of coordinates, expected three of each joint", len(columns))
	}
	if len(columns)/3 > MostJoints {
		return nil, fmt.Sprintf("%d joints, expected at most %d", len(columns)/3, MostJoints)
	}
	for i := 0; i < len(columns); i += 3 {
		joint, found := strings.CutSuffix(columns[i], ".x")
		if !found || columns[i+1] != joint+".y" || columns[i+2] != joint+".z" {
			return nil, fmt.Sprintf("columns %q, %q, %q, expected the x, y and z of one joint, such as hips.x, hips.y, hips.z",
				clipText(columns[i]), clipText(columns[i+1]), clipText(columns[i+2]))
		}
		joints = append(joints, joint)
	}
	return joints, ""
}

// guessParents are those of an SMPL body, or none.
func guessParents(joints []string) []int {
	if n := len(joints); (n == 22 || n == 24) && slices.Equal(joints, smpl[:n]) {
		return slices.Clone(smplParents[:n])
	}
	parents := make([]int, len(joints))
	for j := range parents {
		parents[j] = -1
	}
	return parents
}

// clipText shortens text from a file for a message.
func clipText(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-3], "") + "..."
}
