package depict

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/smiles"
)

// TypeError is a type of a node or edge that stands for no atom or bond.
type TypeError struct {
	Graph  string // its ID; may be empty
	Part   string // "node" or "edge"
	Index  int    // which, from 0
	Reason string // what came and what was expected
}

// Error gives the part and the reason.
func (e *TypeError) Error() string {
	at := ""
	if e.Graph != "" {
		at = fmt.Sprintf("graph %q: ", e.Graph)
	}
	return fmt.Sprintf("depict: %s%s %d: %s", at, e.Part, e.Index, e.Reason)
}

// zincAtoms gives the atoms that the node types of ZINC stand for, with the
// hydrogens that are written and the charge, from names such as "N H2 +".
func zincAtoms() []Atom {
	nodes, _ := smiles.ZINC{}.Columns()
	atoms := make([]Atom, len(nodes[0].Values))
	for t, name := range nodes[0].Values {
		parts := strings.Fields(name)
		atoms[t].Symbol = parts[0]
		for _, p := range parts[1:] {
			switch p {
			case "+":
				atoms[t].Charge = 1
			case "-":
				atoms[t].Charge = -1
			default: // H and a digit
				atoms[t].Hydrogens = int(p[1] - '0')
			}
		}
	}
	return atoms
}

// FromZINC takes the types of a graph for those of ZINC: of nodes, 28 kinds of
// atoms; of edges, bonds of order 1 to 3 in one Kekulé form. Hydrogens that the
// types leave out are added as the valences ask for. The error is a *TypeError.
func FromZINC(g *graphs.Graph) (*Structure, error) {
	s := &Structure{Atoms: make([]Atom, g.Nodes)}
	if g.NodeTypeColumns() != 1 || len(g.Edges) > 0 && g.EdgeTypeColumns() != 1 {
		return nil, &TypeError{g.ID, "node", 0, fmt.Sprintf("%d columns of node types and %d of edge types, expected one of each, as ZINC has", g.NodeTypeColumns(), g.EdgeTypeColumns())}
	}
	known := zincAtoms()
	for i, t := range g.NodeTypes {
		if t < 0 || int(t) >= len(known) {
			return nil, &TypeError{g.ID, "node", i, fmt.Sprintf("type %d, expected one of the %d atoms of ZINC", t, len(known))}
		}
		s.Atoms[i] = known[t]
	}
	sum := make([]int, g.Nodes)
	for e, edge := range g.Edges {
		order := int(g.EdgeTypes[e])
		if order < 1 || order > 3 {
			return nil, &TypeError{g.ID, "edge", e, fmt.Sprintf("type %d, expected a bond: 1 single, 2 double, 3 triple", order)}
		}
		sum[edge.From] += order
		if edge.From < edge.To {
			s.Bonds = append(s.Bonds, Bond{From: edge.From, To: edge.To, Order: order})
		}
	}
	for i := range s.Atoms {
		a := &s.Atoms[i]
		a.Hydrogens = max(a.Hydrogens, missing(a.Symbol, a.Charge, sum[i]))
	}
	return s, nil
}

// missing is the number of hydrogens that make up the smallest valence an atom can
// have with bonds of that sum.
func missing(symbol string, charge, sum int) int {
	valences := map[string][]int{"C": {4}, "N": {3}, "O": {2}, "F": {1}, "Cl": {1}, "Br": {1}, "I": {1}, "P": {3, 5}, "S": {2, 4, 6}}[symbol]
	for _, v := range valences {
		switch {
		case symbol == "C" || charge < 0:
			v -= max(charge, -charge)
		default:
			v += charge
		}
		if v >= sum {
			return v - sum
		}
	}
	return 0
}

// Values of the features of the Open Graph Benchmark that a picture wants.
const (
	ogbAtomColumns = 9
	ogbBondColumns = 3
	ogbAromatic    = 3 // kind of bond
)

// FromOGB takes the types of a graph for the features of the Open Graph Benchmark
// (Hu and others 2020): of atoms, the atomic number less 1, the charge plus 5, the
// hydrogens and unpaired electrons; of bonds, the kind. Aromatic bonds have no
// order. The error is a *TypeError.
func FromOGB(g *graphs.Graph) (*Structure, error) {
	s := &Structure{Atoms: make([]Atom, g.Nodes)}
	if g.NodeTypeColumns() != ogbAtomColumns || len(g.Edges) > 0 && g.EdgeTypeColumns() != ogbBondColumns {
		return nil, &TypeError{g.ID, "node", 0, fmt.Sprintf("%d columns of node types and %d of edge types, expected 9 and 3, as the Open Graph Benchmark has",
			g.NodeTypeColumns(), g.EdgeTypeColumns())}
	}
	for i := range s.Atoms {
		f := g.NodeTypes[i*ogbAtomColumns:]
		number, charge, hydrogens, radicals := f[0]+1, f[3]-5, f[4], f[5]
		if number < 1 || number > 118 {
			return nil, &TypeError{g.ID, "node", i, fmt.Sprintf("atomic number %d, expected 1 to 118", number)}
		}
		s.Atoms[i] = Atom{Symbol: smiles.Element(number).Symbol(), Charge: int(charge), Hydrogens: int(hydrogens), Radicals: int(radicals)}
	}
	for e, edge := range g.Edges {
		kind := g.EdgeTypes[e*ogbBondColumns]
		if kind < 0 || kind > ogbAromatic {
			return nil, &TypeError{g.ID, "edge", e, fmt.Sprintf("kind %d, expected a bond: 0 single, 1 double, 2 triple, 3 aromatic", kind)}
		}
		if edge.From < edge.To {
			b := Bond{From: edge.From, To: edge.To, Order: int(kind) + 1}
			if kind == ogbAromatic {
				b.Order, b.Aromatic = 0, true
			}
			s.Bonds = append(s.Bonds, b)
		}
	}
	return s, nil
}
