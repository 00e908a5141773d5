package smiles

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
)

// Featuriser turns molecules into graphs of categorical features: a node per atom
// in the order of the SMILES, both directions of every bond. It is safe for
// concurrent use.
type Featuriser interface {
	// Name is the one that FeaturiserNamed knows it by.
	Name() string
	// Columns describes the types of nodes and of edges, one column each.
	Columns() (nodes, edges []Column)
	// Graph gives the molecule as a graph without target and ID. The error is a
	// *FeatureError.
	Graph(m *Molecule) (*graphs.Graph, error)
}

// Column is one categorical feature.
type Column struct {
	Name   string
	Values []string // what each id means; their number is the size of the vocabulary
}

// Vocabulary gives the sizes of columns, as graphs.Reader and models want them.
func Vocabulary(columns []Column) []int {
	sizes := make([]int, len(columns))
	for i, c := range columns {
		sizes[i] = len(c.Values)
	}
	return sizes
}

// Featurisers are the names that FeaturiserNamed knows.
func Featurisers() []string { return []string{"atoms", "ogb", "zinc"} }

// FeaturiserNamed finds a featuriser: "atoms" or "" (the default), "ogb" or "zinc".
// The error is a *NameError.
func FeaturiserNamed(name string) (Featuriser, error) {
	switch name {
	case "", "atoms":
		return Atoms{}, nil
	case "ogb":
		return OGB{}, nil
	case "zinc":
		return ZINC{}, nil
	}
	return nil, &NameError{name}
}

// NameError is a name that is no featuriser's.
type NameError struct {
	Name string
}

// Error lists the names that there are.
func (e *NameError) Error() string {
	return fmt.Sprintf("smiles: unknown features %q; did you mean %q? There are %s", e.Name, nearest.To(e.Name, Featurisers()), strings.Join(Featurisers(), ", "))
}

// build makes the graph from one row of types per atom and per bond.
func build(m *Molecule, nodeColumns, edgeColumns int, node func(i int, types []int32), edge func(b *Bond, i int, types []int32)) *graphs.Graph {
	g := &graphs.Graph{
		Nodes:     len(m.Atoms),
		Edges:     make([]graphs.Edge, 0, 2*len(m.Bonds)),
		NodeTypes: make([]int32, nodeColumns*len(m.Atoms)),
		EdgeTypes: make([]int32, 2*edgeColumns*len(m.Bonds)),
	}
	for i := range m.Atoms {
		node(i, g.NodeTypes[i*nodeColumns:(i+1)*nodeColumns])
	}
	for i := range m.Bonds {
		b := &m.Bonds[i]
		from, to := int(b.From), int(b.To)
		g.Edges = append(g.Edges, graphs.Edge{From: from, To: to}, graphs.Edge{From: to, To: from})
		forth := g.EdgeTypes[2*i*edgeColumns : (2*i+1)*edgeColumns]
		edge(b, i, forth)
		copy(g.EdgeTypes[(2*i+1)*edgeColumns:(2*i+2)*edgeColumns], forth)
	}
	return g
}

// counted names the numbers from..to.
func counted(from, to int) []string {
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

// flag is 1 for true.
func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
