package depict

import (
	"math"
	"strings"
	"testing"
)

// texts joins the pieces of a label in order of their left ends.
func texts(l label) string {
	var parts []string
	last := math.Inf(-1)
	for range l.pieces {
		best := -1
		for k, p := range l.pieces {
			if p.at.X > last && (best < 0 || p.at.X < l.pieces[best].at.X) {
				best = k
			}
		}
		if best < 0 {
			break
		}
		parts, last = append(parts, l.pieces[best].text), l.pieces[best].at.X
	}
	return strings.Join(parts, " ")
}

func TestLabels(t *testing.T) {
	const left, right, up, down = math.Pi, 0.0, math.Pi / 2, -math.Pi / 2
	for _, c := range []struct {
		atom  Atom
		bonds []float64
		want  string
	}{
		{Atom{Symbol: "O", Hydrogens: 1}, []float64{left}, "O H"},
		{Atom{Symbol: "O", Hydrogens: 1}, []float64{right}, "H O"},
		{Atom{Symbol: "O", Hydrogens: 1}, []float64{down}, "O H"},
		{Atom{Symbol: "N", Hydrogens: 2}, []float64{right + 0.5}, "H 2 N"},
		{Atom{Symbol: "N", Hydrogens: 3, Charge: 1}, []float64{left}, "N H 3 +"},
		{Atom{Symbol: "N", Hydrogens: 3, Charge: 1}, []float64{right}, "H 3 N +"},
		{Atom{Symbol: "O", Hydrogens: 2}, nil, "H 2 O"},
		{Atom{Symbol: "C", Hydrogens: 4, Isotope: 13}, nil, "13 C H 4"},
		{Atom{Symbol: "Fe", Charge: 2}, nil, "Fe 2+"},
		{Atom{Symbol: "S", Charge: -2}, nil, "S 2−"},
		{Atom{Symbol: "C", Hydrogens: 3, Radicals: 1}, nil, "C H 3 •"},
	} {
		if got := texts(newLabel(c.atom, c.bonds)); got != c.want {
			t.Errorf("%+v with bonds %v: %q, want %q", c.atom, c.bonds, got, c.want)
		}
	}
	// The hydrogen of a ring's nitrogen at the bottom stands below it.
	l := newLabel(Atom{Symbol: "N", Hydrogens: 1}, []float64{math.Pi / 6, 5 * math.Pi / 6})
	if h := l.pieces[1]; h.at.Y >= l.pieces[0].at.Y || math.Abs(h.at.X+h.width/2) > 1e-9 {
		t.Errorf("hydrogen at %v, nitrogen at %v", h.at, l.pieces[0].at)
	}
}

// Carbon is shown where it would not be seen, and not else.
func TestShownAtoms(t *testing.T) {
	for text, want := range map[string]string{
		"C": "C", "CC": "CC", "CCC": "", "CCO": "O", "C=C=C": "C", "C[CH2-]": "CC", "[13CH3]CC": "C", "C[CH]C": "C", "c1ccncc1": "N", "C.C": "CC", "C#C": "CC",
	} {
		s := parse(t, text)
		got := ""
		for i := range s.Atoms {
			if s.shown(i, s.ends()) {
				got += s.Atoms[i].Symbol
			}
		}
		if got != want {
			t.Errorf("%s shows %q, want %q", text, got, want)
		}
	}
}

// A bond ends outside of every piece of a label.
func TestTrim(t *testing.T) {
	l := newLabel(Atom{Symbol: "N", Hydrogens: 3, Charge: 1}, []float64{math.Pi})
	for k := range 36 {
		d := direction(float64(k) * math.Pi / 18)
		end := d.times(l.trim(d) + 1e-9)
		for _, p := range l.pieces {
			if b := p.box(); end.X > b.low.X && end.X < b.high.X && end.Y > b.low.Y && end.Y < b.high.Y {
				t.Errorf("towards %d degrees a bond ends within %q", 10*k, p.text)
			}
		}
	}
}

// The place of the neighbours in space, with wedges forward or back, has the turn
// of the centre, as one sees it from the first neighbour.
func TestWedges(t *testing.T) {
	for _, text := range []string{
		"N[C@@H](C)C(=O)O", "N[C@H](C)C(=O)O", "F[C@](Cl)(Br)I", "F[C@@](Cl)(Br)I", "C[C@H](CCCC(C)C)[C@H]1CC[C@@H]2[C@@]1(CC[C@H]3[C@H]2CC=C4[C@@]3(CC[C@@H](C4)O)C)C",
		"OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O", "CN1CC[C@]23[C@H]4Oc5c(O)ccc(C[C@@H]1[C@]2(O)CCC4=O)c35",
	} {
		s := parse(t, text)
		p, err := s.Layout()
		if err != nil {
			t.Fatal(err)
		}
		ends := s.ends()
		ringBond := make([]bool, len(s.Bonds))
		for _, r := range cycles(s, ends) {
			for _, b := range r.bonds {
				ringBond[b] = true
			}
		}
		marks := s.wedges(ends, ringBond, p)
		centres := 0
		for i, a := range s.Atoms {
			if a.Turn == 0 {
				continue
			}
			centres++
			var v [][3]float64
			marked := false
			for _, e := range ends[i] {
				d := p[e.atom].minus(p[i])
				z := 0.0
				if w, ok := marks[e.bond]; ok && w.centre == i {
					marked = true
					if z = -1; w.forward {
						z = 1
					}
				}
				v = append(v, [3]float64{d.X, d.Y, z})
			}
			if !marked {
				t.Errorf("%s: stereo centre %d has no wedge", text, i)
				continue
			}
			if len(v) == 3 {
				v = append(v, [3]float64{-v[0][0] - v[1][0] - v[2][0], -v[0][1] - v[1][1] - v[2][1], -v[0][2] - v[1][2] - v[2][2]})
			}
			if got := turnSeen(v); got != a.Turn {
				t.Errorf("%s: centre %d turns %d as drawn, want %d", text, i, got, a.Turn)
			}
		}
		if centres == 0 {
			t.Errorf("%s has no stereo centre", text)
		}
	}
}

// turnSeen looks from the first of four vectors at the others: 1 if they follow
// one another clockwise.
func turnSeen(v [][3]float64) int {
	dot := func(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
	cross := func(a, b [3]float64) [3]float64 {
		return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
	}
	// Axes of the eye: it looks along -v[0]; right x up points at it.
	eye := v[0]
	help := [3]float64{0, 0, 1}
	if math.Abs(eye[0])+math.Abs(eye[1]) < 0.1 {
		help = [3]float64{0, 1, 0}
	}
	right := cross(help, eye)
	up := cross(eye, right)
	var angles [3]float64
	for k, w := range v[1:] {
		angles[k] = math.Atan2(dot(w, up)/math.Sqrt(dot(up, up)), dot(w, right)/math.Sqrt(dot(right, right)))
	}
	first := math.Mod(angles[1]-angles[0]+4*math.Pi, 2*math.Pi)
	second := math.Mod(angles[2]-angles[0]+4*math.Pi, 2*math.Pi)
	if first < second { // counterclockwise, as angles grow
		return -1
	}
	return 1
}
