package smiles

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/graphs"
)

var _ Featuriser = ZINC{}

// ZINC gives the features of the ZINC benchmark (Dwivedi et al., "Benchmarking
// Graph Neural Networks", arXiv 2003.00982): one of 28 atom types a node and the
// order of the bond, 1 to 3, an edge; 0 is never used.
//
// The type is the symbol in the Kekulé form, the hydrogens that a canonical SMILES
// of it writes, and the charge: "C", "C H1", "N H2 +". Hydrogens are written for
// charged and chiral atoms, isotopes, radicals, numbered atoms, unusual valences,
// and elements outside the organic subset.
//
// The published graphs have the same types and bonds as these, for every one of
// the 12,000 molecules of the subset, but number their nodes in the order of a
// canonical SMILES, and may alternate double bonds the other way.
type ZINC struct{}

// zincTypes are the 28 types by their ids; the 12,000 molecules of the benchmark's
// subset have the first 21.
var zincTypes = []string{
	"C", "O", "N", "F", "C H1", "S", "Cl", "O -", "N H1 +", "Br", "N H3 +", "N H2 +", "N +", "N -", "S -", "I", "P",
	"O H1 +", "N H1 -", "O +", "S +", "P H1", "P H2", "C H2 -", "P +", "S H1 +", "C H1 -", "P H1 +",
}

// Name is "zinc".
func (ZINC) Name() string { return "zinc" }

// Columns are "type", of 28 values, and "order", of 4.
func (ZINC) Columns() (nodes, edges []Column) {
	return []Column{{"type", slices.Clone(zincTypes)}}, []Column{{"order", []string{"unused", "single", "double", "triple"}}}
}

// Graph gives the molecule's graph. The error is a *FeatureError for an atom that
// is none of the 28 types, or a quadruple bond.
func (z ZINC) Graph(m *Molecule) (*graphs.Graph, error) {
	const hint = "take features that know every atom: atoms or ogb"
	stereo := m.Stereo()
	types := make([]int32, len(m.Atoms))
	for i := range m.Atoms {
		key := m.zincKey(i, stereo.Atoms[i])
		id := zincIDs[key]
		if id == 0 {
			return nil, &FeatureError{z.Name(), i, int(m.Atoms[i].Column),
				fmt.Sprintf("an atom of type %q, none of the 28 of ZINC", key.String()), hint}
		}
		types[i] = id - 1
	}
	for i := range m.Bonds {
		if b := &m.Bonds[i]; b.Order > 3 {
			return nil, &FeatureError{z.Name(), int(b.From), int(m.Atoms[b.From].Column), "a quadruple bond, which ZINC has none of", hint}
		}
	}
	return build(m, 1, 1, func(i int, out []int32) { out[0] = types[i] }, func(b *Bond, _ int, out []int32) { out[0] = int32(b.Order) }), nil
}

// zincKey is a type taken apart.
type zincKey struct {
	element   Element
	hydrogens uint8
	charge    int8
}

// String gives the type as the benchmark writes it.
func (k zincKey) String() string {
	s := k.element.Symbol()
	if k.hydrogens > 0 {
		s += fmt.Sprintf(" H%d", k.hydrogens)
	}
	switch k.charge {
	case 0:
	case 1:
		s += " +"
	case -1:
		s += " -"
	default:
		s += fmt.Sprintf(" %+d", k.charge)
	}
	return s
}

// zincIDs gives each type's id plus 1.
var zincIDs = func() map[zincKey]int32 {
	byName := map[string]int32{}
	for i, name := range zincTypes {
		byName[name] = int32(i) + 1
	}
	ids := map[zincKey]int32{}
	for e := range elements {
		for h := range uint8(5) {
			for q := int8(-1); q <= 1; q++ {
				k := zincKey{Element(e), h, q}
				if id := byName[k.String()]; id > 0 {
					ids[k] = id
				}
			}
		}
	}
	return ids
}()

// zincKey types one atom.
func (m *Molecule) zincKey(i int, chirality Chirality) zincKey {
	a := &m.Atoms[i]
	k := zincKey{element: a.Element, charge: a.Charge}
	unusual := a.Hydrogens > 0 && m.Valence(i) != a.Element.defaultValence()
	if a.Charge != 0 || chirality != Achiral || a.Isotope != 0 || a.Map != 0 || a.Radicals != 0 || unusual || !a.Element.organic() {
		k.hydrogens = a.Hydrogens
	}
	return k
}
