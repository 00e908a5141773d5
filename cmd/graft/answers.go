package main

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/appendjson"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// answers writes predictions as JSON Lines.
type answers struct {
	out     io.Writer
	classes bool // of the graph, or of each node or edge
	labels  bool // several, each with a score of its own
	perNode bool
	perEdge bool
	schema  *files.Schema // nil for a named data set
	buf     []byte
}

func newAnswers(t *recipes.Trained, out io.Writer) (*answers, error) {
	task, err := t.Recipe.Data.Task()
	if err != nil {
		return nil, err
	}
	if t.Schema != nil {
		task = t.Schema.DatasetTask()
	}
	return &answers{
		out: out, schema: t.Schema, perNode: t.Recipe.Model.PerNode(), perEdge: t.Recipe.Model.PerEdge(),
		labels: task == datasets.GraphMultiLabel, classes: task.Classes(),
	}, nil
}

// write answers a batch: pred is [graphs, outputs], [nodes, outputs] or [edges, outputs].
func (a *answers) write(batch []*graphs.Graph, pred *tensor.Tensor) error {
	row := 0
	for _, g := range batch {
		rows := 1
		switch {
		case a.perNode:
			rows = g.Nodes
		case a.perEdge:
			rows = len(g.Edges)
		}
		id, err := json.Marshal(g.ID)
		if err != nil {
			return err
		}
		if n, err := strconv.ParseInt(g.ID, 10, 64); err == nil && strconv.FormatInt(n, 10) == g.ID {
			id = []byte(g.ID) // a number came, a number goes
		}
		b := append(append(a.buf[:0], `{"i":`...), id...)
		if a.perEdge {
			b = appendjson.List(append(b, `,"edges":`...), rows, func(b []byte, e int) []byte {
				b = strconv.AppendInt(append(b, '['), int64(g.Edges[e].From), 10)
				return append(strconv.AppendInt(append(b, ','), int64(g.Edges[e].To), 10), ']')
			})
		}
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
		return a.className(b, predicted)
	}
	scores := func(b []byte, r int) []byte { return appendjson.Floats(b, a.units(pred.Row(first+r))) }
	switch {
	case (a.perNode || a.perEdge) && a.classes:
		b = appendjson.List(append(b, `,"classes":`...), rows, class)
		return appendjson.List(append(b, `,"scores":`...), rows, scores)
	case a.perNode, a.perEdge:
		return appendjson.List(append(b, `,"y":`...), rows, scores)
	case a.classes:
		b = class(append(b, `,"class":`...), 0)
		return scores(append(b, `,"scores":`...), 0)
	case a.labels:
		return scores(append(b, `,"scores":`...), 0)
	case pred.Cols() == 1:
		return appendjson.Float(append(b, `,"y":`...), a.units(pred.Row(first))[0])
	}
	return scores(append(b, `,"y":`...), 0)
}

// className writes a class as the training data called it: a name, or a number.
func (a *answers) className(b []byte, class int) []byte {
	if a.schema == nil {
		return strconv.AppendInt(b, int64(class), 10)
	}
	name := a.schema.Targets[0].Classes[class]
	if n, err := strconv.ParseInt(name, 10, 64); err == nil && strconv.FormatInt(n, 10) == name {
		return append(b, name...)
	}
	text, err := json.Marshal(name)
	if err != nil {
		panic("graft: a name of a class: " + err.Error()) // a string always has a JSON form
	}
	return append(b, text...)
}

// units gives what a model predicts in the units of the training data; scores of
// classes are as they are.
func (a *answers) units(row []float32) []float32 {
	if a.schema == nil || a.schema.Task != files.Regression {
		return row
	}
	out := make([]float32, len(row))
	for k, p := range a.schema.Predict(row) {
		out[k] = float32(p.Value)
	}
	return out
}
