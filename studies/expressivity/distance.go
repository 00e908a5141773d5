package expressivity

import (
	"context"

	"github.com/graft-ml/graft/graphs"
)

// Walks is the test that bounds what GRIT tells apart: GD-WL, colour refinement with a generalised distance (Zhang and
// others, "Rethinking the Expressive Power of GNNs via Graph Biconnectivity", ICLR 2023, section 4), which here is the
// vector of random-walk probabilities R of GRIT (encodings.RRWP),
//
//	c_i <- hash(c_i, {{ (R[i,j], e_ji, c_j) : j }}),
//
// over all nodes j, i included. A node begins with its types and features, R[i,i] and its degree, e_ji is the edge from
// j to i: all that GRIT is given. A pair of GRIT is updated from itself and its two nodes, never from a third one, so
// whatever a layer computes is a function of these colours, and graphs of equal colour have equal outputs.
type Walks struct {
	// Steps is the number of channels of R, walks of length 0 to Steps-1; 0 means [DefaultSteps].
	Steps int
}

// Sign gives the graph's colour. The error is that of ctx.
func (w Walks) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	n := g.Nodes
	pair := make([]uint64, n*n)
	walks(g, steps(w.Steps), func(power []uint64) {
		for at, p := range power {
			pair[at] = join(pair[at], p)
		}
	})
	colour := nodeColours(g)
	for i, d := range degrees(g) {
		colour[i] = join(join(colour[i], d), pair[i*n+i])
	}
	return refinePairs(ctx, g, colour, pair)
}

// Distances is GD-WL with shortest-path distances, counted in edges from i to j: the bound of Graphormer (Ying and
// others, NeurIPS 2021), and of GRIT with grit.Config.ShortestPaths.
type Distances struct{}

// Sign gives the graph's colour. The error is that of ctx.
func (Distances) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	colour := nodeColours(g)
	for i, d := range degrees(g) {
		colour[i] = join(colour[i], d)
	}
	return refinePairs(ctx, g, colour, shortest(g))
}

// refinePairs does the rounds of GD-WL from given colours of the nodes and of what each pair [n, n] is told.
func refinePairs(ctx context.Context, g *graphs.Graph, colour, pair []uint64) (Signature, error) {
	n := g.Nodes
	for e, c := range edgeColours(g) {
		at := g.Edges[e].To*n + g.Edges[e].From
		pair[at] = join(pair[at], c)
	}
	return refine(ctx, colour, func(next, now []uint64) {
		for i := range n {
			sum := uint64(0)
			for j, p := range pair[i*n : (i+1)*n] {
				sum += join(p, now[j])
			}
			next[i] = join(now[i], sum)
		}
	})
}

// shortest gives the distance from i to j plus one, 0 where there is no path, [n, n].
func shortest(g *graphs.Graph) []uint64 {
	n := g.Nodes
	to := make([][]int, n)
	for _, e := range g.Edges {
		to[e.From] = append(to[e.From], e.To)
	}
	all := make([]uint64, n*n)
	var queue []int
	for i := range n {
		from := all[i*n : (i+1)*n]
		from[i] = 1
		for queue = append(queue[:0], i); len(queue) > 0; queue = queue[1:] {
			for _, j := range to[queue[0]] {
				if from[j] == 0 {
					from[j] = from[queue[0]] + 1
					queue = append(queue, j)
				}
			}
		}
	}
	return all
}
