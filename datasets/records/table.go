package records

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/internal/nearest"
)

// table is a file that is gone through several times, each time the same rows.
type table struct {
	path    string
	o       Options
	columns []string
	target  int
	split   int // -1: rows are drawn
	feature []int
	others  []string // columns that are neither

	skipped int // rows, the last time
	cut     bool
}

// openTable reads the names of the columns and finds those that options name.
func openTable(q *Request) (*table, error) {
	t := &table{path: q.path(), o: q.Options, split: -1}
	in, err := openSource(t.path, t.o)
	if err != nil {
		return nil, err
	}
	t.columns = slices.Clone(in.columns())
	if err := in.Close(); err != nil {
		return nil, err
	}
	n, err := t.o.lists()
	if err != nil {
		return nil, err
	}
	if t.target, err = t.findTarget(); err != nil {
		return nil, err
	}
	if t.o.SplitColumn != "" {
		if t.split, err = t.find("splitColumn", t.o.SplitColumn); err != nil {
			return nil, err
		}
	}
	for _, m := range n.order {
		k, err := t.find(m.option, m.column)
		if err != nil {
			return nil, err
		}
		if k == t.target || k == t.split {
			return nil, bad(m.option, "%q is the column to predict, or that of splits, and no feature", m.column)
		}
	}
	for k, name := range t.columns {
		switch {
		case k == t.target:
		case k == t.split || n.ignore[name]:
			t.others = append(t.others, name)
		default:
			t.feature = append(t.feature, k)
		}
	}
	if len(t.feature) == 0 {
		return nil, &files.FileError{File: t.path, Line: 1, Reason: "there is no column to predict from", Hint: "the table needs one more beside the column to predict"}
	}
	return t, nil
}

// find finds a column that an option names.
func (t *table) find(option, name string) (int, error) {
	if k := slices.Index(t.columns, name); k >= 0 {
		return k, nil
	}
	return 0, bad(option, "%s has no column %q; did you mean %q? (columns: %s)", t.path, clip(name), clip(nearest.To(name, t.columns)), listed(t.columns))
}

func (t *table) findTarget() (int, error) {
	if t.o.TargetColumn != "" {
		return t.find("targetColumn", t.o.TargetColumn)
	}
	for _, name := range []string{"target", "label", "y"} {
		if k := slices.Index(t.columns, name); k >= 0 {
			return k, nil
		}
	}
	return 0, bad("targetColumn", "which column is to be predicted? None is called target, label or y (columns: %s)", listed(t.columns))
}

// listed lists names for a message.
func listed(names []string) string {
	const most = 20
	var list []string
	for k, name := range names {
		if k == most {
			list = append(list, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		list = append(list, clip(name))
	}
	return strings.Join(list, ", ")
}

// record is a row that can be used. Its cells are valid until the next.
type record struct {
	number, line int
	cells        []string
	target       string
	split        datasets.Split // where a column says it
}

// each goes through the rows that can be used, the same ones each time. It leaves the others
// out, or ends at the first, as options say.
func (t *table) each(ctx context.Context, visit func(r *record) error) (err error) {
	in, err := openSource(t.path, t.o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	t.skipped, t.cut = 0, false
	r := &record{}
	for {
		if r.number%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, line, err := in.next()
		switch {
		case err == io.EOF:
			return nil
		case err == nil && t.o.MaxRows > 0 && r.number == t.o.MaxRows:
			t.cut = true
			return nil
		case err == nil:
			r.cells, r.line = cells, line
			err = t.read(r)
		}
		if err != nil {
			if t.o.SkipBad && files.Skippable(err) {
				t.skipped++
				continue
			}
			return err
		}
		if err := visit(r); err != nil {
			return err
		}
		r.number++
	}
}

// read finds target and split of a row.
func (t *table) read(r *record) error {
	fail := func(column int, hint, format string, args ...any) error {
		return &files.RowError{File: t.path, Line: r.line, Column: t.columns[column], Reason: fmt.Sprintf(format, args...), Hint: hint}
	}
	r.target = strings.TrimSpace(r.cells[t.target])
	kind := Category
	if t.o.TargetBins > 0 {
		kind = Number
	}
	if missing(r.target, kind) || strings.EqualFold(r.target, "nan") {
		return fail(t.target, "--skip-bad leaves such rows out (data.table.skipBad)", "there is no target")
	}
	if t.o.TargetBins > 0 {
		if _, ok := number(r.target); !ok {
			return fail(t.target, "only numbers can be made bins of: leave data.table.targetBins out", "%q is no number", clip(r.target))
		}
	}
	if t.split < 0 {
		return nil
	}
	switch cell := strings.ToLower(strings.TrimSpace(r.cells[t.split])); cell {
	case "train", "training":
		r.split = datasets.Train
	case "val", "valid", "validation", "dev":
		r.split = datasets.Val
	case "test", "testing":
		r.split = datasets.Test
	default:
		return fail(t.split, "", "%q is no split: want train, val or test", clip(cell))
	}
	return nil
}

// features are the cells of a row that are read, blanks around them cut off.
func (t *table) features(r *record, each func(k int, cell string)) {
	for k, place := range t.feature {
		each(k, strings.TrimSpace(r.cells[place]))
	}
}
