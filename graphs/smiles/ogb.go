package smiles

import "github.com/graft-ml/graft/graphs"

var _ Featuriser = OGB{}

// OGB gives the features of the Open Graph Benchmark's molecules (Hu et al., arXiv
// 2005.00687; ogb/utils/features.py), nine of a node:
//
//	atomic_num     atomic number less 1; 118 for the wildcard         119 values
//	chirality      none, clockwise, counterclockwise, other, misc       5
//	degree         neighbours and hydrogens, 0 to 10, misc             12
//	charge         formal charge -5 to 5, misc                         12
//	num_h          hydrogens 0 to 8, misc                              10
//	radical        unpaired electrons 0 to 4, misc                      6
//	hybridization  SP, SP2, SP3, SP3D, SP3D2, misc                      6
//	aromatic       no, yes                                              2
//	in_ring        no, yes                                              2
//
// and three of an edge:
//
//	type           single, double, triple, aromatic, misc               5
//	stereo         none, Z, E, cis, trans, any                          6
//	conjugated     no, yes                                              2
//
// The numbers are those of RDKit 2022.09.3 for all molecules of ESOL, FreeSolv,
// Lipophilicity, BBBP, BACE, HIV and Peptides, but for two phthalocyanines of HIV
// whose inner ring alternates the other way.
type OGB struct{}

// Name is "ogb".
func (OGB) Name() string { return "ogb" }

// Columns are the nine of nodes and three of edges, named as OGB names them.
func (OGB) Columns() (nodes, edges []Column) {
	misc := func(name string, values ...string) Column { return Column{name, append(values, "misc")} }
	yesNo := func(name string) Column { return Column{name, []string{"no", "yes"}} }
	var symbols []string
	for _, e := range elements[1:] {
		symbols = append(symbols, e.symbol)
	}
	return []Column{
			misc("atomic_num", symbols...),
			misc("chirality", "none", "clockwise", "counterclockwise", "other"),
			misc("degree", counted(0, 10)...),
			misc("charge", counted(-5, 5)...),
			misc("num_h", counted(0, 8)...),
			misc("radical", counted(0, 4)...),
			misc("hybridization", "SP", "SP2", "SP3", "SP3D", "SP3D2"),
			yesNo("aromatic"), yesNo("in_ring"),
		}, []Column{
			misc("type", "single", "double", "triple", "aromatic"),
			{"stereo", []string{"none", "Z", "E", "cis", "trans", "any"}},
			yesNo("conjugated"),
		}
}

// within gives value, or misc where it lies outside 0..misc-1.
func within(value, misc int) int32 {
	if value < 0 || value > misc {
		return int32(misc)
	}
	return int32(value)
}

// Graph gives the molecule's graph; the error is always nil.
func (OGB) Graph(m *Molecule) (*graphs.Graph, error) {
	stereo := m.Stereo()
	return build(m, 9, 3, func(i int, out []int32) {
		a := &m.Atoms[i]
		out[0] = within(int(a.Element)-1, 118)
		// RDKit knows the other classes by names that OGB's list lacks.
		if out[1] = int32(stereo.Atoms[i]); stereo.Atoms[i] == OtherChirality {
			out[1] = 4
		}
		out[2] = within(m.Degree(i)+int(a.Hydrogens), 11)
		out[3] = within(int(a.Charge)+5, 11)
		out[4] = within(int(a.Hydrogens), 9)
		out[5] = within(int(a.Radicals), 5)
		out[6] = within(int(a.Hybridised)-int(SP), 5)
		out[7], out[8] = flag(a.Aromatic), flag(a.Ring)
	}, func(b *Bond, i int, out []int32) {
		if out[0] = within(int(b.Order)-1, 4); b.Order == 4 {
			out[0] = 4
		}
		if b.Aromatic {
			out[0] = 3
		}
		out[1], out[2] = int32(stereo.Bonds[i]), flag(b.Conjugate)
	}), nil
}
