package messages

import (
	"fmt"
	"math"
)

// Edges are the directed edges of a graph, or of a batch of graphs laid end to end, sorted both by the node they come to
// and by the node they leave. An edge s->t carries a message from s to t. Self loops and several edges between the same
// nodes are edges like others.
//
// The rows of edge features stay in the order in which the edges were given; so do the terms of every sum: a node takes
// its messages in the order of the numbers of their edges. The zero value has no nodes. Operations keep the Edges
// they were given until the pass ends: do not fill them again before.
//
// Any order of the edges will do. Of a graph that is larger than the caches, edges that are sorted by their targets are
// read from memory in a row, which makes the forward passes about a third faster.
type Edges struct {
	nodes    int
	from, to []int32
	in, out  index   // by target, by source
	place    []int32 // [edges] where an edge stands in the order of in
	zeros    [batch]int32
}

// NewEdges returns Edges that are filled.
func NewEdges(nodes int, from, to []int32) *Edges {
	e := new(Edges)
	e.Fill(nodes, from, to)
	return e
}

// Fill makes e the edges from[k]->to[k] between nodes 0 to nodes-1, in the memory that e has: O(nodes + edges). It copies
// from and to. Nodes and edges are at most 2^31-1; a number out of its range panics.
func (e *Edges) Fill(nodes int, from, to []int32) {
	if nodes < 0 || nodes > math.MaxInt32 || len(from) > math.MaxInt32 {
		panic(fmt.Sprintf("messages: Fill: %d nodes and %d edges, want 0 to 2^31-1 of both", nodes, len(from)))
	}
	if len(from) != len(to) {
		panic(fmt.Sprintf("messages: Fill: %d sources and %d targets, want as many", len(from), len(to)))
	}
	for k, s := range from {
		if t := to[k]; s < 0 || int(s) >= nodes || t < 0 || int(t) >= nodes {
			panic(fmt.Sprintf("messages: Fill: edge %d is %d->%d, want nodes 0 to %d", k, s, t, nodes-1))
		}
	}
	e.nodes = nodes
	e.from, e.to = append(e.from[:0], from...), append(e.to[:0], to...)
	e.in.fill(nodes, e.to, e.from)
	e.out.fill(nodes, e.from, e.to)
	e.place = resize(e.place, len(from))
	for p, k := range e.in.edge {
		e.place[k] = int32(p)
	}
}

// Nodes returns the number of nodes.
func (e *Edges) Nodes() int { return e.nodes }

// Len returns the number of edges.
func (e *Edges) Len() int { return len(e.from) }

// InDegree returns the number of edges that come to node i.
func (e *Edges) InDegree(i int) int { return e.in.degree(i) }

// OutDegree returns the number of edges that leave node i.
func (e *Edges) OutDegree(i int) int { return e.out.degree(i) }

// From returns the source of each edge. The slice is the Edges' own: do not change it.
func (e *Edges) From() []int32 { return e.from }

// To returns the target of each edge. The slice is the Edges' own: do not change it.
func (e *Edges) To() []int32 { return e.to }

// GCNWeights writes the weights of a graph convolution (Kipf and Welling 2017, equation 2), which gives every node one
// self loop: with d_i 1 plus the number of edges that come to i from other nodes, an edge j->i weighs 1/sqrt(d_i d_j)
// and the loop of node i 1/d_i. edge is [edges], self [nodes]. Self loops among the edges weigh 0: self stands for them,
// as in PyTorch Geometric's GCNConv.
func (e *Edges) GCNWeights(edge, self []float32) {
	if len(edge) != e.Len() || len(self) != e.nodes {
		panic(fmt.Sprintf("messages: GCNWeights: room for %d edges and %d nodes, want %d and %d", len(edge), len(self), e.Len(), e.nodes))
	}
	for i := range self {
		others := 1
		for _, j := range e.in.node[e.in.start[i]:e.in.start[i+1]] {
			if int(j) != i {
				others++
			}
		}
		self[i] = float32(1 / float64(others))
	}
	for k, s := range e.from {
		t := e.to[k]
		if edge[k] = 0; s != t {
			edge[k] = float32(math.Sqrt(float64(self[s]) * float64(self[t])))
		}
	}
}

// resize returns a slice of n elements in the memory of s if that suffices. Its values are not defined.
func resize(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}
