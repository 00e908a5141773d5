package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tables/classify"
	"github.com/graft-ml/graft/tensor"
)

// answerRows answers a table by its rows with the likeliest class and the probabilities of
// all behind them.
func (j *predictions) answerRows(in io.Reader) error {
	schema := j.trained.Rows
	r, err := j.openRows(in)
	if err != nil {
		return err
	}
	defer r.Close() // only read from: closing cannot lose anything
	added := schema.AnswerColumns()
	for _, name := range added {
		if slices.Contains(r.Columns(), name) {
			return fmt.Errorf("%s:1: the table has a column %q already; rename it, or leave it out", j.name, name)
		}
	}
	w := newRows(j.out, r.Table())
	if err := w.write(rawRow(r, r.Columns()), added); err != nil {
		return err
	}
	return j.run(func() (input, error) {
		row := schema.Rows()
		cells, err := r.Read(row)
		if err != nil {
			return input{}, err
		}
		return input{row: row, line: r.Line(), raw: rawRow(r, cells)}, nil
	}, func(batch []input, scores *tensor.Tensor) error {
		for k, in := range batch {
			if err := w.write(in.raw, schema.Answer(scores.Row(k))); err != nil {
				return err
			}
		}
		return nil
	})
}

// openRows opens the input, which is delimited text where it comes from standard input.
func (j *predictions) openRows(in io.Reader) (*records.Reader, error) {
	o := j.trained.Recipe.Data.Table
	if _, file := in.(nothing); !file {
		return records.NewReader(j.name, in, o, j.trained.Rows)
	}
	if _, err := os.Stat(j.name); err != nil {
		return nil, &files.FileError{File: j.name, Reason: "there is no such file", Hint: "name a table like the one that the model was trained on", Err: err}
	}
	return records.OpenReader(j.name, o, j.trained.Rows)
}

// rawRow is the row that was read last as it stands in delimited text, or as it would.
func rawRow(r *records.Reader, cells []string) []byte {
	if table := r.Table(); table != nil {
		return bytes.Clone(table.Raw())
	}
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write(cells) // to memory: cannot fail
	c.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// rowInputs are inputs as the rows of one batch.
type rowInputs []input

var _ classify.Rows = rowInputs(nil)

// Len returns the number of rows.
func (b rowInputs) Len() int { return len(b) }

// Class is that of a row, -1 where it is not known.
func (b rowInputs) Class(i int) int { return b[i].row.Class(0) }

// Cells are the tokens of a row.
func (b rowInputs) Cells(i int) [][]int32 { return b[i].row.Cells(0) }

// Tokens is the number of tokens of a row.
func (b rowInputs) Tokens(i int) int { return b[i].row.Tokens(0) }

// predictRows answers rows as one batch. What a token takes of memory is measured on the
// first.
func (j *predictions) predictRows(batch []input, each func(scores *tensor.Tensor) error) error {
	if j.need == (recipes.Need{}) {
		var err error
		if j.need, err = j.trained.RowNeed(rowInputs(batch)); err != nil {
			return err
		}
	}
	return j.trained.PredictRows(j.ctx, rowInputs(batch), func(size recipes.Size) error { return j.fits(size, "tokens") }, each)
}

// noPredictions tells that a model of questions wants some.
func noPredictions(dir string) error {
	return misuse("graft predict: the run %s learned to answer questions about tables: ask them with %s", dir,
		strings.Join(quoted([]string{"graft", "ask", dir, "TABLE", "QUESTION"}), " "))
}
