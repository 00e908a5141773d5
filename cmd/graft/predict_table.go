package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
)

// answerTable answers a table of molecules: its rows with predictions behind them.
func (j *predictions) answerTable(in io.Reader) error {
	o, schema, err := j.moleculeOptions()
	if err != nil {
		return err
	}
	r, err := files.NewMoleculeReader(j.name, in, o)
	if err != nil {
		return err
	}
	t := r.Table()
	added := schema.AnswerColumns()
	for _, name := range added {
		if t.Has(name) {
			return fmt.Errorf("%s:1: the table has a column %q already; rename it, or leave it out", j.name, name)
		}
	}
	w := newRows(j.out, t)
	if err := w.write(t.Raw(), added); err != nil {
		return err
	}
	return j.run(func() (input, error) {
		g, err := r.Read()
		if err != nil {
			return input{}, err
		}
		return input{graph: g, line: t.Line(), raw: bytes.Clone(t.Raw())}, nil
	}, func(batch []input, pred *tensor.Tensor) error {
		for k, in := range batch {
			if err := w.write(in.raw, schema.Answer(pred.Row(k))); err != nil {
				return err
			}
		}
		return nil
	})
}

// moleculeOptions says how molecules are read, and what predictions mean. Molecules of a
// data set that has a name are read by the features that it has.
func (j *predictions) moleculeOptions() (files.Options, *files.Schema, error) {
	r := j.trained.Recipe
	o, schema := r.Data.Files, j.trained.Schema
	if r.Data.Kind == recipes.NamedSet {
		info, err := datasets.Describe(r.Data.Name)
		if err != nil {
			return o, nil, err
		}
		switch f := r.Model.Features(); {
		case r.Data.Name == "zinc":
			o.Features = "zinc"
		case f.Nodes.Encoder == features.AtomNodes && f.Edges.Encoder == features.BondEdges:
			o.Features = "ogb"
		default:
			return o, nil, misuse("graft predict: the model was trained on %s, which are no molecules: write graphs as JSON Lines", r.Data.Name)
		}
		if schema == nil {
			schema = namedSchema(info)
		}
	}
	o.IDColumn = "" // rows come back as they are, whatever their ids
	if j.smiles != "" {
		o.SMILESColumn = j.smiles
	}
	return o, schema, nil
}

// namedSchema says what the outputs of a model of a named data set mean: numbers as
// they are, classes by their numbers.
func namedSchema(info datasets.Info) *files.Schema {
	s := &files.Schema{Task: files.Regression}
	classes := func(n int) (names []string) {
		for c := range n {
			names = append(names, fmt.Sprint(c))
		}
		return names
	}
	if info.Task == datasets.GraphClassification {
		s.Task, s.Targets = files.Classification, []files.Target{{Name: "class", Classes: classes(info.Classes), SD: 1}}
		return s
	}
	for k := range info.Targets {
		t := files.Target{Name: "y", SD: 1}
		if info.Targets > 1 {
			t.Name = fmt.Sprintf("y%d", k)
		}
		if info.Task == datasets.GraphMultiLabel {
			s.Task, t.Classes = files.Classification, classes(2)
		}
		s.Targets = append(s.Targets, t)
	}
	return s
}

// rows writes rows of a table with more cells behind them, with the delimiter and the
// line ends of the table.
type rows struct {
	out    io.Writer
	buffer bytes.Buffer
	cells  *csv.Writer
	before []byte // delimiter
}

// newRows writes rows like those of t, or with commas where t is nil.
func newRows(out io.Writer, t *files.Table) *rows {
	r := &rows{out: out}
	r.cells = csv.NewWriter(&r.buffer)
	if t != nil {
		switch t.Delimiter() {
		case files.Semicolon:
			r.cells.Comma = ';'
		case files.Tab:
			r.cells.Comma = '\t'
		}
		r.cells.UseCRLF = t.CRLF()
	}
	r.before = []byte(string(r.cells.Comma))
	return r
}

func (r *rows) write(raw []byte, more []string) error {
	r.buffer.Reset()
	if err := r.cells.Write(more); err != nil {
		return err
	}
	r.cells.Flush()
	_, err := r.out.Write(slices.Concat(raw, r.before, r.buffer.Bytes()))
	return err
}
