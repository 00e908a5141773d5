package smiles

import "slices"

// Side says how the substituents of the higher rank lie at a double bond.
type Side uint8

// Sides of a double bond.
const (
	NoSide    Side = iota // not marked, or nothing to tell apart
	CisSide               // Z: on the same side
	TransSide             // E: on opposite sides
)

// Stereo is what remains of the marks @ and / when those are dropped that mark
// nothing: atoms and double bonds with two indistinguishable substituents, double
// bonds of small rings, three-valent nitrogen that inverts.
type Stereo struct {
	Atoms []Chirality // [atoms]
	Bonds []Side      // [bonds]
}

// smallestRing of a double bond that can have sides.
const smallestRing = 8

// cip is the label of an atom.
type cip uint8

const (
	unlabelled cip = 0
	labelledS  cip = 10
	labelledR  cip = 20
)

// stereoFinder is the state of Stereo.
type stereoFinder struct {
	m        *Molecule
	rank     *ranker
	codes    []cip
	sides    []Side
	conflict []bool  // bonds whose marks / and \ contradict one another
	smallest []int32 // of each bond: size of its smallest ring, 0 for none
	ofThree  []bool  // of each atom: in a ring of three
}

// Stereo decides which marks are real, by the rules of RDKit's legacy perception
// (AssignStereochemistry of release 2022.09): ranks tell substituents apart, then
// labels found so far do, until no more are found; at last, atoms of a ring whose
// marks have a meaning only together keep theirs. It computes anew at every call, in
// time that for long chains grows with the square of the atoms (thousands take
// seconds); without marks it takes none.
func (m *Molecule) Stereo() *Stereo {
	out := &Stereo{Atoms: make([]Chirality, len(m.Atoms)), Bonds: make([]Side, len(m.Bonds))}
	marked, directed := false, false
	for i := range m.Atoms {
		out.Atoms[i] = m.Atoms[i].Chirality
		marked = marked || out.Atoms[i] == Clockwise || out.Atoms[i] == Counterclockwise
	}
	for i := range m.Bonds {
		directed = directed || m.Bonds[i].Direction != Flat
	}
	if !marked && !directed {
		return out
	}
	f := &stereoFinder{m: m, rank: newRanker(m), codes: make([]cip, len(m.Atoms)), sides: out.Bonds,
		conflict: make([]bool, len(m.Bonds))}
	f.measureRings()
	for {
		atoms, bonds := marked && f.labelAtoms(), directed && f.labelBonds()
		if !atoms && !bonds {
			break
		}
		f.rank.again(f.codes, f.sides)
	}
	if marked {
		together := f.ringStereo()
		for i, c := range out.Atoms {
			if (c == Clockwise || c == Counterclockwise) && f.codes[i] == unlabelled && !together[i] {
				out.Atoms[i] = Achiral
			}
		}
	}
	return out
}

func (f *stereoFinder) measureRings() {
	f.smallest, f.ofThree = make([]int32, len(f.m.Bonds)), make([]bool, len(f.m.Atoms))
	for r, ring := range f.m.Rings {
		for _, b := range f.ringBonds(r) {
			if size := int32(len(ring)); f.smallest[b] == 0 || size < f.smallest[b] {
				f.smallest[b] = size
			}
		}
		if len(ring) == 3 {
			for _, a := range ring {
				f.ofThree[a] = true
			}
		}
	}
}

// ringBonds lists the bonds of a ring.
func (f *stereoFinder) ringBonds(r int) []int32 {
	ring := f.m.Rings[r]
	out := make([]int32, 0, len(ring))
	for i, a := range ring {
		next := ring[(i+1)%len(ring)]
		for _, n := range f.m.Bonded(int(a)) {
			if n.Atom == next {
				out = append(out, n.Bond)
			}
		}
	}
	return out
}

// labelAtoms labels marked atoms whose neighbours all differ, and tells whether
// there were any.
func (f *stereoFinder) labelAtoms() bool {
	any := false
	for i := range f.m.Atoms {
		a := &f.m.Atoms[i]
		if f.codes[i] != unlabelled || a.Chirality != Clockwise && a.Chirality != Counterclockwise || !f.canBeChiral(i) {
			continue
		}
		near := slices.Clone(f.m.Bonded(i))
		slices.SortFunc(near, func(x, y Neighbour) int { return int(f.rank.ranks[x.Atom] - f.rank.ranks[y.Atom]) })
		var byRank, byBond []int32
		same := false
		for k, n := range near {
			same = same || k > 0 && f.rank.ranks[n.Atom] == f.rank.ranks[near[k-1].Atom]
			byRank = append(byRank, n.Bond)
		}
		if same {
			continue
		}
		for _, n := range f.m.Bonded(i) {
			byBond = append(byBond, n.Bond)
		}
		mark := a.Chirality
		if oddPermutation(byRank, byBond) != (len(near) == 3 && a.Hydrogens == 1) {
			mark = mark.turned()
		}
		if f.codes[i] = labelledR; mark == Counterclockwise {
			f.codes[i] = labelledS
		}
		any = true
	}
	return any
}

// canBeChiral tells whether an atom with distinct neighbours is a centre: one with
// four, counting one hydrogen; P and As with three or a lone pair; sulphoxides,
// sulphonium ions and their like of Se; nitrogen that a ring keeps from inverting.
func (f *stereoFinder) canBeChiral(i int) bool {
	a := &f.m.Atoms[i]
	degree, hydrogens := f.m.Degree(i), int(a.Hydrogens)
	switch {
	case degree+hydrogens > 4 || degree+hydrogens < 3:
		return false
	case degree < 3:
		return a.Element == Phosphorus || a.Element == Arsenic
	case degree == 4:
		return true
	case hydrogens == 1:
		for _, n := range f.m.Bonded(i) {
			if h := &f.m.Atoms[n.Atom]; h.Element == Hydrogen && h.Isotope == 0 {
				return false
			}
		}
		return true
	}
	switch a.Element {
	case Nitrogen:
		return f.ofThree[i] || f.bridgehead(i)
	case Phosphorus, Arsenic:
		return true
	case Sulphur, Selenium:
		valence := f.m.Valence(i) - hydrogens + int(a.Explicit)
		return valence == 4 || valence == 3 && a.Charge == 1
	}
	return false
}

// bridgehead tells whether an atom has three ring bonds, and each ring with it
// shares two bonds with another one of them.
func (f *stereoFinder) bridgehead(i int) bool {
	ringBonds := 0
	for _, n := range f.m.Bonded(i) {
		if f.m.Bonds[n.Bond].Ring {
			ringBonds++
		}
	}
	if ringBonds < 3 {
		return false
	}
	var with [][]int32
	for r, ring := range f.m.Rings {
		if slices.Contains(ring, int32(i)) {
			with = append(with, f.ringBonds(r))
		}
	}
	for x := range with {
		overlaps := false
		for y := range with {
			shared := 0
			for _, b := range with[y] {
				if x != y && slices.Contains(with[x], b) {
					shared++
				}
			}
			overlaps = overlaps || shared >= 2
		}
		if !overlaps {
			return false
		}
	}
	return true
}

// labelBonds gives sides to double bonds with marks at both ends, and tells
// whether there were any.
func (f *stereoFinder) labelBonds() bool {
	any := false
	var clash []int32
	for i := range f.m.Bonds {
		b := &f.m.Bonds[i]
		if b.Order != 2 || b.Aromatic || f.sides[i] != NoSide || f.smallest[i] != 0 && f.smallest[i] < smallestRing {
			continue
		}
		from, fromOK, fromClash := f.sideOf(b.From, int32(i))
		to, toOK, toClash := f.sideOf(b.To, int32(i))
		if !fromOK || !toOK {
			continue
		}
		if len(fromClash)+len(toClash) > 0 {
			clash = append(append(clash, fromClash...), toClash...)
			any = true
			continue
		}
		if f.sides[i] = TransSide; from == to {
			f.sides[i] = CisSide
		}
		any = true
	}
	for _, b := range clash {
		f.conflict[b] = true
	}
	return any
}

// sideOf gives the direction from an end of a double bond to its neighbour of the
// higher rank. It is not ok if no bond there is marked, if there are three, or if
// they cannot be told apart. Two bonds that point to the same side clash.
func (f *stereoFinder) sideOf(atom, double int32) (side Direction, ok bool, clash []int32) {
	var near [2]Neighbour
	var direction [2]Direction
	count := 0
	for _, n := range f.m.Bonded(int(atom)) {
		if n.Bond == double {
			continue
		}
		if count == 2 {
			return Flat, false, nil
		}
		b := &f.m.Bonds[n.Bond]
		d := b.Direction
		if f.conflict[n.Bond] {
			d = Flat
		}
		if b.From != atom {
			d = d.turned()
		}
		near[count], direction[count] = n, d
		count++
	}
	if count == 0 || direction[0] == Flat && direction[1] == Flat {
		return Flat, false, nil
	}
	if count == 1 {
		return direction[0], true, nil
	}
	first, second := f.rank.ranks[near[0].Atom], f.rank.ranks[near[1].Atom]
	if first == second {
		return Flat, false, nil
	}
	if direction[0] == Flat {
		direction[0] = direction[1].turned()
	} else if direction[1] == Flat {
		direction[1] = direction[0].turned()
	} else if direction[0] == direction[1] {
		clash = []int32{near[0].Bond, near[1].Bond}
	}
	if first > second {
		return direction[0], true, clash
	}
	return direction[1], true, clash
}

// ringStereo finds marked ring atoms without a label that belong together: the
// cis and trans forms of 1,4-dimethylcyclohexane.
func (f *stereoFinder) ringStereo() []bool {
	together := make([]bool, len(f.m.Atoms))
	seen := make([]bool, len(f.m.Atoms))
	seenBond := make([]bool, len(f.m.Bonds))
	var queue []int32
	candidate := func(i int32) bool {
		a := &f.m.Atoms[i]
		return (a.Chirality == Clockwise || a.Chirality == Counterclockwise) && f.codes[i] == unlabelled && f.ringCandidate(int(i))
	}
	for i := range int32(len(f.m.Atoms)) {
		if seen[i] || !f.m.Atoms[i].Ring || !candidate(i) {
			continue
		}
		queue = append(queue[:0], i)
		seen[i] = true
		for head := 0; head < len(queue); head++ {
			at := queue[head]
			if head > 0 && candidate(at) {
				together[at], together[i] = true, true
			}
			for _, n := range f.m.Bonded(int(at)) {
				if seenBond[n.Bond] || !f.m.Bonds[n.Bond].Ring {
					continue
				}
				seenBond[n.Bond] = true
				if !seen[n.Atom] {
					seen[n.Atom] = true
					queue = append(queue, n.Atom)
				}
			}
		}
	}
	return together
}

// ringCandidate tells whether a ring atom could be one of a pair: with two
// different neighbours outside, with one, or at the meeting of rings with just one
// pair of neighbours alike.
func (f *stereoFinder) ringCandidate(i int) bool {
	if f.m.Atoms[i].Element == Nitrogen && f.m.Degree(i) == 3 && !f.ofThree[i] && !f.bridgehead(i) {
		return false
	}
	var outside, inside []int32
	for _, n := range f.m.Bonded(i) {
		if rank := f.rank.ranks[n.Atom]; f.m.Bonds[n.Bond].Ring {
			inside = append(inside, rank)
		} else {
			outside = append(outside, rank)
		}
	}
	slices.Sort(inside)
	distinct := len(slices.Compact(slices.Clone(inside)))
	switch len(outside) {
	case 2:
		return outside[0] != outside[1]
	case 1:
		return len(inside) >= 2
	case 0:
		return len(inside) == 4 && distinct == 3 || len(inside) == 3 && distinct == 2
	}
	return false
}
