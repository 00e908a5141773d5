package depict

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs/smiles"
)

func parse(t testing.TB, text string) *Structure {
	t.Helper()
	m, err := smiles.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return FromSMILES(m)
}

// measure gives what is wrong with a picture: the smallest distance of atoms, the
// largest error of a bond's length, and how many pairs of bonds cross.
func measure(s *Structure, p []Point) (least, off float64, crossings int) {
	least = math.Inf(1)
	for i := range p {
		for j := range i {
			least = min(least, p[i].distance(p[j]))
		}
	}
	for i, b := range s.Bonds {
		off = max(off, math.Abs(p[b.From].distance(p[b.To])-1))
		for _, c := range s.Bonds[:i] {
			if crosses(p[b.From], p[b.To], p[c.From], p[c.To]) {
				crossings++
			}
		}
	}
	return least, off, crossings
}

// Everyday molecules are drawn without a flaw.
func TestLayoutOfKnownMolecules(t *testing.T) {
	for name, text := range map[string]string{
		"methane": "C", "ethanol": "CCO", "aspirin": "CC(=O)Oc1ccccc1C(=O)O", "caffeine": "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
		"cholesterol": "C[C@H](CCCC(C)C)[C@H]1CC[C@@H]2[C@@]1(CC[C@H]3[C@H]2CC=C4[C@@]3(CC[C@@H](C4)O)C)C",
		"biphenyl":    "c1ccccc1-c1ccccc1", "spiro": "C1CCC2(C1)CCNCC2", "pyrene": "c1cc2ccc3cccc4ccc(c1)c2c34",
		"coronene": "c1cc2ccc3ccc4ccc5ccc6ccc1c7c2c3c4c5c67", "penicillin": "CC1(C)S[C@@H]2[C@H](NC(=O)Cc3ccccc3)C(=O)N2[C@H]1C(=O)O",
		"glucose": "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O", "allene": "CC=C=CC#CC(F)(F)F", "neopentane": "CC(C)(C)C",
		"erythromycin": "CCC1C(C(C(C(=O)C(CC(C(C(C(C(C(=O)O1)C)OC2CC(C(C(O2)C)O)(C)OC)C)OC3C(C(CC(O3)C)N(C)C)O)(C)O)C)C)O)(C)O",
		"ions":         "[NH4+].[O-]C(=O)/C=C\\C(=O)[O-].[Na+].O", "sulphur hexafluoride": "FS(F)(F)(F)(F)F",
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, text)
			p, err := s.Layout()
			if err != nil {
				t.Fatal(err)
			}
			least, off, crossings := measure(s, p)
			if least < 0.8 || off > 1e-6 || crossings > 0 {
				t.Errorf("atoms as near as %.2f, bonds off by %.2g, %d crossings", least, off, crossings)
			}
			for _, r := range cycles(s, s.ends()) {
				if len(s.Bonds) > 0 && !isRegular(r, p) {
					t.Errorf("the ring %v is not regular", r.atoms)
				}
			}
		})
	}
}

// isRegular compares all distances in a ring with those of a regular polygon.
func isRegular(r ring, p []Point) bool {
	n := len(r.atoms)
	for i := range n {
		for k := 1; k < n; k++ {
			if math.Abs(p[r.atoms[i]].distance(p[r.atoms[(i+k)%n]])-chord(n, k)) > 0.01 {
				return false
			}
		}
	}
	return true
}

// Cages and bridges cannot be regular; every atom must be seen all the same.
func TestLayoutOfBridgedRings(t *testing.T) {
	for name, text := range map[string]string{
		"norbornane": "C1CC2CCC1C2", "bicyclooctane": "C1CC2CCC1CC2", "adamantane": "C12CC3CC(CC(C3)C1)C2", "cubane": "C12C3C4C1C5C2C3C45",
		"morphine":     "CN1CC[C@]23[C@H]4Oc5c(O)ccc(C[C@@H]1[C@]2(O)CCC4=O)c35",
		"strychnine":   "O=C7N2c1ccccc1[C@@]64[C@@H]2[C@@H]3[C@@H](OC/C=C5\\[C@@H]3C[C@@H]6N(CC4)C5)C7",
		"porphin":      "C1=CC2=CC3=CC=C(N3)C=C4C=CC(=N4)C=C5C=CC(=CC1=N2)N5",
		"cyclophane":   "C1CCc2cccc(c2)CCCCCC1",
		"tetrahedrane": "C12C3C1C23",
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, text)
			p, err := s.Layout()
			if err != nil {
				t.Fatal(err)
			}
			if least, off, _ := measure(s, p); least < 0.3 || off > 0.8 {
				t.Errorf("atoms as near as %.2f, bonds off by %.2f", least, off)
			}
		})
	}
}

// Bonds at an atom of a chain open 120 degrees, at one of a triple bond 180.
func TestZigzag(t *testing.T) {
	for _, c := range []struct {
		text  string
		atom  int
		angle float64
	}{{"CCC", 1, 120}, {"CCCCCC", 3, 120}, {"CC#N", 1, 180}, {"C=C=C", 1, 180}, {"CC(C)C", 1, 120}, {"CC(=O)O", 1, 120}} {
		s := parse(t, c.text)
		p, err := s.Layout()
		if err != nil {
			t.Fatal(err)
		}
		e := s.ends()[c.atom]
		a, b := p[e[0].atom].minus(p[c.atom]), p[e[1].atom].minus(p[c.atom])
		if got := math.Acos(max(-1, a.dot(b))) * 180 / math.Pi; math.Abs(got-c.angle) > 0.5 {
			t.Errorf("%s: %.1f degrees at atom %d, want %v", c.text, got, c.atom, c.angle)
		}
	}
	// A chain lies level, with all its atoms on two lines.
	s := parse(t, "CCCCCCCCCC")
	p, err := s.Layout()
	if err != nil {
		t.Fatal(err)
	}
	if b := boxOf(p); math.Abs(b.height()-0.5) > 1e-6 {
		t.Errorf("decane is %.2f high, want 0.5", b.height())
	}
}

func TestSidesOfDoubleBonds(t *testing.T) {
	for text, same := range map[string]bool{
		"F/C=C/F": false, "F/C=C\\F": true, "F\\C=C\\F": false, "C(/F)=C/F": true, "CC(/F)=C(/Cl)CC": true,
		"OC(=O)/C=C\\C(=O)O": true, "CC/C(C)=C(C)/CC": false,
	} {
		s := parse(t, text)
		p, err := s.Layout()
		if err != nil {
			t.Fatal(err)
		}
		for k, b := range s.Bonds {
			ends := s.ends()
			x, _ := marked(s, ends, b.From, k)
			y, _ := marked(s, ends, b.To, k)
			if b.Order != 2 || x < 0 || y < 0 {
				continue
			}
			axis := p[b.To].minus(p[b.From])
			if got := axis.cross(p[x].minus(p[b.From]))*axis.cross(p[y].minus(p[b.To])) > 0; got != same {
				t.Errorf("%s: on the same side: %v, want %v", text, got, same)
			}
		}
	}
}

func TestLayoutIsDeterministic(t *testing.T) {
	s := parse(t, "CN1CC[C@]23[C@H]4Oc5c(O)ccc(C[C@@H]1[C@]2(O)CCC4=O)c35.CC(C)(C)C(C(C)(C)C)(C(C)(C)C)O")
	first, err := s.Layout()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, _ := s.Layout()
		if !slices.Equal(first, again) {
			t.Fatal("two layouts of one structure differ")
		}
	}
}

func TestFragmentsDoNotOverlap(t *testing.T) {
	s := parse(t, "CCO.c1ccccc1.[Na+].[Cl-].CCCCCCCC.O.O.O")
	p, err := s.Layout()
	if err != nil {
		t.Fatal(err)
	}
	if least, _, _ := measure(s, p); least < 0.99 {
		t.Errorf("fragments as near as %.2f", least)
	}
}

func TestWrongStructures(t *testing.T) {
	for want, s := range map[string]*Structure{
		"depict: atom 0: there is none: nothing to draw":                                                                                                {},
		"depict: bond 0: it joins 0 and 1, expected two of the atoms 0..0":                                                                              {Atoms: make([]Atom, 1), Bonds: []Bond{{From: 0, To: 1, Order: 1}}},
		"depict: bond 0: it joins atom 0 to itself":                                                                                                     {Atoms: make([]Atom, 1), Bonds: []Bond{{Order: 1}}},
		"depict: bond 0: the order is 5, expected 1 to 4, or 0 for an aromatic bond":                                                                    {Atoms: make([]Atom, 2), Bonds: []Bond{{To: 1, Order: 5}}},
		"depict: bond 1: atoms 1 and 0 are bonded twice; give one bond with its order":                                                                  {Atoms: make([]Atom, 2), Bonds: []Bond{{To: 1, Order: 1}, {From: 1, Order: 1}}},
		fmt.Sprintf("depict: 1001 atoms are too many to draw so that one can see anything; at most %d: draw a part of it, or a smaller one", MostAtoms): {Atoms: make([]Atom, 1001)},
	} {
		if _, err := s.Layout(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := Molecule(s, MoleculeOptions{}); err == nil {
			t.Errorf("Molecule draws what Layout refuses: %s", want)
		}
	}
}
