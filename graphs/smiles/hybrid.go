package smiles

// conjugate marks aromatic bonds, and each multiple bond with a single one beside
// it that leads to an atom with electrons for a pi system (RDKit's rule).
func (p *Parser) conjugate() {
	for i := range p.bonds {
		p.bonds[i].Conjugate = p.bonds[i].Aromatic
	}
	for i := range p.atoms {
		near := p.bonded(int32(i))
		if total := len(near) + int(p.atoms[i].Hydrogens); len(near) < 2 || total < 2 || total > 3 || !p.conjugates(int32(i)) {
			continue
		}
		for x := range near {
			one := &p.bonds[near[x].Bond]
			if one.Order < 2 && !one.Aromatic {
				continue
			}
			for y := range near {
				if x == y {
					continue
				}
				end := near[y].Atom
				if len(p.bonded(end))+int(p.atoms[end].Hydrogens) <= 3 && p.conjugates(end) {
					one.Conjugate, p.bonds[near[y].Bond].Conjugate = true, true
				}
			}
		}
	}
}

// conjugates tells whether an atom can be part of a conjugated system: elements of
// the first row, halogens and such with electrons to spare, and S or O relatives
// with a single neighbour.
func (p *Parser) conjugates(atom int32) bool {
	a := &p.atoms[atom]
	outer := elements[a.Element].outer
	row := a.Element <= 10 || outer != 5 && outer != 6 || outer == 6 && len(p.bonded(atom))+int(a.Hydrogens) < 2
	return row && p.spare(atom) > 0
}

// hybridise counts bonds and lone pairs. Afterwards chirality marks are dropped
// where four things around the atom do not form a tetrahedron.
func (p *Parser) hybridise() {
	for i := range p.atoms {
		a := &p.atoms[i]
		near := p.bonded(int32(i))
		degree := len(near) + int(a.Hydrogens)
		chiral := a.Chirality == Clockwise || a.Chirality == Counterclockwise
		a.Hybridised = Unhybridised
		switch {
		case a.Element == Wildcard:
		case chiral && degree == 4:
			a.Hybridised = SP3
		default:
			orbitals := degree
			// Degrees alone from actinium on.
			if a.Element > Hydrogen && a.Element < 89 {
				outer, charge, valence := int(elements[a.Element].outer), int(a.Charge), p.valence(int32(i))
				free := outer - valence - charge
				if valence+outer-charge < 8 {
					orbitals += (free-int(a.Radicals))/2 + int(a.Radicals)
				} else {
					orbitals += free / 2
				}
			}
			switch orbitals {
			case 0, 1:
				a.Hybridised = S
			case 2:
				a.Hybridised = SP
			case 3:
				a.Hybridised = SP2
			case 4:
				a.Hybridised = SP3
				if degree <= 3 {
					for _, n := range near {
						if p.bonds[n.Bond].Conjugate {
							a.Hybridised = SP2
						}
					}
				}
			case 5:
				a.Hybridised = SP3D
			case 6:
				a.Hybridised = SP3D2
			}
		}
		if chiral && a.Hybridised < SP3 {
			a.Chirality = Achiral
		}
	}
}
