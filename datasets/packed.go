package datasets

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/graft-ml/graft/graphs"
)

var _ Source = (*packed)(nil)

// packed holds undirected graphs in about a byte a node and three a bond and
// makes each when it is asked for. 41,127 molecules with nine features an atom
// take 100 MB as graphs; here they take 8.
type packed struct {
	data   []byte
	starts []int // [graphs] where each begins
	// nodes and bonds give the type ids of a class; nil where the class is the id,
	// or where there are no types (see untyped).
	nodes, bonds [][]int32
	untyped      bool // bonds have no class
}

// add appends a graph whose edges are bonds, both directions side by side, and
// whose types are one column of classes. The ID must be a number.
func (p *packed) add(g *graphs.Graph, id uint64) {
	p.starts = append(p.starts, len(p.data))
	b := binary.AppendUvarint(p.data, id)
	b = binary.AppendUvarint(b, uint64(g.Nodes))
	for _, c := range g.NodeTypes {
		b = binary.AppendUvarint(b, uint64(c))
	}
	b = binary.AppendUvarint(b, uint64(len(g.Edges)/2))
	for e := 0; e < len(g.Edges); e += 2 {
		edge := g.Edges[e]
		b = binary.AppendUvarint(b, uint64(edge.From))
		b = binary.AppendVarint(b, int64(edge.To-edge.From)) // neighbours are near in molecules
		if !p.untyped {
			b = binary.AppendUvarint(b, uint64(g.EdgeTypes[e]))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(g.Target)))
	for _, y := range g.Target {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(y))
	}
	p.data = b
}

// packable tells what keeps a graph out: a self loop, or directed edges.
func packable(g *graphs.Graph) string {
	for e := 0; e < len(g.Edges); e += 2 {
		edge := g.Edges[e]
		if edge.From == edge.To {
			return fmt.Sprintf("node %d has an edge to itself", edge.From)
		}
		if e+1 == len(g.Edges) || g.Edges[e+1] != (graphs.Edge{From: edge.To, To: edge.From}) {
			return fmt.Sprintf("the edge %d->%d has no reverse", edge.From, edge.To)
		}
	}
	return ""
}

// Len is the number of graphs.
func (p *packed) Len() int { return len(p.starts) }

// Graph makes graph i; the error is always nil.
func (p *packed) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, len(p.starts))
	b := p.data[p.starts[i]:]
	next := func() int {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return int(v)
	}
	g := &graphs.Graph{ID: strconv.Itoa(next()), Nodes: next()}
	g.NodeTypes = make([]int32, 0, g.Nodes*max(1, width(p.nodes)))
	for range g.Nodes {
		g.NodeTypes = appendTypes(g.NodeTypes, p.nodes, next())
	}
	n := next()
	g.Edges = make([]graphs.Edge, 0, 2*n)
	if !p.untyped {
		g.EdgeTypes = make([]int32, 0, 2*n*max(1, width(p.bonds)))
	}
	for range n {
		u := next()
		d, k := binary.Varint(b)
		b = b[k:]
		v := u + int(d)
		g.Edges = append(g.Edges, graphs.Edge{From: u, To: v}, graphs.Edge{From: v, To: u})
		if !p.untyped {
			class := next()
			g.EdgeTypes = appendTypes(appendTypes(g.EdgeTypes, p.bonds, class), p.bonds, class)
		}
	}
	if n := next(); n > 0 {
		g.Target = make([]float32, n)
		for k := range g.Target {
			g.Target[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
		}
	}
	return g, nil
}

func appendTypes(types []int32, classes [][]int32, class int) []int32 {
	if classes == nil {
		return append(types, int32(class))
	}
	return append(types, classes[class]...)
}

// width is the number of type columns of a table of classes.
func width(classes [][]int32) int {
	if len(classes) == 0 {
		return 0
	}
	return len(classes[0])
}

var _ Source = picked{}

// picked is some graphs of a source, in an order of its own.
type picked struct {
	source Source
	items  []int32
}

// Len is the number of graphs.
func (p picked) Len() int { return len(p.items) }

// Graph gives graph i of those picked.
func (p picked) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, len(p.items))
	return p.source.Graph(int(p.items[i]))
}

// cut makes the three splits of a source.
func cut(source Source, s *split3) *Set {
	return &Set{Train: picked{source, s.Train}, Val: picked{source, s.Val}, Test: picked{source, s.Test}}
}

// expectIDs compares the IDs of all graphs with what they should be.
func (p *packed) expectIDs(path string, want []int32) error {
	if p.Len() != len(want) {
		return notPublished(path, 0, "%d graphs, expected %d", p.Len(), len(want))
	}
	for i, at := range p.starts {
		if id, _ := binary.Uvarint(p.data[at:]); id != uint64(want[i]) {
			return notPublished(path, 0, "graph %d has the id %d, expected %d", i, id, want[i])
		}
	}
	return nil
}
