package graphs

import "fmt"

// Edge is a directed edge. An undirected graph stores both directions.
type Edge struct {
	From, To int // rows of nodes, from 0
}

// NoLabel in Graph.NodeLabels and Graph.EdgeLabels is a node, or an edge, whose class is
// not given: it is neither learned from nor measured. A set that trains on some nodes of a graph and tests
// on others hands out that graph several times, each time with other labels.
const NoLabel = -1

// Graph is one graph with its features and targets. Slices may be nil where a
// graph has no such data; the number of feature columns follows from the length.
// A Graph that is shared (a data set hands the same one out every epoch) is not
// to be changed; [Graph.Clone] makes one that may be.
type Graph struct {
	Nodes int    // number of nodes, at least 1
	Edges []Edge // directed, no two the same

	EdgeWeights  []float32 // [edges], positive; nil means that all are 1
	NodeTypes    []int32   // [nodes, columns] categorical features, ids from 0
	NodeFeatures []float32 // [nodes, columns] real features, finite
	EdgeTypes    []int32   // [edges, columns] categorical features, ids from 0
	EdgeFeatures []float32 // [edges, columns] real features, finite

	// Target holds what is to be predicted of the whole graph. NaN is a missing
	// value. A class is given by its number.
	Target []float32
	// NodeLabels holds the class of each node, [nodes], [NoLabel] where it is not
	// given; nil where nodes have none.
	NodeLabels []int32
	// EdgeLabels holds the class of each edge, [edges], [NoLabel] where it is not given;
	// nil where edges have none.
	EdgeLabels []int32

	// ID says where the graph came from, for messages and predictions.
	ID string
}

// Undirected makes a graph of undirected bonds {a, b}: each becomes two edges,
// a->b and b->a, side by side; a bond of a node with itself becomes one self
// loop. [Graph.Validate] tells whether the nodes exist.
func Undirected(nodes int, bonds [][2]int) *Graph {
	g := &Graph{Nodes: nodes, Edges: make([]Edge, 0, 2*len(bonds))}
	for _, b := range bonds {
		g.AddBond(b[0], b[1])
	}
	return g
}

// Directed makes a graph of directed edges {from, to}.
func Directed(nodes int, edges [][2]int) *Graph {
	g := &Graph{Nodes: nodes, Edges: make([]Edge, len(edges))}
	for i, e := range edges {
		g.Edges[i] = Edge{e[0], e[1]}
	}
	return g
}

// AddBond appends the edges a->b and b->a (one self loop if a is b), and types,
// if given, to the edge types of both. All bonds of a graph must be given the
// same number of types.
func (g *Graph) AddBond(a, b int, types ...int32) {
	g.Edges = append(g.Edges, Edge{a, b})
	g.EdgeTypes = append(g.EdgeTypes, types...)
	if a != b {
		g.Edges = append(g.Edges, Edge{b, a})
		g.EdgeTypes = append(g.EdgeTypes, types...)
	}
}

// columns is the number of values per row; 0 where there are no rows.
func columns(values, rows int) int {
	if rows <= 0 {
		return 0
	}
	return values / rows
}

// NodeTypeColumns is the number of categorical features per node.
func (g *Graph) NodeTypeColumns() int { return columns(len(g.NodeTypes), g.Nodes) }

// NodeFeatureColumns is the number of real features per node.
func (g *Graph) NodeFeatureColumns() int { return columns(len(g.NodeFeatures), g.Nodes) }

// EdgeTypeColumns is the number of categorical features per edge; 0 for a graph
// without edges, which says nothing about its kind.
func (g *Graph) EdgeTypeColumns() int { return columns(len(g.EdgeTypes), len(g.Edges)) }

// EdgeFeatureColumns is the number of real features per edge; 0 for a graph
// without edges, which says nothing about its kind.
func (g *Graph) EdgeFeatureColumns() int { return columns(len(g.EdgeFeatures), len(g.Edges)) }

// Weight is the weight of edge e, 1 where the graph has no weights.
func (g *Graph) Weight(e int) float32 {
	if len(g.EdgeWeights) == 0 {
		return 1
	}
	return g.EdgeWeights[e]
}

// Degrees gives the weighted out-degree of every node, [nodes]: the row sums of
// the adjacency matrix, which random walks divide by.
func (g *Graph) Degrees() []float32 {
	sum := make([]float64, g.Nodes)
	for e, edge := range g.Edges {
		sum[edge.From] += float64(g.Weight(e))
	}
	d := make([]float32, g.Nodes)
	for i, s := range sum {
		d[i] = float32(s)
	}
	return d
}

// OutDegrees counts the edges that leave each node, [nodes], whatever their weight.
func (g *Graph) OutDegrees() []int {
	d := make([]int, g.Nodes)
	for _, e := range g.Edges {
		d[e.From]++
	}
	return d
}

// InDegrees counts the edges that enter each node, [nodes], whatever their weight.
func (g *Graph) InDegrees() []int {
	d := make([]int, g.Nodes)
	for _, e := range g.Edges {
		d[e.To]++
	}
	return d
}

// Clone copies the graph and everything it holds.
func (g *Graph) Clone() *Graph {
	c := *g
	c.Edges = append([]Edge(nil), g.Edges...)
	c.EdgeWeights = append([]float32(nil), g.EdgeWeights...)
	c.NodeTypes = append([]int32(nil), g.NodeTypes...)
	c.NodeFeatures = append([]float32(nil), g.NodeFeatures...)
	c.EdgeTypes = append([]int32(nil), g.EdgeTypes...)
	c.EdgeFeatures = append([]float32(nil), g.EdgeFeatures...)
	c.Target = append([]float32(nil), g.Target...)
	c.NodeLabels = append([]int32(nil), g.NodeLabels...)
	c.EdgeLabels = append([]int32(nil), g.EdgeLabels...)
	return &c
}

// Permute gives the same graph with other node numbers: node i becomes node
// perm[i]. Edges keep their order, so edge rows stay where they are. It panics
// if perm is not a permutation of 0..Nodes-1.
func (g *Graph) Permute(perm []int) *Graph {
	if len(perm) != g.Nodes {
		panic(fmt.Sprintf("graphs: Permute: %d numbers for %d nodes", len(perm), g.Nodes))
	}
	seen := make([]bool, g.Nodes)
	for i, p := range perm {
		if p < 0 || p >= g.Nodes || seen[p] {
			panic(fmt.Sprintf("graphs: Permute: perm[%d] = %d, expected each of 0..%d once", i, p, g.Nodes-1))
		}
		seen[p] = true
	}
	c := g.Clone()
	for e, edge := range g.Edges {
		c.Edges[e] = Edge{perm[edge.From], perm[edge.To]}
	}
	types, features := g.NodeTypeColumns(), g.NodeFeatureColumns()
	for i, p := range perm {
		copy(c.NodeTypes[p*types:(p+1)*types], g.NodeTypes[i*types:])
		copy(c.NodeFeatures[p*features:(p+1)*features], g.NodeFeatures[i*features:])
		if len(g.NodeLabels) > 0 {
			c.NodeLabels[p] = g.NodeLabels[i]
		}
	}
	return c
}
