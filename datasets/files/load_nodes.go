package files

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// loadNodes is for tasks about nodes. One graph is split by its nodes, several by
// graphs, unless a column says a split of every node.
func (f *graphFile) loadNodes(known *Schema) (*Loaded, error) {
	name := f.targets[0]
	column := f.h.node.find(name)
	var answers []string
	for _, d := range f.drafts {
		for _, cell := range d.node.text[column] {
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
	labels, err := f.labels(name, column, classes)
	if err != nil {
		return nil, err
	}
	masks, err := f.masks(labels)
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
		return nil, &FileError{File: f.file, Reason: "no node with a label is one to train on", Hint: "more labels are needed, or another split"}
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
				split[s] = append(split[s], masked(all[i], m))
			}
		}
	}
	l := loadedOf(split, schema)
	for s := range masks {
		lack := lackingLabels(masks[s], classes)
		l.AllClasses[s] = len(lack) == 0
		if s == 0 && len(lack) > 0 {
			l.Notes = append(l.Notes, fmt.Sprintf("no training node has the class %s of %q: it will not be learned", quoted(lack), clip(name)))
		}
	}
	return l, nil
}

// labels gives the class of every node of every graph.
func (f *graphFile) labels(name string, column int, classes []string) ([][]int32, error) {
	ids := numbered(classes)
	all := make([][]int32, len(f.drafts))
	for i, d := range f.drafts {
		all[i] = make([]int32, d.nodes)
		for k, cell := range d.node.text[column] {
			id, ok := ids[cell]
			switch {
			case missingClass(cell):
				id = graphs.NoLabel
			case !ok:
				return nil, &RowError{File: d.file, Line: d.nodeLine(k), Column: name, Reason: fmt.Sprintf("the class %q is none of %s", clip(cell), quoted(classes))}
			}
			all[i][k] = int32(id)
		}
	}
	return all, nil
}

// masks gives the labels that each split shows of each graph, nil for none.
func (f *graphFile) masks(labels [][]int32) (masks [3][][]int32, err error) {
	for s := range masks {
		masks[s] = make([][]int32, len(labels))
	}
	show := func(s datasets.Split, graph, node int) {
		if masks[s][graph] == nil {
			masks[s][graph] = make([]int32, len(labels[graph]))
			for k := range masks[s][graph] {
				masks[s][graph][k] = graphs.NoLabel
			}
		}
		masks[s][graph][node] = labels[graph][node]
	}
	// each calls use with every node that has a label.
	each := func(use func(graph, node int) error) error {
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
	if f.split == splitOfNodes {
		column := f.h.node.find(f.q.Options.SplitColumn)
		return masks, each(func(graph, node int) error {
			d := f.drafts[graph]
			s, reason := splitWord(d.node.text[column][node])
			if reason != "" {
				return &RowError{File: d.file, Line: d.nodeLine(node), Column: f.q.Options.SplitColumn, Reason: reason}
			}
			show(s, graph, node)
			return nil
		})
	}
	if f.split == noSplit && len(labels) == 1 {
		var given []int
		err := each(func(_, node int) error {
			given = append(given, node)
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
	of := make([]datasets.Split, len(labels))
	for s, part := range parts {
		for _, i := range part {
			of[i] = datasets.Split(s)
		}
	}
	return masks, each(func(graph, node int) error {
		show(of[graph], graph, node)
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

// lackingLabels lists the classes that no node of a split has.
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
