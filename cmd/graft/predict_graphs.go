package main

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
)

// answerGraphs answers tables of edges, GraphML and graph6 by a table with a row a graph,
// a row a node, or a row an edge in each of its directions.
func (j *predictions) answerGraphs(in io.Reader) error {
	data, schema := j.trained.Recipe.Data, j.trained.Schema
	var r *files.GraphReader
	if data.Kind == recipes.GraphTables {
		o := data.Files
		o.Path, o.Nodes, o.GraphTable = j.name, j.nodes, ""
		if o.Nodes == "" && len(schema.Nodes.Columns) > 0 {
			return misuse("graft predict: the model reads features of nodes: name their table with --nodes")
		}
		var err error
		if r, err = files.ReadTables(j.ctx, files.Request{Kind: files.Graphs, Options: o}, schema); err != nil {
			return err
		}
	} else {
		r = files.NewGraphReader(j.name, in, data.Kind.Files(), data.Files, schema)
	}
	perNode, perEdge := schema.Task == files.NodeClassification, schema.Task == files.EdgeClassification
	w := csv.NewWriter(j.out)
	head := []string{"graph"}
	switch {
	case perNode:
		head = append(head, "node")
	case perEdge:
		head = append(head, "source", "target")
	}
	if err := w.Write(append(head, schema.AnswerColumns()...)); err != nil {
		return err
	}
	flush := j.flush
	j.flush = func() error {
		w.Flush()
		if err := w.Error(); err != nil {
			return err
		}
		return flush()
	}
	return j.run(func() (input, error) {
		g, err := r.Read()
		if err != nil {
			return input{}, err
		}
		return input{graph: g, line: r.Line(), nodes: r.NodeIDs()}, nil
	}, func(batch []input, pred *tensor.Tensor) error {
		row := 0
		for _, in := range batch {
			for _, place := range in.places(perNode, perEdge) {
				if err := w.Write(slices.Concat([]string{in.graph.ID}, place, schema.Answer(pred.Row(row)))); err != nil {
					return err
				}
				row++
			}
		}
		return nil
	})
}

// places are the ids of what is predicted of a graph: of nothing beside it, of each node,
// or of both ends of each edge.
func (in *input) places(perNode, perEdge bool) [][]string {
	id := func(node int) string {
		if in.nodes != nil {
			return in.nodes[node]
		}
		return strconv.Itoa(node)
	}
	var list [][]string
	switch {
	case perNode:
		for i := range in.graph.Nodes {
			list = append(list, []string{id(i)})
		}
	case perEdge:
		for _, e := range in.graph.Edges {
			list = append(list, []string{id(e.From), id(e.To)})
		}
	default:
		list = [][]string{nil}
	}
	return list
}

// answerLines answers JSON Lines by JSON Lines.
func (j *predictions) answerLines(in io.Reader) error {
	answer, err := newAnswers(j.trained, j.out)
	if err != nil {
		return err
	}
	write := func(batch []input, pred *tensor.Tensor) error {
		list := make([]*graphs.Graph, len(batch))
		for k, in := range batch {
			list[k] = in.graph
		}
		return answer.write(list, pred)
	}
	if data := j.trained.Recipe.Data; data.Kind != recipes.NamedSet {
		r := files.NewGraphReader(j.name, in, data.Kind.Files(), data.Files, j.trained.Schema)
		return j.run(func() (input, error) {
			g, err := r.Read()
			if err != nil {
				return input{}, err
			}
			return input{graph: g, line: r.Line()}, nil
		}, write)
	}
	r := graphs.NewReader(in)
	r.Name = j.name
	return j.run(func() (input, error) {
		g, err := r.Read()
		return input{graph: g, line: r.Line()}, err
	}, write)
}
