package smiles

import (
	"slices"
	"strconv"
)

// Molecule is what a SMILES says: atoms in the order of writing, bonds, rings.
// It may hold several fragments, such as the ions of a salt. A Molecule is
// read-only and safe for concurrent use.
type Molecule struct {
	Atoms []Atom
	// Bonds come in the order of writing, ring closures after the others and by
	// their numbers: the order in which RDKit numbers them.
	Bonds []Bond
	// Rings are the smallest set of smallest rings, and beside them the rings of
	// equal size that could stand in for one of the set (six faces of cubane, not
	// five); each lists its atoms around the ring. They are sorted by size.
	Rings [][]int32
	// Fragments is the number of connected parts.
	Fragments int

	offsets    []int32     // [atoms+1] of neighbours
	neighbours []Neighbour // [2*bonds] by atom
}

// Atom is one atom with what was written and what follows from it.
type Atom struct {
	Element   Element
	Charge    int8   // formal charge, after clean-ups such as N(=O)=O to [N+](=O)[O-]
	Isotope   uint16 // mass number; 0 if not written
	Map       int32  // atom map number; 0 if not written
	Fragment  int32  // connected part, from 0
	Column    int32  // where it is written, byte from 1
	Hydrogens uint8  // all hydrogens that are no atoms of their own
	Explicit  uint8  // those of them that are written, inside the bracket or as [H]
	Radicals  uint8  // unpaired electrons of a bracket atom with too few bonds

	Aromatic   bool // as RDKit perceives it
	Lowercase  bool // written in lower case
	Bracket    bool // written in brackets
	Ring       bool // in a ring
	Chirality  Chirality
	Hybridised Hybridisation
}

// Bond joins two atoms.
type Bond struct {
	From, To  int32     // atoms; marks of direction read from From to To
	Order     uint8     // 1 to 4, in one Kekulé form: alternating in aromatic rings
	Aromatic  bool      // as RDKit perceives it
	Ring      bool      // in a ring
	Conjugate bool      // conjugated, aromatic bonds included
	Direction Direction // mark / or \
}

// Neighbour is one end of a bond seen from the other.
type Neighbour struct {
	Atom, Bond int32
}

// Direction is the mark of a single bond beside a double one.
type Direction uint8

// Directions of a bond, read from its atom From to its atom To.
const (
	Flat Direction = iota // no mark
	Up                    // written /
	Down                  // written \
)

// turned gives the mark as read from the other end.
func (d Direction) turned() Direction {
	switch d {
	case Up:
		return Down
	case Down:
		return Up
	}
	return Flat
}

// Chirality is a mark on an atom. Seen from its first neighbour (in the order of
// Molecule.Bonded), the others, with a hydrogen or lone pair last, follow one
// another clockwise or counterclockwise.
type Chirality uint8

// Chirality marks of an atom.
const (
	Achiral          Chirality = iota // no mark
	Clockwise                         // @@ when the neighbours are taken as written
	Counterclockwise                  // @
	OtherChirality                    // allene, square-planar, bipyramidal, octahedral: known, not read
)

// turned mirrors the mark.
func (c Chirality) turned() Chirality {
	switch c {
	case Clockwise:
		return Counterclockwise
	case Counterclockwise:
		return Clockwise
	}
	return c
}

// Hybridisation of an atom's orbitals, counted from bonds, hydrogens, lone pairs
// and conjugation.
type Hybridisation uint8

// Hybridisations, by the number of bonds and lone pairs.
const (
	Unhybridised Hybridisation = iota // not derivable: wildcards, most metals
	S
	SP
	SP2
	SP3
	SP3D
	SP3D2
)

// Bonded lists the neighbours of an atom in the order of their bonds. The slice
// is the molecule's own.
func (m *Molecule) Bonded(atom int) []Neighbour {
	return m.neighbours[m.offsets[atom]:m.offsets[atom+1]]
}

// Degree counts the neighbours of an atom that are atoms of the molecule.
func (m *Molecule) Degree(atom int) int { return int(m.offsets[atom+1] - m.offsets[atom]) }

// Valence is the sum of an atom's bond orders, hydrogens included.
func (m *Molecule) Valence(atom int) int {
	sum := int(m.Atoms[atom].Hydrogens)
	for _, n := range m.Bonded(atom) {
		sum += int(m.Bonds[n.Bond].Order)
	}
	return sum
}

// Charge is the sum of the formal charges.
func (m *Molecule) Charge() int {
	sum := 0
	for i := range m.Atoms {
		sum += int(m.Atoms[i].Charge)
	}
	return sum
}

// Formula gives the molecular formula: carbon, hydrogen (before the others even
// where there is no carbon, as RDKit has it), then the other symbols
// alphabetically, with the charge at the end: "C5H14NO+", "H3BO2", "Fe+2".
// Isotopes count as their element.
func (m *Molecule) Formula() string {
	var counts [len(elements)]int
	for i := range m.Atoms {
		counts[m.Atoms[i].Element]++
		counts[Hydrogen] += int(m.Atoms[i].Hydrogens)
	}
	var out []byte
	add := func(e Element) {
		if n := counts[e]; n > 0 {
			out = append(out, e.Symbol()...)
			if n > 1 {
				out = strconv.AppendInt(out, int64(n), 10)
			}
		}
		counts[e] = 0
	}
	add(Carbon)
	add(Hydrogen)
	var rest []Element
	for e := range counts {
		if counts[e] > 0 {
			rest = append(rest, Element(e))
		}
	}
	slices.SortFunc(rest, func(a, b Element) int {
		if a.Symbol() < b.Symbol() {
			return -1
		}
		return 1
	})
	for _, e := range rest {
		add(e)
	}
	if q := m.Charge(); q != 0 {
		sign := byte('+')
		if q < 0 {
			sign, q = '-', -q
		}
		out = append(out, sign)
		if q > 1 {
			out = strconv.AppendInt(out, int64(q), 10)
		}
	}
	return string(out)
}
