package smiles

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// Scaffold gives a number that molecules with the same Bemis-Murcko framework share:
// rings, what joins them, and atoms bonded to those by a double bond (Bemis and
// Murcko, J. Med. Chem. 1996, as RDKit draws it, without chirality). Side chains are
// cut off end by end. The number is a hash of the framework by colour refinement, so
// that frameworks which refinement cannot tell apart, which hardly ever differ, count
// as one; molecules without rings share the empty framework.
//
// A split by these numbers is that of DeepChem with RDKit's scaffolds, molecule by
// molecule, for ESOL, FreeSolv, Lipophilicity, BBBP, BACE and HIV.
func (m *Molecule) Scaffold() uint64 {
	in := framework(m)
	colour := make([]uint64, len(m.Atoms))
	// Refinement alone does not tell a large ring from two small ones. The smallest ring
	// of an atom is the same whichever rings were chosen, which are sorted by size.
	for _, ring := range slices.Backward(m.Rings) {
		for _, i := range ring {
			colour[i] = uint64(len(ring))
		}
	}
	atoms := 0
	for i, a := range m.Atoms {
		if in[i] {
			atoms++
			colour[i] = hashed(colour[i], uint64(a.Element), numbered(a.Aromatic), uint64(uint8(a.Charge)), numbered(pyrrolic(m, i, in)))
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
					near = append(near, hashed(colour[n.Atom], uint64(b.Order)*numbered(!b.Aromatic)))
				}
			}
			slices.Sort(near)
			next[i] = hashed(append(near, colour[i])...)
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
	return hashed(all...)
}

// pyrrolic tells whether an aromatic atom has a hydrogen that counts, since tautomers
// have frameworks of their own: on a heteroatom, where one also takes the place of a
// side chain that is cut off; on a charged carbon, where none does.
func pyrrolic(m *Molecule, atom int, in []bool) bool {
	a := m.Atoms[atom]
	switch {
	case !a.Aromatic, a.Element == Carbon && a.Charge == 0:
		return false
	case a.Hydrogens > 0:
		return true
	}
	return a.Element != Carbon && slices.ContainsFunc(m.Bonded(atom), func(n Neighbour) bool { return !in[n.Atom] })
}

// framework marks the atoms of the framework.
func framework(m *Molecule) []bool {
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

// numbered is 1 for true.
func numbered(b bool) uint64 { return uint64(flag(b)) }

// hashed makes one number of several, by FNV-1a.
func hashed(words ...uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, w := range words {
		binary.LittleEndian.PutUint64(b[:], w)
		h.Write(b[:]) // never fails
	}
	return h.Sum64()
}
