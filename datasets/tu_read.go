package datasets

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// tuReader reads the files of one set.
type tuReader struct {
	ctx    context.Context
	path   string
	files  *tuFiles
	o      TUOptions
	out    *TU
	parts  [][]byte // of the line at hand
	graph  []int32  // [nodes] the graph of each
	listed []tuEdge
}

// tuEdge is an edge as it is listed.
type tuEdge struct {
	from, to int32 // nodes of the whole set, from 0
	row      int32 // number among the edges of the file
	line     int32
}

func readTU(ctx context.Context, path string, files *tuFiles, o TUOptions) (*TU, error) {
	r := &tuReader{ctx: ctx, path: path, files: files, o: o, out: &TU{Name: files.name}}
	for _, step := range []func() error{r.readNodes, r.readGraphs, r.readNodeData, r.readEdges} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// each reads a part line by line; use sees the parts of each. A part that is not
// there is an error if it must be.
func (r *tuReader) each(part string, must bool, use func(l *lines, parts [][]byte) error) (found bool, err error) {
	open := r.files.open[part]
	if open == nil {
		if must {
			return false, &FileError{Path: r.path, Reason: fmt.Sprintf("there is no %s_%s.txt", r.files.name, part), Hint: "the set is not complete: get it again"}
		}
		return false, nil
	}
	in, err := open()
	if err != nil {
		return true, err
	}
	defer in.Close() // only read from: closing cannot lose anything
	l := newLines(r.files.shown[part], in)
	for n := 0; ; n++ {
		if n%8192 == 0 && r.ctx.Err() != nil {
			return true, r.ctx.Err()
		}
		line, err := l.next()
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return true, err
		}
		if r.parts = fields(r.parts, line); len(r.parts) == 0 {
			return true, l.fail("", "there are separators but no values")
		}
		if err := use(l, r.parts); err != nil {
			return true, err
		}
	}
}

const toSeparate = "separate values by commas"

func expectParts(l *lines, parts [][]byte, n int) error {
	if len(parts) != n {
		return l.fail(toSeparate, "%d values, expected %d", len(parts), n)
	}
	return nil
}

// readNodes reads the graph of each node.
func (r *tuReader) readNodes() error {
	last := int64(0)
	t := r.out
	_, err := r.each("graph_indicator", true, func(l *lines, parts [][]byte) error {
		if err := expectParts(l, parts, 1); err != nil {
			return err
		}
		g, err := l.whole(parts[0], "graph number", 1, math.MaxInt32)
		if err != nil {
			return err
		}
		switch {
		case g == last+1:
			t.offsets = append(t.offsets, int32(len(r.graph)))
		case g < last:
			return l.fail("sort nodes by their graph", "graph %d comes after graph %d", g, last)
		case g > last+1:
			return l.fail("number graphs from 1 without gaps", "graph %d comes after graph %d: graph %d has no nodes", g, last, last+1)
		case len(r.graph) == math.MaxInt32:
			return l.fail("", "there are more than 2^31-1 nodes")
		}
		last = g
		r.graph = append(r.graph, int32(g-1))
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.graph) == 0 {
		return &FileError{Path: r.files.shown["graph_indicator"], Reason: "the file is empty", Hint: "it must give the graph of each node, one a line"}
	}
	t.offsets = append(t.offsets, int32(len(r.graph)))
	return nil
}

// readGraphs reads classes, or else numbers to predict.
func (r *tuReader) readGraphs() error {
	t := r.out
	graphs := len(t.offsets) - 1
	ids, found, err := r.labels("graph_labels", graphs, "graph")
	if err != nil {
		return err
	}
	if found {
		if ids.columns != 1 {
			return &FileError{Path: r.files.shown["graph_labels"], Reason: fmt.Sprintf("%d labels a graph, expected 1", ids.columns), Hint: "keep one of them"}
		}
		t.classOf, t.Classes = ids.ids, ids.values[0]
		return nil
	}
	t.targets, t.targetColumns, found, err = r.reals("graph_attributes", graphs, "graph")
	if err == nil && !found {
		err = &FileError{Path: r.path, Reason: fmt.Sprintf("there is neither %s_graph_labels.txt nor %[1]s_graph_attributes.txt", r.files.name),
			Hint: "one of them must say what is to be predicted"}
	}
	return err
}

func (r *tuReader) readNodeData() error {
	t := r.out
	ids, _, err := r.labels("node_labels", len(r.graph), "node")
	if err != nil {
		return err
	}
	t.nodeTypes, t.nodeTypeColumns, t.NodeLabels = ids.ids, ids.columns, ids.values
	t.nodeFeatures, t.nodeColumns, _, err = r.reals("node_attributes", len(r.graph), "node")
	return err
}

// labelled is columns of whole numbers turned into ids.
type labelled struct {
	ids     []int32
	columns int
	values  [][]int // by column, the number of each id, ascending
}

// labels reads whole numbers, n lines of them, and numbers the different ones of
// each column in ascending order.
func (r *tuReader) labels(part string, n int, row string) (out labelled, found bool, err error) {
	count := 0
	found, err = r.each(part, false, func(l *lines, parts [][]byte) error {
		if count == 0 {
			out.columns = len(parts)
		}
		if err := r.nextRow(l, parts, &count, n, out.columns, row); err != nil {
			return err
		}
		for _, text := range parts {
			v, err := l.whole(text, row+" label", math.MinInt32, math.MaxInt32)
			if err != nil {
				return err
			}
			out.ids = append(out.ids, int32(v))
		}
		return nil
	})
	if err == nil && found {
		err = r.allRows(part, count, n, row)
	}
	if err != nil || !found {
		return labelled{}, found, err
	}
	out.values = number(out.ids, out.columns)
	return out, true, nil
}

// number replaces the values of each column by their rank and gives the values.
func number(ids []int32, columns int) [][]int {
	values := make([][]int, columns)
	for c := range columns {
		rank := map[int32]int32{}
		for k := c; k < len(ids); k += columns {
			rank[ids[k]] = 0
		}
		for v := range rank {
			values[c] = append(values[c], int(v))
		}
		slices.Sort(values[c])
		for i, v := range values[c] {
			rank[int32(v)] = int32(i)
		}
		for k := c; k < len(ids); k += columns {
			ids[k] = rank[ids[k]]
		}
	}
	return values
}

// reals reads finite numbers, n lines of them.
func (r *tuReader) reals(part string, n int, row string) (out []float32, columns int, found bool, err error) {
	count := 0
	found, err = r.each(part, false, func(l *lines, parts [][]byte) error {
		if count == 0 {
			columns = len(parts)
		}
		if err := r.nextRow(l, parts, &count, n, columns, row); err != nil {
			return err
		}
		for _, text := range parts {
			v, err := strconv.ParseFloat(string(text), 32)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return l.fail("fill missing values in", "%s attribute: %q is not a finite number", row, clip(text))
			}
			out = append(out, float32(v))
		}
		return nil
	})
	if err == nil && found {
		err = r.allRows(part, count, n, row)
	}
	return out, columns, found, err
}

func (r *tuReader) nextRow(l *lines, parts [][]byte, count *int, n, columns int, row string) error {
	if *count == n {
		return l.fail("the files of a set must belong together", "a line too many: there are %d %ss", n, row)
	}
	*count++
	if len(parts) != columns {
		return l.fail(toSeparate, "%d values, the lines before have %d", len(parts), columns)
	}
	return nil
}

func (r *tuReader) allRows(part string, count, n int, row string) error {
	if count == n {
		return nil
	}
	return &FileError{Path: r.files.shown[part], Reason: fmt.Sprintf("%d lines for %d %ss", count, n, row), Hint: "the file is cut off or of another set"}
}

// readEdges reads edges with their labels and attributes, sorts them, and deals
// with those that are there twice.
func (r *tuReader) readEdges() error {
	rows := int32(0)
	_, err := r.each("A", true, func(l *lines, parts [][]byte) error {
		if err := expectParts(l, parts, 2); err != nil {
			return err
		}
		e := tuEdge{row: rows, line: int32(l.n)}
		for k, end := range []*int32{&e.from, &e.to} {
			v, err := l.whole(parts[k], "node number", 1, int64(len(r.graph)))
			if err != nil {
				return err
			}
			*end = int32(v - 1)
		}
		if a, b := r.graph[e.from], r.graph[e.to]; a != b {
			return l.fail("", "the edge %d, %d joins graph %d with graph %d", e.from+1, e.to+1, a+1, b+1)
		}
		if rows == math.MaxInt32 {
			return l.fail("", "there are more than 2^31-1 edges")
		}
		rows++
		if e.from == e.to {
			if !r.o.DropSelfLoops {
				return l.fail("remove it, or set TUOptions.DropSelfLoops", "the edge %d, %d leads from a node to itself", e.from+1, e.to+1)
			}
			return nil
		}
		r.listed = append(r.listed, e)
		return nil
	})
	if err != nil {
		return err
	}
	types, _, err := r.labels("edge_labels", int(rows), "edge")
	if err != nil {
		return err
	}
	features, columns, _, err := r.reals("edge_attributes", int(rows), "edge")
	if err != nil {
		return err
	}
	t := r.out
	t.edgeTypeColumns, t.EdgeLabels, t.edgeColumns = types.columns, types.values, columns
	return r.sortEdges(types.ids, features)
}

// sortEdges puts the edges in order of their ends, once each.
func (r *tuReader) sortEdges(types []int32, features []float32) error {
	t := r.out
	l := &lines{path: r.files.shown["A"]}
	slices.SortFunc(r.listed, func(a, b tuEdge) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.row, b.row))
	})
	of := func(e tuEdge) ([]int32, []float32) {
		k, c := t.edgeTypeColumns, t.edgeColumns
		return types[int(e.row)*k : int(e.row+1)*k], features[int(e.row)*c : int(e.row+1)*c]
	}
	kept := r.listed[:0]
	for _, e := range r.listed {
		if n := len(kept); n > 0 && kept[n-1].from == e.from && kept[n-1].to == e.to {
			l.n = int(e.line)
			if !r.o.MergeEdges {
				return l.fail("remove it, or set TUOptions.MergeEdges", "the edge %d, %d repeats line %d", e.from+1, e.to+1, kept[n-1].line)
			}
			types, features := of(e)
			firstTypes, firstFeatures := of(kept[n-1])
			if !slices.Equal(types, firstTypes) || !slices.Equal(features, firstFeatures) {
				return l.fail("keep one of them", "the edge %d, %d repeats line %d with another label or attribute", e.from+1, e.to+1, kept[n-1].line)
			}
			continue
		}
		kept = append(kept, e)
	}
	if err := r.checkReverses(l, kept); err != nil {
		return err
	}
	t.starts = make([]int, 1, len(t.offsets))
	for _, e := range kept {
		for g := int(r.graph[e.from]); len(t.starts) <= g; {
			t.starts = append(t.starts, len(t.edges))
		}
		first := t.offsets[r.graph[e.from]]
		t.edges = append(t.edges, [2]int32{e.from - first, e.to - first})
		types, features := of(e)
		t.edgeTypes, t.edgeFeatures = append(t.edgeTypes, types...), append(t.edgeFeatures, features...)
	}
	for len(t.starts) < len(t.offsets) {
		t.starts = append(t.starts, len(t.edges))
	}
	r.giveDegrees()
	return nil
}

// checkReverses finds an edge whose reverse is not there.
func (r *tuReader) checkReverses(l *lines, sorted []tuEdge) error {
	if r.o.Directed {
		return nil
	}
	for _, e := range sorted {
		_, found := slices.BinarySearchFunc(sorted, e, func(x, e tuEdge) int {
			return cmp.Or(cmp.Compare(x.from, e.to), cmp.Compare(x.to, e.from))
		})
		if !found {
			l.n = int(e.line)
			return l.fail("list both directions, or set TUOptions.Directed", "the edge %d, %d has no reverse", e.from+1, e.to+1)
		}
	}
	return nil
}

// giveDegrees makes the degree the type of each node, if that is asked for and
// nodes have no labels.
func (r *tuReader) giveDegrees() {
	t := r.out
	if !r.o.DegreeTypes || t.nodeTypeColumns > 0 {
		return
	}
	t.nodeTypes, t.nodeTypeColumns = make([]int32, len(r.graph)), 1
	for g := range t.Len() {
		for _, e := range t.edges[t.starts[g]:t.starts[g+1]] {
			t.nodeTypes[t.offsets[g]+e[0]]++
		}
	}
}
