package spectra

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Nullity is the number of eigenvalues that are 0: that of the parts of the graph that no path joins; normalised, parts of
// a single node do not count.
func (l *Laplacian) Nullity() int { return len(l.null) }

// Null returns an orthonormal basis of the first k vectors, or of all where there are fewer, that L makes zero. The first
// is the trivial vector, constant or as D^1/2. Each other one sets one part against those after it, the parts in order of
// their size and then of their first node.
func (l *Laplacian) Null(k int) [][]float64 {
	if k = min(k, len(l.null)); k <= 0 {
		return nil
	}
	left := 0.0
	rank := make([]int, len(l.mass))
	for r, p := range l.null {
		rank[p] = r
		left += l.mass[p]
	}
	vectors := [][]float64{l.vector(func(int) float64 { return 1 })}
	for r, p := range l.null[:k-1] {
		left -= l.mass[p]
		vectors = append(vectors, l.vector(func(q int) float64 {
			switch {
			case q == p:
				return 1 / l.mass[p]
			case rank[q] > r:
				return -1 / left
			}
			return 0
		}))
	}
	return vectors
}

// vector returns the unit vector that is a multiple of base on each part.
func (l *Laplacian) vector(of func(part int) float64) []float64 {
	v, norm := make([]float64, l.Nodes), 0.0
	for i, p := range l.part {
		v[i] = l.base[i] * of(p)
		norm = math.Hypot(norm, v[i])
	}
	for i := range v {
		v[i] /= norm
	}
	return v
}

// addNull adds a multiple of the projector on the null space to m.
func (l *Laplacian) addNull(m *mat.SymDense, by float64) {
	members := make([][]int, len(l.mass))
	for i, p := range l.part {
		members[p] = append(members[p], i)
	}
	for _, p := range l.null {
		for a, i := range members[p] {
			for _, j := range members[p][a:] {
				m.SetSym(i, j, m.At(i, j)+by*l.base[i]*l.base[j]/l.mass[p])
			}
		}
	}
}

// findParts finds the parts and their null vectors.
func (l *Laplacian) findParts() {
	l.part, l.base = make([]int, l.Nodes), make([]float64, l.Nodes)
	for i := range l.part {
		l.part[i] = -1
		if l.base[i] = 1; l.Normalised {
			l.base[i] = math.Sqrt(l.Degree[i])
		}
	}
	var queue, sizes []int
	for first := range l.part {
		if l.part[first] >= 0 {
			continue
		}
		p := len(sizes)
		l.part[first] = p
		queue = append(queue[:0], first)
		for k := 0; k < len(queue); k++ {
			i := queue[k]
			for _, j := range l.to[l.start[i]:l.start[i+1]] {
				if l.part[j] < 0 {
					l.part[j] = p
					queue = append(queue, int(j))
				}
			}
		}
		sizes = append(sizes, len(queue))
	}
	l.mass = make([]float64, len(sizes))
	for i, p := range l.part {
		l.mass[p] += l.base[i] * l.base[i]
	}
	for p, m := range l.mass {
		if m > 0 {
			l.null = append(l.null, p)
		}
	}
	slices.SortStableFunc(l.null, func(a, b int) int { return sizes[b] - sizes[a] })
}
