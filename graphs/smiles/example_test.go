package smiles_test

import (
	"fmt"

	"github.com/graft-ml/graft/graphs/smiles"
)

func ExampleParse() {
	m, err := smiles.Parse("CN1C=NC2=C1C(=O)N(C(=O)N2C)C caffeine")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Formula(), "rings", m.Rings)
	for i, a := range m.Atoms[:4] {
		fmt.Printf("%v with %d hydrogens, aromatic %v, bonded to", a.Element, a.Hydrogens, a.Aromatic)
		for _, n := range m.Bonded(i) {
			fmt.Print(" ", n.Atom)
		}
		fmt.Println()
	}
	// Output:
	// C8H10N4O2 rings [[1 2 3 4 5] [4 5 6 8 9 11]]
	// C with 3 hydrogens, aromatic false, bonded to 1
	// N with 0 hydrogens, aromatic true, bonded to 0 2 5
	// C with 1 hydrogens, aromatic true, bonded to 1 3
	// N with 0 hydrogens, aromatic true, bonded to 2 4
}

func ExampleParseError() {
	for _, text := range []string{"CC(C", "c1ccnc1", "CN(C)(C)C", "C[Xx]"} {
		_, err := smiles.Parse(text)
		fmt.Println(err)
	}
	// Output:
	// smiles: "CC(C": column 3, "(": a branch that is never closed; write ) at its end
	// smiles: "c1ccnc1": column 6, "c": no alternating single and double bonds fit this aromatic system: the atom is left over; a nitrogen of the ring may need its hydrogen, [nH], or an atom its charge
	// smiles: "CN(C)(C)C": column 2, "N": N with a valence of 4, where neutral N has 3; nitrogen with four bonds is written [N+] or [NH+]
	// smiles: "C[Xx]": column 2, "[Xx": no element "Xx"; did you mean [Xe]?
}

func ExampleAtoms() {
	m, err := smiles.Parse("C[NH3+]")
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := smiles.Atoms{}.Graph(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	nodes, _ := smiles.Atoms{}.Columns()
	for i := range g.Nodes {
		for c, column := range nodes {
			fmt.Printf("%s %s, ", column.Name, column.Values[g.NodeTypes[i*len(nodes)+c]])
		}
		fmt.Println("atom", i)
	}
	// Output:
	// element C, degree 1, charge 0, hydrogens 3, aromatic no, hybridisation SP3, ring no, atom 0
	// element N, degree 1, charge 1, hydrogens 3, aromatic no, hybridisation SP3, ring no, atom 1
}

func ExampleMolecule_Stereo() {
	m, err := smiles.Parse("F/C=C/[C@H](O)[C@H](C)C")
	if err != nil {
		fmt.Println(err)
		return
	}
	stereo := m.Stereo()
	fmt.Println("double bond E:", stereo.Bonds[1] == smiles.TransSide)
	fmt.Println("a centre:", stereo.Atoms[3] != smiles.Achiral)
	fmt.Println("none, two methyls:", stereo.Atoms[5] == smiles.Achiral)
	// Output:
	// double bond E: true
	// a centre: true
	// none, two methyls: true
}
