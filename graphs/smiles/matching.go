package smiles

// matcher finds a matching that covers all atoms that need a double bond.
type matcher struct {
	role []uint8
	mate []int32 // -1 for none
	free []int32 // of each atom: neighbours that are not matched yet
	ends []int32 // atoms with one such neighbour

	pre, base, level, seen []int32
	queue                  []int32
	tick                   int32
}

func (m *matcher) reset(n int) {
	if cap(m.role) < n {
		m.role = make([]uint8, n, n+n/2)
	}
	m.role = m.role[:n]
	m.mate, m.free = sized(m.mate, n), sized(m.free, n)
	for i := range m.mate {
		m.mate[i] = -1
	}
	m.ends = m.ends[:0]
}

// solve fills m.mate and gives -1, or an atom that must stay without a double
// bond. Ends of chains are matched first (Karp and Sipser 1981), which leaves next
// to nothing to do for the search for augmenting paths through odd rings (Edmonds
// 1965). An atom that no augmenting path begins at is left over by every matching,
// so the first failure is final.
func (m *matcher) solve(p *Parser) int32 {
	n := int32(len(p.atoms))
	for v := range n {
		if m.role[v] == noDouble {
			continue
		}
		for _, w := range p.bonded(v) {
			if p.matches(w, m.role, v) {
				m.free[v]++
			}
		}
		if m.free[v] == 1 {
			m.ends = append(m.ends, v)
		}
	}
	for v := int32(0); v < n || len(m.ends) > 0; {
		u := v
		if len(m.ends) > 0 {
			u = m.ends[len(m.ends)-1]
			m.ends = m.ends[:len(m.ends)-1]
		} else {
			v++
		}
		if m.role[u] != needDouble || m.mate[u] >= 0 {
			continue
		}
		// A wildcard is the last choice.
		best := int32(-1)
		for _, w := range p.bonded(u) {
			if p.matches(w, m.role, u) && m.mate[w.Atom] < 0 && (best < 0 || m.role[best] == mayDouble) {
				best = w.Atom
			}
		}
		if best >= 0 {
			m.join(p, u, best)
		}
	}
	searching := false
	for v := range n {
		if m.role[v] != needDouble || m.mate[v] >= 0 {
			continue
		}
		if !searching {
			m.pre, m.base, m.level, m.seen = sized(m.pre, int(n)), sized(m.base, int(n)), sized(m.level, int(n)), sized(m.seen, int(n))
			m.tick, searching = 0, true
		}
		if !m.augment(p, v) {
			return v
		}
	}
	return -1
}

// join matches two atoms and notes which others have one neighbour left.
func (m *matcher) join(p *Parser, u, v int32) {
	m.mate[u], m.mate[v] = v, u
	for _, from := range [2]int32{u, v} {
		for _, w := range p.bonded(from) {
			if m.mate[w.Atom] < 0 && p.matches(w, m.role, from) {
				if m.free[w.Atom]--; m.free[w.Atom] == 1 {
					m.ends = append(m.ends, w.Atom)
				}
			}
		}
	}
}

// Levels of atoms in the search tree.
const (
	unreached = iota
	outer     // even distance from the root: its unmatched bonds are tried
	inner     // odd distance
)

// augment searches an alternating path from an uncovered atom to another atom
// without a mate, or to a wildcard that can do without its own, and swaps it.
func (m *matcher) augment(p *Parser, root int32) bool {
	for i := range m.level {
		m.level[i], m.base[i], m.pre[i] = unreached, int32(i), -1
	}
	m.level[root] = outer
	m.queue = append(m.queue[:0], root)
	for head := 0; head < len(m.queue); head++ {
		v := m.queue[head]
		if m.role[v] == mayDouble {
			w := m.mate[v]
			m.mate[v] = -1
			m.flip(w)
			return true
		}
		for _, e := range p.bonded(v) {
			w := e.Atom
			if !p.matches(e, m.role, v) || w == m.mate[v] || m.find(v) == m.find(w) || m.level[w] == inner {
				continue
			}
			if m.level[w] == unreached {
				m.level[w], m.pre[w] = inner, v
				if m.mate[w] < 0 {
					m.flip(w)
					return true
				}
				next := m.mate[w]
				m.level[next] = outer
				m.queue = append(m.queue, next)
				continue
			}
			// An odd ring: all of it can be reached at an even distance.
			top := m.meet(v, w)
			m.shrink(v, w, top)
			m.shrink(w, v, top)
		}
	}
	return false
}

// flip matches along the path that ends at an inner atom.
func (m *matcher) flip(w int32) {
	for w >= 0 {
		v := m.pre[w]
		next := m.mate[v]
		m.mate[v], m.mate[w] = w, v
		w = next
	}
}

// find gives the base of the shrunken ring that an atom is in.
func (m *matcher) find(v int32) int32 {
	for m.base[v] != v {
		m.base[v] = m.base[m.base[v]]
		v = m.base[v]
	}
	return v
}

// meet gives the lowest common base of two outer atoms.
func (m *matcher) meet(u, v int32) int32 {
	m.tick++
	for {
		if u >= 0 {
			if u = m.find(u); m.seen[u] == m.tick {
				return u
			}
			m.seen[u] = m.tick
			if u = m.mate[u]; u >= 0 {
				u = m.pre[u]
			}
		}
		u, v = v, u
	}
}

// shrink draws one side of an odd ring into its base.
func (m *matcher) shrink(v, w, top int32) {
	for m.find(v) != top {
		m.pre[v] = w
		w = m.mate[v]
		if m.level[w] == inner {
			m.level[w] = outer
			m.queue = append(m.queue, w)
		}
		if m.find(v) == v {
			m.base[v] = top
		}
		if m.find(w) == w {
			m.base[w] = top
		}
		v = m.pre[w]
	}
}
