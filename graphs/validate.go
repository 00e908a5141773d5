package graphs

import (
	"fmt"
	"math"
)

// Validate reports the first thing that is wrong with the graph as an
// *InvalidError, or nil: it must have a node; edges must join existing nodes, no
// two the same (self loops are edges like others); weights must be positive and
// finite; features finite; type ids not negative; labels not negative but for
// [NoLabel]; targets finite or NaN; and every length must fit the number of nodes
// or edges.
func (g *Graph) Validate() error {
	var s validator
	return s.check(g)
}

// validator is the working memory of Validate, kept by a Batch between steps.
type validator struct {
	start []int32 // [nodes+1] first edge of each node in order
	order []int32 // [edges] edges sorted by From
	seen  []int32 // [nodes] last edge found from the current node to this one, +1
}

func (v *validator) check(g *Graph) error {
	if e := g.checkLengths(); e != nil {
		e.Graph = g.ID
		return e
	}
	if e := v.checkEdges(g); e != nil {
		e.Graph = g.ID
		return e
	}
	if e := g.checkValues(); e != nil {
		e.Graph = g.ID
		return e
	}
	return nil
}

func (g *Graph) checkLengths() *InvalidError {
	if g.Nodes <= 0 {
		return &InvalidError{Field: "nodes", Record: -1, Reason: fmt.Sprintf("an empty graph (%d nodes)", g.Nodes),
			Hint: "leave it out: there is nothing to attend to"}
	}
	if g.Nodes > math.MaxInt32 || len(g.Edges) > math.MaxInt32 {
		return &InvalidError{Field: "nodes", Record: -1,
			Reason: fmt.Sprintf("%d nodes and %d edges are more than 2^31-1", g.Nodes, len(g.Edges)),
			Hint:   "cut the graph into pieces"}
	}
	for _, f := range []struct {
		name         string
		values, rows int
		per          string
	}{
		{"node types", len(g.NodeTypes), g.Nodes, "nodes"},
		{"node features", len(g.NodeFeatures), g.Nodes, "nodes"},
		{"edge types", len(g.EdgeTypes), len(g.Edges), "edges"},
		{"edge features", len(g.EdgeFeatures), len(g.Edges), "edges"},
	} {
		if f.values > 0 && (f.rows == 0 || f.values%f.rows != 0) {
			return &InvalidError{Field: f.name, Record: -1,
				Reason: fmt.Sprintf("%d values do not divide among %d %s", f.values, f.rows, f.per),
				Hint:   "give every one of the " + f.per + " the same number of values"}
		}
	}
	if n := len(g.EdgeWeights); n > 0 && n != len(g.Edges) {
		return &InvalidError{Field: "edge weights", Record: -1,
			Reason: fmt.Sprintf("%d weights for %d edges", n, len(g.Edges)), Hint: "give one weight per edge, or none at all"}
	}
	if n := len(g.EdgeLabels); n > 0 && n != len(g.Edges) {
		return &InvalidError{Field: "edge labels", Record: -1,
			Reason: fmt.Sprintf("%d labels for %d edges", n, len(g.Edges)), Hint: "give one label per edge, or none at all"}
	}
	if n := len(g.NodeLabels); n > 0 && n != g.Nodes {
		return &InvalidError{Field: "node labels", Record: -1,
			Reason: fmt.Sprintf("%d labels for %d nodes", n, g.Nodes), Hint: "give one label per node, or none at all"}
	}
	return nil
}

// checkEdges looks for ends out of range and for duplicates in time and memory
// linear in nodes and edges: edges are counted into rows by From, then each row
// marks the ends it has seen.
func (v *validator) checkEdges(g *Graph) *InvalidError {
	v.start = zeroed(v.start, g.Nodes+1)
	for e, edge := range g.Edges {
		for _, node := range [2]int{edge.From, edge.To} {
			if node < 0 || node >= g.Nodes {
				return &InvalidError{Field: "edge", Record: e,
					Reason: fmt.Sprintf("%d->%d: node %d is out of range, the graph has nodes 0..%d", edge.From, edge.To, node, g.Nodes-1),
					Hint:   "count nodes from 0"}
			}
		}
		v.start[edge.From+1]++
	}
	for i := range g.Nodes {
		v.start[i+1] += v.start[i]
	}
	v.order = zeroed(v.order, len(g.Edges))
	v.seen = zeroed(v.seen, g.Nodes)
	// seen serves as the fill position of each row first, then as the marks.
	for e, edge := range g.Edges {
		v.order[v.start[edge.From]+v.seen[edge.From]] = int32(e)
		v.seen[edge.From]++
	}
	clear(v.seen)
	for i := range g.Nodes {
		row := v.order[v.start[i]:v.start[i+1]]
		for _, e := range row {
			to := g.Edges[e].To
			if first := v.seen[to]; first > 0 {
				return &InvalidError{Field: "edge", Record: int(e),
					Reason: fmt.Sprintf("%d->%d repeats edge %d", i, to, first-1),
					Hint:   "merge parallel edges into one, with the sum of their weights if they have any"}
			}
			v.seen[to] = e + 1
		}
		for _, e := range row {
			v.seen[g.Edges[e].To] = 0
		}
	}
	return nil
}

func (g *Graph) checkValues() *InvalidError {
	for e, w := range g.EdgeWeights {
		if !(w > 0) || w > math.MaxFloat32 {
			return &InvalidError{Field: "edge weight", Record: e, Reason: fmt.Sprintf("%v is not a positive finite number", w),
				Hint: "a walk takes an edge with a probability in proportion to its weight: leave edges of weight 0 out"}
		}
	}
	if e := checkIDs("node type", "node", g.NodeTypes, g.NodeTypeColumns()); e != nil {
		return e
	}
	if e := checkFinite("node feature", "node", g.NodeFeatures, g.NodeFeatureColumns()); e != nil {
		return e
	}
	if e := checkIDs("edge type", "edge", g.EdgeTypes, g.EdgeTypeColumns()); e != nil {
		return e
	}
	if e := checkFinite("edge feature", "edge", g.EdgeFeatures, g.EdgeFeatureColumns()); e != nil {
		return e
	}
	for i, y := range g.Target {
		if math.IsInf(float64(y), 0) {
			return &InvalidError{Field: "target", Record: i, Reason: fmt.Sprintf("%v is not finite", y), Hint: "NaN marks a missing target"}
		}
	}
	if e := checkLabels("node label", g.NodeLabels); e != nil {
		return e
	}
	return checkLabels("edge label", g.EdgeLabels)
}

func checkLabels(field string, labels []int32) *InvalidError {
	for i, c := range labels {
		if c < NoLabel {
			return &InvalidError{Field: field, Record: i, Reason: fmt.Sprintf("%d is negative", c),
				Hint: "count classes from 0; -1 stands for a label that is not given"}
		}
	}
	return nil
}

func checkIDs(field, row string, ids []int32, cols int) *InvalidError {
	for k, id := range ids {
		if id < 0 {
			return &InvalidError{Field: field, Record: k,
				Reason: fmt.Sprintf("%d (%s %d, column %d) is negative", id, row, k/cols, k%cols), Hint: "count ids from 0"}
		}
	}
	return nil
}

func checkFinite(field, row string, values []float32, cols int) *InvalidError {
	for k, x := range values {
		// The exponent bits are all ones for NaN and both infinities.
		if math.Float32bits(x)&0x7f800000 == 0x7f800000 {
			return &InvalidError{Field: field, Record: k,
				Reason: fmt.Sprintf("%v (%s %d, column %d) is not finite", x, row, k/cols, k%cols),
				Hint:   "fill the value in, or leave the graph out"}
		}
	}
	return nil
}

// CheckTypes reports the first type id beyond its vocabulary as an
// *InvalidError. Each vocabulary has one size per type column; nil checks
// nothing. A graph without edges fits every edge vocabulary. The graph must be
// valid.
func (g *Graph) CheckTypes(nodeVocabulary, edgeVocabulary []int) error {
	if nodeVocabulary != nil {
		if e := checkVocabulary("node", g.NodeTypes, g.NodeTypeColumns(), nodeVocabulary); e != nil {
			e.Graph = g.ID
			return e
		}
	}
	if edgeVocabulary != nil && len(g.Edges) > 0 {
		if e := checkVocabulary("edge", g.EdgeTypes, g.EdgeTypeColumns(), edgeVocabulary); e != nil {
			e.Graph = g.ID
			return e
		}
	}
	return nil
}

func checkVocabulary(row string, ids []int32, cols int, sizes []int) *InvalidError {
	if cols != len(sizes) {
		return &InvalidError{Field: row + " types", Record: -1,
			Reason: fmt.Sprintf("%d type ids per %s, expected %d", cols, row, len(sizes)),
			Hint:   "write the features that the model was trained with"}
	}
	for k, id := range ids {
		if size := sizes[k%cols]; int(id) >= size {
			return &InvalidError{Field: row + " type", Record: k,
				Reason: fmt.Sprintf("%d (%s %d, column %d) is beyond the vocabulary of %d (ids 0..%d)", id, row, k/cols, k%cols, size, size-1),
				Hint:   "number types as the training data does"}
		}
	}
	return nil
}

// zeroed gives a slice of n zeros, in the memory of s where it fits.
func zeroed(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	s = s[:n]
	clear(s)
	return s
}
