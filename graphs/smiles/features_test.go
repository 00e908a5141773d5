package smiles

import (
	"errors"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func graph(t *testing.T, f Featuriser, text string) *graphs.Graph {
	t.Helper()
	m, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	g, err := f.Graph(m)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := g.Validate(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

func TestNamed(t *testing.T) {
	sizes := map[string][2][]int{
		"atoms": {{119, 8, 7, 6, 2, 7, 2}, {5, 2, 2}},
		"ogb":   {{119, 5, 12, 12, 10, 6, 6, 2, 2}, {5, 6, 2}},
		"zinc":  {{28}, {4}},
	}
	if got := Featurisers(); len(got) != len(sizes) {
		t.Errorf("%v, expected the names of %v", got, sizes)
	}
	for _, name := range Featurisers() {
		f, err := FeaturiserNamed(name)
		if err != nil || f.Name() != name {
			t.Fatalf("%s: %v, %v", name, f, err)
		}
		nodes, edges := f.Columns()
		if !slices.Equal(Vocabulary(nodes), sizes[name][0]) || !slices.Equal(Vocabulary(edges), sizes[name][1]) {
			t.Errorf("%s: vocabularies %v and %v, expected %v", name, Vocabulary(nodes), Vocabulary(edges), sizes[name])
		}
	}
	if f, err := FeaturiserNamed(""); err != nil || f.Name() != "atoms" {
		t.Errorf("default: %v, %v", f, err)
	}
	_, err := FeaturiserNamed("zink")
	var name *NameError
	if want := `smiles: unknown features "zink"; did you mean "zinc"? There are atoms, ogb, zinc`; !errors.As(err, &name) || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
}

func TestZINCTypes(t *testing.T) {
	for _, c := range []struct {
		text  string
		types []string
	}{
		{"CO", []string{"C", "O"}},
		{"[CH3][OH]", []string{"C", "O"}},
		{"F[C@H](Cl)Br", []string{"F", "C H1", "Cl", "Br"}},
		{"C[C@H](C)O", []string{"C", "C", "C", "O"}},
		{"C[NH2+]C", []string{"C", "N H2 +", "C"}},
		{"c1cc[nH]c1", []string{"C", "C", "C", "N", "C"}},
		{"c1c[nH+]c[nH]1", []string{"C", "C", "N H1 +", "C", "N"}},
		{"CN(=O)=O", []string{"C", "N +", "O -", "O"}},
		{"C[PH2]", []string{"C", "P"}},
		{"C[PH](=O)O", []string{"C", "P H1", "O", "O"}},
		{"C[PH2]=O", []string{"C", "P H2", "O"}},
	} {
		g := graph(t, ZINC{}, c.text)
		nodes, _ := ZINC{}.Columns()
		var got []string
		for _, x := range g.NodeTypes {
			got = append(got, nodes[0].Values[x])
		}
		if !slices.Equal(got, c.types) {
			t.Errorf("%s: %q, expected %q", c.text, got, c.types)
		}
	}
	g := graph(t, ZINC{}, "N#CC=O")
	if want := []int32{3, 3, 1, 1, 2, 2}; !slices.Equal(g.EdgeTypes, want) {
		t.Errorf("orders %v, expected %v", g.EdgeTypes, want)
	}
	for text, want := range map[string]string{
		"C[Si](C)(C)C":  `smiles: features zinc: atom 1 (column 2): an atom of type "Si", none of the 28 of ZINC; take features that know every atom: atoms or ogb`,
		"[Fe+2]":        `smiles: features zinc: atom 0 (column 1): an atom of type "Fe +2", none of the 28 of ZINC; take features that know every atom: atoms or ogb`,
		"C[13CH3]":      `smiles: features zinc: atom 1 (column 2): an atom of type "C H3", none of the 28 of ZINC; take features that know every atom: atoms or ogb`,
		"[C]$[C]":       `smiles: features zinc: atom 0 (column 1): a quadruple bond, which ZINC has none of; take features that know every atom: atoms or ogb`,
		"OCC(=O)[O-].*": `smiles: features zinc: atom 5 (column 13): an atom of type "*", none of the 28 of ZINC; take features that know every atom: atoms or ogb`,
	} {
		m, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ZINC{}.Graph(m)
		var feature *FeatureError
		if !errors.As(err, &feature) || err.Error() != want {
			t.Errorf("%s: %v, expected %s", text, err, want)
		}
	}
}

func TestAtomFeatures(t *testing.T) {
	for _, c := range []struct {
		f            Featuriser
		text         string
		nodes, edges []int32
	}{
		{Atoms{}, "C", []int32{6, 0, 3, 4, 0, 4, 0}, nil},
		{Atoms{}, "*", []int32{0, 0, 3, 0, 0, 0, 0}, nil},
		{Atoms{}, "C=O", []int32{6, 1, 3, 2, 0, 3, 0, 8, 1, 3, 0, 0, 3, 0}, []int32{1, 0, 0, 1, 0, 0}},
		{Atoms{}, "[U+5]", []int32{92, 0, 6, 0, 0, 1, 0}, nil},
		{Atoms{}, "[O--]", []int32{8, 0, 1, 0, 0, 4, 0}, nil},
		{OGB{}, "C", []int32{5, 0, 4, 5, 4, 0, 2, 0, 0}, nil},
		{OGB{}, "*", []int32{118, 0, 0, 5, 0, 0, 5, 0, 0}, nil},
		{OGB{}, "[Fe+6]", []int32{25, 0, 0, 11, 0, 0, 5, 0, 0}, nil},
		{OGB{}, "F/C=C/F", []int32{
			8, 0, 1, 5, 0, 0, 2, 0, 0,
			5, 0, 3, 5, 1, 0, 1, 0, 0,
			5, 0, 3, 5, 1, 0, 1, 0, 0,
			8, 0, 1, 5, 0, 0, 2, 0, 0,
		}, []int32{0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0}},
	} {
		g := graph(t, c.f, c.text)
		if !slices.Equal(g.NodeTypes, c.nodes) || !slices.Equal(g.EdgeTypes, c.edges) {
			t.Errorf("%s of %s: %v, %v; expected %v, %v", c.f.Name(), c.text, g.NodeTypes, g.EdgeTypes, c.nodes, c.edges)
		}
	}
	benzene := graph(t, Atoms{}, "c1ccccc1")
	for i := range 6 {
		if got, want := benzene.NodeTypes[7*i:7*i+7], []int32{6, 2, 3, 1, 1, 3, 1}; !slices.Equal(got, want) {
			t.Errorf("benzene's atom %d: %v, expected %v", i, got, want)
		}
		if got, want := benzene.EdgeTypes[6*i:6*i+6], []int32{4, 1, 1, 4, 1, 1}; !slices.Equal(got, want) {
			t.Errorf("benzene's bond %d: %v, expected %v", i, got, want)
		}
	}
}

func TestFormula(t *testing.T) {
	for text, want := range map[string]string{
		"C[N+](C)(C)CCO": "C5H14NO+", "B(O)O": "H3BO2", "[Fe+2]": "Fe+2", "[O-]S(=O)(=O)[O-]": "O4S-2", "[Na+].[Cl-]": "ClNa", "*C": "CH3*",
		"[13CH4]": "CH4", "[Zr]": "Zr",
	} {
		m, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Formula(); got != want {
			t.Errorf("%s: %s, expected %s", text, got, want)
		}
	}
	if got, want := Element(200).String(), "#200"; got != want {
		t.Errorf("element 200 is %s, expected %s", got, want)
	}
}
