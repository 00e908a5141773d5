package neighbours

import (
	"slices"

	"github.com/graft-ml/graft/graphs"
)

// Adjacency says who is next to whom in a graph, and by which edges.
type Adjacency struct {
	graph *graphs.Graph

	nearStart []int   // [nodes+1]
	near      []int32 // the neighbours of each node, ascending, whichever way the edge leads
	outStart  []int   // [nodes+1]
	out       []int32 // the edges that leave each node, in their order
}

// NewAdjacency returns that of a valid graph, in time and memory linear in nodes and edges (but for sorting the neighbours
// of each node). The graph must not change.
func NewAdjacency(g *graphs.Graph) *Adjacency {
	a := &Adjacency{graph: g, nearStart: make([]int, g.Nodes+1), outStart: make([]int, g.Nodes+1)}
	for _, e := range g.Edges {
		a.outStart[e.From+1]++
		a.nearStart[e.From+1]++
		a.nearStart[e.To+1]++
	}
	for i := range g.Nodes {
		a.outStart[i+1] += a.outStart[i]
		a.nearStart[i+1] += a.nearStart[i]
	}
	a.out, a.near = make([]int32, len(g.Edges)), make([]int32, 2*len(g.Edges))
	outEnd, nearEnd := slices.Clone(a.outStart), slices.Clone(a.nearStart)
	put := func(list []int32, end []int, node int, value int) {
		list[end[node]] = int32(value)
		end[node]++
	}
	for k, e := range g.Edges {
		put(a.out, outEnd, e.From, k)
		put(a.near, nearEnd, e.From, e.To)
		put(a.near, nearEnd, e.To, e.From)
	}
	a.compact()
	return a
}

// compact sorts the neighbours of each node and leaves out what comes twice, and the node itself.
func (a *Adjacency) compact() {
	kept := 0
	for i := range a.graph.Nodes {
		list := a.near[a.nearStart[i]:a.nearStart[i+1]]
		slices.Sort(list)
		a.nearStart[i] = kept
		last := int32(-1)
		for _, j := range list {
			if j != last && j != int32(i) {
				a.near[kept] = j
				kept++
			}
			last = j
		}
	}
	a.nearStart[a.graph.Nodes] = kept
	a.near = slices.Clone(a.near[:kept])
}

// Near returns the neighbours of a node in ascending order, the nodes that an edge leads to or from, without the node
// itself. The slice must not be changed.
func (a *Adjacency) Near(node int) []int32 { return a.near[a.nearStart[node]:a.nearStart[node+1]] }

// edgesFrom returns the numbers of the edges that leave a node.
func (a *Adjacency) edgesFrom(node int32) []int32 { return a.out[a.outStart[node]:a.outStart[node+1]] }
