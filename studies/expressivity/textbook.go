package expressivity

import (
	"context"
	"math/bits"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// textbook gives pairs on which the tests part, each a category of its own:
//
//	              wl  rwse  spd  rrwp  wl2
//	hexagon           x     x    x     x    a ring of six, two of three
//	decalin           x     x    x     x    two rings of six with a common bond, two of five and a bond between them
//	skip              x     x    x     x    rings of 41 with links over 2, over 3
//	dodecahedron      x          x     x    the dodecahedron, the Desargues graph: as many nodes at every distance
//	ladder                       x     x    CFI graphs over a ladder of three rungs: only pairs of nodes tell
//	fan                                x    CFI graphs over a fan of five nodes: only triples tell
//	rook                                    the rook's graph on a 4 x 4 board, the Shrikhande graph: both srg(16,6,2,2)
func textbook(context.Context, datasets.Options) (*Set, error) {
	s := new(Set)
	add := func(name string, a, b *graphs.Graph) {
		a.ID, b.ID = name+"/a", name+"/b"
		for _, g := range []*graphs.Graph{a, b} {
			g.NodeTypes = make([]int32, g.Nodes)
		}
		s.Pairs = append(s.Pairs, Pair{Category: name, A: len(s.Graphs), B: len(s.Graphs) + 1})
		s.Graphs = append(s.Graphs, a, b)
	}
	add("hexagon", circulant(6, 1), circulant(6, 2))
	add("decalin", decalin(), bicyclopentyl())
	add("skip", circulant(41, 1, 2), circulant(41, 1, 3))
	add("dodecahedron", petersen(10, 2), petersen(10, 3))
	ladder := [][2]int{{0, 1}, {2, 3}, {4, 5}, {0, 2}, {2, 4}, {1, 3}, {3, 5}}
	add("ladder", cfi(ladder, false), cfi(ladder, true))
	fan := [][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {2, 3}, {3, 4}}
	add("fan", cfi(fan, false), cfi(fan, true))
	add("rook", rook(4), shrikhande())
	return s, nil
}

// circulant is a ring of n nodes in which nodes are joined that are so many places apart.
func circulant(n int, skips ...int) *graphs.Graph {
	g := &graphs.Graph{Nodes: n}
	for _, skip := range skips {
		for i := range n {
			g.AddBond(i, (i+skip)%n)
		}
	}
	return g
}

// decalin is two rings of six with a common bond.
func decalin() *graphs.Graph {
	g := circulant(10, 1)
	g.AddBond(0, 5)
	return g
}

// bicyclopentyl is two rings of five and a bond between them.
func bicyclopentyl() *graphs.Graph {
	g := &graphs.Graph{Nodes: 10}
	for i := range 5 {
		g.AddBond(i, (i+1)%5)
		g.AddBond(5+i, 5+(i+1)%5)
	}
	g.AddBond(0, 5)
	return g
}

// petersen is the generalised Petersen graph: a ring of n nodes, each joined to one of n others, which are joined to
// those skip places on. (10, 2) is the dodecahedron and (10, 3) the Desargues graph; both have 1, 3, 6, 6, 3 and 1 nodes
// at distances 0 to 5 from any node.
func petersen(n, skip int) *graphs.Graph {
	g := &graphs.Graph{Nodes: 2 * n}
	for i := range n {
		g.AddBond(i, (i+1)%n)
		g.AddBond(i, n+i)
		g.AddBond(n+i, n+(i+skip)%n)
	}
	return g
}

// rook joins the squares of a board that a rook's move joins.
func rook(n int) *graphs.Graph {
	g := &graphs.Graph{Nodes: n * n}
	for a := range n * n {
		for b := range a {
			if a/n == b/n || a%n == b%n {
				g.AddBond(a, b)
			}
		}
	}
	return g
}

// shrikhande is the other strongly regular graph with the parameters of the rook's graph of a 4 x 4 board: squares of a
// torus are joined to the next in their row, in their column and on one diagonal.
func shrikhande() *graphs.Graph {
	g := &graphs.Graph{Nodes: 16}
	for a := range 16 {
		for _, step := range [][2]int{{0, 1}, {1, 0}, {1, 1}} {
			g.AddBond(a, (a/4+step[0])%4*4+(a%4+step[1])%4)
		}
	}
	return g
}

// cfi is the graph of Cai, Fürer and Immerman (1992) over a base, in the form without nodes for edges: a node for every
// base node v and every even set of its edges, and a bond between sets of the two ends of a base edge if both have it or
// neither. In the twisted graph the first edge joins those of which one has it.
func cfi(base [][2]int, twisted bool) *graphs.Graph {
	type part struct{ node, edges int } // edges as bits
	var parts []part
	nodes := 0
	for _, e := range base {
		nodes = max(nodes, e[0]+1, e[1]+1)
	}
	for v := range nodes {
		own := 0
		for k, e := range base {
			if e[0] == v || e[1] == v {
				own |= 1 << k
			}
		}
		for set := range own + 1 {
			if set&^own == 0 && bits.OnesCount(uint(set))%2 == 0 {
				parts = append(parts, part{v, set})
			}
		}
	}
	g := &graphs.Graph{Nodes: len(parts)}
	for k, e := range base {
		for a, p := range parts {
			for b, q := range parts {
				if p.node == e[0] && q.node == e[1] && ((p.edges^q.edges)>>k&1 == 1) == (twisted && k == 0) {
					g.AddBond(a, b)
				}
			}
		}
	}
	return g
}
