package depict

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/smiles"
)

// goldenSMILES are those of testdata/golden/smiles, or of $GRAFT_GOLDEN/smiles.
func goldenSMILES(t testing.TB) []string {
	t.Helper()
	root := os.Getenv("GRAFT_GOLDEN")
	if root == "" {
		root = filepath.Join("..", "..", "testdata", "golden")
	}
	f, err := os.Open(filepath.Join(root, "smiles", "smiles.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var g struct{ SMILES string }
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g.SMILES)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// paintable draws a picture on a canvas that only notes what is drawn.
func paintable(t *testing.T, d *Drawing) {
	t.Helper()
	w, h := d.Size()
	if !(w > 0 && h > 0 && w < 2000 && h < 2000) {
		t.Errorf("the picture is %v x %v points", w, h)
	}
	var c recorder.Canvas
	d.Draw(draw.NewCanvas(&c, w, h))
	if len(c.Actions) == 0 {
		t.Error("nothing is drawn")
	}
}

// sound checks places: finite, and no two the same.
func sound(t *testing.T, p []Point) {
	t.Helper()
	for i, q := range p {
		if math.IsNaN(q.X) || math.IsInf(q.X, 0) || math.IsNaN(q.Y) || math.IsInf(q.Y, 0) {
			t.Fatalf("place %d is %v", i, q)
		}
		for j, o := range p[:i] {
			if q.distance(o) < 1e-6 {
				t.Fatalf("places %d and %d are both %v", j, i, q)
			}
		}
	}
}

func TestGoldenMolecules(t *testing.T) {
	for _, text := range goldenSMILES(t) {
		m, err := smiles.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s := FromSMILES(m)
		if got := s.Formula(); got != m.Formula() {
			t.Errorf("%s: formula %s, want %s", text, got, m.Formula())
		}
		p, err := s.Layout()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		sound(t, p)
		for _, circles := range []bool{false, true} {
			d, err := Molecule(s, MoleculeOptions{Title: text, Circles: circles})
			if err != nil {
				t.Fatal(err)
			}
			paintable(t, d)
		}
	}
}

// FuzzMolecule draws whatever is a molecule.
func FuzzMolecule(f *testing.F) {
	for _, text := range goldenSMILES(f) {
		f.Add(text)
	}
	f.Add("[Fe]123456C7C1C2C3C4C5C67")
	f.Add("C12C3C4C5C1C6C7C2C8C3C9C%10C4C%11C5C6C%12C7C8C9C%12C%10%11")
	f.Add("*1*2*3*1*4*2*5*3*45")
	f.Fuzz(func(t *testing.T, text string) {
		p := smiles.Parser{MaxAtoms: 60, MaxRings: 20}
		m, err := p.Parse(text)
		if err != nil || len(m.Atoms) == 0 {
			return
		}
		s := FromSMILES(m)
		places, err := s.Layout()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for i, q := range places {
			if math.IsNaN(q.X+q.Y) || math.IsInf(q.X+q.Y, 0) {
				t.Fatalf("%q: place %d is %v", text, i, q)
			}
		}
		d, err := Molecule(s, MoleculeOptions{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		paintable(t, d)
	})
}

// FuzzGraph draws whatever is a graph: the bytes are edges.
func FuzzGraph(f *testing.F) {
	f.Add(uint8(1), []byte{})
	f.Add(uint8(1), []byte{0, 0})
	f.Add(uint8(5), []byte{0, 1, 1, 0, 1, 2, 2, 3, 3, 3})
	f.Add(uint8(40), []byte{0, 1, 1, 2, 2, 0, 7, 9, 9, 7})
	f.Fuzz(func(t *testing.T, n uint8, edges []byte) {
		g := &graphs.Graph{Nodes: 1 + int(n)%64, NodeTypes: make([]int32, 1+int(n)%64)}
		seen := map[graphs.Edge]bool{}
		for k := 0; k+1 < len(edges); k += 2 {
			e := graphs.Edge{From: int(edges[k]) % g.Nodes, To: int(edges[k+1]) % g.Nodes}
			if !seen[e] {
				seen[e] = true
				g.Edges, g.EdgeTypes = append(g.Edges, e), append(g.EdgeTypes, int32(edges[k]%7))
			}
			g.NodeTypes[e.From] = int32(edges[k+1])
		}
		places, err := LayoutGraph(g)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, places)
		d, err := Graph(g, GraphOptions{Title: "fuzz"})
		if err != nil {
			t.Fatal(err)
		}
		paintable(t, d)
	})
}
