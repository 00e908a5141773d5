package fetch

import (
	"errors"
	"io"
	"strconv"

	"github.com/graft-ml/graft/datasets/unpickle"
)

// peptidesOutput makes text of the split of Peptides.
type peptidesOutput struct {
	source string // the pickle, which is verified
	name   string // of the file that is written
	sizes  [3]int // of train, val and test
}

// convert writes {"train":[...],"val":[...],"test":[...]}, the numbers of the rows.
func (o peptidesOutput) convert(c *converter) error {
	value, err := unpickle.Decode(c.ctx, func() (io.ReadCloser, error) { return c.open(o.source) }, unpickle.Limits{Bytes: 16 << 20})
	var wrong *unpickle.Error
	if errors.As(err, &wrong) {
		return c.bad(o.source, err, "%v", err)
	}
	if err != nil {
		return err
	}
	split, ok := value.(unpickle.Dict)
	if !ok {
		return c.bad(o.source, nil, "it is no dict")
	}
	all := o.sizes[0] + o.sizes[1] + o.sizes[2]
	seen := make([]bool, all)
	text := []byte{'{'}
	for k, part := range [...]string{"train", "val", "test"} {
		v, found := split.Get(part)
		if !found && part == "val" {
			v, _ = split.Get("valid")
		}
		rows, ok := wholeNumbers(v)
		if !ok || len(rows) != o.sizes[k] {
			return c.bad(o.source, nil, "its part %s is not a list of %d numbers", part, o.sizes[k])
		}
		if k > 0 {
			text = append(text, ',')
		}
		text = append(strconv.AppendQuote(text, part), ":["...)
		for i, row := range rows {
			if row < 0 || row >= int64(all) || seen[row] {
				return c.bad(o.source, nil, "its part %s has the row %d, which is beyond the %d rows or in the split already", part, row, all)
			}
			seen[row] = true
			if i > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendInt(text, row, 10)
		}
		text = append(text, ']')
	}
	out, err := c.create(o.name)
	if err != nil {
		return err
	}
	if _, err := out.Write(append(text, "}\n"...)); err != nil {
		return diskError(c.w.path(o.name), err)
	}
	return out.finish("")
}

// wholeNumbers reads an array or a list of numbers.
func wholeNumbers(v any) ([]int64, bool) {
	var numbers []int64
	switch v := v.(type) {
	case *unpickle.Array:
		if len(v.Shape) != 1 || !v.Whole() {
			return nil, false
		}
		for i := range v.Len() {
			numbers = append(numbers, v.Int(i))
		}
	case unpickle.List:
		for _, e := range v {
			n, ok := e.(int)
			if !ok {
				return nil, false
			}
			numbers = append(numbers, int64(n))
		}
	default:
		return nil, false
	}
	return numbers, true
}
