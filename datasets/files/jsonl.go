package files

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/graphs"
)

// jsonLabels is the column of labels, of nodes or of edges.
const jsonLabels = "label"

// jsonLines reads graphs of one line each. Type ids become categories x0, x1, ...,
// real features numbers f0, f1, ...; the targets are called y, or y0, y1, ... where
// there are several, and the labels of nodes label.
type jsonLines struct {
	in   *graphs.Reader
	file string
	o    *Options
	h    headers
	// columns of the first graph, and of the first with edges
	nodeTypes, nodeNumbers, edgeTypes, edgeNumbers, targets int
	labels, edgeLabels, begun, edged                        bool
	inputsOnly                                              bool     // targets and labels do not count
	known                                                   []string // words of ids
}

var _ draftReader = (*jsonLines)(nil)

func newJSONLines(file string, in io.Reader, o *Options) *jsonLines {
	r := graphs.NewReader(unmarked(in))
	r.Name, r.MaxNodes = file, o.MaxNodes
	return &jsonLines{in: r, file: file, o: o}
}

func (l *jsonLines) headers() *headers { return &l.h }

func (l *jsonLines) next() (*draft, error) {
	g, err := l.in.Read()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, l.bad(err)
	}
	if err := l.loops(g); err != nil {
		return nil, err
	}
	if reason := l.agree(g); reason != "" {
		return nil, &RowError{File: l.file, Line: l.in.Line(), Reason: reason, Hint: "all graphs must have the same kinds of features and targets"}
	}
	return l.draft(g), nil
}

// loops does what the options say about edges from a node to itself.
func (l *jsonLines) loops(g *graphs.Graph) error {
	loop := func(e graphs.Edge) bool { return e.From == e.To }
	first := slices.IndexFunc(g.Edges, loop)
	switch {
	case first < 0 || l.o.SelfLoops == KeepLoops:
		return nil
	case l.o.SelfLoops == RefuseLoops:
		return &RowError{File: l.file, Line: l.in.Line(), Reason: fmt.Sprintf("the edge leads from node %d to itself", g.Edges[first].From), Hint: hintLoops}
	}
	types, features, kept := g.EdgeTypeColumns(), g.EdgeFeatureColumns(), 0
	for k, e := range g.Edges {
		if loop(e) {
			continue
		}
		g.Edges[kept] = e
		copy(g.EdgeTypes[kept*types:(kept+1)*types], g.EdgeTypes[k*types:])
		copy(g.EdgeFeatures[kept*features:(kept+1)*features], g.EdgeFeatures[k*features:])
		if len(g.EdgeWeights) > 0 {
			g.EdgeWeights[kept] = g.EdgeWeights[k]
		}
		if len(g.EdgeLabels) > 0 {
			g.EdgeLabels[kept] = g.EdgeLabels[k]
		}
		kept++
	}
	g.Edges, g.EdgeTypes, g.EdgeFeatures = g.Edges[:kept], g.EdgeTypes[:kept*types], g.EdgeFeatures[:kept*features]
	if len(g.EdgeWeights) > 0 {
		g.EdgeWeights = g.EdgeWeights[:kept]
	}
	if len(g.EdgeLabels) > 0 {
		g.EdgeLabels = g.EdgeLabels[:kept]
	}
	return nil
}

// bad places an error: one about a line can be passed over.
func (l *jsonLines) bad(err error) error {
	var parse *graphs.ParseError
	if !errors.As(err, &parse) {
		return unreadable(l.file, l.in.Line(), err)
	}
	var syntax *graphs.SyntaxError
	var invalid *graphs.InvalidError
	if !errors.As(err, &syntax) && !errors.As(err, &invalid) {
		return unreadable(l.file, parse.Line, parse.Err)
	}
	reason := bare(parse.Err)
	if parse.Column > 0 {
		reason = fmt.Sprintf("byte %d: %s", parse.Column, reason)
	}
	return &RowError{File: l.file, Line: parse.Line, Reason: reason, Err: err}
}

// agree compares the columns of a graph with those of the graphs before it.
func (l *jsonLines) agree(g *graphs.Graph) string {
	if l.inputsOnly {
		g.Target, g.NodeLabels, g.EdgeLabels = nil, nil, nil
	}
	if !l.begun {
		l.begun = true
		l.nodeTypes, l.nodeNumbers, l.targets, l.labels = g.NodeTypeColumns(), g.NodeFeatureColumns(), len(g.Target), len(g.NodeLabels) > 0
		numberedColumns(&l.h.node, "x", l.nodeTypes, categorical)
		numberedColumns(&l.h.node, "f", l.nodeNumbers, numeric)
		if l.labels {
			l.h.node.add(jsonLabels, categorical)
		}
		if l.targets == 1 {
			l.h.graph.add("y", undecided)
		} else {
			numberedColumns(&l.h.graph, "y", l.targets, undecided)
		}
	}
	if len(g.Edges) > 0 && !l.edged {
		l.edged = true
		l.edgeTypes, l.edgeNumbers = g.EdgeTypeColumns(), g.EdgeFeatureColumns()
		numberedColumns(&l.h.edge, "e", l.edgeTypes, categorical)
		numberedColumns(&l.h.edge, "ef", l.edgeNumbers, numeric)
		if l.edgeLabels = len(g.EdgeLabels) > 0; l.edgeLabels {
			l.h.edge.add(jsonLabels, categorical)
		}
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"type ids a node", g.NodeTypeColumns(), l.nodeTypes}, {"real features a node", g.NodeFeatureColumns(), l.nodeNumbers},
		{"targets", len(g.Target), l.targets}, {"labels a node", min(len(g.NodeLabels), 1), one(l.labels)},
	} {
		if c.got != c.want {
			return fmt.Sprintf("%d %s, the graphs before it have %d", c.got, c.what, c.want)
		}
	}
	if len(g.Edges) > 0 && (g.EdgeTypeColumns() != l.edgeTypes || g.EdgeFeatureColumns() != l.edgeNumbers) {
		return fmt.Sprintf("%d type ids and %d real features an edge, the graphs before it have %d and %d", g.EdgeTypeColumns(), g.EdgeFeatureColumns(), l.edgeTypes, l.edgeNumbers)
	}
	if len(g.Edges) > 0 && len(g.EdgeLabels) > 0 != l.edgeLabels {
		return "labels of edges are given in some graphs and not in others"
	}
	return ""
}

func numberedColumns(h *header, name string, n int, k columnKind) {
	for i := range n {
		h.add(name+strconv.Itoa(i), k)
	}
}

// draft takes a graph apart again: both directions of an edge that has none are two
// directed edges with the same features.
func (l *jsonLines) draft(g *graphs.Graph) *draft {
	line := l.in.Line()
	d := &draft{file: l.file, edgeFile: l.file, id: g.ID, line: line, nodes: g.Nodes}
	l.fill(&d.node, g.NodeTypes, l.nodeTypes, g.NodeFeatures, l.nodeNumbers, g.Nodes)
	if l.labels {
		d.node.text, d.node.numbers = append(d.node.text, l.words(g.NodeLabels)), append(d.node.numbers, nil)
	}
	for k, e := range g.Edges {
		d.edges = append(d.edges, edge{from: int32(e.From), to: int32(e.To), directed: true, weight: float64(g.Weight(k)), line: line})
	}
	if len(g.Edges) > 0 {
		l.fill(&d.edge, g.EdgeTypes, l.edgeTypes, g.EdgeFeatures, l.edgeNumbers, len(g.Edges))
		if l.edgeLabels {
			d.edge.text, d.edge.numbers = append(d.edge.text, l.words(g.EdgeLabels)), append(d.edge.numbers, nil)
		}
	}
	for _, y := range g.Target {
		cell := ""
		if !math.IsNaN(float64(y)) {
			cell = strconv.FormatFloat(float64(y), 'g', -1, 32)
		}
		d.graph = append(d.graph, cell)
	}
	return d
}

// fill makes columns of type ids and numbers.
func (l *jsonLines) fill(c *cells, ids []int32, types int, values []float32, numbers, rows int) {
	c.widen(types + numbers)
	for k := range types {
		c.text[k] = make([]string, rows)
		for r := range rows {
			c.text[k][r] = l.word(ids[r*types+k])
		}
	}
	for k := range numbers {
		column := make([]float32, rows)
		for r := range rows {
			column[r] = values[r*numbers+k]
		}
		c.numbers[types+k] = column
	}
}

// word is the text of an id.
func (l *jsonLines) word(id int32) string {
	if id >= 1<<12 {
		return strconv.Itoa(int(id))
	}
	for int(id) >= len(l.known) {
		l.known = append(l.known, strconv.Itoa(len(l.known)))
	}
	return l.known[id]
}

// words are the texts of labels, empty where one is not given.
func (l *jsonLines) words(labels []int32) []string {
	list := make([]string, len(labels))
	for i, c := range labels {
		if c != graphs.NoLabel {
			list[i] = l.word(c)
		}
	}
	return list
}

// one is 1 for true.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
