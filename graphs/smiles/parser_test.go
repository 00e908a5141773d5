package smiles

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// summary writes a molecule so that a table can say what is expected: atoms with
// hydrogens and charge, then bonds.
func summary(m *Molecule) string {
	var b strings.Builder
	for i, a := range m.Atoms {
		if i > 0 {
			b.WriteByte(' ')
		}
		if a.Isotope > 0 {
			fmt.Fprint(&b, a.Isotope)
		}
		b.WriteString(a.Element.Symbol())
		if a.Hydrogens > 0 {
			fmt.Fprintf(&b, "H%d", a.Hydrogens)
		}
		if a.Charge != 0 {
			fmt.Fprintf(&b, "%+d", a.Charge)
		}
	}
	for _, bond := range m.Bonds {
		fmt.Fprintf(&b, " %d%s%d", bond.From, []string{1: "-", 2: "=", 3: "#", 4: "$"}[bond.Order], bond.To)
	}
	return b.String()
}

func TestGrammar(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"C", "CH4"},
		{"  C", "CH4"},
		{"CO methanol |$;$|", "CH3 OH1 0-1"},
		{"CO\tmethanol", "CH3 OH1 0-1"},
		{"CO\r\n", "CH3 OH1 0-1"},
		{"ClBr", "Cl Br 0-1"},
		{"C(F)(Cl)I", "CH1 F Cl I 0-1 0-2 0-3"},
		{"C(C(C)C)C", "CH2 CH1 CH3 CH3 CH3 0-1 1-2 1-3 0-4"},
		{"C(=O)O", "CH1 O OH1 0=1 0-2"},
		{"C(.O)C", "CH3 OH2 CH3 0-2"},
		{"C.(C)", ""},
		{"C1.C1", "CH3 CH3 1-0"},
		{"C%01CC1", "CH2 CH2 CH2 0-1 1-2 2-0"},
		{"C%(1)CC1", "CH2 CH2 CH2 0-1 1-2 2-0"},
		{"C%(99999)CC%(99999)", "CH2 CH2 CH2 0-1 1-2 2-0"},
		{"C%(123456)CC", ""},
		{"C(C)1CC1", "CH1 CH3 CH2 CH2 0-1 0-2 2-3 3-0"},
		{"C-1CC=1", "CH2 CH2 CH2 0-1 1-2 0-2"},
		{"C1CC=1", "CH1 CH2 CH1 0-1 1-2 2=0"},
		{`F/C=C\\F`, "F CH1 CH1 F 0-1 1=2 2-3"},
		{"[C]$[C]", "C C 0$1"},
		{"[13CH4]", "13CH4"},
		{"[CH3:12]", "CH3"},
		{"[Fe+++]", "Fe+3"},
		{"[Fe+3]", "Fe+3"},
		{"[O--]", "O-2"},
		{"[O-0]", "O"},
		{"[H]O[H]", "OH2"},
		{"[H]", "H"},
		{"[H]*", "H * 0-1"},
		{"[HH]", "HH1"},
		{"[H:1]C", "CH4"},
		{"[1H]C", "1H CH3 0-1"},
		{"[H]/C=C/F", "H CH1 CH1 F 0-1 1=2 2-3"},
		{"[H]/C(C)=C/F", "CH1 CH3 CH1 F 0-1 0=2 2-3"},
		{"[H]C([H])([H])[H]", "CH4"},
		{"[C@TH2H](F)(Cl)Br", "CH1 F Cl Br 0-1 0-2 0-3"},
		{"[Co@OH12](F)(F)(F)(F)(F)F", "Co F F F F F F 0-1 0-2 0-3 0-4 0-5 0-6"},
		{"*", "*"},
		{"[se]1cccc1", "Se CH1 CH1 CH1 CH1 0-1 1=2 2-3 3=4 4-0"},
		{"CN(=O)=O", "CH3 N+1 O-1 O 0-1 1-2 1=3"},
		{"CN=N#N", "CH3 N N+1 N-1 0-1 1=2 2=3"},
		{"CC=P(=O)C", "CH3 CH1 P+1 O-1 CH3 0-1 1=2 2-3 2-4"},
		{"OCl(=O)(=O)=O", "OH1 Cl+3 O-1 O-1 O-1 0-1 1-2 1-3 1-4"},
		{"OBr=O", "OH1 Br+1 O-1 0-1 1-2"},
		{"O=n1ccccc1", "O-1 N+1 CH1 CH1 CH1 CH1 CH1 0-1 1=2 2-3 3=4 4-5 5=6 6-1"},
		{"*1cccc1", "* CH1 CH1 CH1 CH1 0-1 1=2 2-3 3=4 4-0"},
		{"*1ccccc1", "* CH1 CH1 CH1 CH1 CH1 0-1 1=2 2-3 3=4 4-5 5=0"},
		{"[O-][Cl+3]([O-])([O-])[O-]", "O-1 Cl+3 O-1 O-1 O-1 0-1 1-2 1-3 1-4"},
		{"F[P-](F)(F)(F)(F)F", "F P-1 F F F F F 0-1 1-2 1-3 1-4 1-5 1-6"},
		{"[BH4-]", "BH4-1"},
		{"FS(F)(F)(F)F", "F SH1 F F F F 0-1 1-2 1-3 1-4 1-5"},
	} {
		m, err := Parse(c.text)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: read as %s, expected an error", c.text, summary(m))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := summary(m); got != c.want {
			t.Errorf("%s: %s, expected %s", c.text, got, c.want)
		} else {
			consistent(t, c.text, m)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		kind   Kind
		column int
		token  string
		reason string // a part of it
	}{
		{"", Syntax, 1, "", "empty"},
		{"   ", Syntax, 4, "", "empty"},
		{"CC(", Syntax, 3, "(", "never closed"},
		{"CC)", Syntax, 3, ")", "without a ("},
		{"CC()C", Syntax, 3, "()", "without an atom"},
		{"CC((C))C", Syntax, 4, "(", "begins with a branch"},
		{"CC=(C)", Syntax, 3, "=(", "before a branch"},
		{"CC(C=)C", Syntax, 5, "=)", "no atom"},
		{"CC=", Syntax, 3, "=", "no atom"},
		{"C=-C", Syntax, 2, "=-", "two bond symbols"},
		{"C->C", Syntax, 2, "->", "dative"},
		{"C..C", Syntax, 3, ".", "no atom before"},
		{"C.", Syntax, 2, ".", "no atom behind"},
		{"C=.C", Syntax, 2, "=.", "no atom"},
		{"1CC1", Syntax, 1, "1", "no atom before"},
		{"C(1CC1)", Syntax, 3, "1", "no atom before"},
		{"CCC%12CC", Syntax, 4, "%12", "never closed"},
		{"CCC%1", Syntax, 4, "%1", "two digits"},
		{"CCC%(1", Syntax, 4, "%(1", "parentheses"},
		{"CC11", Syntax, 3, "11", "to itself"},
		{"C1C1", Syntax, 4, "1", "have a bond already"},
		{"C12CCCCC12", Syntax, 10, "2", "have a bond already"},
		{"CC[NH4", Syntax, 3, "[NH4", "never closed"},
		{"CC[NH4?]", Syntax, 3, "[NH4?", "does not belong"},
		{"CC[13]", Syntax, 3, "[13]", "without an element"},
		{"CC[Qq]", Syntax, 3, "[Qq", "no element"},
		{"CC[1234C]", Syntax, 3, "[1234", "isotope"},
		{"CC[CH21]", Syntax, 3, "[CH21", "hydrogens"},
		{"CC[C+-]", Syntax, 3, "[C+-", "charge"},
		{"CC[C+100]", Syntax, 3, "[C+100]", "charge"},
		{"CC[C@TB21]", Syntax, 3, "[C@TB21]", "chirality"},
		{"CC[C:]", Syntax, 3, "[C:]", "atom map"},
		{"CCé", Syntax, 3, "é", "no SMILES holds"},
		{"CC\x01", Syntax, 3, "\x01", "no SMILES holds"},
		{"CSi", Syntax, 3, "i", "outside brackets"},
		{"CC!", Syntax, 3, "!", "does not know"},
		{"C@H", Syntax, 2, "@", "inside brackets"},
		{"CC(C)(C)(C)C", Valence, 2, "C", "valence of 5"},
		{"CC[CH4]C", Valence, 3, "[CH4]", "valence of 6"},
		{"C[ClH]", Valence, 2, "[ClH]", "valence of 2"},
		{"[NH5+]", Valence, 1, "[NH5+]", "charge +1"},
		{"cc", Kekulise, 1, "c", "outside rings"},
		{"C:C", Kekulise, 1, "C", "outside rings"},
		{"c1cccc1", Kekulise, 7, "c", "alternating"},
	} {
		m, err := Parse(c.text)
		var parse *ParseError
		if !errors.As(err, &parse) {
			t.Errorf("%q: read as %v, error %v", c.text, m, err)
			continue
		}
		if c.text == "c1cccc1" {
			c.column, c.token = parse.Column, parse.Token // any of the five
		}
		if parse.Kind != c.kind || parse.Column != c.column || parse.Token != c.token || !strings.Contains(parse.Reason, c.reason) || parse.Hint == "" {
			t.Errorf("%q: %#v, expected %+v", c.text, parse, c)
		}
	}
	if got, want := Kind(9).String(), "kind 9"; got != want {
		t.Errorf("Kind(9) is %s, expected %s", got, want)
	}
	_, err := Parse("CC[cl]")
	if want := `smiles: "CC[cl]": column 3, "[cl": no element "cl"; did you mean [Cl]? Aromatic are b c n o p s as se si te`; err == nil || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
	_, err = Parse(strings.Repeat("C", 100) + "(")
	if want := `smiles: "` + strings.Repeat("C", 60) + `...": column 101, "(": a branch that is never closed; write ) at its end`; err == nil || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		parser *Parser
		text   string
		want   string
	}{
		{new(Parser), strings.Repeat("C", 1<<16+1), "65537 bytes, at most 65536 are read"},
		{new(Parser), strings.Repeat("C", 10_001), "more than 10000 atoms"},
		{&Parser{MaxAtoms: 2}, "CCC", "more than 2 atoms"},
		{&Parser{MaxLength: 2}, "CCC", "3 bytes, at most 2 are read"},
		{&Parser{MaxRings: 1}, "C1CC1C1CC1", "more than 1 ring closures"},
	} {
		_, err := c.parser.Parse(c.text)
		var parse *ParseError
		if !errors.As(err, &parse) || parse.Kind != Limit || parse.Reason != c.want {
			t.Errorf("%.20s: %v, expected %s", c.text, err, c.want)
		}
	}
	if m, err := (&Parser{MaxAtoms: 3, MaxLength: 3, MaxRings: 1}).Parse("CCC"); err != nil || len(m.Atoms) != 3 {
		t.Errorf("at the limit: %v, %v", m, err)
	}
}

// TestReuse reads good and bad molecules in turn with one parser, and alters none
// that it gave before.
func TestReuse(t *testing.T) {
	p := new(Parser)
	first, err := p.Parse("c1ccc2ccccc2c1C(=O)O")
	if err != nil {
		t.Fatal(err)
	}
	before := summary(first) + fmt.Sprint(first.Rings)
	for _, text := range append(goldenSMILES(t), "C1CC", "C(", "[", "CN(C)(C)C", "c1cccc1") {
		got, gotErr := p.Parse(text)
		want, wantErr := Parse(text)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Fatalf("%s: %v, expected %v", text, gotErr, wantErr)
		}
		if want != nil && summary(got)+fmt.Sprint(got.Rings) != summary(want)+fmt.Sprint(want.Rings) {
			t.Errorf("%s: %s %v, expected %s %v", text, summary(got), got.Rings, summary(want), want.Rings)
		}
	}
	if after := summary(first) + fmt.Sprint(first.Rings); after != before {
		t.Errorf("the first molecule became %s, was %s", after, before)
	}
}

// TestAllocations holds reading to the memory of the molecule itself.
func TestAllocations(t *testing.T) {
	p := new(Parser)
	const text = "CC(=O)Nc1ccc2[nH]c3ccccc3c2c1"
	if n := testing.AllocsPerRun(100, func() {
		if _, err := p.Parse(text); err != nil {
			t.Fatal(err)
		}
	}); n > 8 {
		t.Errorf("%v allocations a molecule, expected at most 8", n)
	}
}
