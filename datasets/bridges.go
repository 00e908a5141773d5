package datasets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
)

// bridgesInfo is the table of a set of our own, with which models of edges can be tried: no paper has it. The answer is
// known, and it cannot be told from what is near an edge: a circle that it lies on may be long.
//
//	graphs  nodes  edges  classes  labels train/val/test  metric    licence
//	1,400   24     56     2        all edges              accuracy  none needed
//
// Edges are directed, two a bond, of the same class.
var bridgesInfo = Info{
	Name: "bridges", Title: "Bridges: which edges hold a random graph together", Task: EdgeClassification,
	Train: 1_000, Val: 200, Test: 200,
	MeanNodes: 24, MeanEdges: 56,
	NodeTypes: []int{1}, Classes: 2,
	Metric:    "accuracy over the edges of a split (higher is better)",
	SplitRule: "independent graphs",
	Generated: true,
	Licence:   "none needed: generated from its definition",
	Origin:    "of Graft; not published elsewhere",
	Notes: "Connected graphs of 16 to 32 nodes: a tree, each node of which hangs on one that came before, with 2 to 8 bonds more. " +
		"An edge is of class 1 if without it the graph falls apart.",
}

// The numbers of the set: nodes and bonds beyond those of a tree, from least to most, all as likely.
const (
	bridgesLeastNodes = 16
	bridgesMostNodes  = 32
	bridgesLeastMore  = 2
	bridgesMostMore   = 8
)

func loadBridges(_ context.Context, o Options) (*Set, error) {
	return &Set{
		Train: bridgesSource{o.Seed, Train, bridgesInfo.Train},
		Val:   bridgesSource{o.Seed, Val, bridgesInfo.Val},
		Test:  bridgesSource{o.Seed, Test, bridgesInfo.Test},
	}, nil
}

// bridgesSource generates the graphs of one split.
type bridgesSource struct {
	seed  uint64
	split Split
	n     int
}

var _ Source = bridgesSource{}

// Len is the number of graphs.
func (s bridgesSource) Len() int { return s.n }

// Graph generates graph i; the error is always nil.
func (s bridgesSource) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, s.n)
	r := stream(s.seed, streamBridges+int(s.split), i)
	n := bridgesLeastNodes + r.IntN(bridgesMostNodes-bridgesLeastNodes+1)
	a := newAdjacency(n)
	for v := 1; v < n; v++ {
		a.connect(r, r.IntN(v), v, 1)
	}
	for more := bridgesLeastMore + r.IntN(bridgesMostMore-bridgesLeastMore+1); more > 0; {
		u, v := r.IntN(n), r.IntN(n)
		if u < v && !a.bonds[u*n+v] {
			a.connect(r, u, v, 1)
			more--
		}
	}
	g := a.graph(r.Perm(n))
	g.ID = fmt.Sprintf("bridges/%v/%d", s.split, i)
	g.NodeTypes = make([]int32, n)
	g.EdgeLabels = bridges(g)
	return g, nil
}

// bridges tells for each edge of a graph whose edges have both directions whether it is a bridge, 1, or lies on a circle,
// 0 (Tarjan 1974: a bond of a search in depth is a bridge if nothing behind it leads back to before it).
func bridges(g *graphs.Graph) []int32 {
	out := make([][]int, g.Nodes) // numbers of edges
	for e, edge := range g.Edges {
		out[edge.From] = append(out[edge.From], e)
	}
	found := make([]int, g.Nodes) // when the search came there, from 1
	low := make([]int, g.Nodes)   // the earliest that is reached from there and behind
	label := make([]int32, len(g.Edges))
	clock := 0
	var visit func(node, from int)
	visit = func(node, from int) {
		clock++
		found[node], low[node] = clock, clock
		for _, e := range out[node] {
			next := g.Edges[e].To
			switch {
			case next == from || next == node:
			case found[next] > 0:
				low[node] = min(low[node], found[next])
			default:
				visit(next, node)
				low[node] = min(low[node], low[next])
				if low[next] > found[node] {
					label[e] = 1
				}
			}
		}
	}
	for node := range g.Nodes {
		if found[node] == 0 {
			visit(node, -1)
		}
	}
	return bothWays(g, label)
}

// bothWays gives a class other than 0 of an edge to its reverse.
func bothWays(g *graphs.Graph, label []int32) []int32 {
	classes := make(map[graphs.Edge]int32)
	for e, edge := range g.Edges {
		if label[e] != 0 {
			classes[edge], classes[graphs.Edge{From: edge.To, To: edge.From}] = label[e], label[e]
		}
	}
	for e, edge := range g.Edges {
		label[e] = classes[edge]
	}
	return label
}
