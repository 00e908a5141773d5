package smiles

import "slices"

// link builds the neighbour lists, refuses two bonds between the same atoms, and
// turns chirality marks from the order of writing to that of the bonds.
func (p *Parser) link() error {
	p.connect()
	// The bonds that can double another are ring bonds, which come last.
	chain := len(p.bonds) - len(p.scan.closed)
	if chain < len(p.bonds) {
		p.marks = sized(p.marks, len(p.atoms))
		for b := chain; b < len(p.bonds); b++ {
			from, to := p.bonds[b].From, p.bonds[b].To
			for _, n := range p.bonded(from) {
				if n.Atom == to && n.Bond < int32(b) {
					at := int(max(p.scan.keys[b][0], p.scan.keys[b][1])) - 1
					_, until, err := p.ringNumber(at)
					if err != nil {
						return err
					}
					return p.fail(Syntax, at, until, "a ring closure between two atoms that have a bond already",
						"write double bonds as =, and rings of at least three atoms")
				}
			}
		}
	}
	for i := range p.atoms {
		if c := p.atoms[i].Chirality; c == Clockwise || c == Counterclockwise {
			p.orient(int32(i))
		}
	}
	return nil
}

// connect fills the neighbour lists, by atom and in the order of the bonds.
func (p *Parser) connect() {
	n := len(p.atoms)
	p.offsets = sized(p.offsets, n+1)
	for i := range p.bonds {
		p.offsets[p.bonds[i].From+1]++
		p.offsets[p.bonds[i].To+1]++
	}
	for i := range n {
		p.offsets[i+1] += p.offsets[i]
	}
	if cap(p.near) < 2*len(p.bonds) {
		p.near = make([]Neighbour, 2*len(p.bonds), 3*len(p.bonds))
	}
	p.near = p.near[:2*len(p.bonds)]
	p.marks = sized(p.marks, n)
	for i := range p.bonds {
		from, to := p.bonds[i].From, p.bonds[i].To
		p.near[p.offsets[from]+p.marks[from]] = Neighbour{to, int32(i)}
		p.near[p.offsets[to]+p.marks[to]] = Neighbour{from, int32(i)}
		p.marks[from]++
		p.marks[to]++
	}
}

// orient turns the mark of one atom, which is about its neighbours as written, to
// one about its neighbours in the order of their bonds; a written [H] that will be
// merged, the hydrogen of its bracket, or a lone pair come last.
//
// A lone pair stands where a hydrogen of the bracket would: behind the atom
// before. RDKit sees it so, save in two cases that are kept: at the beginning of a
// fragment, and on a saturated atom of three neighbours with one ring closure.
func (p *Parser) orient(atom int32) {
	const hydrogen = -1 // of the bracket
	a := &p.atoms[atom]
	var written, wanted []int32
	closures := 0
	near := slices.Clone(p.bonded(atom))
	key := func(b int32) int32 {
		if p.bonds[b].From == atom {
			return p.scan.keys[b][0]
		}
		return p.scan.keys[b][1]
	}
	chain := int32(len(p.bonds) - len(p.scan.closed))
	for _, n := range near {
		if n.Bond >= chain {
			closures++
		}
		if !p.mergeable(n.Atom) {
			wanted = append(wanted, n.Bond)
		}
	}
	for _, n := range near {
		if p.mergeable(n.Atom) {
			wanted = append(wanted, n.Bond)
		}
	}
	slices.SortStableFunc(near, func(x, y Neighbour) int { return int(key(x.Bond)) - int(key(y.Bond)) })
	if a.Explicit == 1 && p.scan.starts[atom] {
		written = append(written, hydrogen)
	}
	for _, n := range near {
		written = append(written, n.Bond)
		if a.Explicit == 1 && !p.scan.starts[atom] && len(written) == 1 {
			written = append(written, hydrogen)
		}
	}
	if a.Explicit == 1 {
		wanted = append(wanted, hydrogen)
	}
	odd := oddPermutation(written, wanted)
	if len(near) == 3 && a.Explicit != 1 && closures == 1 && !p.unsaturated(atom) {
		odd = !odd
	}
	if odd {
		a.Chirality = a.Chirality.turned()
	}
}

// unsaturated tells whether an atom has a bond above single, as written.
func (p *Parser) unsaturated(atom int32) bool {
	for _, n := range p.bonded(atom) {
		if b := &p.bonds[n.Bond]; b.Order > 1 || b.Aromatic {
			return true
		}
	}
	return false
}

// oddPermutation tells whether an odd number of swaps turns one order into the
// other, which holds the same numbers.
func oddPermutation(from, to []int32) bool {
	odd := false
	from = slices.Clone(from)
	for i, want := range to {
		if j := i + slices.Index(from[i:], want); j != i {
			from[i], from[j] = from[j], from[i]
			odd = !odd
		}
	}
	return odd
}
