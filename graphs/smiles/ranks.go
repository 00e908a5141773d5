package smiles

import (
	"iter"
	"slices"
)

// ranker orders the atoms of a molecule as the rules of Cahn, Ingold and Prelog
// would, nearly: by the iteration of Labute ("An Efficient Algorithm for the
// Determination of Topological RS Chirality", Journal of the CCG, 1996), as RDKit
// does it. Atoms of the same rank cannot be told apart.
type ranker struct {
	m      *Molecule
	ranks  []int32
	order  []int32 // atoms by rank
	values []int   // what rankBy compares
	around []int32 // descending ranks of neighbours, atom by atom
	starts []int32 // of each atom in around
	ends   []int32
}

// newRanker ranks by element, isotope and map number, then by what lies around.
func newRanker(m *Molecule) *ranker {
	n := len(m.Atoms)
	block := make([]int32, 4*n)
	r := &ranker{m: m, ranks: block[:n], order: block[n : 2*n], starts: block[2*n : 3*n], ends: block[3*n:], values: make([]int, n),
		around: make([]int32, 0, 8*n)}
	const masses = 1 << 10
	for i := range m.Atoms {
		r.order[i] = int32(i)
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
		r.values[i] = (int(a.Element)<<10|max(mass+masses/2, 0)%masses)<<10 | label%1024
	}
	r.iterate(r.rankByValues())
	return r
}

// rankByValues gives atoms of equal values equal ranks, from 0, and counts the
// ranks.
func (r *ranker) rankByValues() int {
	slices.SortFunc(r.order, func(a, b int32) int { return r.values[a] - r.values[b] })
	rank := int32(0)
	for i, a := range r.order {
		if i > 0 && r.values[r.order[i-1]] != r.values[a] {
			rank++
		}
		r.ranks[a] = rank
	}
	return int(rank) + 1
}

// iterate lets the ranks of neighbours decide between equal atoms until nothing
// changes. A neighbour counts as often as the bond has half orders.
func (r *ranker) iterate(count int) {
	n := len(r.ranks)
	for round, last := 0, -1; count < n && round <= n/2 && last < count; round++ {
		r.around = r.around[:0]
		for _, class := range r.classes() {
			for _, a := range class {
				r.lookAround(a)
			}
		}
		last = count
		for _, class := range r.classes() {
			slices.SortFunc(class, func(a, b int32) int { return slices.Compare(r.neighbours(a), r.neighbours(b)) })
		}
		count = r.rerank()
	}
}

// classes yields the runs of r.order that have the same rank, if longer than one.
func (r *ranker) classes() iter.Seq2[int, []int32] {
	return func(yield func(int, []int32) bool) {
		for from := 0; from < len(r.order); {
			to := from + 1
			for to < len(r.order) && r.ranks[r.order[to]] == r.ranks[r.order[from]] {
				to++
			}
			if to > from+1 && !yield(from, r.order[from:to]) {
				return
			}
			from = to
		}
	}
}

// lookAround notes the ranks of an atom's neighbours, descending, each plus 1, and
// a zero for each hydrogen.
func (r *ranker) lookAround(a int32) {
	from := len(r.around)
	for _, e := range r.m.Bonded(int(a)) {
		rank := r.ranks[e.Atom] + 1
		for range r.halves(e) {
			r.around = append(r.around, rank)
			for i := len(r.around) - 1; i > from && r.around[i-1] < rank; i-- {
				r.around[i-1], r.around[i] = rank, r.around[i-1]
			}
		}
	}
	for range r.m.Atoms[a].Hydrogens {
		r.around = append(r.around, 0)
	}
	r.starts[a], r.ends[a] = int32(from), int32(len(r.around))
}

// neighbours gives what lookAround noted.
func (r *ranker) neighbours(a int32) []int32 { return r.around[r.starts[a]:r.ends[a]] }

// rerank splits the ranks where what lies around differs, and counts them.
func (r *ranker) rerank() int {
	rank := int32(-1)
	old := int32(-1)
	for i, a := range r.order {
		if r.ranks[a] != old || !slices.Equal(r.neighbours(r.order[i-1]), r.neighbours(a)) {
			rank++
		}
		old = r.ranks[a]
		r.ranks[a] = rank
	}
	return int(rank) + 1
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
		value := int(r.ranks[i])*factor + int(codes[i])
		for _, e := range r.m.Bonded(i) {
			switch sides[e.Bond] {
			case TransSide:
				value++
			case CisSide:
				value += 2
			}
		}
		r.values[i] = value
	}
	r.iterate(r.rankByValues())
}
