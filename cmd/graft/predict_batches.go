package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tensor"
)

// input is a graph, or a row of a table, to predict for.
type input struct {
	graph *graphs.Graph
	row   *records.Rows // one
	line  int
	raw   []byte   // the row of a table
	nodes []string // ids
}

// run reads inputs until io.EOF and answers them a batch at a time.
func (j *predictions) run(read func() (input, error), answer func(batch []input, pred *tensor.Tensor) error) error {
	var ended error // io.EOF, or what ends the work; inputs before it are answered first
	for ended == nil {
		var batch []input
		for len(batch) < j.trained.Recipe.Train.EvalBatchSize && ended == nil {
			in, err := read()
			switch {
			case err == nil:
				batch = append(batch, in)
			case skippable(err):
				ended = j.bad(err)
			default:
				ended = err
			}
		}
		if err := j.predictBatch(batch, answer); err != nil {
			return err
		}
		if err := j.flush(); err != nil {
			return err
		}
	}
	if ended == io.EOF {
		return nil
	}
	return ended
}

// skippable tells whether an error is about one row or line.
func skippable(err error) bool {
	var syntax *graphs.SyntaxError
	var invalid *graphs.InvalidError
	return files.Skippable(err) || errors.As(err, &syntax) || errors.As(err, &invalid)
}

// predictBatch answers a batch; if the model cannot read it, or it takes too much memory,
// one input after the other, to find those that are at fault.
func (j *predictions) predictBatch(batch []input, answer func(batch []input, pred *tensor.Tensor) error) error {
	if len(batch) == 0 {
		return nil
	}
	answered := false
	err := j.predict(batch, func(pred *tensor.Tensor) error {
		answered = true
		return answer(batch, pred)
	})
	switch {
	case err == nil:
		j.used += len(batch)
		return nil
	case answered || j.ctx.Err() != nil:
		return err
	case len(batch) == 1:
		return j.bad(fmt.Errorf("%s:%d: %s", j.name, batch[0].line, unbatched(err)))
	}
	for k := range batch {
		if err := j.predictBatch(batch[k:k+1], answer); err != nil {
			return err
		}
	}
	return nil
}

// predictGraphs answers graphs as one batch.
func (j *predictions) predictGraphs(batch []input, each func(pred *tensor.Tensor) error) error {
	var source datasets.Slice
	for _, in := range batch {
		source = append(source, in.graph)
	}
	return j.trained.Predict(j.ctx, source, func(size recipes.Size) error { return j.fits(size, "nodes") }, each)
}

// fits refuses a batch of so many nodes, or what takes their place, that takes too much memory.
func (j *predictions) fits(size recipes.Size, nodes string) error {
	if need := j.need.Bytes(size); need > float64(j.limit) {
		return overLimit(fmt.Errorf("%d %s are predicted to take %s of memory, the limit is %s", size.Nodes, nodes, report.Bytes(int64(need)), report.Bytes(j.limit)))
	}
	return nil
}

// unbatched is the message of an error about a batch of one graph, without the number
// of the graph in the batch.
func unbatched(err error) string {
	var item *graphs.ItemError
	if errors.As(err, &item) {
		return message(item.Err)
	}
	return message(err)
}
