package graphs

import (
	"fmt"
	"math"
)

// Batch lays graphs end to end: graph g owns the node rows
// Offsets[g]:Offsets[g+1], the edge rows EdgeOffsets[g]:EdgeOffsets[g+1] and the
// pair rows PairOffsets[g]:PairOffsets[g+1]. Its pair (query i, key j), with i
// and j counted within the graph of n nodes, is row PairOffsets[g] + i*n + j.
//
// Everything but Graphs is derived by [Batch.Fill] and is to be read only.
type Batch struct {
	Graphs []*Graph

	Offsets     []int // [graphs+1] node rows
	PairOffsets []int // [graphs+1] pair rows, n*n a graph
	EdgeOffsets []int // [graphs+1] edge rows

	GraphOf      []int32   // [nodes] the graph of each node
	LogDegree    []float32 // [nodes] ln(1 + weight of the edges that leave the node)
	NodeTypes    []int32   // [nodes, NodeTypeColumns]
	NodeFeatures []float32 // [nodes, NodeFeatureColumns]
	NodeLabels   []int32   // [nodes], NoLabel where not given; or empty

	EdgeTypes    []int32   // [edges, EdgeTypeColumns]
	EdgeFeatures []float32 // [edges, EdgeFeatureColumns]
	EdgeLabels   []int32   // [edges], NoLabel where not given; or empty

	Targets []float32 // [graphs, TargetColumns], NaN where missing

	NodeTypeColumns, NodeFeatureColumns int
	EdgeTypeColumns, EdgeFeatureColumns int
	TargetColumns                       int

	valid    validator
	degree   []float64
	edgePair []int32 // see EdgePairs; without elements where it is not made yet
}

// NewBatch lays graphs end to end. The error is an *ItemError that names the
// first graph that is invalid or differs from the others in its number of
// columns, or with which there are too many nodes, or an *InvalidError if there
// are no graphs.
func NewBatch(graphs []*Graph) (*Batch, error) {
	b := new(Batch)
	if err := b.Fill(graphs); err != nil {
		return nil, err
	}
	return b, nil
}

// Len is the number of graphs.
func (b *Batch) Len() int { return len(b.Graphs) }

// Nodes is the number of node rows.
func (b *Batch) Nodes() int { return end(b.Offsets) }

// Pairs is the number of pair rows: the sum of n*n over the graphs. Nothing that a
// Batch holds grows with it; see [Batch.CheckPairs] for what does.
func (b *Batch) Pairs() int { return end(b.PairOffsets) }

// CheckPairs reports whether there are so many pairs that nothing can have a row
// for each: more than 2^31-1. The error is an *ItemError that names the graph with
// which there are.
func (b *Batch) CheckPairs() error {
	for item, g := range b.Graphs {
		if b.PairOffsets[item+1] > math.MaxInt32 {
			return &ItemError{Item: item, Graph: g.ID, Err: &InvalidError{Field: "nodes", Record: -1,
				Reason: fmt.Sprintf("with its %d nodes the batch has more than 2^31-1 node pairs", g.Nodes),
				Hint:   "use a smaller batch or smaller graphs: what is kept of pairs grows with the square of the nodes"}}
		}
	}
	return nil
}

// EdgePairs gives the pair row (query t, key s) of each edge s->t, [edges], for
// models that have features of pairs. They are made by the first call after Fill,
// which must not run beside another. The error is that of [Batch.CheckPairs].
func (b *Batch) EdgePairs() ([]int32, error) {
	if len(b.edgePair) == b.Edges() {
		return b.edgePair, nil
	}
	if err := b.CheckPairs(); err != nil {
		return nil, err
	}
	for item, g := range b.Graphs {
		for _, e := range g.Edges {
			b.edgePair = append(b.edgePair, int32(b.PairOffsets[item]+e.To*g.Nodes+e.From))
		}
	}
	return b.edgePair, nil
}

// Edges is the number of edge rows.
func (b *Batch) Edges() int { return end(b.EdgeOffsets) }

// end is the last offset; 0 for a Batch that was never filled.
func end(offsets []int) int {
	if len(offsets) == 0 {
		return 0
	}
	return offsets[len(offsets)-1]
}

// Fill replaces the contents by the given graphs and reuses the memory, so that
// a training loop that keeps its Batch allocates next to nothing. After an error
// (those of [NewBatch]) the batch is empty.
func (b *Batch) Fill(graphs []*Graph) error {
	b.reset()
	err := b.fill(graphs)
	if err != nil {
		b.reset()
	}
	return err
}

func (b *Batch) reset() {
	clear(b.Graphs) // let go of the graphs of the last step
	*b = Batch{
		Graphs:      b.Graphs[:0],
		Offsets:     append(b.Offsets[:0], 0),
		PairOffsets: append(b.PairOffsets[:0], 0),
		EdgeOffsets: append(b.EdgeOffsets[:0], 0),
		GraphOf:     b.GraphOf[:0], LogDegree: b.LogDegree[:0],
		NodeTypes: b.NodeTypes[:0], NodeFeatures: b.NodeFeatures[:0], NodeLabels: b.NodeLabels[:0],
		EdgeTypes: b.EdgeTypes[:0], EdgeFeatures: b.EdgeFeatures[:0], EdgeLabels: b.EdgeLabels[:0],
		Targets: b.Targets[:0],
		valid:   b.valid, degree: b.degree, edgePair: b.edgePair[:0],
	}
}

func (b *Batch) fill(graphs []*Graph) error {
	if len(graphs) == 0 {
		return &InvalidError{Field: "batch", Record: -1, Reason: "no graphs", Hint: "give at least one"}
	}
	edged := -1 // first item with edges: it decides the edge columns
	nodes := 0
	for item, g := range graphs {
		if g == nil {
			return &ItemError{Item: item, Err: &InvalidError{Field: "graph", Record: -1, Reason: "nil"}}
		}
		if err := b.valid.check(g); err != nil {
			return &ItemError{Item: item, Graph: g.ID, Err: err}
		}
		if edged < 0 && len(g.Edges) > 0 {
			edged = item
		}
		if g.Nodes > math.MaxInt32-nodes {
			return &ItemError{Item: item, Graph: g.ID, Err: &InvalidError{Field: "nodes", Record: -1,
				Reason: fmt.Sprintf("with its %d nodes the batch has more than 2^31-1", g.Nodes),
				Hint:   "use a smaller batch"}}
		}
		nodes += g.Nodes
		if err := sameKind(graphs, item, edged); err != nil {
			return &ItemError{Item: item, Graph: g.ID, Err: err}
		}
	}
	first := graphs[0]
	b.NodeTypeColumns, b.NodeFeatureColumns = first.NodeTypeColumns(), first.NodeFeatureColumns()
	b.TargetColumns = len(first.Target)
	if edged >= 0 {
		b.EdgeTypeColumns, b.EdgeFeatureColumns = graphs[edged].EdgeTypeColumns(), graphs[edged].EdgeFeatureColumns()
	}
	for item, g := range graphs {
		b.append(int32(item), g)
	}
	return nil
}

// sameKind compares one item with the first item, and its edges with the first
// item that has any.
func sameKind(graphs []*Graph, item, edged int) error {
	g, edges := graphs[item], graphs[0]
	if edged >= 0 {
		edges = graphs[edged]
	}
	d := differ(g, graphs[0], edges)
	if d.field == "" {
		return nil
	}
	other := 0
	if d.ofEdges {
		other = edged
	}
	return d.error(g, fmt.Sprintf("item %d", other))
}

// SameKind reports as an *InvalidError that g has another number of columns of
// features, types or targets than as, so that no batch can hold both. A graph
// without edges is of the same kind as one with any edge features.
func (g *Graph) SameKind(as *Graph) error {
	d := differ(g, as, as)
	if d.field == "" {
		return nil
	}
	return d.error(g, fmt.Sprintf("graph %q", as.ID))
}

// difference is a field in which two graphs have different numbers of columns.
type difference struct {
	field     string // "" for none
	got, want int
	ofEdges   bool
}

func (d difference) error(g *Graph, other string) error {
	return &InvalidError{Graph: g.ID, Field: d.field, Record: -1,
		Reason: fmt.Sprintf("%d columns, but %s has %d", d.got, other, d.want),
		Hint:   "all graphs must have the same kinds of features and targets"}
}

// differ compares nodes and targets of g with one graph and edges with another.
func differ(g, nodes, edges *Graph) difference {
	compared := [7]difference{
		{"node types", g.NodeTypeColumns(), nodes.NodeTypeColumns(), false},
		{"node features", g.NodeFeatureColumns(), nodes.NodeFeatureColumns(), false},
		{"targets", len(g.Target), len(nodes.Target), false},
		{"node labels", min(len(g.NodeLabels), 1), min(len(nodes.NodeLabels), 1), false},
	}
	if len(g.Edges) > 0 && len(edges.Edges) > 0 {
		compared[4] = difference{"edge types", g.EdgeTypeColumns(), edges.EdgeTypeColumns(), true}
		compared[5] = difference{"edge features", g.EdgeFeatureColumns(), edges.EdgeFeatureColumns(), true}
		compared[6] = difference{"edge labels", min(len(g.EdgeLabels), 1), min(len(edges.EdgeLabels), 1), true}
	}
	for _, d := range compared {
		if d.got != d.want {
			return d
		}
	}
	return difference{}
}

func (b *Batch) append(item int32, g *Graph) {
	b.Graphs = append(b.Graphs, g)
	last := len(b.Graphs) - 1
	b.Offsets = append(b.Offsets, b.Offsets[last]+g.Nodes)
	b.PairOffsets = append(b.PairOffsets, b.PairOffsets[last]+g.Nodes*g.Nodes)
	b.EdgeOffsets = append(b.EdgeOffsets, b.EdgeOffsets[last]+len(g.Edges))

	if cap(b.degree) < g.Nodes {
		b.degree = make([]float64, g.Nodes)
	}
	degree := b.degree[:g.Nodes]
	clear(degree)
	for e, edge := range g.Edges {
		degree[edge.From] += float64(g.Weight(e))
	}
	for _, d := range degree {
		b.GraphOf = append(b.GraphOf, item)
		b.LogDegree = append(b.LogDegree, float32(math.Log1p(d)))
	}
	b.NodeTypes = append(b.NodeTypes, g.NodeTypes...)
	b.NodeFeatures = append(b.NodeFeatures, g.NodeFeatures...)
	b.NodeLabels = append(b.NodeLabels, g.NodeLabels...)
	b.EdgeTypes = append(b.EdgeTypes, g.EdgeTypes...)
	b.EdgeFeatures = append(b.EdgeFeatures, g.EdgeFeatures...)
	b.EdgeLabels = append(b.EdgeLabels, g.EdgeLabels...)
	b.Targets = append(b.Targets, g.Target...)
}
