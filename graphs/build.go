package graphs

import (
	"fmt"
	"slices"
)

// build turns what a line lists into nodes and directed edges. Lengths that the
// lists must share are compared here, everything else as [Graph.Validate] does.
func (r *Reader) build(g *Graph, l *listed) error {
	nodes, from := -1, ""
	for _, c := range []struct {
		key string
		n   int
	}{{`"n"`, l.nodes}, {`"x"`, l.rowsX}, {`"xt"`, l.rowsT}} {
		switch {
		case c.n < 0:
			continue
		case nodes >= 0 && c.n != nodes:
			return &InvalidError{Field: "nodes", Record: -1,
				Reason: fmt.Sprintf("%s has %d nodes, %s has %d", from, nodes, c.key, c.n), Hint: "make them agree"}
		}
		nodes, from = c.n, c.key
	}
	limit := r.MaxNodes
	if limit == 0 {
		limit = 1_000_000
	}
	switch {
	case from == "":
		return &InvalidError{Field: "nodes", Record: -1, Reason: `neither "x" nor "n"`,
			Hint: `give node features in "x", or the number of nodes in "n"`}
	case nodes > limit:
		return &InvalidError{Field: "nodes", Record: -1, Reason: fmt.Sprintf("%d nodes, the limit is %d", nodes, limit),
			Hint: "raise Reader.MaxNodes if the graph is meant to be that large"}
	}
	g.Nodes = nodes
	if n := len(l.weights); n > 0 && n != l.bonds {
		return &InvalidError{Field: "edge weights", Record: -1,
			Reason: fmt.Sprintf("%d weights for %d listed edges", n, l.bonds), Hint: `give one in "w" per edge in "e"`}
	}
	if l.featureRows > 0 && l.featureRows != l.bonds {
		return &InvalidError{Field: "edge features", Record: -1,
			Reason: fmt.Sprintf("%d rows for %d listed edges", l.featureRows, l.bonds), Hint: `give one row in "ef" per edge in "e"`}
	}
	if n := len(l.labels); n > 0 && n != l.bonds {
		return &InvalidError{Field: "edge labels", Record: -1,
			Reason: fmt.Sprintf("%d labels for %d listed edges", n, l.bonds), Hint: `give one in "el" per edge in "e"`}
	}
	// The edges are checked as they are listed, so that messages count them as
	// the file does.
	r.listEdges(g, l)
	if err := r.valid.check(g); err != nil {
		return err
	}
	if err := g.CheckTypes(r.NodeVocabulary, r.EdgeVocabulary); err != nil {
		return err
	}
	if l.directed || l.bonds == 0 {
		return nil
	}
	listed := g.Edges
	bothDirections(g)
	if r.valid.checkEdges(g) == nil {
		return nil
	}
	first := make(map[Edge]int, len(listed))
	for b, e := range listed {
		if a, ok := first[Edge{e.To, e.From}]; ok && e.From != e.To {
			return &InvalidError{Field: "edge", Record: b,
				Reason: fmt.Sprintf("%d-%d repeats edge %d the other way round", e.From, e.To, a),
				Hint:   `list each undirected edge once, or say "directed": true`}
		}
		first[e] = b
	}
	panic("graphs: Reader: both directions of distinct edges repeat, yet none is listed both ways")
}

// listEdges gives the graph the edges of the line as they stand there.
func (r *Reader) listEdges(g *Graph, l *listed) {
	if l.bonds == 0 {
		return
	}
	g.Edges = make([]Edge, l.bonds)
	if l.cols > 2 {
		g.EdgeTypes = make([]int32, 0, l.bonds*(l.cols-2))
	}
	for b := range g.Edges {
		row := r.bonds[b*l.cols : (b+1)*l.cols]
		g.Edges[b] = Edge{int(row[0]), int(row[1])}
		g.EdgeTypes = append(g.EdgeTypes, row[2:]...)
	}
	g.EdgeWeights, g.EdgeFeatures, g.EdgeLabels = l.weights, l.features, l.labels
}

// bothDirections follows every edge but self loops by its reverse, which has the
// same weight, features and label.
func bothDirections(g *Graph) {
	one := *g
	types, features := one.EdgeTypeColumns(), one.EdgeFeatureColumns()
	n := len(one.Edges)
	g.Edges = make([]Edge, 0, 2*n)
	g.EdgeTypes = slices.Grow([]int32(nil), 2*n*types)
	g.EdgeFeatures = slices.Grow([]float32(nil), 2*n*features)
	g.EdgeWeights = slices.Grow([]float32(nil), 2*len(one.EdgeWeights))
	g.EdgeLabels = slices.Grow([]int32(nil), 2*len(one.EdgeLabels))
	for e, edge := range one.Edges {
		directions := [2]Edge{edge, {edge.To, edge.From}}
		kept := directions[:]
		if edge.From == edge.To {
			kept = directions[:1]
		}
		for _, d := range kept {
			g.Edges = append(g.Edges, d)
			g.EdgeTypes = append(g.EdgeTypes, one.EdgeTypes[e*types:(e+1)*types]...)
			g.EdgeFeatures = append(g.EdgeFeatures, one.EdgeFeatures[e*features:(e+1)*features]...)
			if len(one.EdgeWeights) > 0 {
				g.EdgeWeights = append(g.EdgeWeights, one.EdgeWeights[e])
			}
			if len(one.EdgeLabels) > 0 {
				g.EdgeLabels = append(g.EdgeLabels, one.EdgeLabels[e])
			}
		}
	}
}
