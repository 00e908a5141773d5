package smiles

import (
	"slices"
	"testing"
)

// labels gives the R and S of a molecule's atoms, found in one pass.
func labels(m *Molecule) string {
	f := &stereoFinder{m: m, rank: newRanker(m), codes: make([]cip, len(m.Atoms)), sides: make([]Side, len(m.Bonds)), conflict: make([]bool, len(m.Bonds))}
	f.measureRings()
	f.labelAtoms()
	out := ""
	for _, c := range f.codes {
		switch c {
		case labelledR:
			out += "R"
		case labelledS:
			out += "S"
		}
	}
	return out
}

// TestSpellings writes the same centre in many ways; the label must not depend on
// them.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		name, want string
		texts      []string
	}{
		{"L-alanine", "S", []string{
			"N[C@@H](C)C(=O)O", "C[C@H](N)C(=O)O", "OC(=O)[C@@H](N)C", "[C@H](N)(C)C(=O)O", "[H][C@](N)(C)C(=O)O", "N[C@@]([H])(C)C(=O)O",
			"N[C@TH2H](C)C(=O)O", "N[C@H]1C.C1(=O)O", "N[C@@H]1C(=O)O.C1", "[C@@H]1(N)C(=O)O.C1", "C1(=O)O.N[C@H]1C", "[C@]12([H])N.C1.C2(=O)O",
			"N[C@](C)([H])C(=O)O",
		}},
		{"D-alanine", "R", []string{"N[C@H](C)C(=O)O", "[C@@H](N)(C)C(=O)O", "N[C@]([H])(C)C(=O)O"}},
		{"bromochlorofluoromethane", "R", []string{"F[C@H](Cl)Br", "Br[C@H](F)Cl", "[C@H](F)(Br)Cl", "Cl[C@]([H])(Br)F"}},
		{"deuterium", "S", []string{"[2H][C@@H](C)O", "O[C@@H]([2H])C"}},
		// The label is RDKit's, which does not reckon with the lone pair's low rank.
		{"sulphoxide", "S", []string{"C[S@@](=O)CC", "CC[S@](=O)C"}},
	} {
		for _, text := range c.texts {
			m, err := Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if got := labels(m); got != c.want {
				t.Errorf("%s, %s: label %q, expected %s", c.name, text, got, c.want)
			}
		}
	}
}

func TestRealMarks(t *testing.T) {
	for _, c := range []struct {
		name, text string
		atoms      []int // that keep their mark
	}{
		{"centre", "F[C@H](Cl)Br", []int{1}},
		{"two equal substituents", "C[C@H](C)O", nil},
		{"three neighbours only", "C[C@](F)Cl", nil},
		{"amine", "C[N@](CC)CCC", nil},
		{"aziridine", "C[N@]1CC1C", []int{1}},
		{"sulphoxide", "C[S@](=O)CC", []int{1}},
		{"sulphone", "C[S@](=O)(=O)CC", nil},
		{"phosphine", "C[P@](CC)CCC", []int{1}},
		{"cis-dimethylcyclohexane", "C[C@H]1CC[C@@H](C)CC1", []int{1, 4}},
		{"one mark of the two", "C[C@H]1CCC(C)CC1", nil},
		{"tartaric acid, meso", "OC(=O)[C@H](O)[C@@H](O)C(=O)O", []int{3, 5}},
		{"pseudo-asymmetric", "C[C@H](O)[C@@H](O)[C@@H](C)O", []int{1, 3, 5}},
		{"centre between equal centres", "C[C@H](O)[C@@H](O)[C@H](C)O", []int{1, 5}},
		{"aromatic", "C[c@]1ccccc1", nil},
		{"square-planar", "F[Pt@SP1](Cl)(Br)I", []int{1}},
	} {
		m, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []int
		for i, a := range m.Stereo().Atoms {
			if a != Achiral {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, c.atoms) {
			t.Errorf("%s, %s: marks on %v, expected %v", c.name, c.text, got, c.atoms)
		}
	}
}

func TestSides(t *testing.T) {
	for _, c := range []struct {
		text string
		want Side
	}{
		{"F/C=C/F", TransSide}, {`F\C=C\F`, TransSide}, {"C(/F)=C/F", CisSide}, {`F/C=C\F`, CisSide}, {`C(\F)=C/F`, TransSide},
		{"F/C=CF", NoSide}, {"FC=CF", NoSide}, {"F/C(C)=C/F", TransSide}, {"FC(/C)=C/F", TransSide},
		{"F/C(F)=C/F", NoSide}, {"F/C(/C)=C/F", TransSide}, {`F/C(\C)=C/F`, NoSide},
		{"F/C=C1.F/1", CisSide}, {"F/C=C/1.F1", TransSide}, {"F/C=C1.F\\1", TransSide},
		{"C1CC/C=C/C1", NoSide}, {"C1CCCC/C=C/CC1", TransSide}, {"[H]/C(F)=C/F", CisSide}, {"[H]/C=C/F", TransSide},
		{"F/C(C#C)=C/F", TransSide}, {"F/C=N/O", TransSide}, {"F/C=C=C/F", NoSide},
	} {
		m, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := NoSide
		for i, side := range m.Stereo().Bonds {
			if side != NoSide && m.Bonds[i].Order != 2 {
				t.Errorf("%s: bond %d of order %d has a side", c.text, i, m.Bonds[i].Order)
			}
			got = max(got, side)
		}
		if got != c.want {
			t.Errorf("%s: side %d, expected %d", c.text, got, c.want)
		}
	}
}
