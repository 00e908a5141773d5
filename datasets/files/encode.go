package files

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/graphs"
)

// encoder makes graphs of numbers of drafts.
type encoder struct {
	o           *Options
	nodes, edge []coder
}

// coder makes numbers of one column.
type coder struct {
	Column
	ids map[string]int
}

func newEncoder(s *Schema, o *Options) *encoder {
	e := &encoder{o: o}
	for _, f := range []struct {
		into *[]coder
		from Features
	}{{&e.nodes, s.Nodes}, {&e.edge, s.Edges}} {
		for _, c := range f.from.Columns {
			*f.into = append(*f.into, coder{c, numbered(c.Categories)})
		}
	}
	return e
}

// encode makes the graph of a draft, without targets and labels. The error is a
// *RowError.
func (e *encoder) encode(d *draft, h *headers) (*graphs.Graph, error) {
	if err := d.checkSize(e.o); err != nil {
		return nil, err
	}
	g, rows := d.structure()
	var err error
	g.NodeTypes, g.NodeFeatures, err = e.rows(e.nodes, &h.node, &d.node, d.nodes, "nodes", func(i int) (string, int) { return d.file, d.nodeLine(i) })
	if err != nil {
		return nil, err
	}
	types, numbers, err := e.rows(e.edge, &h.edge, &d.edge, len(d.edges), "edges", func(i int) (string, int) { return d.edgeFile, d.edges[i].line })
	if err != nil {
		return nil, err
	}
	if n := len(d.edges); n > 0 {
		t, c := len(types)/n, len(numbers)/n
		for _, row := range rows {
			r := int(row)
			g.EdgeTypes = append(g.EdgeTypes, types[r*t:(r+1)*t]...)
			g.EdgeFeatures = append(g.EdgeFeatures, numbers[r*c:(r+1)*c]...)
		}
	}
	if err := g.Validate(); err != nil {
		return nil, &RowError{File: d.file, Line: d.line, Reason: bare(err), Err: err}
	}
	return g, nil
}

// rows makes the numbers of n nodes or edges.
func (e *encoder) rows(columns []coder, h *header, c *cells, n int, what string, at func(i int) (string, int)) (types []int32, numbers []float32, err error) {
	if n == 0 {
		return nil, nil, nil
	}
	places := make([]int, len(columns))
	for k := range columns {
		if places[k] = h.find(columns[k].Name); places[k] < 0 || places[k] >= len(c.text) {
			file, line := at(0)
			return nil, nil, &RowError{File: file, Line: line, Reason: fmt.Sprintf("%s have no column %q, which the model reads; they have %s", what, clip(columns[k].Name), columnsOr(h.names))}
		}
	}
	for i := range n {
		for k := range columns {
			coder := &columns[k]
			text, given := c.text[places[k]], c.numbers[places[k]]
			var reason, hint string
			switch {
			case coder.Categories == nil && given != nil:
				numbers = append(numbers, coder.standardised(float64(given[i])))
			case given != nil:
				reason = "numbers where categories were expected"
			case coder.Categories == nil:
				var v float32
				if v, reason, hint = coder.number(text[i], e.o); reason == "" {
					numbers = append(numbers, v)
				}
			default:
				var id int
				if id, reason, hint = coder.category(text[i], e.o); reason == "" {
					types = append(types, int32(id))
				}
			}
			if reason != "" {
				file, line := at(i)
				return nil, nil, &RowError{File: file, Line: line, Column: coder.Name, Reason: reason, Hint: hint}
			}
		}
	}
	return slices.Clip(types), slices.Clip(numbers), nil
}

func (c *coder) standardised(v float64) float32 { return float32((v - c.Mean) / c.SD) }

const hintMissing = "fill it in, or set data.files.impute to mean or zero"

// number makes the number of a cell.
func (c *coder) number(cell string, o *Options) (v float32, reason, hint string) {
	if missingNumber(cell) {
		switch o.Impute {
		case ImputeMean:
			return 0, "", ""
		case ImputeZero:
			return c.standardised(0), "", ""
		}
		return 0, "the value is missing", hintMissing
	}
	x, ok := number(cell)
	if !ok {
		return 0, fmt.Sprintf("%q is not a number, but all values of the training split are", clip(cell)), "for categories, add the column to data.files.categorical"
	}
	return c.standardised(x), "", ""
}

// category makes the id of a cell.
func (c *coder) category(cell string, o *Options) (id int, reason, hint string) {
	if cell == "" {
		switch o.Impute {
		case ImputeMean:
			return c.Common, "", ""
		case ImputeZero:
			return len(c.Categories), "", ""
		}
		return 0, "the value is missing", hintMissing
	}
	id, known := c.ids[cell]
	switch {
	case known:
		return id, "", ""
	case c.Unknown && o.Unknown == UnknownRow:
		return len(c.Categories), "", ""
	}
	return 0, fmt.Sprintf("the category %q does not occur in the training split", clip(cell)),
		"set data.files.unknown to row to have an id for such, or leave the column out with data.files.ignore"
}
