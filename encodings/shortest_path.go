package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ShortestPath is the encoding of Graphormer (Ying and others, "Do transformers really perform badly for graph
// representation?", NeurIPS 2021, section 3.1; microsoft/Graphormer, commit ac154fe: GraphAttnBias, data/algos.pyx and
// data/collator.py). With SPD(i,j) the number of edges on the shortest paths from i to j,
//
//	x_i += in[degree of i] + out[degree of i]                              (equation 5)
//	s_ij = q_i · k_j / sqrt(d) + b[SPD(i,j)] + c_ij                        (equations 6 and 7)
//
// for every head, where c_ij tells of the types of edges: of those on one shortest path from i to j, or of the edge from
// i to j, see [EdgeTerm]. Pairs with a virtual node have one learned number in place of b and c. Weights of edges do not
// count. All layers share the tables.
//
// The zero value is the published default for graphs without edge types and without a virtual node.
type ShortestPath struct {
	// Distances is the number of rows of the table b: the last one is for the pairs that no path joins and for those
	// farther apart than its other rows tell, for which the edges of a path do not count either. 0 means 511, which is
	// what the official code has.
	Distances int
	// MaxDistance, if positive, masks the pairs that are this far apart or farther, or that no path joins. The official
	// class of data sets has 1,024, which masks none, and its collator 20 where it stands alone.
	MaxDistance int
	// VirtualNode says that the leading tokens of every graph are joined to all its nodes (see [OfGraphsWithLeading]).
	VirtualNode bool
	EdgeTypes   []int    // size of the vocabulary of each column of edge types; nil means that c is 0
	Edges       EdgeTerm // the form of c
	// MaxHops is the number of edges of a path that count, from its start; 0 means 5, that of the official data sets.
	MaxHops   int
	NoDegrees bool // leaves the degrees out
	// Degrees is the number of rows of each table of degrees; the last one is for all larger degrees. 0 means 511.
	Degrees int
}

// EdgeTerm is what the edges between two nodes add to their score. E is a table of types, and a mean over the columns of
// edge types is taken.
type EdgeTerm int

const (
	// MultiHop is the mean of E[e_h] D_h over the edges e_1, e_2, ... of one shortest path, D_h being a learned matrix
	// [heads, heads] of the hop h. The sum of the first MaxHops edges is divided by the length of the path, but no more
	// than MaxHops. Of several paths it is that which the algorithm of Floyd and Warshall finds first.
	MultiHop EdgeTerm = iota
	// OneHop is E of the edge from the query to the key.
	OneHop
)

var _ Encoding = ShortestPath{}

// Name returns shortest-path.
func (ShortestPath) Name() string { return "shortest-path" }

// New refuses numbers that no table can have.
func (e ShortestPath) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	for n, fallback := range map[*int]int{&e.Distances: 511, &e.MaxHops: 5, &e.Degrees: 511} {
		if *n == 0 {
			*n = fallback
		}
	}
	if e.Distances < 2 || e.MaxHops < 1 || e.Degrees < 1 || e.MaxDistance < 0 || e.Edges != MultiHop && e.Edges != OneHop {
		return nil, fmt.Errorf("encodings: %s: %d distances, the farthest %d, %d hops, %d degrees, edge term %d: want at least 2, 0, 1 and 1, and MultiHop or OneHop",
			e.Name(), e.Distances, e.MaxDistance, e.MaxHops, e.Degrees, e.Edges)
	}
	s := &shortestPath{ShortestPath: e, heads: d.Heads, distances: graphormerTable(e.Distances, d.Heads, init)}
	if e.VirtualNode {
		s.virtual = graphormerTable(1, d.Heads, init)
	}
	types := 0
	for column, n := range e.EdgeTypes {
		if n < 1 || n > math.MaxInt32-types {
			return nil, fmt.Errorf("encodings: %s: column %d of the edge types has %d of them: want at least 1", e.Name(), column, n)
		}
		types += n
	}
	if types > 0 {
		s.edges = graphormerTable(types, d.Heads, init)
		if e.Edges == MultiHop {
			s.hops = graphormerTable(e.MaxHops*d.Heads, d.Heads, init)
		}
	}
	if !e.NoDegrees {
		s.in, s.out = graphormerTable(e.Degrees, d.Width, init), graphormerTable(e.Degrees, d.Width, init)
	}
	return s, nil
}

// graphormerTable draws a table as Graphormer draws all of its.
func graphormerTable(rows, cols int, init *nn.Init) *tensor.Tensor {
	t := tensor.New(rows, cols)
	init.Normal(t, 0.02)
	return t
}

type shortestPath struct {
	ShortestPath
	heads     int
	distances *tensor.Tensor // b [distances, heads]
	virtual   *tensor.Tensor // [1, heads]; nil without a virtual node
	edges     *tensor.Tensor // E [types of all columns, heads]; nil without edge types
	hops      *tensor.Tensor // D_1, D_2, ... [hops * heads, heads]; nil but for MultiHop
	in, out   *tensor.Tensor // [degrees, width]; nil without degrees
}

// Params declares distances, virtual, edges, hops, in and out, those that there are.
func (e *shortestPath) Params(c *nn.Params) {
	c.Param("distances", e.distances)
	c.Param("virtual", e.virtual)
	c.Param("edges", e.edges)
	c.Param("hops", e.hops)
	c.Param("in", e.in)
	c.Param("out", e.out)
}

// Begin finds the shortest paths of a layout of graphs. It refuses graphs whose edge types are not those of the settings.
func (e *shortestPath) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if l.Kind != Graph {
		return nil, l.Refuse(e.Name(), "paths need the edges of a graph: lay the tokens out with OfGraphs")
	}
	if e.VirtualNode && l.Leading == 0 {
		return nil, l.Refuse(e.Name(), "its virtual node has no token: lay the tokens out with OfGraphsWithLeading")
	}
	if e.edges != nil {
		for i, g := range l.Graphs.Graphs {
			if err := g.CheckTypes(nil, e.EdgeTypes); err != nil {
				return nil, l.Refuse(e.Name(), fmt.Sprintf("item %d: %v", i, err))
			}
		}
	}
	p := &pathBias{shortestPath: e, nodes: l.nodes()}
	e.fillPairs(p, l)
	if e.virtual == nil {
		p.table = tp.Leaf(e.distances)
	} else {
		p.table = tp.ConcatRows(tp.Leaf(e.distances), tp.Leaf(e.virtual))
	}
	switch {
	case e.edges == nil:
	case e.Edges == MultiHop:
		p.dense = e.multiHop(tp, p.hops, len(p.index))
	default:
		p.types = tp.Scale(tp.Leaf(e.edges), 1/float32(len(e.EdgeTypes)))
	}
	if e.in != nil {
		p.inDegree, p.outDegree = make([]int32, 0, l.Graphs.Nodes()), make([]int32, 0, l.Graphs.Nodes())
		for _, g := range l.Graphs.Graphs {
			p.inDegree = appendDegrees(p.inDegree, g.InDegrees(), e.Degrees)
			p.outDegree = appendDegrees(p.outDegree, g.OutDegrees(), e.Degrees)
		}
	}
	return p, nil
}

func appendDegrees(to []int32, degrees []int, rows int) []int32 {
	for _, d := range degrees {
		to = append(to, int32(min(d, rows-1)))
	}
	return to
}

type pathBias struct {
	Silent
	*shortestPath
	nodes               []int32
	inDegree, outDegree []int32     // [nodes]
	table               *tensor.Var // b and the row of the virtual node
	index               []int32     // [pairs] its rows
	allow               []bool      // [pairs]; nil means all
	hops                hopEntries
	dense               *tensor.Var // c [pairs, heads]; nil but for MultiHop
	types               *tensor.Var // E over the number of columns; nil but for OneHop
	typeOf              [][]int32   // for every column the row of types of each pair [pairs]; -1 where there is no edge
}

// Tokens returns the tokens with the vectors of their degrees added.
func (p *pathBias) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if p.in == nil {
		return x
	}
	in, out := tp.Gather(tp.Leaf(p.in), p.inDegree), tp.Gather(tp.Leaf(p.out), p.outDegree)
	return addToNodes(tp, x, tp.Add(in, out), p.nodes)
}

// Attend adds the biases and the mask, the same in every layer.
func (p *pathBias) Attend(_ *tensor.Tape, a *Attention) {
	a.Biases = append(a.Biases, attention.TableBias{Table: p.table, Index: p.index})
	if p.dense != nil {
		a.Biases = append(a.Biases, attention.DenseBias{Values: p.dense})
	}
	for _, index := range p.typeOf {
		a.Biases = append(a.Biases, attention.TableBias{Table: p.types, Index: index})
	}
	if p.allow != nil {
		a.Mask.Allow = p.allow
	}
}

// Distances returns the numbers of edges on the shortest paths of a graph from every node to every node, [nodes * nodes]
// by start; -1 where there is no path.
func Distances(g *graphs.Graph) []int32 {
	p := &paths{}
	p.search(g)
	for k, d := range p.distance {
		if d == unreachable {
			p.distance[k] = -1
		}
	}
	return p.distance
}
