package expressivity

import (
	"context"

	"github.com/graft-ml/graft/graphs"
)

// WL is colour refinement, the 1-dimensional Weisfeiler-Leman test: a node's new colour is its old one and the multiset
// of those of its neighbours,
//
//	c_i <- hash(c_i, {{ (e_ij, c_j) : j next to i }}),
//
// until no class of nodes is split any more. Message passing networks tell no graphs apart that it does not (Xu and
// others, "How Powerful are Graph Neural Networks?", ICLR 2019, lemma 2). Edges count with their weights, types and
// features, those that leave a node apart from those that enter it.
type WL struct{}

// Sign gives the graph's colour. The error is that of ctx.
func (WL) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	return refineNodes(ctx, g, nodeColours(g))
}

// refineNodes does the rounds of WL from given colours of the nodes.
func refineNodes(ctx context.Context, g *graphs.Graph, colour []uint64) (Signature, error) {
	edge := edgeColours(g)
	return refine(ctx, colour, func(next, now []uint64) {
		for i, c := range now {
			next[i] = join(c, 2)
		}
		for e, ends := range g.Edges {
			next[ends.From] += join(now[ends.To], edge[e])
			next[ends.To] += join(edge[e], now[ends.From])
		}
		for i := range next {
			next[i] = join(next[i], 3)
		}
	})
}

// Returns is WL that starts from the probabilities of a random walk to be back at each node after 0, 1, ..., Steps-1
// steps: what a message passing network sees with the encoding RWSE of encodings, whose walks are one step longer.
type Returns struct {
	// Steps is the number of walk lengths, 0 included; 0 means [DefaultSteps].
	Steps int
}

// Sign gives the graph's colour. The error is that of ctx.
func (r Returns) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	colour := nodeColours(g)
	n := g.Nodes
	walks(g, steps(r.Steps), func(power []uint64) {
		for i := range colour {
			colour[i] = join(colour[i], power[i*n+i])
		}
	})
	return refineNodes(ctx, g, colour)
}

// Folklore is colour refinement of pairs of nodes, the folklore 2-dimensional Weisfeiler-Leman test, which tells the
// same graphs apart as the 3-dimensional one in the other way of counting:
//
//	c_ij <- hash(c_ij, {{ (c_ik, c_kj) : k }}),
//
// where c_ij begins with the nodes' types and features, the edges between them, and whether they are the same node. A
// round takes n^3 steps, 8 million for the largest graphs of BREC.
type Folklore struct{}

// Sign gives the graph's colour. The error is that of ctx.
func (Folklore) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	n, node := g.Nodes, nodeColours(g)
	colour := make([]uint64, n*n)
	edge := edgeColours(g)
	for e, ends := range g.Edges {
		colour[ends.From*n+ends.To] += join(4, edge[e])
		colour[ends.To*n+ends.From] += join(5, edge[e])
	}
	for i := range n {
		for j := range n {
			c := join(join(colour[i*n+j], node[i]), node[j])
			if i == j {
				c = join(c, 6)
			}
			colour[i*n+j] = c
		}
	}
	into := make([]uint64, n*n) // the colours of a round transposed, so that both of a pair lie in a row
	return refine(ctx, colour, func(next, now []uint64) {
		for i := range n {
			for j := range n {
				into[j*n+i] = now[i*n+j]
			}
		}
		for i := range n {
			from := now[i*n : (i+1)*n]
			for j := range n {
				sum, to := uint64(0), into[j*n:(j+1)*n]
				for k, c := range from {
					sum += join(c, to[k])
				}
				next[i*n+j] = join(from[j], sum)
			}
		}
	})
}
