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
	"github.com/graft-ml/graft/tensor"
)

// rowPredictions is the work of predict for the rows of a table.
type rowPredictions struct {
	*predictions
	in    *records.Reader
	rows  *records.Rows
	held  [][]byte // rows as they came
	write func(row []byte, more []string) error
}

// answerRows answers a table by its rows with the likeliest class and the probabilities of
// all behind them, in memory for a batch of rows.
func (j *predictions) answerRows(in io.Reader) error {
	t := j.trained
	r, err := j.openRows(in)
	if err != nil {
		return err
	}
	defer r.Close() // only read from: closing cannot lose anything
	added := t.Rows.AnswerColumns()
	for _, name := range added {
		if slices.Contains(r.Columns(), name) {
			return fmt.Errorf("%s:1: the table has a column %q already; rename it, or leave it out", j.name, name)
		}
	}
	w := &rowPredictions{predictions: j, in: r, rows: t.Rows.Rows()}
	w.write = newRows(j.out, r.Table()).write
	if err := w.write(w.raw(r.Columns()), added); err != nil {
		return err
	}
	return w.run()
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

// raw is a row as it stands in delimited text, or as it would.
func (w *rowPredictions) raw(cells []string) []byte {
	if table := w.in.Table(); table != nil {
		return bytes.Clone(table.Raw())
	}
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write(cells) // to memory: cannot fail
	c.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// run reads rows until io.EOF and answers them a batch at a time.
func (w *rowPredictions) run() error {
	size := w.trained.Recipe.Train.EvalBatchSize
	for {
		cells, err := w.in.Read(w.rows)
		switch {
		case err == nil:
			w.held = append(w.held, w.raw(cells))
		case files.Skippable(err):
			if bad := w.bad(err); bad != nil {
				return firstError(w.answerHeld(), bad)
			}
		case err == io.EOF:
			return w.answerHeld()
		default:
			return firstError(w.answerHeld(), err)
		}
		if len(w.held) == size {
			if err := w.answerHeld(); err != nil {
				return err
			}
		}
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// answerHeld answers the rows that are held.
func (w *rowPredictions) answerHeld() error {
	if len(w.held) == 0 {
		return nil
	}
	err := w.trained.PredictRows(w.ctx, w.rows, func(first int, scores *tensor.Tensor) error {
		for k := range scores.Rows() {
			if err := w.write(w.held[first+k], w.trained.Rows.Answer(scores.Row(k))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.used += len(w.held)
	w.held = w.held[:0]
	w.rows.Reset()
	return w.flush()
}

// noPredictions tells that a model of questions wants some.
func noPredictions(dir string) error {
	return misuse("graft predict: the run %s learned to answer questions about tables: ask them with %s", dir,
		strings.Join(quoted([]string{"graft", "ask", dir, "TABLE", "QUESTION"}), " "))
}
