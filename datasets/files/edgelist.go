package files

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// edgeLists are graphs from a table of edges and, often, one of nodes.
type edgeLists struct {
	o         *Options
	file      string // of nodes, or of edges where there is no table of nodes
	edgeFile  string
	h         headers
	list      []*draft
	at        int              // of the next graph
	graphs    map[string]int   // place of each graph in list
	nodes     map[nodeKey]node // where each node is
	perGraph  bool             // ids of nodes are those of their graph
	nodesOpen bool             // edges may name new nodes
	pool      words
}

// nodeKey is the id of a node; graph is "" where ids are those of the whole file.
type nodeKey struct{ graph, id string }

type node struct{ graph, row int }

var _ draftReader = (*edgeLists)(nil)

func (l *edgeLists) headers() *headers { return &l.h }

func (l *edgeLists) next() (*draft, error) {
	if l.at == len(l.list) {
		return nil, io.EOF
	}
	l.at++
	return l.list[l.at-1], nil
}

// readEdgeLists reads both tables as a whole.
func (q *Request) readEdgeLists(ctx context.Context) (*edgeLists, error) {
	l := &edgeLists{o: &q.Options, graphs: map[string]int{}, nodes: map[nodeKey]node{}, pool: words{}, nodesOpen: q.Options.Nodes == ""}
	l.edgeFile = q.path(q.Options.Path)
	l.file = l.edgeFile
	in, err := Open(l.edgeFile)
	if err != nil {
		return nil, err
	}
	defer in.Close() // only read from: closing cannot lose anything
	edges, err := NewTable(l.edgeFile, in, l.o.Delimiter, l.o.MaxRow)
	if err != nil {
		return nil, err
	}
	l.perGraph = edges.Has(l.o.GraphColumn)
	if !l.nodesOpen {
		l.file = q.path(q.Options.Nodes)
		if err := l.readNodes(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.readEdges(ctx, edges); err != nil {
		return nil, err
	}
	for _, d := range l.list {
		d.pairs = nil // only of use while edges are added
	}
	return l, nil
}

// columnsBut finds the columns of a table, and lists the others in order.
func (t *Table) columnsBut(h *header, taken ...int) (rest []int) {
	for k, name := range t.columns {
		if !slices.Contains(taken, k) {
			rest = append(rest, k)
			h.add(name, undecided)
		}
	}
	return rest
}

// optional finds a column that need not be there; -1 if it is not.
func (t *Table) optional(name, what string) (int, error) {
	if !t.Has(name) {
		return -1, nil
	}
	return t.Find(name, what)
}

func (l *edgeLists) readNodes(ctx context.Context) error {
	in, err := Open(l.file)
	if err != nil {
		return err
	}
	defer in.Close() // only read from: closing cannot lose anything
	t, err := NewTable(l.file, in, l.o.Delimiter, l.o.MaxRow)
	if err != nil {
		return err
	}
	id, err := t.Find(l.o.IDColumn, "--id-column")
	if err != nil {
		return err
	}
	of, err := t.optional(l.o.GraphColumn, "data.files.graphColumn")
	if err != nil {
		return err
	}
	if of < 0 && l.perGraph {
		return &FileError{File: l.file, Line: 1, Reason: fmt.Sprintf("%s has a column %q but this table has none", l.edgeFile, clip(l.o.GraphColumn)),
			Hint: "say in both which graph a row belongs to"}
	}
	rest := t.columnsBut(&l.h.node, id, of)
	if name, twice := repeated(l.h.node.names); twice {
		return &FileError{File: l.file, Line: 1, Reason: fmt.Sprintf("the column %q comes twice", clip(name)), Hint: "give each column a name of its own"}
	}
	row := make([]string, len(rest))
	return t.each(ctx, func(cells []string) error {
		name := strings.TrimSpace(cells[id])
		if name == "" {
			return t.fail(l.o.IDColumn, "the id is missing", "")
		}
		graph := ""
		if of >= 0 {
			if graph = strings.TrimSpace(cells[of]); graph == "" {
				return t.fail(l.o.GraphColumn, "the graph is missing", "")
			}
		}
		d, at := l.graph(graph, t.Line())
		if first, twice := l.nodes[l.key(graph, name)]; twice {
			hint := "give every node an id of its own"
			if first.graph != at {
				hint = fmt.Sprintf("if ids are those of a graph, give %s a column %q too", l.edgeFile, clip(l.o.GraphColumn))
			}
			return t.fail(l.o.IDColumn, fmt.Sprintf("the id %q was that of line %d already", clip(name), l.list[first.graph].nodeLine(first.row)), hint)
		}
		for k, c := range rest {
			row[k] = l.pool.keep(strings.TrimSpace(cells[c]))
		}
		l.addNode(d, at, graph, name, t.Line())
		d.node.addText(row)
		return nil
	})
}

// each calls use with every row of a table.
func (t *Table) each(ctx context.Context, use func(cells []string) error) error {
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = use(cells)
		}
		if err != nil {
			return err
		}
	}
}

// key is that of a node.
func (l *edgeLists) key(graph, id string) nodeKey {
	if !l.perGraph {
		graph = ""
	}
	return nodeKey{graph, id}
}

// graph gives a graph, a new one if there is none of this id.
func (l *edgeLists) graph(id string, line int) (*draft, int) {
	at, known := l.graphs[id]
	if !known {
		at = len(l.list)
		id = strings.Clone(id)
		l.graphs[id] = at
		d := &draft{file: l.file, edgeFile: l.edgeFile, id: id, line: line, nodeIDs: []string{}}
		if id == "" {
			d.id = "graph" // the only one
		}
		l.list = append(l.list, d)
	}
	return l.list[at], at
}

func (l *edgeLists) addNode(d *draft, place int, graph, id string, line int) node {
	id = strings.Clone(id)
	at := node{place, d.nodes}
	l.nodes[l.key(strings.Clone(graph), id)] = at
	d.nodeIDs, d.nodeLines = append(d.nodeIDs, id), append(d.nodeLines, line)
	d.nodes++
	return at
}

func (l *edgeLists) readEdges(ctx context.Context, t *Table) error {
	source, err := t.Find(l.o.SourceColumn, "data.files.sourceColumn")
	if err != nil {
		return err
	}
	sink, err := t.Find(l.o.SinkColumn, "data.files.sinkColumn")
	if err != nil {
		return err
	}
	weight, err := t.optional(l.o.WeightColumn, "data.files.weightColumn")
	if err != nil {
		return err
	}
	of, err := t.optional(l.o.GraphColumn, "data.files.graphColumn")
	if err != nil {
		return err
	}
	rest := t.columnsBut(&l.h.edge, source, sink, weight, of)
	if name, twice := repeated(l.h.edge.names); twice {
		return &FileError{File: l.edgeFile, Line: 1, Reason: fmt.Sprintf("the column %q comes twice", clip(name)), Hint: "give each column a name of its own"}
	}
	row := make([]string, len(rest))
	return t.each(ctx, func(cells []string) error {
		graph := ""
		if of >= 0 {
			graph = strings.TrimSpace(cells[of])
		}
		from, err := l.end(t, graph, strings.TrimSpace(cells[source]), l.o.SourceColumn)
		if err != nil {
			return err
		}
		to, err := l.end(t, graph, strings.TrimSpace(cells[sink]), l.o.SinkColumn)
		if err != nil {
			return err
		}
		if from.graph != to.graph {
			return t.fail("", fmt.Sprintf("the edge leads from graph %q to graph %q", clip(l.list[from.graph].id), clip(l.list[to.graph].id)), "an edge joins nodes of one graph")
		}
		e := edge{from: int32(from.row), to: int32(to.row), directed: l.o.Directed, weight: 1, line: t.Line()}
		if weight >= 0 {
			var ok bool
			if e.weight, ok = number(strings.TrimSpace(cells[weight])); !ok {
				return t.fail(l.o.WeightColumn, fmt.Sprintf("the weight %q is not a finite number", clip(cells[weight])), "")
			}
		}
		d := l.list[from.graph]
		keep, err := d.addEdge(l.o, e)
		if err != nil || !keep {
			return err
		}
		for k, c := range rest {
			row[k] = l.pool.keep(strings.TrimSpace(cells[c]))
		}
		d.edge.addText(row)
		return nil
	})
}

// end finds the node at one end of an edge.
func (l *edgeLists) end(t *Table, graph, id, column string) (node, error) {
	if id == "" {
		return node{}, t.fail(column, "the node is missing", "")
	}
	at, known := l.nodes[l.key(graph, id)]
	if known {
		return at, nil
	}
	if !l.nodesOpen {
		reason := fmt.Sprintf("there is no node %q in %s", clip(id), l.file)
		if l.perGraph {
			reason = fmt.Sprintf("there is no node %q of graph %q in %s", clip(id), clip(graph), l.file)
		}
		return node{}, t.fail(column, reason, "list every node there")
	}
	d, place := l.graph(graph, t.Line())
	return l.addNode(d, place, graph, id, t.Line()), nil
}
