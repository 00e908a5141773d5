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
	null     [][]float64
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
	l.null = l.nullSpace()
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

// Null returns an orthonormal basis of the vectors that L makes zero, one for each part of the graph that no path joins
// to the others; normalised, parts of a single node do not count. The first is the trivial vector, constant or as D^1/2.
// The others set one part against those after it, the parts in order of their size and then of their first node. The
// vectors are the Laplacian's own.
func (l *Laplacian) Null() [][]float64 { return l.null }

func (l *Laplacian) nullSpace() [][]float64 {
	n := l.Nodes
	part, sizes := l.parts()
	base := make([]float64, n) // what all null vectors are multiples of, part by part
	for i := range base {
		if base[i] = 1; l.Normalised {
			base[i] = math.Sqrt(l.Degree[i])
		}
	}
	order := make([]int, 0, len(sizes))
	mass, left := make([]float64, len(sizes)), 0.0
	for i, p := range part {
		mass[p] += base[i] * base[i]
	}
	for p, m := range mass {
		if left += m; m > 0 {
			order = append(order, p)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return sizes[b] - sizes[a] })
	var null [][]float64
	add := func(of func(part int) float64) {
		v, norm := make([]float64, n), 0.0
		for i := range v {
			v[i] = base[i] * of(part[i])
			norm = math.Hypot(norm, v[i])
		}
		for i := range v {
			v[i] /= norm
		}
		null = append(null, v)
	}
	if len(order) == 0 {
		return nil
	}
	add(func(int) float64 { return 1 })
	rank := make([]int, len(sizes))
	for r, p := range order {
		rank[p] = r
	}
	for r, p := range order[:len(order)-1] {
		left -= mass[p]
		add(func(q int) float64 {
			switch {
			case q == p:
				return 1 / mass[p]
			case rank[q] > r:
				return -1 / left
			}
			return 0
		})
	}
	return null
}

// parts numbers the parts of the graph in order of their first nodes, and returns the part of each node and the number
// of nodes of each part.
func (l *Laplacian) parts() (part, sizes []int) {
	part = make([]int, l.Nodes)
	for i := range part {
		part[i] = -1
	}
	var queue []int
	for first := range part {
		if part[first] >= 0 {
			continue
		}
		queue = append(queue[:0], first)
		part[first] = len(sizes)
		for k := 0; k < len(queue); k++ {
			i := queue[k]
			for _, j := range l.to[l.start[i]:l.start[i+1]] {
				if part[j] < 0 {
					part[j] = len(sizes)
					queue = append(queue, int(j))
				}
			}
		}
		sizes = append(sizes, len(queue))
	}
	return part, sizes
}
