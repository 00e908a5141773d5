package smiles

import (
	"math/rand/v2"
	"testing"
)

// TestMatching compares the matching of random graphs, odd rings and wildcards
// among them, with a search through all matchings.
func TestMatching(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	p := new(Parser)
	solvable := 0
	for trial := range 3000 {
		n := 2 + r.IntN(9)
		p.atoms, p.bonds = p.atoms[:0], p.bonds[:0]
		for range n {
			p.atoms = append(p.atoms, Atom{Element: Carbon, Lowercase: true, Ring: true})
		}
		for a := range n {
			for b := range a {
				if r.IntN(n) < 2 {
					p.bonds = append(p.bonds, Bond{From: int32(b), To: int32(a), Order: 1, Aromatic: true, Ring: true})
				}
			}
		}
		p.connect()
		m := &p.match
		m.reset(n)
		for i := range m.role {
			switch r.IntN(8) {
			case 0:
				m.role[i] = noDouble
			case 1:
				m.role[i] = mayDouble
			default:
				m.role[i] = needDouble
			}
		}
		left := m.solve(p)
		want := matchable(p, m.role, 0)
		if (left < 0) != want {
			t.Fatalf("trial %d: left over %d, a matching exists: %v (roles %v, bonds %v)", trial, left, want, m.role, p.bonds)
		}
		if left >= 0 {
			continue
		}
		solvable++
		for i, mate := range m.mate {
			if mate < 0 {
				if m.role[i] == needDouble {
					t.Fatalf("trial %d: atom %d has no mate", trial, i)
				}
				continue
			}
			bonded := false
			for _, e := range p.bonded(int32(i)) {
				bonded = bonded || e.Atom == mate
			}
			if m.mate[mate] != int32(i) || !bonded || m.role[i] == noDouble {
				t.Fatalf("trial %d: atom %d has mate %d, which has %d", trial, i, mate, m.mate[mate])
			}
		}
	}
	if solvable < 500 || solvable > 2500 {
		t.Errorf("%d of 3000 graphs have a matching: the test says little", solvable)
	}
}

// matchable tries all matchings of the atoms that are not in taken.
func matchable(p *Parser, role []uint8, taken uint) bool {
	at := -1
	for i := range role {
		if role[i] == needDouble && taken>>i&1 == 0 {
			at = i
			break
		}
	}
	if at < 0 {
		return true
	}
	for _, e := range p.bonded(int32(at)) {
		if role[e.Atom] != noDouble && taken>>e.Atom&1 == 0 && matchable(p, role, taken|1<<at|1<<e.Atom) {
			return true
		}
	}
	return false
}

// TestAromatic holds the perception to molecules that textbooks and RDKit's
// documentation name.
func TestAromatic(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		atoms, bonds int // aromatic ones
	}{
		{"benzene, Kekulé", "C1=CC=CC=C1", 6, 6},
		{"cyclooctatetraene", "C1=CC=CC=CC=C1", 0, 0},
		{"cyclooctatetraene in lower case", "c1ccccccc1", 0, 0},
		{"cyclobutadiene", "C1=CC=C1", 0, 0},
		{"tropylium", "C1=CC=C[CH+]C=C1", 7, 7},
		{"cyclopropenyl", "C1=C[CH+]1", 3, 3},
		{"cyclopentadienyl", "[CH-]1C=CC=C1", 5, 5},
		{"cyclopentadiene", "C1C=CC=C1", 0, 0},
		{"pyridone", "O=C1C=CC=CN1", 6, 6},
		{"quinone", "O=C1C=CC(=O)C=C1", 0, 0},
		{"tropone", "O=C1C=CC=CC=C1", 7, 7},
		{"fulvene", "C=C1C=CC=C1", 0, 0},
		{"azulene", "C1=CC=C2C=CC=C2C=C1", 10, 10},
		{"indole", "C1=CC=C2C(=C1)C=CN2", 9, 10},
		{"thiophene S-oxide", "O=S1C=CC=C1", 0, 0},
		{"borole-like", "C1=CNB1", 0, 0},
		{"two wildcards", "*1=*C=CC=C1", 6, 6},
		{"wildcard", "*1C=CC=C1", 5, 5},
	} {
		m, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		atoms, bonds := 0, 0
		for _, a := range m.Atoms {
			if a.Aromatic {
				atoms++
			}
		}
		for _, b := range m.Bonds {
			if b.Aromatic {
				bonds++
			}
		}
		if atoms != c.atoms || bonds != c.bonds {
			t.Errorf("%s: %d atoms and %d bonds aromatic, expected %d and %d", c.name, atoms, bonds, c.atoms, c.bonds)
		}
	}
}
