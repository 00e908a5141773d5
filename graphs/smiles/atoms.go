package smiles

import "github.com/graft-ml/graft/graphs"

var _ Featuriser = Atoms{}

// Atoms gives the default features. Of a node:
//
//	element        atomic number, 0 for the wildcard               119 values
//	degree         neighbours that are atoms, 0 to 6; 7 for more     8
//	charge         formal charge -3 to 3, larger ones as these       7
//	hydrogens      0 to 4; 5 for more                                6
//	aromatic       no, yes                                           2
//	hybridisation  not derivable, S, SP, SP2, SP3, SP3D, SP3D2       7
//	ring           no, yes                                           2
//
// and of an edge:
//
//	order          single, double, triple, quadruple, aromatic       5
//	conjugated     no, yes                                           2
//	ring           no, yes                                           2
//
// Every molecule has them. What distinguishes mirror images is left out, as in the
// graphs that most published models of molecules read.
type Atoms struct{}

// Clamps of the default features.
const (
	mostDegree = 7
	mostCharge = 3
	mostH      = 5
)

// Name is "atoms".
func (Atoms) Name() string { return "atoms" }

// Columns are the seven of nodes and three of edges.
func (Atoms) Columns() (nodes, edges []Column) {
	yesNo := func(name string) Column { return Column{name, []string{"no", "yes"}} }
	symbols := make([]string, len(elements))
	for e := range elements {
		symbols[e] = elements[e].symbol
	}
	return []Column{
		{"element", symbols},
		{"degree", append(counted(0, mostDegree-1), "more")},
		{"charge", counted(-mostCharge, mostCharge)},
		{"hydrogens", append(counted(0, mostH-1), "more")},
		yesNo("aromatic"),
		{"hybridisation", []string{"none", "S", "SP", "SP2", "SP3", "SP3D", "SP3D2"}},
		yesNo("ring"),
	}, []Column{{"order", []string{"single", "double", "triple", "quadruple", "aromatic"}}, yesNo("conjugated"), yesNo("ring")}
}

// Graph gives the molecule's graph; the error is always nil.
func (Atoms) Graph(m *Molecule) (*graphs.Graph, error) {
	return build(m, 7, 3, func(i int, out []int32) {
		a := &m.Atoms[i]
		out[0] = int32(a.Element)
		out[1] = int32(min(m.Degree(i), mostDegree))
		out[2] = int32(min(max(int(a.Charge), -mostCharge), mostCharge) + mostCharge)
		out[3] = int32(min(int(a.Hydrogens), mostH))
		out[4] = flag(a.Aromatic)
		out[5] = int32(a.Hybridised)
		out[6] = flag(a.Ring)
	}, func(b *Bond, _ int, out []int32) {
		if out[0] = int32(b.Order) - 1; b.Aromatic {
			out[0] = 4
		}
		out[1], out[2] = flag(b.Conjugate), flag(b.Ring)
	}), nil
}
