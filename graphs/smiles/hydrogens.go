package smiles

// mergeable tells whether an atom is a written [H] that becomes part of its
// neighbour's hydrogens. Isotopes and charged ones stay atoms, and so do those on
// nothing, on another hydrogen or a wildcard, in a bridge, and those whose mark /
// or \ is all that says on which side of a double bond its other end lies.
func (p *Parser) mergeable(atom int32) bool {
	a := &p.atoms[atom]
	if a.Element != Hydrogen || a.Isotope != 0 || a.Charge != 0 || a.Explicit != 0 {
		return false
	}
	near := p.bonded(atom)
	if len(near) != 1 {
		return false
	}
	own := &p.bonds[near[0].Bond]
	heavy := near[0].Atom
	if e := p.atoms[heavy].Element; e == Wildcard || e == Hydrogen || own.Order != 1 || own.Aromatic {
		return false
	}
	around := p.bonded(heavy)
	if own.Direction != Flat && len(around) == 2 {
		for _, n := range around {
			if p.bonds[n.Bond].Order == 2 {
				return false
			}
		}
	}
	return true
}

// mergeHydrogens takes the mergeable hydrogens out of the atoms.
func (p *Parser) mergeHydrogens() error {
	p.merged = p.merged[:0]
	count := 0
	for i := range p.atoms {
		gone := p.mergeable(int32(i))
		if gone {
			count++
		}
		p.merged = append(p.merged, gone)
	}
	if count == 0 {
		return nil
	}
	for i := range p.atoms {
		if !p.merged[i] {
			continue
		}
		n := p.bonded(int32(i))[0]
		heavy := &p.atoms[n.Atom]
		if heavy.Explicit >= maxHydrogens {
			return p.failAtom(Valence, int32(i), "one hydrogen too many", "an atom holds at most 20")
		}
		heavy.Explicit++
		heavy.Hydrogens++
		p.passDirection(n)
	}
	p.renamed = sized(p.renamed, len(p.atoms))
	kept := int32(0)
	for i := range p.atoms {
		p.renamed[i] = kept
		if !p.merged[i] {
			p.atoms[kept] = p.atoms[i]
			kept++
		}
	}
	bonds := p.bonds[:0]
	for _, b := range p.bonds {
		if !p.merged[b.From] && !p.merged[b.To] {
			b.From, b.To = p.renamed[b.From], p.renamed[b.To]
			bonds = append(bonds, b)
		}
	}
	p.atoms, p.bonds = p.atoms[:kept], bonds
	p.connect()
	return nil
}

// passDirection hands the mark on the bond of a hydrogen that goes to a single bond
// beside it, so that the double bond there keeps its sides.
func (p *Parser) passDirection(hydrogen Neighbour) {
	own := &p.bonds[hydrogen.Bond]
	if own.Direction == Flat {
		return
	}
	var heir *Bond
	for _, n := range p.bonded(hydrogen.Atom) {
		b := &p.bonds[n.Bond]
		if n.Bond == hydrogen.Bond || b.Order != 1 || b.Aromatic || p.merged[n.Atom] {
			continue
		}
		if b.Direction != Flat {
			return
		}
		heir = b
	}
	if heir == nil {
		return
	}
	// Both marks, read away from the heavy atom, point to opposite sides.
	outward := own.Direction
	if own.From != hydrogen.Atom {
		outward = outward.turned()
	}
	heir.Direction = outward.turned()
	if heir.From != hydrogen.Atom {
		heir.Direction = heir.Direction.turned()
	}
}
