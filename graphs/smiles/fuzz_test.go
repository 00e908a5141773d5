package smiles

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse holds the reader to: no panic, typed errors that point into the text,
// molecules that are consistent in themselves, graphs that are valid, and the same
// answer from a parser that has read other things before.
func FuzzParse(f *testing.F) {
	for _, text := range goldenSMILES(f) {
		f.Add(text)
	}
	for _, line := range goldenLines(f, "smiles_bad.txt") {
		_, text, _ := strings.Cut(line, "\t")
		f.Add(text)
	}
	for _, text := range []string{
		"", " ", "C name", "\xff", "C\x00", "[", "%", "%(", "[999999999999C]", "[CH999]", "[C+999]", "[C:9999999999]", "C%(99999)",
		strings.Repeat("(", 1000), strings.Repeat("C(", 1000), "C" + strings.Repeat("=C", 1000), strings.Repeat("C1", 101),
		"*12*3*1*23", "[Fe]123456C7C1C2C3C4C5C67", "c1ccccc1.[H]", "[H][C@@]([H])(F)Cl", "[H]/C(F)=C/F", "*1ccccc1*1", "C1=C=C=1",
	} {
		f.Add(text)
	}
	used := new(Parser)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse(text)
		again, errAgain := used.Parse(text)
		if !reflect.DeepEqual(m, again) || !reflect.DeepEqual(err, errAgain) {
			t.Fatalf("%q: %v, %v; read again: %v, %v", text, m, err, again, errAgain)
		}
		if err != nil {
			var parse *ParseError
			if !errors.As(err, &parse) {
				t.Fatalf("%q: %T", text, err)
			}
			from := parse.Column - 1
			if m != nil || parse.Text != text || parse.Reason == "" || from < 0 || from > len(text) || !strings.HasPrefix(text[from:], parse.Token) {
				t.Fatalf("%q: %#v", text, parse)
			}
			return
		}
		consistent(t, text, m)
		for _, name := range Featurisers() {
			features, err := FeaturiserNamed(name)
			if err != nil {
				t.Fatal(err)
			}
			g, err := features.Graph(m)
			if err != nil {
				var feature *FeatureError
				if name != "zinc" || !errors.As(err, &feature) {
					t.Fatalf("%q: %s: %v", text, name, err)
				}
				continue
			}
			if err := g.Validate(); err != nil {
				t.Fatalf("%q: %s: %v", text, name, err)
			}
			nodes, edges := features.Columns()
			if err := g.CheckTypes(Vocabulary(nodes), Vocabulary(edges)); err != nil {
				t.Fatalf("%q: %s: %v", text, name, err)
			}
		}
	})
}

// consistent checks what must hold of every molecule.
func consistent(t *testing.T, text string, m *Molecule) {
	t.Helper()
	seen := 0
	for i := range m.Atoms {
		a := &m.Atoms[i]
		inRing := false
		for _, n := range m.Bonded(i) {
			b := &m.Bonds[n.Bond]
			if int(b.From)+int(b.To) != i+int(n.Atom) || int(b.From) != i && int(b.To) != i {
				t.Fatalf("%q: atom %d has neighbour %v of bond %v", text, i, n, *b)
			}
			if m.Atoms[n.Atom].Fragment != a.Fragment {
				t.Fatalf("%q: atoms %d and %d are bonded but apart", text, i, n.Atom)
			}
			inRing = inRing || b.Ring
			seen++
		}
		if inRing != a.Ring || a.Aromatic && !a.Ring || a.Explicit > a.Hydrogens || int(a.Fragment) >= m.Fragments {
			t.Fatalf("%q: atom %d: %+v", text, i, *a)
		}
		if a.Column < 1 || int(a.Column) > len(text) {
			t.Fatalf("%q: atom %d in column %d", text, i, a.Column)
		}
	}
	if seen != 2*len(m.Bonds) {
		t.Fatalf("%q: %d neighbours of %d bonds", text, seen, len(m.Bonds))
	}
	for i, b := range m.Bonds {
		if b.Order < 1 || b.Order > 4 || b.Aromatic && (!b.Ring || !m.Atoms[b.From].Aromatic || !m.Atoms[b.To].Aromatic) {
			t.Fatalf("%q: bond %d: %+v", text, i, b)
		}
	}
	if least := len(m.Bonds) - len(m.Atoms) + m.Fragments; len(m.Rings) < least {
		t.Fatalf("%q: %d rings, expected at least %d", text, len(m.Rings), least)
	}
	covered := make([]bool, len(m.Bonds))
	for r, ring := range m.Rings {
		if r > 0 && len(ring) < len(m.Rings[r-1]) || len(ring) < 3 {
			t.Fatalf("%q: rings %v", text, m.Rings)
		}
		for i, a := range ring {
			next := ring[(i+1)%len(ring)]
			bonded := false
			for _, n := range m.Bonded(int(a)) {
				if n.Atom == next {
					bonded = true
					covered[n.Bond] = true
				}
			}
			if !bonded {
				t.Fatalf("%q: ring %v jumps from %d to %d", text, ring, a, next)
			}
		}
	}
	for i, b := range m.Bonds {
		if b.Ring != covered[i] {
			t.Fatalf("%q: bond %d: in a ring %v, in a listed one %v", text, i, b.Ring, covered[i])
		}
	}
}
