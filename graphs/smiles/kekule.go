package smiles

// kekulise gives aromatic bonds alternating orders: every atom of an aromatic
// system that needs a double bond gets exactly one, a perfect matching of those
// atoms along the aromatic bonds. Any of several solutions may come out. Of the
// bonds, Aromatic is cleared, to be perceived anew.
func (p *Parser) kekulise() error {
	found := false
	for i := range p.bonds {
		b := &p.bonds[i]
		if b.Aromatic && !b.Ring {
			// Between two aromatic rings, as in biphenyl.
			if !p.atoms[b.From].Ring || !p.atoms[b.To].Ring || !p.atoms[b.From].Lowercase || !p.atoms[b.To].Lowercase {
				atom := b.From
				if p.atoms[atom].Ring {
					atom = b.To
				}
				return p.failAtom(Kekulise, atom, "an aromatic bond outside rings", "write chains in capitals: C=C")
			}
			b.Order, b.Aromatic = 1, false
		}
		found = found || b.Aromatic
	}
	for i := range p.atoms {
		if p.atoms[i].Lowercase && !p.atoms[i].Ring {
			return p.failAtom(Kekulise, int32(i), "an aromatic atom outside rings", "write atoms of chains in capitals")
		}
	}
	if !found {
		return nil
	}
	m := &p.match
	m.reset(len(p.atoms))
	for i := range p.atoms {
		m.role[i] = p.role(int32(i))
	}
	if atom := m.solve(p); atom >= 0 {
		a := &p.atoms[atom]
		hint := "check the ring's hydrogens and charges"
		switch {
		case a.Element == Nitrogen && !a.Bracket:
			hint = "a nitrogen with a hydrogen is written [nH]"
		case a.Element == Carbon:
			hint = "a nitrogen of the ring may need its hydrogen, [nH], or an atom its charge"
		}
		return p.failAtom(Kekulise, atom, "no alternating single and double bonds fit this aromatic system: the atom is left over", hint)
	}
	for i := range p.bonds {
		b := &p.bonds[i]
		if !b.Aromatic {
			continue
		}
		b.Aromatic = false
		if b.Order = 1; m.mate[b.From] == b.To {
			b.Order = 2
		}
	}
	for i := range p.atoms {
		// A wildcard may have been matched along a single bond.
		if mate := m.mate[i]; mate > int32(i) && (p.atoms[i].Element == Wildcard || p.atoms[mate].Element == Wildcard) {
			for _, n := range p.bonded(int32(i)) {
				if n.Atom == mate {
					p.bonds[n.Bond].Order = 2
				}
			}
		}
	}
	return nil
}

// Roles in the matching.
const (
	noDouble   = iota // has its bonds already
	needDouble        // must get a double bond
	mayDouble         // a wildcard, which may
)

// role tells whether an atom needs a double bond of its aromatic system: when its
// bonds, aromatic ones as single, and its hydrogens are one below a valence it may
// have. A bracket atom that lacks two takes one as well and stays a radical.
func (p *Parser) role(atom int32) uint8 {
	a := &p.atoms[atom]
	if a.Element == Wildcard {
		return p.wildcardRole(atom)
	}
	if !a.Ring || !p.aromaticBefore(atom) {
		return noDouble
	}
	near := p.bonded(atom)
	single, total := int(a.Hydrogens), 2*int(a.Hydrogens)
	for _, n := range near {
		if b := &p.bonds[n.Bond]; b.Aromatic {
			single++
			total += 3
		} else {
			single += int(b.Order)
			total += 2 * int(b.Order)
		}
	}
	allowed := elements[a.Element].allowed.list()
	if len(allowed) == 0 {
		return noDouble
	}
	move := shift(a.Element, a.Charge)
	fit := int(allowed[0]) + move
	// As completeValences counted it.
	if total > 2*fit {
		near := fit
		for _, v := range allowed {
			if 2*(int(v)+move) > total {
				break
			}
			near = int(v) + move
		}
		if total-2*near <= 3 {
			total = 2 * near
		}
	}
	for _, v := range allowed[1:] {
		if (total+1)/2 <= fit {
			break
		}
		fit = int(v) + move
	}
	implicit := int(a.Hydrogens) - int(a.Explicit)
	switch {
	case len(near)+implicit >= fit:
		return noDouble
	case fit == single+1, a.Bracket && fit == single+2:
		return needDouble
	}
	return noDouble
}

// wildcardRole lets a wildcard take part between aromatic atoms of its ring.
func (p *Parser) wildcardRole(atom int32) uint8 {
	if !p.atoms[atom].Ring {
		return noDouble
	}
	role := uint8(noDouble)
	for _, n := range p.bonded(atom) {
		b := &p.bonds[n.Bond]
		switch {
		case b.Order > 1:
			return noDouble
		case !b.Ring:
		case p.aromaticBefore(n.Atom):
			role = mayDouble
		case p.atoms[n.Atom].Element != Wildcard:
			return noDouble
		}
	}
	return role
}

// matches tells whether a bond may become double in the matching.
func (p *Parser) matches(n Neighbour, role []uint8, from int32) bool {
	if role[n.Atom] == noDouble {
		return false
	}
	b := &p.bonds[n.Bond]
	return b.Ring && (b.Aromatic || role[n.Atom] == mayDouble || role[from] == mayDouble)
}
