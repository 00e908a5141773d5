package smiles

import "fmt"

// written doubles the sum of the bond orders of an atom, aromatic ones 1.5 each.
func (p *Parser) written(atom int32) int {
	sum := 0
	for _, n := range p.bonded(atom) {
		if b := &p.bonds[n.Bond]; b.Aromatic {
			sum += 3
		} else {
			sum += 2 * int(b.Order)
		}
	}
	return sum
}

// aromaticBefore tells whether an atom is written as aromatic: in lower case, or
// with an aromatic bond.
func (p *Parser) aromaticBefore(atom int32) bool {
	if p.atoms[atom].Lowercase {
		return true
	}
	for _, n := range p.bonded(atom) {
		if p.bonds[n.Bond].Aromatic {
			return true
		}
	}
	return false
}

// cleanUp gives charges to groups that are often drawn with too many bonds, as
// RDKit does: N(=O)=O becomes [N+](=O)[O-], N=N#N becomes N=[N+]=[N-], C=P(=O)
// becomes C=[P+][O-], and oxo acids of Cl, Br and I lose their double bonds.
func (p *Parser) cleanUp() error {
	for i := range p.atoms {
		a := &p.atoms[i]
		if a.Charge != 0 {
			continue
		}
		switch a.Element {
		case Nitrogen:
			p.cleanNitrogen(int32(i))
		case Phosphorus:
			p.cleanPhosphorus(int32(i))
		case Chlorine, Bromine, Iodine:
			p.cleanHalogen(int32(i))
		}
	}
	return nil
}

// total is the sum of an atom's bond orders as written, with explicit hydrogens,
// in halves.
func (p *Parser) total(atom int32) int { return p.written(atom) + 2*int(p.atoms[atom].Explicit) }

func (p *Parser) cleanNitrogen(atom int32) {
	if p.total(atom) != 10 {
		return
	}
	for _, n := range p.bonded(atom) {
		other, b := &p.atoms[n.Atom], &p.bonds[n.Bond]
		if other.Charge != 0 || b.Aromatic {
			continue
		}
		if other.Element == Oxygen && b.Order == 2 || other.Element == Nitrogen && b.Order == 3 {
			b.Order--
			p.atoms[atom].Charge, other.Charge = 1, -1
			return
		}
	}
}

func (p *Parser) cleanPhosphorus(atom int32) {
	near := p.bonded(atom)
	if len(near) != 3 || p.total(atom) != 10 {
		return
	}
	var oxo *Neighbour
	partner := false
	for i, n := range near {
		if b := &p.bonds[n.Bond]; b.Order != 2 || b.Aromatic {
			continue
		}
		switch other := &p.atoms[n.Atom]; {
		case other.Element == Oxygen && other.Charge == 0:
			oxo = &near[i]
		case (other.Element == Carbon || other.Element == Nitrogen) && len(p.bonded(n.Atom)) >= 2:
			partner = true
		}
	}
	if oxo != nil && partner {
		p.bonds[oxo.Bond].Order = 1
		p.atoms[atom].Charge, p.atoms[oxo.Atom].Charge = 1, -1
	}
}

func (p *Parser) cleanHalogen(atom int32) {
	if t := p.total(atom); t != 14 && t != 10 && t != 6 {
		return
	}
	near := p.bonded(atom)
	for _, n := range near {
		if p.atoms[n.Atom].Element != Oxygen {
			return
		}
	}
	for _, n := range near {
		if b := &p.bonds[n.Bond]; b.Order == 2 && !b.Aromatic {
			b.Order = 1
			p.atoms[n.Atom].Charge = -1
			p.atoms[atom].Charge++
		}
	}
}

// shift is by how much a charge moves the allowed valences: O- has one bond less
// than O, N+ one more than N, B- one more than B, and carbon one less either way.
func shift(e Element, charge int8) int {
	if elements[e].early || e == Carbon && charge > 0 {
		return -int(charge)
	}
	return int(charge)
}

// completeValences checks every atom and adds its implicit hydrogens.
func (p *Parser) completeValences() error {
	for i := range p.atoms {
		a := &p.atoms[i]
		allowed := elements[a.Element].allowed.list()
		if len(allowed) == 0 {
			continue
		}
		move := shift(a.Element, a.Charge)
		smallest := int(allowed[0]) + move
		sum := p.total(int32(i))
		aromatic := p.aromaticBefore(int32(i))
		if aromatic && sum > 2*smallest {
			// Aromatic bonds count 1.5 each until they are shared out; an atom up to
			// 1.5 above an allowed valence will have just that one.
			fit := smallest
			for _, v := range allowed {
				if 2*(int(v)+move) > sum {
					break
				}
				fit = int(v) + move
			}
			if sum-2*fit <= 3 {
				sum = 2 * fit
			}
		}
		bonds := (sum + 1) / 2
		if err := p.checkValence(int32(i), bonds); err != nil {
			return err
		}
		if a.Bracket {
			continue
		}
		free := -1
		if aromatic {
			if free = smallest - bonds; free < 0 {
				for _, v := range allowed {
					if bonds == int(v)+move {
						free = 0
					}
				}
			}
		} else {
			for _, v := range allowed {
				if f := int(v) + move - bonds; f >= 0 {
					free = f
					break
				}
			}
		}
		if free < 0 {
			return p.tooMany(int32(i), bonds)
		}
		a.Hydrogens += uint8(free)
	}
	return nil
}

// checkValence refuses more bonds than the largest allowed valence, counted for a
// charged atom as for its neighbour in the periodic table.
func (p *Parser) checkValence(atom int32, bonds int) error {
	a := &p.atoms[atom]
	e := &elements[a.Element]
	allowed := e.allowed.list()
	most := int(allowed[len(allowed)-1])
	if e.outer >= 4 {
		most += int(a.Charge)
	} else {
		most -= int(a.Charge)
	}
	// An element that may have no bonds at all, a noble gas, is not checked.
	if allowed[len(allowed)-1] > 0 && bonds > most {
		return p.tooMany(atom, bonds)
	}
	return nil
}

// tooMany is the error about an atom with too many bonds.
func (p *Parser) tooMany(atom int32, bonds int) error {
	a := &p.atoms[atom]
	allowed := ""
	for _, v := range elements[a.Element].allowed.list() {
		if allowed != "" {
			allowed += ", "
		}
		allowed += fmt.Sprint(v)
	}
	what := a.Element.Symbol()
	if a.Charge != 0 {
		what += fmt.Sprintf(" of charge %+d", a.Charge)
	}
	hint := "drop a bond or a hydrogen, or give the atom its charge"
	switch {
	case a.Charge != 0:
		hint = "check the charge, or drop a bond or a hydrogen"
	case a.Element == Nitrogen && bonds == 4:
		hint = "nitrogen with four bonds is written [N+] or [NH+]"
	}
	return p.failAtom(Valence, atom,
		fmt.Sprintf("%s with a valence of %d, where neutral %s has %s", what, bonds, a.Element.Symbol(), allowed), hint)
}

// assignRadicals counts the unpaired electrons of bracket atoms, whose hydrogens
// are all written: what is missing to a full shell, or to the next allowed
// valence, but no more than the electrons that are there.
func (p *Parser) assignRadicals() {
	for i := range p.atoms {
		a := &p.atoms[i]
		if !a.Bracket || a.Element == Wildcard {
			continue
		}
		// The hydrogen of a neutral aromatic N or P is as good as implicit.
		if a.Lowercase && (a.Element == Nitrogen || a.Element == Phosphorus) && a.Charge == 0 && a.Explicit == 1 {
			continue
		}
		e := &elements[a.Element]
		outer, charge := int(e.outer), int(a.Charge)
		allowed := e.allowed.list()
		if len(allowed) == 0 {
			a.Radicals = uint8(max(outer-charge, 0) % 2)
			continue
		}
		bonds := p.valence(int32(i))
		shell := 8
		if a.Element <= 2 {
			shell = 2
		}
		radicals := shell - outer - bonds + charge
		if radicals < 0 {
			radicals = 0
			if len(allowed) > 1 {
				for _, v := range allowed {
					if f := int(v) - bonds + charge; f >= 0 {
						radicals = f
						break
					}
				}
			}
		}
		if left := outer - bonds - charge; left >= 0 {
			radicals = min(radicals, left)
		}
		a.Radicals = uint8(radicals)
	}
}

// valence is the sum of the bond orders and hydrogens of an atom, once kekulised.
func (p *Parser) valence(atom int32) int {
	return p.orders(atom) + int(p.atoms[atom].Hydrogens)
}

// orders is the sum of the bond orders of an atom, once kekulised.
func (p *Parser) orders(atom int32) int {
	sum := 0
	for _, n := range p.bonded(atom) {
		sum += int(p.bonds[n.Bond].Order)
	}
	return sum
}
