package main

import (
	"encoding/json"
	"github.com/graft-ml/graft/internal/appendjson"
	"io"
	"strconv"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// answers writes predictions as JSON Lines.
type answers struct {
	out     io.Writer
	classes bool // of the graph, or of each node
	labels  bool // several, each with a score of its own
	perNode bool
	buf     []byte
}

func newAnswers(r recipes.Recipe, out io.Writer) (*answers, error) {
	info, err := datasets.Describe(r.Data.Name)
	if err != nil {
		return nil, err
	}
	return &answers{
		out: out, perNode: r.Model.PerNode(), labels: info.Task == datasets.GraphMultiLabel,
		classes: info.Task == datasets.GraphClassification || info.Task == datasets.NodeClassification,
	}, nil
}

// write answers a batch: pred is [graphs, outputs], or [nodes, outputs].
func (a *answers) write(batch []*graphs.Graph, pred *tensor.Tensor) error {
	row := 0
	for _, g := range batch {
		rows := 1
		if a.perNode {
			rows = g.Nodes
		}
		id, err := json.Marshal(g.ID)
		if err != nil {
			return err
		}
		if n, err := strconv.ParseInt(g.ID, 10, 64); err == nil && strconv.FormatInt(n, 10) == g.ID {
			id = []byte(g.ID) // a number came, a number goes
		}
		b := append(append(a.buf[:0], `{"i":`...), id...)
		b = append(a.values(b, pred, row, rows), '}', '\n')
		if _, err := a.out.Write(b); err != nil {
			return err
		}
		a.buf = b
		row += rows
	}
	return nil
}

func (a *answers) values(b []byte, pred *tensor.Tensor, first, rows int) []byte {
	class := func(b []byte, r int) []byte {
		predicted := train.PredictedClass(pred.Row(first + r))
		if predicted < 0 {
			return append(b, "null"...) // as the scores that are not numbers
		}
		return strconv.AppendInt(b, int64(predicted), 10)
	}
	scores := func(b []byte, r int) []byte { return appendjson.Floats(b, pred.Row(first+r)) }
	switch {
	case a.perNode && a.classes:
		b = appendjson.List(append(b, `,"classes":`...), rows, class)
		return appendjson.List(append(b, `,"scores":`...), rows, scores)
	case a.perNode:
		return appendjson.List(append(b, `,"y":`...), rows, scores)
	case a.classes:
		b = class(append(b, `,"class":`...), 0)
		return scores(append(b, `,"scores":`...), 0)
	case a.labels:
		return scores(append(b, `,"scores":`...), 0)
	case pred.Cols() == 1:
		return appendjson.Float(append(b, `,"y":`...), pred.Row(first)[0])
	}
	return scores(append(b, `,"y":`...), 0)
}
