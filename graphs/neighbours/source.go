package neighbours

import (
	"fmt"
	"sync"

	"github.com/graft-ml/graft/graphs"
)

var _ graphs.Source = (*Source)(nil)

// Source hands out neighbourhoods. It keeps the large graphs, and is safe for concurrent use.
type Source struct {
	options  Options
	large    []*Adjacency
	centres  []centre
	labelled bool
	samplers sync.Pool
}

// centre is the node that an item is about.
type centre struct{ graph, node int32 }

// Labelled returns the neighbourhoods of all labelled nodes of the graphs of a source, in the order of graphs and nodes.
// All graphs are read now and kept. The error is that of the source, of the options, or a *graphs.ItemError that names a
// graph that is not valid or has no labels of nodes.
func Labelled(source graphs.Source, o Options) (*Source, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("neighbours: %w", err)
	}
	s := newSource(o, true)
	for k := range source.Len() {
		g, err := source.Graph(k)
		if err != nil {
			return nil, err
		}
		if err := g.Validate(); err != nil {
			return nil, &graphs.ItemError{Item: k, Graph: g.ID, Err: err}
		}
		if len(g.NodeLabels) == 0 {
			return nil, &graphs.ItemError{Item: k, Graph: g.ID, Err: &graphs.InvalidError{Graph: g.ID, Field: "node labels", Record: -1,
				Reason: "there are none", Hint: "neighbourhoods are those of labelled nodes: give the nodes classes, or leave data.neighbours out"}}
		}
		s.large = append(s.large, NewAdjacency(g))
		for i, label := range g.NodeLabels {
			if label != graphs.NoLabel {
				s.centres = append(s.centres, centre{int32(k), int32(i)})
			}
		}
	}
	return s, nil
}

// Of returns the neighbourhoods of all nodes of a graph, in their order and without labels. The error is that of the
// options or of the graph.
func Of(g *graphs.Graph, o Options) (*Source, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("neighbours: %w", err)
	}
	if err := g.Validate(); err != nil {
		return nil, &graphs.ItemError{Graph: g.ID, Err: err}
	}
	s := newSource(o, false)
	s.large = []*Adjacency{NewAdjacency(g)}
	for i := range g.Nodes {
		s.centres = append(s.centres, centre{0, int32(i)})
	}
	return s, nil
}

func newSource(o Options, labelled bool) *Source {
	return &Source{options: o.WithDefaults(), labelled: labelled, samplers: sync.Pool{New: func() any { return new(sampler) }}}
}

// Len returns the number of neighbourhoods.
func (s *Source) Len() int { return len(s.centres) }

// Centre returns the number of the graph and that of the node in it that item i is about.
func (s *Source) Centre(i int) (graph, node int) {
	s.mustHave(i)
	return int(s.centres[i].graph), int(s.centres[i].node)
}

// Graph returns neighbourhood i, the same at every call. Its ID is that of the large graph, a slash and the number of the
// centre. The error is always nil.
func (s *Source) Graph(i int) (*graphs.Graph, error) {
	s.mustHave(i)
	c := s.centres[i]
	large := s.large[c.graph]
	draw := s.samplers.Get().(*sampler)
	defer s.samplers.Put(draw)
	draw.draw(large, int(c.node), s.options)
	g := draw.induced(large)
	if s.labelled {
		g.NodeLabels = make([]int32, g.Nodes)
		for k := range g.NodeLabels {
			g.NodeLabels[k] = graphs.NoLabel
		}
		g.NodeLabels[0] = large.graph.NodeLabels[c.node]
	}
	return g, nil
}

func (s *Source) mustHave(i int) {
	if i < 0 || i >= len(s.centres) {
		panic(fmt.Sprintf("neighbours: item %d, expected 0..%d", i, len(s.centres)-1))
	}
}
