package smiles

import "testing"

func TestScaffold(t *testing.T) {
	of := func(text string) uint64 {
		m, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return m.Scaffold()
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"c1ccccc1", "Cc1ccccc1CCO", true},
		{"C1=CC=CC=C1", "c1ccccc1Cl", true},
		{"CCO", "CCCCN", true}, // none
		{"CCO", "C1CC1", false},
		{"c1ccccc1", "C1CCCCC1", false},
		{"c1ccccc1Cc1ccccc1", "Cc1ccc(cc1)C(C)c1ccccc1", true},
		{"c1ccccc1Cc1ccccc1", "c1ccccc1CCc1ccccc1", false},
		{"O=C1CCCCC1", "C1CCCCC1", false}, // double bonds to the framework belong to it
		{"O=C(c1ccccc1)c1ccccc1", "c1ccccc1Cc1ccccc1", false},
		{"c1ccncc1", "c1ccccc1", false},
		{"Cn1cccc1", "c1cc[nH]c1", true},
		{"c1ccc2[nH]ncc2c1", "c1ccc2n[nH]cc2c1", false},
		{"C1CCCCC1C1CCCCC1", "C1CCCCC1CC1CCCCC1", false},
		{"C1C2CC1C=C2", "C1CC1C=CC1CC1", false}, // refinement sees atoms with the same neighbours
		{"O=[n+]1[cH-]nc2ccccc2c1", "O=[n+]1[c-](C)nc2ccccc2c1", false},
		{"O=[n+]1[c-](CC)nc2ccccc2c1", "O=[n+]1[c-](C)nc2ccccc2c1", true},
	} {
		if got := of(c.a) == of(c.b); got != c.same {
			t.Errorf("%s and %s: same scaffold %v, want %v", c.a, c.b, got, c.same)
		}
	}
	// The order of writing does not matter.
	if of("c1ccc(cc1)C1CCN(C)CC1") != of("CN1CCC(CC1)c1ccccc1") {
		t.Error("the scaffold depends on the order of atoms")
	}
}
