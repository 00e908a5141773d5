package smiles

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goldenLines reads a file of testdata/golden/smiles, or of $GRAFT_GOLDEN/smiles.
func goldenLines(t testing.TB, name string) []string {
	t.Helper()
	root := os.Getenv("GRAFT_GOLDEN")
	if root == "" {
		root = filepath.Join("..", "..", "testdata", "golden")
	}
	f, err := os.Open(filepath.Join(root, "smiles", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// golden is a line of smiles.jsonl: what RDKit 2022.09.3 makes of a SMILES.
type golden struct {
	SMILES  string   `json:"smiles"`
	Src     string   `json:"src"`
	El      []string `json:"el"`
	Q       []int    `json:"q"`
	H       []int    `json:"h"`
	Ar      []int    `json:"ar"`
	ArIn    []int    `json:"ar_in"`
	Iso     []int    `json:"iso"`
	Map     []int    `json:"map"`
	Rad     []int    `json:"rad"`
	Chiral  []int    `json:"chiral"`
	Bonds   [][3]int `json:"bonds"`
	Kek     []int    `json:"kek"`
	NDouble int      `json:"ndouble"`
	Rings   int      `json:"rings"`
	Sizes   []int    `json:"ring_sizes"`
	Frags   int      `json:"frags"`
	Formula string   `json:"formula"`
}

// goldenSMILES are the SMILES of smiles.jsonl.
func goldenSMILES(t testing.TB) []string {
	t.Helper()
	var texts []string
	for _, line := range goldenLines(t, "smiles.jsonl") {
		var g golden
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, g.SMILES)
	}
	return texts
}

// TestGolden compares every key of every line, and refuses keys that it does not
// know.
func TestGolden(t *testing.T) {
	lines := goldenLines(t, "smiles.jsonl")
	if len(lines) != 200 {
		t.Errorf("%d lines, expected 200", len(lines))
	}
	parser := new(Parser)
	for _, line := range lines {
		var g golden
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&g); err != nil {
			t.Fatal(err)
		}
		m, err := parser.Parse(g.SMILES)
		if err != nil {
			t.Errorf("%s: %v", g.SMILES, err)
			continue
		}
		checkGolden(t, g, m)
	}
}

func checkGolden(t *testing.T, g golden, m *Molecule) {
	t.Helper()
	bit := map[bool]int{true: 1}
	var el []string
	var q, h, ar, lower, iso, label, rad, chiral []int
	for i, a := range m.Atoms {
		el = append(el, a.Element.Symbol())
		q, h = append(q, int(a.Charge)), append(h, int(a.Hydrogens))
		ar, lower = append(ar, bit[a.Aromatic]), append(lower, bit[a.Lowercase])
		iso, label, rad = append(iso, int(a.Isotope)), append(label, int(a.Map)), append(rad, int(a.Radicals))
		if m.Stereo().Atoms[i] != Achiral {
			chiral = append(chiral, i)
		}
	}
	same := func(key string, got, want []int) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s (%s): %s %v, expected %v", g.SMILES, g.Src, key, got, want)
		}
	}
	absent := func(list []int) []int {
		if list == nil {
			return make([]int, len(m.Atoms))
		}
		return list
	}
	if !slices.Equal(el, g.El) {
		t.Errorf("%s: elements %v, expected %v", g.SMILES, el, g.El)
		return
	}
	same("charges", q, g.Q)
	same("hydrogens", h, g.H)
	same("aromatic", ar, g.Ar)
	if g.ArIn != nil {
		same("lower case", lower, g.ArIn)
	}
	same("isotopes", iso, absent(g.Iso))
	same("map numbers", label, absent(g.Map))
	same("radicals", rad, absent(g.Rad))
	same("chiral", chiral, g.Chiral)

	kinds := []int{1: 1, 2: 2, 3: 3, 4: 5}
	double, aromatic := 0, 0
	for i, b := range m.Bonds {
		kind := kinds[b.Order]
		if b.Aromatic {
			kind = 4
			aromatic++
		}
		if b.Order == 2 {
			double++
		}
		// The same order and direction as well, which is more than the key promises.
		if got := [3]int{int(b.From), int(b.To), kind}; i >= len(g.Bonds) || got != g.Bonds[i] {
			t.Errorf("%s: bond %d is %v, expected one of %v", g.SMILES, i, got, g.Bonds)
		}
	}
	if len(m.Bonds) != len(g.Bonds) || double != g.NDouble || len(m.Rings) != g.Rings || m.Fragments != g.Frags || m.Formula() != g.Formula {
		t.Errorf("%s: %d bonds, %d double, %d rings, %d fragments, %s; expected %d, %d, %d, %d, %s", g.SMILES,
			len(m.Bonds), double, len(m.Rings), m.Fragments, m.Formula(), len(g.Bonds), g.NDouble, g.Rings, g.Frags, g.Formula)
	}
	if (g.Kek != nil) != (aromatic > 0) {
		t.Errorf("%s: %d aromatic bonds, kekulised form stored: %v", g.SMILES, aromatic, g.Kek != nil)
	}
	// Another Kekulé form than ours must give the same valences.
	if g.Kek != nil && len(g.Kek) == len(m.Bonds) {
		theirs, ours := make([]int, len(m.Atoms)), make([]int, len(m.Atoms))
		for i, b := range m.Bonds {
			for _, a := range []int32{b.From, b.To} {
				theirs[a] += g.Kek[i]
				ours[a] += int(b.Order)
			}
		}
		same("valences", ours, theirs)
	}
	var sizes []int
	for _, r := range m.Rings {
		sizes = append(sizes, len(r))
	}
	same("ring sizes", sizes, g.Sizes)
}

// TestGoldenBad refuses what RDKit refuses, for the same kind of reason.
func TestGoldenBad(t *testing.T) {
	lines := goldenLines(t, "smiles_bad.txt")
	if len(lines) != 60 {
		t.Errorf("%d lines, expected 60", len(lines))
	}
	kinds := map[string]Kind{"syntax": Syntax, "valence": Valence, "kekulize": Kekulise}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, "\t")
		kind, known := kinds[name]
		if !known {
			t.Fatalf("unknown kind %q", name)
		}
		m, err := Parse(text)
		var parse *ParseError
		if !errors.As(err, &parse) {
			t.Errorf("%s: read as %v, error %v; expected a *ParseError", text, m, err)
			continue
		}
		if parse.Kind != kind || parse.Column < 1 || parse.Column > len(text)+1 || parse.Text != text || parse.Reason == "" {
			t.Errorf("%s: %#v, expected kind %v", text, parse, kind)
		}
		t.Log(err)
	}
}
