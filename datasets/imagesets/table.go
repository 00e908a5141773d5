package imagesets

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/vision/images"
)

// tableRow is a line of a table of images.
type tableRow struct {
	line        int
	path, label string
	split       string
}

// Table gives a set of the image files that a CSV file lists, a TSV file where its name ends
// in .tsv: a header, then a line for each image with its path and its label, and its split
// (train, val or test) where there is such a column. Paths are relative to the file's
// folder. Images come in the order of the lines and are decoded when they are asked for.
//
// The error is a *datasets.FileError with the line: of a file that is not there, of a path that
// comes twice, of a label outside Classes or a split of another name. One of an image is an
// *images.FileError.
func Table(ctx context.Context, path string, o OwnOptions) (*Set, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var rows []tableRow
	err := readOpen(path, func(in io.Reader) (err error) {
		rows, err = parseTable(ctx, in, path, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	classes := o.Classes
	if classes == nil {
		classes = labelList(rows)
	}
	s := splits{named: splitsOf(rows)}
	var files images.Files
	files.Options = o.Decode
	numbers := map[string]int{}
	for k, c := range classes {
		numbers[c] = k
	}
	labels := make([]int, len(rows))
	for i, r := range rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var known bool
		if labels[i], known = numbers[r.label]; !known {
			return nil, refused(path, r.line, fmt.Sprintf("did you mean %q?", nearest.To(r.label, classes)), "the label %q is none of the %d classes", clip(r.label), len(classes))
		}
		file, err := existing(path, r)
		if err != nil {
			return nil, err
		}
		files.Paths = append(files.Paths, file)
		split := splitFolders[r.split] // training for none
		s.items[split] = append(s.items[split], i)
	}
	s.all = Labelled(files, labels)
	return s.set(filepath.Base(path), slices.Clone(classes), o)
}

// splitsOf tells which splits are named.
func splitsOf(rows []tableRow) (named [3]bool) {
	for _, r := range rows {
		if r.split != "" {
			named[splitFolders[r.split]] = true
		}
	}
	return named
}

// existing gives the path of a row's file, which must be there.
func existing(table string, r tableRow) (string, error) {
	file := filepath.FromSlash(r.path)
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(table), file)
	}
	stat, err := os.Stat(file)
	switch {
	case err != nil:
		return "", &datasets.FileError{Path: table, Line: r.line, Reason: fmt.Sprintf("there is no file %s", file),
			Hint: "paths are relative to the folder of the table", Err: err}
	case !stat.Mode().IsRegular():
		return "", refused(table, r.line, "name a file", "%s is no regular file", file)
	}
	return file, nil
}

// parseTable reads the lines of a table.
func parseTable(ctx context.Context, in io.Reader, name string, o OwnOptions) ([]tableRow, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.ReuseRecord = true
	if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".gz")), ".tsv") {
		r.Comma = '\t'
	}
	header, err := r.Read()
	if err == io.EOF {
		return nil, refused(name, 0, "the first line names the columns: path,label", "the file is empty")
	}
	if err != nil {
		return nil, tableDamage(name, err)
	}
	columns, err := findColumns(name, header, o)
	if err != nil {
		return nil, err
	}
	var rows []tableRow
	first := map[string]int{} // the line of each path
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, tableDamage(name, err)
		}
		line, _ := r.FieldPos(0)
		row, err := columns.row(name, line, record)
		if err != nil {
			return nil, err
		}
		if before := first[row.path]; before > 0 {
			return nil, refused(name, line, "keep one of the lines", "%s is in line %d already", clip(row.path), before)
		}
		first[row.path] = line
		rows = append(rows, row)
		if len(rows)%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if len(rows) == 0 {
		return nil, refused(name, 0, "add a line for each image", "there are no lines below the header")
	}
	return rows, nil
}

// tableDamage is an error of package csv with its line.
func tableDamage(name string, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &datasets.FileError{Path: name, Line: parse.Line, Reason: parse.Err.Error(), Hint: "every line needs as many fields as the header, and every quote its end", Err: err}
	}
	return damaged(name, err)
}

// tableColumns are the numbers of the columns; split is -1 where there is none.
type tableColumns struct{ path, label, split int }

// findColumns finds the columns by their names.
func findColumns(name string, header []string, o OwnOptions) (tableColumns, error) {
	at := func(column, standard string) (int, error) {
		if column == "" {
			column = standard
		}
		k := slices.IndexFunc(header, func(h string) bool { return strings.TrimSpace(h) == column })
		if k < 0 {
			return k, refused(name, 1, fmt.Sprintf("did you mean %q? Name the columns of paths and labels", nearest.To(column, header)), "there is no column %q; columns are %s", column, clip(strings.Join(header, ", ")))
		}
		return k, nil
	}
	var c tableColumns
	var err error
	if c.path, err = at(o.PathColumn, "path"); err != nil {
		return c, err
	}
	if c.label, err = at(o.LabelColumn, "label"); err != nil {
		return c, err
	}
	if c.split, err = at(o.SplitColumn, "split"); err != nil && o.SplitColumn != "" {
		return c, err
	}
	return c, nil
}

// row reads the fields of a line.
func (c tableColumns) row(name string, line int, record []string) (tableRow, error) {
	r := tableRow{line: line, path: strings.TrimSpace(record[c.path]), label: strings.TrimSpace(record[c.label])}
	switch {
	case r.path == "":
		return r, refused(name, line, "name the file of the image", "the path is empty")
	case r.label == "":
		return r, refused(name, line, "name the class of the image, or leave the line out", "the label is empty")
	case strings.ContainsRune(r.path, 0):
		return r, refused(name, line, "name the file of the image", "the path %q is none", clip(r.path))
	}
	if c.split < 0 {
		return r, nil
	}
	r.split = strings.ToLower(strings.TrimSpace(record[c.split]))
	if !isSplit(r.split) {
		return r, refused(name, line, "expected train, val or test", "the split %q is not known", clip(record[c.split]))
	}
	return r, nil
}

// labelList gives the labels that occur in alphabetical order, or in that of the numbers
// where all are whole numbers.
func labelList(rows []tableRow) []string {
	var list []string
	for _, r := range rows {
		list = append(list, r.label)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	numbers := map[string]int{}
	for _, label := range list {
		n, err := strconv.Atoi(label)
		if err != nil {
			return list
		}
		numbers[label] = n
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(numbers[a], numbers[b]) })
	return list
}
