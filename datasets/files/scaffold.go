package files

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/graft-ml/graft/graphs/smiles"
)

// scaffold gives a number that molecules with the same Bemis-Murcko framework share:
// rings, what joins them, and atoms bonded to those by a double bond (Bemis and Murcko
// 1996, as RDKit draws it, without chirality). Side chains are cut off end by end. The
// number is a hash of the framework by colour refinement, so that frameworks which
// refinement cannot tell apart, which hardly ever differ, count as one; molecules
// without rings share the empty framework.
//
// The split that follows is that of DeepChem with RDKit's scaffolds, molecule by
// molecule, for ESOL, FreeSolv, Lipophilicity, BBBP and BACE.
func scaffold(m *smiles.Molecule) uint64 {
	in := framework(m)
	colour := make([]uint64, len(m.Atoms))
	atoms := 0
	for i, a := range m.Atoms {
		if in[i] {
			atoms++
			colour[i] = hash(uint64(a.Element), flag(a.Aromatic), uint64(uint8(a.Charge)), flag(pyrrolic(m, i, in)))
		}
	}
	next := make([]uint64, len(colour))
	var near []uint64
	for range atoms {
		for i := range m.Atoms {
			if !in[i] {
				continue
			}
			near = near[:0]
			for _, n := range m.Bonded(i) {
				if b := m.Bonds[n.Bond]; in[n.Atom] {
					near = append(near, hash(colour[n.Atom], uint64(b.Order)*flag(!b.Aromatic)))
				}
			}
			slices.Sort(near)
			next[i] = hash(append(near, colour[i])...)
		}
		colour, next = next, colour
		if sameClasses(colour, next, in) {
			break
		}
	}
	var all []uint64
	for i, c := range colour {
		if in[i] {
			all = append(all, c)
		}
	}
	slices.Sort(all)
	return hash(all...)
}

// pyrrolic tells whether an atom is an aromatic heteroatom with a hydrogen, which takes
// the place of a side chain where that is cut off: tautomers have frameworks of their
// own.
func pyrrolic(m *smiles.Molecule, atom int, in []bool) bool {
	a := m.Atoms[atom]
	if !a.Aromatic || a.Element == smiles.Carbon {
		return false
	}
	return a.Hydrogens > 0 || slices.ContainsFunc(m.Bonded(atom), func(n smiles.Neighbour) bool { return !in[n.Atom] })
}

// framework marks the atoms of the framework.
func framework(m *smiles.Molecule) []bool {
	in := make([]bool, len(m.Atoms))
	degree := make([]int, len(m.Atoms))
	var ends []int
	for i := range m.Atoms {
		in[i], degree[i] = true, m.Degree(i)
		if degree[i] < 2 {
			ends = append(ends, i)
		}
	}
	for len(ends) > 0 {
		i := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		in[i] = false
		for _, n := range m.Bonded(i) {
			if degree[n.Atom]--; in[n.Atom] && degree[n.Atom] == 1 {
				ends = append(ends, int(n.Atom))
			}
		}
	}
	core := slices.Clone(in)
	for _, b := range m.Bonds {
		if b.Order == 2 && core[b.From] != core[b.To] {
			in[b.From], in[b.To] = true, true
		}
	}
	return in
}

// sameClasses tells whether a step of refinement has told no more atoms apart.
func sameClasses(now, before []uint64, in []bool) bool {
	a, b := map[uint64]bool{}, map[uint64]bool{}
	for i := range now {
		if in[i] {
			a[now[i]], b[before[i]] = true, true
		}
	}
	return len(a) == len(b)
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func hash(words ...uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, w := range words {
		binary.LittleEndian.PutUint64(b[:], w)
		h.Write(b[:]) // never fails
	}
	return h.Sum64()
}

// byScaffold fills the training split with whole groups of molecules, the largest
// first and of equal ones that which begins last, until it has 80 %, then the
// validation split to 90 %, as DeepChem's ScaffoldSplitter does (Wu et al.,
// MoleculeNet, 2018).
func byScaffold(scaffolds []uint64) (parts [3][]int) {
	groups := map[uint64][]int{}
	var order []uint64
	for i, s := range scaffolds {
		if groups[s] == nil {
			order = append(order, s)
		}
		groups[s] = append(groups[s], i)
	}
	slices.SortFunc(order, func(a, b uint64) int {
		return cmp.Or(len(groups[b])-len(groups[a]), groups[b][0]-groups[a][0])
	})
	n := len(scaffolds)
	train, val := n*8/10, n*9/10
	for _, s := range order {
		g := groups[s]
		switch {
		case len(parts[0])+len(g) <= train:
			parts[0] = append(parts[0], g...)
		case len(parts[0])+len(parts[1])+len(g) <= val:
			parts[1] = append(parts[1], g...)
		default:
			parts[2] = append(parts[2], g...)
		}
	}
	return parts
}
