package spectra

import (
	"math"
	"slices"

	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/mat"
)

// Laplacian is the Laplacian matrix of a graph, L = D - A, or normalised I - D^-1/2 A D^-1/2. Edges count in both
// directions, of two with different weights the larger; self loops do not count. D is the diagonal of the sums of A.
//
// Normalised, a node without edges has 1 on the diagonal, as a graph of its own that has the eigenvalue 1.
type Laplacian struct {
	Nodes      int
	Normalised bool
	Degree     []float64 // [nodes] the diagonal of D

	start    []int     // [nodes+1] entries of A of each row
	to       []int32   // their columns, ascending
	weight   []float64 // what L has there, which is negative
	diagonal []float64 // [nodes] of L

	part []int     // [nodes] the part of each node, in order of their first nodes
	base []float64 // [nodes] what the null vectors are multiples of, part by part
	mass []float64 // [parts] sum of the squares of base
	null []int     // the parts that have a null vector, the largest first
}

// New returns the Laplacian of a valid graph.
func New(g *graphs.Graph, normalised bool) *Laplacian {
	n := g.Nodes
	l := &Laplacian{Nodes: n, Normalised: normalised, Degree: make([]float64, n), diagonal: make([]float64, n), start: make([]int, n+1)}
	l.link(g)
	for i := range n {
		for _, w := range l.weight[l.start[i]:l.start[i+1]] {
			l.Degree[i] += w
		}
	}
	for i := range n {
		l.diagonal[i] = l.Degree[i]
		if normalised {
			l.diagonal[i] = 1
		}
		for e := l.start[i]; e < l.start[i+1]; e++ {
			if l.weight[e] = -l.weight[e]; normalised {
				l.weight[e] /= math.Sqrt(l.Degree[i] * l.Degree[l.to[e]])
			}
		}
	}
	l.findParts()
	return l
}

// link fills the rows with the edges of both directions, each once.
func (l *Laplacian) link(g *graphs.Graph) {
	type entry struct {
		from, to int32
		weight   float64
	}
	entries := make([]entry, 0, 2*len(g.Edges))
	for e, edge := range g.Edges {
		if edge.From != edge.To {
			a, b, w := int32(edge.From), int32(edge.To), float64(g.Weight(e))
			entries = append(entries, entry{a, b, w}, entry{b, a, w})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(a.to - b.to)
	})
	for k, e := range entries {
		if k > 0 && e.from == entries[k-1].from && e.to == entries[k-1].to {
			last := len(l.to) - 1
			l.weight[last] = max(l.weight[last], e.weight)
			continue
		}
		l.to, l.weight = append(l.to, e.to), append(l.weight, e.weight)
		l.start[e.from+1]++
	}
	for i := range l.Nodes {
		l.start[i+1] += l.start[i]
	}
}

// Matrix returns L in full.
func (l *Laplacian) Matrix() *mat.SymDense {
	m := mat.NewSymDense(l.Nodes, nil)
	for i := range l.Nodes {
		m.SetSym(i, i, l.diagonal[i])
		for e := l.start[i]; e < l.start[i+1]; e++ {
			m.SetSym(i, int(l.to[e]), l.weight[e])
		}
	}
	return m
}

// bound returns a number that no eigenvalue exceeds.
func (l *Laplacian) bound() float64 {
	if l.Normalised {
		return 2
	}
	return max(2*slices.Max(l.Degree), 1)
}
