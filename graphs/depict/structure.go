package depict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/graphs/smiles"
)

// Structure is what a picture of a molecule is drawn from: atoms and bonds, in
// any number of fragments.
type Structure struct {
	Atoms []Atom
	Bonds []Bond
}

// Atom is one atom; hydrogens that are no atoms of their own are part of it.
type Atom struct {
	Symbol    string // of the element, such as "Cl"
	Charge    int    // formal charge
	Hydrogens int
	Isotope   int // mass number; 0: the natural mixture
	Radicals  int // unpaired electrons
	// Turn says how the neighbours of a stereo centre lie: seen from the first of
	// them, in the order of Bonds, the others, with a hydrogen last, follow one
	// another clockwise (1) or counterclockwise (-1); 0 where nothing is known.
	Turn int
}

// Bond joins two atoms.
type Bond struct {
	From, To int // atoms, from 0
	// Order is 1 to 4; 0 where the bond is only known to be aromatic.
	Order    int
	Aromatic bool
	// Mark is that of a single bond beside a double one, read from From to To: 1
	// upwards, -1 downwards, 0 without mark. What is marked alike, read away from
	// the double bond, lies on the same side of it.
	Mark int
}

// FromSMILES takes over a molecule that was read from a SMILES string. Marks of
// stereo centres that mark nothing are left out (see [smiles.Molecule.Stereo]).
func FromSMILES(m *smiles.Molecule) *Structure {
	s := &Structure{Atoms: make([]Atom, len(m.Atoms)), Bonds: make([]Bond, len(m.Bonds))}
	stereo := m.Stereo()
	for i, a := range m.Atoms {
		s.Atoms[i] = Atom{Symbol: a.Element.Symbol(), Charge: int(a.Charge), Hydrogens: int(a.Hydrogens), Isotope: int(a.Isotope), Radicals: int(a.Radicals)}
		switch stereo.Atoms[i] {
		case smiles.Clockwise:
			s.Atoms[i].Turn = 1
		case smiles.Counterclockwise:
			s.Atoms[i].Turn = -1
		}
	}
	for k, b := range m.Bonds {
		s.Bonds[k] = Bond{From: int(b.From), To: int(b.To), Order: int(b.Order), Aromatic: b.Aromatic}
		switch b.Direction {
		case smiles.Up:
			s.Bonds[k].Mark = 1
		case smiles.Down:
			s.Bonds[k].Mark = -1
		}
	}
	return s
}

// The most that can be drawn so that something is to be seen.
const (
	MostAtoms = 1000
	MostNodes = 1000
	MostEdges = 50_000
)

// SizeError is a molecule or graph too large to draw.
type SizeError struct {
	What       string // "atoms", "nodes" or "edges"
	Have, Most int
}

// Error gives the size, the limit and what to do.
func (e *SizeError) Error() string {
	return fmt.Sprintf("depict: %d %s are too many to draw so that one can see anything; at most %d: draw a part of it, or a smaller one", e.Have, e.What, e.Most)
}

// StructureError is an atom or bond that cannot be.
type StructureError struct {
	Part   string // "atom" or "bond"
	Index  int    // which, from 0
	Reason string // what came and what was expected
}

// Error gives the part and the reason.
func (e *StructureError) Error() string {
	return fmt.Sprintf("depict: %s %d: %s", e.Part, e.Index, e.Reason)
}

// check reports what keeps a structure from being drawn: a *SizeError or a
// *StructureError.
func (s *Structure) check() error {
	if len(s.Atoms) == 0 {
		return &StructureError{"atom", 0, "there is none: nothing to draw"}
	}
	if len(s.Atoms) > MostAtoms {
		return &SizeError{"atoms", len(s.Atoms), MostAtoms}
	}
	seen := make(map[[2]int]bool, len(s.Bonds))
	for k, b := range s.Bonds {
		key := [2]int{min(b.From, b.To), max(b.From, b.To)}
		switch {
		case key[0] < 0 || key[1] >= len(s.Atoms):
			return &StructureError{"bond", k, fmt.Sprintf("it joins %d and %d, expected two of the atoms 0..%d", b.From, b.To, len(s.Atoms)-1)}
		case b.From == b.To:
			return &StructureError{"bond", k, fmt.Sprintf("it joins atom %d to itself", b.From)}
		case seen[key]:
			return &StructureError{"bond", k, fmt.Sprintf("atoms %d and %d are bonded twice; give one bond with its order", b.From, b.To)}
		case b.Order < 0 || b.Order > 4:
			return &StructureError{"bond", k, fmt.Sprintf("the order is %d, expected 1 to 4, or 0 for an aromatic bond", b.Order)}
		}
		seen[key] = true
	}
	return nil
}

// end is one bond seen from one of its atoms.
type end struct{ atom, bond int }

// ends lists the bonds of each atom, in order of the bonds.
func (s *Structure) ends() [][]end {
	all := make([][]end, len(s.Atoms))
	for k, b := range s.Bonds {
		all[b.From] = append(all[b.From], end{b.To, k})
		all[b.To] = append(all[b.To], end{b.From, k})
	}
	return all
}

// Formula gives the molecular formula: carbon, hydrogen, then the others in
// alphabetical order, with the charge of the whole at the end: "C9H8O4",
// "C2H3O2-", "Fe+2".
func (s *Structure) Formula() string {
	counts := map[string]int{}
	charge := 0
	for _, a := range s.Atoms {
		counts[a.Symbol]++
		counts["H"] += a.Hydrogens
		charge += a.Charge
	}
	symbols := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(symbols, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	var out []byte
	for _, symbol := range symbols {
		n := counts[symbol]
		if n == 0 {
			continue
		}
		out = append(out, symbol...)
		if n > 1 {
			out = strconv.AppendInt(out, int64(n), 10)
		}
	}
	switch {
	case charge > 0:
		out = append(out, '+')
	case charge < 0:
		out = append(out, '-')
	}
	if n := max(charge, -charge); n > 1 {
		out = strconv.AppendInt(out, int64(n), 10)
	}
	return string(out)
}

// rank puts carbon and hydrogen before all others.
func rank(symbol string) int {
	switch symbol {
	case "C":
		return 0
	case "H":
		return 1
	}
	return 2
}
