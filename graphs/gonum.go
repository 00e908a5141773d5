package graphs

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/simple"
)

// FromGonum wraps a gonum graph. Rows of nodes follow ascending gonum IDs, and
// ids[row] gives the ID back, so features can be filled in that order. A directed
// graph keeps its directions; an undirected one gets both for every edge; edges
// come sorted by (From, To).
//
// Where g is a graph.Weighted, weights become EdgeWeights. If all are 1 these
// stay nil, so that a weighted graph without real weights is the same Graph as
// the unweighted one.
//
// The error is an *InvalidError: no nodes, several lines between two nodes of a
// multigraph (they have to be merged first), or a weight that is not positive
// and finite as a float32.
func FromGonum(g graph.Graph) (out *Graph, ids []int64, err error) {
	for _, n := range graph.NodesOf(g.Nodes()) {
		ids = append(ids, n.ID())
	}
	slices.Sort(ids)
	row := make(map[int64]int, len(ids))
	for i, id := range ids {
		row[id] = i
	}
	out = &Graph{Nodes: len(ids)}
	weighted, _ := g.(graph.Weighted)
	lines, _ := g.(graph.Multigraph)
	allOne := true
	var to []int
	for i, id := range ids {
		to = to[:0]
		for _, n := range graph.NodesOf(g.From(id)) {
			to = append(to, row[n.ID()])
		}
		slices.Sort(to)
		for _, j := range to {
			edge := len(out.Edges)
			out.Edges = append(out.Edges, Edge{i, j})
			if lines != nil {
				if n := lines.Lines(id, ids[j]).Len(); n > 1 {
					return nil, nil, &InvalidError{Field: "edge", Record: edge,
						Reason: fmt.Sprintf("%d lines from gonum node %d to %d", n, id, ids[j]),
						Hint:   "merge parallel lines into one edge, with the sum of their weights if they have any"}
				}
			}
			if weighted == nil {
				continue
			}
			w, ok := weighted.Weight(id, ids[j])
			if !ok {
				return nil, nil, &InvalidError{Field: "edge weight", Record: edge,
					Reason: fmt.Sprintf("gonum has an edge from node %d to %d but no weight for it", id, ids[j])}
			}
			allOne = allOne && w == 1
			out.EdgeWeights = append(out.EdgeWeights, float32(w))
		}
	}
	if allOne {
		out.EdgeWeights = nil
	}
	if err := out.Validate(); err != nil {
		return nil, nil, err
	}
	return out, ids, nil
}

// Gonum gives the graph's structure as a gonum graph whose node IDs are the rows:
// a *simple.DirectedGraph, or a *simple.WeightedDirectedGraph (absent edges weigh
// +Inf, as gonum's path package wants) where there are edge weights. gonum's
// simple graphs hold no self loops, so a graph that has one comes as
// *multi.DirectedGraph or *multi.WeightedDirectedGraph. Features stay behind. It
// panics if the graph is invalid.
func (g *Graph) Gonum() graph.Directed {
	if err := g.Validate(); err != nil {
		panic(fmt.Sprintf("graphs: Gonum: %v", err))
	}
	loops := slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.From == e.To })
	switch weights := len(g.EdgeWeights) > 0; {
	case loops && weights:
		d := multi.NewWeightedDirectedGraph()
		g.addNodes(d.AddNode)
		for e, edge := range g.Edges {
			d.SetWeightedLine(d.NewWeightedLine(multi.Node(edge.From), multi.Node(edge.To), float64(g.EdgeWeights[e])))
		}
		return d
	case loops:
		d := multi.NewDirectedGraph()
		g.addNodes(d.AddNode)
		for _, edge := range g.Edges {
			d.SetLine(d.NewLine(multi.Node(edge.From), multi.Node(edge.To)))
		}
		return d
	case weights:
		d := simple.NewWeightedDirectedGraph(0, math.Inf(1))
		g.addNodes(d.AddNode)
		for e, edge := range g.Edges {
			d.SetWeightedEdge(d.NewWeightedEdge(simple.Node(edge.From), simple.Node(edge.To), float64(g.EdgeWeights[e])))
		}
		return d
	default:
		d := simple.NewDirectedGraph()
		g.addNodes(d.AddNode)
		for _, edge := range g.Edges {
			d.SetEdge(d.NewEdge(simple.Node(edge.From), simple.Node(edge.To)))
		}
		return d
	}
}

func (g *Graph) addNodes(add func(graph.Node)) {
	for i := range g.Nodes {
		add(simple.Node(i))
	}
}
