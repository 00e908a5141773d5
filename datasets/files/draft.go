package files

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/graphs"
)

// columnKind is what a file says of a column.
type columnKind int

const (
	undecided columnKind = iota
	categorical
	numeric
)

// header names the columns of one kind of rows.
type header struct {
	names []string
	kinds []columnKind
}

func (h *header) add(name string, k columnKind) {
	h.names, h.kinds = append(h.names, name), append(h.kinds, k)
}

// find gives the place of a column, -1 where there is none.
func (h *header) find(name string) int {
	for i, n := range h.names {
		if n == name {
			return i
		}
	}
	return -1
}

// headers are those of nodes, edges and graphs of a file.
type headers struct{ node, edge, graph header }

// cells are the values of some rows, column by column. Of each column one of the two
// slices is filled.
type cells struct {
	text    [][]string
	numbers [][]float32
}

// widen makes room for columns.
func (c *cells) widen(columns int) {
	for len(c.text) < columns {
		c.text, c.numbers = append(c.text, nil), append(c.numbers, nil)
	}
}

// addText appends a row of text.
func (c *cells) addText(row []string) {
	c.widen(len(row))
	for k, cell := range row {
		c.text[k] = append(c.text[k], cell)
	}
}

// draft is a graph as a file describes it, before its columns become numbers.
type draft struct {
	file      string // that describes nodes
	edgeFile  string // that lists edges
	id        string
	line      int // where the graph begins
	nodes     int
	nodeIDs   []string // nil where nodes are numbered
	nodeLines []int    // nil where all are at line
	node      cells
	edges     []edge
	edge      cells
	graph     []string // a cell for each column of graphs
	pairs     map[[2]int32]int32
}

// edge is a row of a list of edges.
type edge struct {
	from, to int32
	directed bool
	weight   float64
	line     int
}

// nodeLine is where a node is described.
func (d *draft) nodeLine(i int) int {
	if d.nodeLines == nil {
		return d.line
	}
	return d.nodeLines[i]
}

// nodeName is the id of a node for messages.
func (d *draft) nodeName(i int32) string {
	if d.nodeIDs == nil {
		return fmt.Sprint(i)
	}
	return clip(d.nodeIDs[i])
}

const hintLoops = "set data.files.selfLoops to keep or drop"

// addEdge appends an edge, unless it is one that the options drop or merge: then keep
// is false, and the cells of its row are not wanted.
func (d *draft) addEdge(o *Options, e edge) (keep bool, err error) {
	fail := func(reason, hint string) (bool, error) {
		return false, &RowError{File: d.edgeFile, Line: e.line, Reason: reason, Hint: hint}
	}
	if e.from == e.to {
		switch o.SelfLoops {
		case RefuseLoops:
			return fail(fmt.Sprintf("the edge leads from node %s to itself", d.nodeName(e.from)), hintLoops)
		case DropLoops:
			return false, nil
		}
	}
	if !(e.weight > 0) || e.weight > math.MaxFloat32 {
		return fail(fmt.Sprintf("the weight %v is not a positive finite number", e.weight), "leave edges of weight 0 out: no walk takes them")
	}
	if d.pairs == nil {
		d.pairs = map[[2]int32]int32{}
	}
	forth, back := [2]int32{e.from, e.to}, [2]int32{e.to, e.from}
	first, twice := d.pairs[forth]
	if !twice && !e.directed {
		first, twice = d.pairs[back]
	}
	if twice {
		old := &d.edges[first]
		switch {
		case old.directed != e.directed:
			return fail(fmt.Sprintf("the edge between nodes %s and %s is given with and without direction (first in line %d)", d.nodeName(e.from), d.nodeName(e.to), old.line), "")
		case o.MultiEdges == RefuseMultiEdges && old.from == e.to && e.from != e.to:
			return fail(fmt.Sprintf("the edge %s-%s repeats that of line %d the other way round", d.nodeName(e.from), d.nodeName(e.to), old.line),
				"if both directions are listed, set data.files.directed to true; else set data.files.multiEdges to merge")
		case o.MultiEdges == RefuseMultiEdges:
			return fail(fmt.Sprintf("the edge %s-%s repeats that of line %d", d.nodeName(e.from), d.nodeName(e.to), old.line), "set data.files.multiEdges to merge")
		}
		if old.weight += e.weight; old.weight > math.MaxFloat32 {
			return fail(fmt.Sprintf("the weights of the edges %s-%s add up to more than a number can hold", d.nodeName(e.from), d.nodeName(e.to)), "")
		}
		return false, nil
	}
	row := int32(len(d.edges))
	d.pairs[forth] = row
	if !e.directed {
		d.pairs[back] = row
	}
	d.edges = append(d.edges, e)
	return true, nil
}

// structure makes the graph without features: edges that have no direction become two,
// side by side. rows is the row of the list that each edge came from.
func (d *draft) structure() (g *graphs.Graph, rows []int32) {
	g = &graphs.Graph{Nodes: d.nodes, ID: d.id}
	weighted := false
	for row, e := range d.edges {
		weighted = weighted || e.weight != 1
		g.Edges, rows = append(g.Edges, graphs.Edge{From: int(e.from), To: int(e.to)}), append(rows, int32(row))
		if !e.directed && e.from != e.to {
			g.Edges, rows = append(g.Edges, graphs.Edge{From: int(e.to), To: int(e.from)}), append(rows, int32(row))
		}
	}
	if weighted {
		g.EdgeWeights = make([]float32, len(rows))
		for k, row := range rows {
			g.EdgeWeights[k] = float32(d.edges[row].weight)
		}
	}
	return g, rows
}

// checkSize reports a graph that is empty or has too many nodes.
func (d *draft) checkSize(o *Options) error {
	switch {
	case d.nodes == 0:
		return &RowError{File: d.file, Line: d.line, Reason: fmt.Sprintf("the graph %q has no nodes", clip(d.id))}
	case d.nodes > o.MaxNodes:
		return &RowError{File: d.file, Line: d.line, Reason: tooManyNodes(d.nodes, o.MaxNodes), Hint: hintNodes}
	}
	return nil
}

// draftReader gives graphs one by one. Headers may grow while graphs are read.
type draftReader interface {
	// next gives the next graph, or io.EOF; a *RowError is about one graph only.
	next() (*draft, error)
	headers() *headers
}
