package smiles

import "slices"

// ranker orders the atoms of a molecule as the rules of Cahn, Ingold and Prelog
// would, nearly: by the iteration of Labute ("An Efficient Algorithm for the
// Determination of Topological RS Chirality", Journal of the CCG, 1996), as RDKit
// does it. Atoms of the same rank cannot be told apart.
type ranker struct {
	m       *Molecule
	ranks   []int
	entries [][]int
	order   []int
}

// newRanker ranks by element, isotope and map number, then by what lies around.
func newRanker(m *Molecule) *ranker {
	n := len(m.Atoms)
	r := &ranker{m: m, ranks: make([]int, n), entries: make([][]int, n), order: make([]int, n)}
	first := make([]int, n)
	const masses = 1 << 10
	for i := range m.Atoms {
		a := &m.Atoms[i]
		mass := 0
		if a.Isotope != 0 {
			if mass = int(a.Isotope) - int(elements[a.Element].isotope); mass >= 0 {
				mass++
			}
		}
		label := 0
		if a.Map != 0 {
			label = int(a.Map) + 1
		}
		first[i] = (int(a.Element)<<10|max(mass+masses/2, 0)%masses)<<10 | label%1024
	}
	r.rankBy(func(a, b int) int { return first[a] - first[b] })
	for i := range m.Atoms {
		r.entries[i] = append(make([]int, 0, 24), int(m.Atoms[i].Element), r.ranks[i])
	}
	r.iterate()
	return r
}

// rankBy gives equal atoms equal ranks, from 0, and counts the ranks.
func (r *ranker) rankBy(compare func(a, b int) int) int {
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortFunc(r.order, compare)
	rank := 0
	for i, a := range r.order {
		if i > 0 && compare(r.order[i-1], a) != 0 {
			rank++
		}
		r.ranks[a] = rank
	}
	return rank + 1
}

// iterate lets the ranks of neighbours decide between equal atoms until nothing
// changes. A neighbour counts as often as the bond has half orders.
func (r *ranker) iterate() {
	n := len(r.ranks)
	count := slices.Max(r.ranks) + 1
	var near []Neighbour
	for round, last := 0, -1; count < n && round <= n/2 && last < count; round++ {
		longest := 0
		for i := range n {
			near = append(near[:0], r.m.Bonded(i)...)
			slices.SortFunc(near, func(a, b Neighbour) int { return r.ranks[b.Atom] - r.ranks[a.Atom] })
			for _, e := range near {
				for range r.halves(e) {
					r.entries[i] = append(r.entries[i], r.ranks[e.Atom]+1)
				}
			}
			for range r.m.Atoms[i].Hydrogens {
				r.entries[i] = append(r.entries[i], 0)
			}
			longest = max(longest, len(r.entries[i]))
		}
		for i := range n {
			for len(r.entries[i]) < longest {
				r.entries[i] = append(r.entries[i], -1)
			}
		}
		last = count
		count = r.rankBy(func(a, b int) int { return slices.Compare(r.entries[a], r.entries[b]) })
		for i := range n {
			r.entries[i] = append(r.entries[i][:round+1], r.ranks[i])
		}
	}
}

// halves doubles the order of a bond; double bonds to tetrahedral phosphorus count
// as a half one, since they are none to these rules.
func (r *ranker) halves(e Neighbour) int {
	b := &r.m.Bonds[e.Bond]
	switch {
	case b.Aromatic:
		return 3
	case b.Order == 2 && r.m.Atoms[e.Atom].Element == Phosphorus:
		if d := r.m.Degree(int(e.Atom)); d == 3 || d == 4 {
			return 1
		}
	}
	return 2 * int(b.Order)
}

// again ranks anew with what is known of chirality and sides: R before S before
// nothing, Z before E before nothing.
func (r *ranker) again(codes []cip, sides []Side) {
	factor := 100
	for factor < len(r.ranks) {
		factor *= 10
	}
	for i := range r.ranks {
		value := r.ranks[i]*factor + int(codes[i])
		for _, e := range r.m.Bonded(i) {
			switch sides[e.Bond] {
			case TransSide:
				value++
			case CisSide:
				value += 2
			}
		}
		r.entries[i] = append(r.entries[i][:0], value)
	}
	r.rankBy(func(a, b int) int { return r.entries[a][0] - r.entries[b][0] })
	r.iterate()
}
