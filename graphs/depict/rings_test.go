package depict

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs/smiles"
)

// The smallest rings have the sizes that the reader of SMILES finds, where it adds
// none of equal size.
func TestCycles(t *testing.T) {
	for text, want := range map[string][]int{
		"CCO": nil, "c1ccccc1": {6}, "c1ccc2ccccc2c1": {6, 6}, "C1CC2CCC1C2": {5, 5}, "C12C3C4C1C5C2C3C45": {4, 4, 4, 4, 4},
		"C1CCC2(C1)CCNCC2": {5, 6}, "C1CCCCCCCCCCC1.C1CC1": {3, 12}, "C12CC3CC(CC(C3)C1)C2": {6, 6, 6},
		"c1cc2ccc3cccc4ccc(c1)c2c34": {6, 6, 6, 6}, "C1CCc2cccc(c2)CCCCCC1": {6, 12},
	} {
		s := parse(t, text)
		var sizes []int
		for _, r := range cycles(s, s.ends()) {
			sizes = append(sizes, len(r.atoms))
			for k, b := range r.bonds {
				x, y := r.atoms[k], r.atoms[(k+1)%len(r.atoms)]
				if bond := s.Bonds[b]; min(bond.From, bond.To) != min(x, y) || max(bond.From, bond.To) != max(x, y) {
					t.Errorf("%s: bond %d of a ring does not join atoms %d and %d", text, b, x, y)
				}
			}
		}
		slices.Sort(sizes)
		if !slices.Equal(sizes, want) {
			t.Errorf("%s: rings of %v, want %v", text, sizes, want)
		}
	}
}

// Sizes agree with the reader's, whose list has rings of equal size beside the set.
func TestCyclesAgreeWithTheReader(t *testing.T) {
	for _, text := range []string{
		"CN1CC[C@]23[C@H]4Oc5c(O)ccc(C[C@@H]1[C@]2(O)CCC4=O)c35", "O=C7N2c1ccccc1[C@@]64[C@@H]2[C@@H]3[C@@H](OC/C=C5\\[C@@H]3C[C@@H]6N(CC4)C5)C7",
		"C1=CC2=CC3=CC=C(N3)C=C4C=CC(=N4)C=C5C=CC(=CC1=N2)N5",
	} {
		m, err := smiles.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		count := map[int]int{}
		for _, r := range m.Rings {
			count[len(r)]++
		}
		s := FromSMILES(m)
		for _, r := range cycles(s, s.ends()) {
			if count[len(r.atoms)]--; count[len(r.atoms)] < 0 {
				t.Errorf("%s: more rings of %d than the reader finds", text, len(r.atoms))
			}
		}
	}
}
