package files

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// graphFile is a file of graphs that was read as a whole.
type graphFile struct {
	q       *Request
	file    string
	drafts  []*draft
	h       *headers
	table   *graphTable // nil where there is none
	targets []string    // names
	split   splitPlace
}

// splitPlace is where the split column stands.
type splitPlace int

const (
	noSplit      splitPlace = iota
	splitOfGraph            // in the table of graphs or in data of graphs
	splitOfRows             // in data of nodes, or of edges where those are classified
)

// loadGraphs reads all graphs and cuts them, or their nodes, into splits.
func (q *Request) loadGraphs(ctx context.Context, known *Schema) (*Loaded, error) {
	f, err := q.readGraphs(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.findSplit(); err != nil {
		return nil, err
	}
	if err := f.findTargets(); err != nil {
		return nil, err
	}
	if q.Options.Task.labels() {
		return f.loadLabels(known)
	}
	return f.loadTargets(known)
}

func (q *Request) readGraphs(ctx context.Context) (*graphFile, error) {
	in, closer, err := q.open(ctx)
	if err != nil {
		return nil, err
	}
	defer closer.Close() // only read from: closing cannot lose anything
	f := &graphFile{q: q, file: q.path(q.Options.Path), h: in.headers()}
	if q.Options.Nodes != "" {
		f.file = q.path(q.Options.Nodes)
	}
	for n := 0; ; n++ {
		if n%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		d, err := in.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = d.checkSize(&q.Options)
		}
		if err != nil {
			return nil, err
		}
		f.drafts = append(f.drafts, d)
	}
	if len(f.drafts) == 0 {
		return nil, &FileError{File: f.file, Reason: "there are no graphs in it"}
	}
	if q.Options.GraphTable != "" {
		if f.table, err = q.readGraphTable(ctx, f.drafts); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// findSplit looks for the split column.
func (f *graphFile) findSplit() error {
	name, rows, what := f.q.Options.SplitColumn, &f.h.node, "nodes"
	if f.q.Options.Task == EdgeClassification {
		rows, what = &f.h.edge, "edges"
	}
	switch {
	case name == "":
	case f.table != nil:
		f.split = splitOfGraph // its reader has found it
	case f.h.graph.find(name) >= 0:
		f.split = splitOfGraph
	case rows.find(name) >= 0:
		f.split = splitOfRows
	default:
		return &FileError{File: f.file, Line: 1, Reason: fmt.Sprintf("neither graphs nor %s have a column %q; graphs have %s, %[1]s %[4]s",
			what, clip(name), columnsOr(f.h.graph.names), columnsOr(rows.names)), Hint: "--split-column says which it is"}
	}
	return nil
}

// findTargets looks for the columns of targets.
func (f *graphFile) findTargets() error {
	o := &f.q.Options
	if f.table != nil {
		f.targets = f.table.targets
		return nil
	}
	places := []*header{&f.h.graph, &f.h.node}
	if o.Task.labels() {
		places = []*header{f.labelled().header}
	}
	f.targets = o.targets()
	if f.targets == nil && f.q.Kind == JSONLines && !o.Task.labels() {
		f.targets = f.h.graph.names
	}
	for _, h := range places {
		for _, name := range defaultTargets {
			if f.targets == nil && h.find(name) >= 0 {
				f.targets = []string{name}
			}
		}
	}
	var there []string
	for _, h := range places {
		there = append(there, h.names...)
	}
	for _, name := range f.targets {
		if !slices.Contains(there, name) {
			return &FileError{File: f.file, Line: 1, Reason: fmt.Sprintf("there is no column %q; there are %s", clip(name), columnsOr(there)), Hint: "--target-column says which it is"}
		}
	}
	if len(f.targets) == 0 {
		return &FileError{File: f.file, Line: 1, Reason: fmt.Sprintf("no column of targets is named; there are %s", columnsOr(there)), Hint: "--target-column says which it is, --graph-table names a table that has it"}
	}
	return nil
}

// ofGraph gives the value that a graph has in a column of graphs or, the same of every
// node, of nodes.
func (f *graphFile) ofGraph(d *draft, name string) (cell string, line int, err error) {
	if k := f.h.graph.find(name); k >= 0 {
		return d.graph[k], d.line, nil
	}
	column := d.node.text[f.h.node.find(name)]
	cell, line = "", d.line
	for i, c := range column {
		switch {
		case c == "":
		case cell == "":
			cell, line = c, d.nodeLine(i)
		case c != cell:
			return "", 0, &RowError{File: d.file, Line: d.nodeLine(i), Column: name,
				Reason: fmt.Sprintf("%q, but another node of the graph %q says %q (line %d)", clip(c), clip(d.id), clip(cell), line),
				Hint:   "a value of a graph is the same at all of its nodes; for a class of each node set data.files.task to node-classification"}
		}
	}
	return cell, line, nil
}

// splitOf gives the split that a graph is said to be in.
func (f *graphFile) splitOf(d *draft) (datasets.Split, error) {
	name := f.q.Options.SplitColumn
	var cell string
	var err error
	file, line := d.file, 0
	if f.table != nil {
		row := f.table.rows[d.id]
		cell, file, line = row.split, f.table.file, row.line
	} else if cell, line, err = f.ofGraph(d, name); err != nil {
		return 0, err
	}
	s, reason := splitWord(cell)
	if reason != "" {
		return 0, &RowError{File: file, Line: line, Column: name, Reason: reason}
	}
	return s, nil
}

// parts cuts the graphs into splits.
func (f *graphFile) parts() (parts [3][]int, err error) {
	if f.split == noSplit {
		parts = draw(len(f.drafts), f.q.Seed)
	} else {
		var splits []datasets.Split
		for _, d := range f.drafts {
			s, err := f.splitOf(d)
			if err != nil {
				return parts, err
			}
			splits = append(splits, s)
		}
		parts = assigned(splits)
	}
	return f.q.limited(parts), needTraining(f.file, parts)
}

// loadTargets is for tasks about graphs.
func (f *graphFile) loadTargets(known *Schema) (*Loaded, error) {
	o := &f.q.Options
	t := newTargets(o.Task, f.targets)
	for _, d := range f.drafts {
		if err := f.addTargets(t, d); err != nil {
			return nil, err
		}
	}
	parts, err := f.parts()
	if err != nil {
		return nil, err
	}
	schema := known
	if schema == nil {
		if schema, err = f.fit(parts[datasets.Train]); err != nil {
			return nil, err
		}
		if schema.Targets, err = t.fit(parts[datasets.Train]); err != nil {
			return nil, inFile(err, f.file)
		}
	}
	values, item, err := t.values(schema.Targets)
	if err != nil {
		return nil, &RowError{File: f.file, Line: f.drafts[item].line, Reason: bare(err)}
	}
	all, err := f.encode(schema)
	if err != nil {
		return nil, err
	}
	n := len(schema.Targets)
	for i, g := range all {
		g.Target = values[i*n : (i+1)*n : (i+1)*n]
	}
	var split [3]graphs.Slice
	for s, part := range parts {
		for _, i := range part {
			split[s] = append(split[s], all[i])
		}
	}
	l := loadedOf(split, schema)
	l.report(t, parts)
	return l, nil
}

func loadedOf(split [3]graphs.Slice, s *Schema) *Loaded {
	return &Loaded{Set: &datasets.Set{Train: split[0], Val: split[1], Test: split[2]}, Schema: s}
}

// addTargets collects the targets of one graph.
func (f *graphFile) addTargets(t *targets, d *draft) error {
	file, line := d.file, d.line
	var row []string
	if f.table != nil {
		r := f.table.rows[d.id]
		row, file, line = r.targets, f.table.file, r.line
	} else {
		for _, name := range f.targets {
			cell, at, err := f.ofGraph(d, name)
			if err != nil {
				return err
			}
			row, line = append(row, cell), at
		}
	}
	if column, reason, hint := t.add(row); reason != "" {
		return &RowError{File: file, Line: line, Column: column, Reason: reason, Hint: hint}
	}
	return nil
}

// fit learns the features from the training graphs.
func (f *graphFile) fit(train []int) (*Schema, error) {
	o := &f.q.Options
	others := append(slices.Clone(f.targets), o.SplitColumn)
	if f.q.Kind == JSONLines {
		others = append(others, jsonLabels)
	}
	r, err := rolesOf(o, f.h, f.file, others)
	if err != nil {
		return nil, err
	}
	var list []*draft
	for _, i := range train {
		list = append(list, f.drafts[i])
	}
	s := &Schema{Version: SchemaVersion, Kind: f.q.Kind, Task: o.Task}
	skip, skipEdges := slices.Concat(r.ignored, others), slices.Clone(r.ignored)
	if o.Task == EdgeClassification {
		skip, skipEdges = skipEdges, skip
	}
	if f.q.Kind == JSONLines { // labels are never features
		skip, skipEdges = append(skip, jsonLabels), append(skipEdges, jsonLabels)
	}
	if s.Nodes, err = r.fit(o, &f.h.node, f.file, skip, list, func(d *draft) *cells { return &d.node }); err != nil {
		return nil, err
	}
	s.Edges, err = r.fit(o, &f.h.edge, f.q.path(o.Path), skipEdges, list, func(d *draft) *cells { return &d.edge })
	return s, err
}

// encode makes all graphs.
func (f *graphFile) encode(s *Schema) (graphs.Slice, error) {
	e := newEncoder(s, &f.q.Options)
	all := make(graphs.Slice, len(f.drafts))
	for i, d := range f.drafts {
		g, err := e.encode(d, f.h)
		if err != nil {
			return nil, err
		}
		all[i] = g
	}
	return all, nil
}

// graphTable is a table with a row a graph.
type graphTable struct {
	file    string
	targets []string
	rows    map[string]graphRow
}

type graphRow struct {
	line    int
	targets []string
	split   string
}

// readGraphTable reads the table of graphs, which must have each of them once.
func (q *Request) readGraphTable(ctx context.Context, drafts []*draft) (*graphTable, error) {
	g := &graphTable{file: q.path(q.Options.GraphTable), rows: map[string]graphRow{}}
	in, err := Open(g.file)
	if err != nil {
		return nil, err
	}
	defer in.Close() // only read from: closing cannot lose anything
	t, err := NewTable(g.file, in, q.Options.Delimiter, q.Options.MaxRow)
	if err != nil {
		return nil, err
	}
	id, err := t.Find(q.Options.GraphColumn, "data.files.graphColumn")
	if err != nil {
		return nil, err
	}
	var places []int
	if g.targets, places, err = t.findTargets(&q.Options); err != nil {
		return nil, err
	}
	split := -1
	if q.Options.SplitColumn != "" {
		if split, err = t.Find(q.Options.SplitColumn, "--split-column"); err != nil {
			return nil, err
		}
	}
	there := map[string]bool{}
	for _, d := range drafts {
		if there[d.id] {
			return nil, &RowError{File: d.file, Line: d.line, Reason: fmt.Sprintf("two graphs have the id %q", clip(d.id)), Hint: fmt.Sprintf("%s tells them apart by it", g.file)}
		}
		there[d.id] = true
	}
	err = t.each(ctx, func(cells []string) error {
		name := strings.TrimSpace(cells[id])
		if !there[name] {
			return t.fail(q.Options.GraphColumn, fmt.Sprintf("there is no graph %q in %s", clip(name), q.path(q.Options.Path)), "")
		}
		if first, twice := g.rows[name]; twice {
			return t.fail(q.Options.GraphColumn, fmt.Sprintf("the graph %q was that of line %d already", clip(name), first.line), "give every graph one row")
		}
		row := graphRow{line: t.Line()}
		for _, k := range places {
			row.targets = append(row.targets, strings.Clone(strings.TrimSpace(cells[k])))
		}
		if split >= 0 {
			row.split = strings.Clone(strings.TrimSpace(cells[split]))
		}
		g.rows[strings.Clone(name)] = row
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		if _, ok := g.rows[d.id]; !ok {
			return nil, &RowError{File: d.file, Line: d.line, Reason: fmt.Sprintf("the graph %q has no row in %s", clip(d.id), g.file)}
		}
	}
	return g, nil
}
