package depict

import (
	"cmp"
	"slices"
)

// ring lists atoms around it, with the bonds between each and the next.
type ring struct{ atoms, bonds []int }

// cycles finds the smallest set of smallest rings of a structure by Horton's
// method (SIAM J. Comput. 1987): every ring of a minimum cycle basis is a bond
// with two shortest paths from its ends to one atom; of these candidates, in
// order of size, those are taken that no smaller ones add up to.
func cycles(s *Structure, ends [][]end) []ring {
	core, count := ringCore(s, ends)
	if count == 0 {
		return nil
	}
	h := &horton{s: s, ends: ends, core: core, parent: make([]end, len(s.Atoms)), depth: make([]int, len(s.Atoms)), branch: make([]int, len(s.Atoms))}
	var found []candidate
	for root := range s.Atoms {
		if core[root] {
			found = h.candidates(found, root)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.size, b.size) })
	var rings []ring
	space := newCycleSpace(len(s.Bonds))
	lastRoot := -1
	for _, c := range found {
		if len(rings) == count {
			break
		}
		if c.root != lastRoot {
			h.search(c.root)
			lastRoot = c.root
		}
		if r := h.ring(c); space.add(r.bonds) {
			rings = append(rings, r)
		}
	}
	return rings
}

// ringCore marks the atoms that are left when ends of chains are cut off again and
// again, and counts the independent rings.
func ringCore(s *Structure, ends [][]end) (core []bool, rings int) {
	core = make([]bool, len(s.Atoms))
	degree := make([]int, len(s.Atoms))
	var leaves []int
	for i := range core {
		core[i], degree[i] = true, len(ends[i])
		if degree[i] < 2 {
			leaves = append(leaves, i)
		}
	}
	for len(leaves) > 0 {
		i := leaves[len(leaves)-1]
		leaves = leaves[:len(leaves)-1]
		if !core[i] {
			continue
		}
		core[i] = false
		for _, e := range ends[i] {
			if degree[e.atom]--; core[e.atom] && degree[e.atom] < 2 {
				leaves = append(leaves, e.atom)
			}
		}
	}
	return core, len(s.Bonds) - len(s.Atoms) + len(parts(len(s.Atoms), ends))
}

// candidate is a ring: the shortest paths from root to the ends of a bond.
type candidate struct{ size, root, bond int }

// horton searches breadth first within the core.
type horton struct {
	s      *Structure
	ends   [][]end
	core   []bool
	parent []end // towards the root
	depth  []int // -1: not reached
	branch []int // the child of the root above an atom
	queue  []int
}

func (h *horton) search(root int) {
	for i := range h.depth {
		h.depth[i] = -1
	}
	h.depth[root], h.branch[root] = 0, -1
	h.queue = append(h.queue[:0], root)
	for k := 0; k < len(h.queue); k++ {
		a := h.queue[k]
		for _, e := range h.ends[a] {
			if !h.core[e.atom] || h.depth[e.atom] >= 0 {
				continue
			}
			h.depth[e.atom], h.parent[e.atom] = h.depth[a]+1, end{a, e.bond}
			h.branch[e.atom] = h.branch[a]
			if a == root {
				h.branch[e.atom] = e.atom
			}
			h.queue = append(h.queue, e.atom)
		}
	}
}

// candidates appends those whose two paths meet at the root only.
func (h *horton) candidates(found []candidate, root int) []candidate {
	h.search(root)
	for k, b := range h.s.Bonds {
		x, y := b.From, b.To
		if h.depth[x] < 1 || h.depth[y] < 1 || h.branch[x] == h.branch[y] {
			continue
		}
		found = append(found, candidate{h.depth[x] + h.depth[y] + 1, root, k})
	}
	return found
}

// ring follows the paths of a candidate; its root was searched from.
func (h *horton) ring(c candidate) ring {
	b := h.s.Bonds[c.bond]
	var r ring
	for a := b.From; a != c.root; a = h.parent[a].atom {
		r.atoms, r.bonds = append(r.atoms, a), append(r.bonds, h.parent[a].bond)
	}
	r.atoms = append(r.atoms, c.root)
	at := len(r.atoms)
	for a := b.To; a != c.root; a = h.parent[a].atom {
		r.atoms, r.bonds = append(r.atoms, a), append(r.bonds, h.parent[a].bond)
	}
	slices.Reverse(r.atoms[at:])
	slices.Reverse(r.bonds[at-1:])
	r.bonds = append(r.bonds, c.bond)
	return r
}

// cycleSpace is a set of cycles as bit vectors over bonds, in echelon form.
type cycleSpace struct {
	words int
	rows  [][]uint64
	pivot []int // of each row: its lowest bit
	seen  map[string]bool
}

func newCycleSpace(bonds int) *cycleSpace {
	return &cycleSpace{words: (bonds + 63) / 64, seen: map[string]bool{}}
}

// add puts a cycle into the space and tells whether it was independent.
func (c *cycleSpace) add(bonds []int) bool {
	v := make([]uint64, c.words)
	for _, b := range bonds {
		v[b/64] ^= 1 << (b % 64)
	}
	key := make([]byte, 0, 8*c.words)
	for _, w := range v {
		for s := 0; s < 64; s += 8 {
			key = append(key, byte(w>>s))
		}
	}
	if c.seen[string(key)] {
		return false
	}
	c.seen[string(key)] = true
	for k, row := range c.rows {
		if v[c.pivot[k]/64]>>(c.pivot[k]%64)&1 == 1 {
			for w := range v {
				v[w] ^= row[w]
			}
		}
	}
	for b := range 64 * c.words {
		if v[b/64]>>(b%64)&1 == 1 {
			c.rows, c.pivot = append(c.rows, v), append(c.pivot, b)
			return true
		}
	}
	return false
}

// parts gives the connected parts, each in ascending order, by their first atom.
func parts(n int, ends [][]end) [][]int {
	var all [][]int
	seen := make([]bool, n)
	for i := range seen {
		if seen[i] {
			continue
		}
		seen[i] = true
		part := []int{i}
		for k := 0; k < len(part); k++ {
			for _, e := range ends[part[k]] {
				if !seen[e.atom] {
					seen[e.atom] = true
					part = append(part, e.atom)
				}
			}
		}
		slices.Sort(part)
		all = append(all, part)
	}
	return all
}
