package files

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// labelled are the rows of a graph that have a class each: nodes, or edges as they are
// listed.
type labelled struct {
	what   string // "node" or "edge"
	header *header
	cells  func(d *draft) *cells
	rows   func(d *draft) int
	at     func(d *draft, row int) (file string, line int)
	// mask gives a graph with labels of its rows.
	mask func(g *graphs.Graph, d *draft, labels []int32) *graphs.Graph
}

// labelled gives the rows that the task is about.
func (f *graphFile) labelled() labelled {
	if f.q.Options.Task == EdgeClassification {
		return labelled{what: "edge", header: &f.h.edge, cells: func(d *draft) *cells { return &d.edge }, rows: func(d *draft) int { return len(d.edges) },
			at:   func(d *draft, row int) (string, int) { return d.edgeFile, d.edges[row].line },
			mask: maskedEdges}
	}
	return labelled{what: "node", header: &f.h.node, cells: func(d *draft) *cells { return &d.node }, rows: func(d *draft) int { return d.nodes },
		at:   func(d *draft, row int) (string, int) { return d.file, d.nodeLine(row) },
		mask: maskedNodes}
}

// text gives a column of a graph; one without any rows may have no columns.
func (l *labelled) text(d *draft, column int) []string {
	if c := l.cells(d); column < len(c.text) {
		return c.text[column]
	}
	return nil
}

// loadLabels is for tasks about nodes or edges. One graph is split by its rows, several
// by graphs, unless a column says a split of every row.
func (f *graphFile) loadLabels(known *Schema) (*Loaded, error) {
	of := f.labelled()
	name := f.targets[0]
	column := of.header.find(name)
	var answers []string
	for _, d := range f.drafts {
		for _, cell := range of.text(d, column) {
			if missingClass(cell) {
				cell = ""
			}
			answers = append(answers, cell)
		}
	}
	classes, err := classesOf(name, answers)
	if err != nil {
		return nil, inFile(err, f.file)
	}
	schema := known
	if known != nil {
		classes = known.Targets[0].Classes
	}
	labels, err := f.labels(&of, name, column, classes)
	if err != nil {
		return nil, err
	}
	masks, err := f.masks(&of, labels)
	if err != nil {
		return nil, err
	}
	f.q.limitMasks(&masks)
	var train []int
	for i, m := range masks[datasets.Train] {
		if m != nil {
			train = append(train, i)
		}
	}
	if len(train) == 0 {
		return nil, &FileError{File: f.file, Reason: "no " + of.what + " with a label is one to train on", Hint: "more labels are needed, or another split"}
	}
	if schema == nil {
		if schema, err = f.fit(train); err != nil {
			return nil, err
		}
		schema.Targets = []Target{{Name: name, Classes: classes, SD: 1}}
	}
	all, err := f.encode(schema)
	if err != nil {
		return nil, err
	}
	var split [3]graphs.Slice
	for s := range masks {
		for i, m := range masks[s] {
			if m != nil {
				split[s] = append(split[s], of.mask(all[i], f.drafts[i], m))
			}
		}
	}
	l := loadedOf(split, schema)
	for s := range masks {
		lack := lackingLabels(masks[s], classes)
		l.AllClasses[s] = len(lack) == 0
		if s == 0 && len(lack) > 0 {
			l.Notes = append(l.Notes, fmt.Sprintf("no training %s has the class %s of %q: it will not be learned", of.what, quoted(lack), clip(name)))
		}
	}
	return l, nil
}

// labels gives the class of every row of every graph.
func (f *graphFile) labels(of *labelled, name string, column int, classes []string) ([][]int32, error) {
	ids := numbered(classes)
	all := make([][]int32, len(f.drafts))
	for i, d := range f.drafts {
		all[i] = make([]int32, of.rows(d))
		for k, cell := range of.text(d, column) {
			id, ok := ids[cell]
			switch {
			case missingClass(cell):
				id = graphs.NoLabel
			case !ok:
				file, line := of.at(d, k)
				return nil, &RowError{File: file, Line: line, Column: name, Reason: fmt.Sprintf("the class %q is none of %s", clip(cell), quoted(classes))}
			}
			all[i][k] = int32(id)
		}
	}
	return all, nil
}

// masks gives the labels that each split shows of each graph, nil for none.
func (f *graphFile) masks(of *labelled, labels [][]int32) (masks [3][][]int32, err error) {
	for s := range masks {
		masks[s] = make([][]int32, len(labels))
	}
	show := func(s datasets.Split, graph, row int) {
		if masks[s][graph] == nil {
			masks[s][graph] = make([]int32, len(labels[graph]))
			for k := range masks[s][graph] {
				masks[s][graph][k] = graphs.NoLabel
			}
		}
		masks[s][graph][row] = labels[graph][row]
	}
	// each calls use with every row that has a label.
	each := func(use func(graph, row int) error) error {
		for i := range labels {
			for k, c := range labels[i] {
				if c == graphs.NoLabel {
					continue
				}
				if err := use(i, k); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if f.split == splitOfRows {
		column := of.header.find(f.q.Options.SplitColumn)
		return masks, each(func(graph, row int) error {
			d := f.drafts[graph]
			s, reason := splitWord(of.text(d, column)[row])
			if reason != "" {
				file, line := of.at(d, row)
				return &RowError{File: file, Line: line, Column: f.q.Options.SplitColumn, Reason: reason}
			}
			show(s, graph, row)
			return nil
		})
	}
	if f.split == noSplit && len(labels) == 1 {
		var given []int
		err := each(func(_, row int) error {
			given = append(given, row)
			return nil
		})
		for s, part := range draw(len(given), f.q.Seed) {
			for _, k := range part {
				show(datasets.Split(s), 0, given[k])
			}
		}
		return masks, err
	}
	parts, err := f.parts()
	if err != nil {
		return masks, err
	}
	in := make([]datasets.Split, len(labels))
	for s, part := range parts {
		for _, i := range part {
			in[i] = datasets.Split(s)
		}
	}
	return masks, each(func(graph, row int) error {
		show(in[graph], graph, row)
		return nil
	})
}

// limitMasks cuts splits to their first graphs.
func (q *Request) limitMasks(masks *[3][][]int32) {
	for s, most := range []int{q.Limit.Train, q.Limit.Val, q.Limit.Test} {
		shown := 0
		for i, m := range masks[s] {
			if m == nil {
				continue
			}
			if shown++; most > 0 && shown > most {
				masks[s][i] = nil
			}
		}
	}
}

// lackingLabels lists the classes that no row of a split has.
func lackingLabels(split [][]int32, classes []string) (lack []string) {
	seen := make([]bool, len(classes))
	for _, labels := range split {
		for _, c := range labels {
			if c >= 0 {
				seen[c] = true
			}
		}
	}
	for c, ok := range seen {
		if !ok {
			lack = append(lack, classes[c])
		}
	}
	return lack
}

// maskedNodes gives a graph with labels of its nodes.
func maskedNodes(g *graphs.Graph, _ *draft, labels []int32) *graphs.Graph {
	c := *g
	c.NodeLabels = labels
	return &c
}

// maskedEdges gives a graph with labels of its edges as they are listed: both directions
// of one that has none are of its class.
func maskedEdges(g *graphs.Graph, d *draft, labels []int32) *graphs.Graph {
	c := *g
	c.EdgeLabels = make([]int32, 0, len(g.Edges))
	for row, e := range d.edges {
		c.EdgeLabels = append(c.EdgeLabels, labels[row])
		if !e.directed && e.from != e.to {
			c.EdgeLabels = append(c.EdgeLabels, labels[row])
		}
	}
	return &c
}
