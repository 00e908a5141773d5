package depict

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// load reads a published set; the test is skipped where there is none.
func load(t *testing.T, name string) *datasets.Set {
	t.Helper()
	set, err := datasets.Load(context.Background(), name, datasets.Options{})
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// every calls f with the graphs of a source, but only so many of them.
func every(t *testing.T, source datasets.Source, most int, f func(i int, g *graphs.Graph)) {
	t.Helper()
	step := max(1, source.Len()/most)
	for i := 0; i < source.Len(); i += step {
		g, err := source.Graph(i)
		if err != nil {
			t.Fatal(err)
		}
		f(i, g)
	}
}

// Of ZINC's molecules, no two atoms of any lie nearer than half a bond, bonds have
// their length in all but a few of a thousand, and hardly any cross that are in no
// cage.
func TestLayoutOfZINC(t *testing.T) {
	n, crossed, stretched := 0, 0, 0
	every(t, load(t, "zinc").Test, 500, func(i int, g *graphs.Graph) {
		s, err := FromZINC(g)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Layout()
		if err != nil {
			t.Fatal(err)
		}
		n++
		least, off, crossings := measure(s, p)
		if least < 0.5 {
			t.Errorf("molecule %d: two atoms are %.2f from one another", i, least)
		}
		if off > 0.1 {
			stretched++
		}
		if crossings > 0 {
			crossed++
		}
	})
	if stretched > n/100 || crossed > n/50 {
		t.Errorf("of %d molecules %d have a bond of a wrong length, %d bonds that cross", n, stretched, crossed)
	}
}

// Atoms of ZINC's graphs, their charges and hydrogens are those of the SMILES of
// the same row.
func TestZINCIsItsSMILES(t *testing.T) {
	set := load(t, "zinc")
	f, err := os.Open(filepath.Join(zincFolder(t), "test.csv.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := func(s *Structure) map[string]int {
		counts := map[string]int{}
		for _, a := range s.Atoms {
			counts[a.Symbol]++
			counts["H"] += a.Hydrogens
			counts["+"] += a.Charge
		}
		return counts
	}
	every(t, set.Test, set.Test.Len(), func(i int, g *graphs.Graph) {
		ours, err := FromZINC(g)
		if err != nil {
			t.Fatal(err)
		}
		want := sum(parse(t, rows[i+1][1]))
		for what, n := range sum(ours) {
			if want[what] != n {
				t.Errorf("molecule %d, %s: %d of %s, want %d", i, rows[i+1][1], n, what, want[what])
			}
		}
	})
}

// zincFolder is where the files of ZINC are.
func zincFolder(t *testing.T) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	for _, dir := range []string{root, filepath.Join(root, "zinc12k"), filepath.Join(root, "graphs", "zinc12k")} {
		if _, err := os.Stat(filepath.Join(dir, "test.csv.gz")); err == nil {
			return dir
		}
	}
	t.Skip("no test.csv.gz of ZINC")
	return ""
}

// Molecules with the features of the Open Graph Benchmark are drawn, all kinds of
// bonds among them.
func TestMoleculeNet(t *testing.T) {
	for _, name := range []string{"freesolv", "bace"} {
		every(t, load(t, name).Train, 40, func(i int, g *graphs.Graph) {
			s, err := FromOGB(g)
			if err != nil {
				t.Fatalf("%s %d: %v", name, i, err)
			}
			if d, err := Molecule(s, MoleculeOptions{}); err != nil {
				t.Errorf("%s %d: %v", name, i, err)
			} else {
				paintable(t, d)
			}
		})
	}
}

func TestWrongTypes(t *testing.T) {
	g := graphs.Undirected(2, nil)
	g.AddBond(0, 1, 4)
	g.NodeTypes, g.ID = []int32{0, 0}, "7"
	if _, err := FromZINC(g); err == nil || err.Error() != `depict: graph "7": edge 0: type 4, expected a bond: 1 single, 2 double, 3 triple` {
		t.Error(err)
	}
	g.NodeTypes = []int32{0, 28}
	if _, err := FromZINC(g); err == nil || !strings.Contains(err.Error(), `node 1: type 28, expected one of the 28 atoms of ZINC`) {
		t.Error(err)
	}
	g.NodeTypes = nil
	if _, err := FromZINC(g); err == nil || !strings.Contains(err.Error(), "0 columns of node types and 1 of edge types, expected one of each") {
		t.Error(err)
	}
	if _, err := FromOGB(g); err == nil || !strings.Contains(err.Error(), "expected 9 and 3") {
		t.Error(err)
	}
	g = &graphs.Graph{Nodes: 1, NodeTypes: []int32{118, 0, 0, 5, 0, 0, 0, 0, 0}}
	if _, err := FromOGB(g); err == nil || !strings.Contains(err.Error(), "node 0: atomic number 119, expected 1 to 118") {
		t.Error(err)
	}
}

// Hydrogens that ZINC's types leave out follow from valences.
func TestMissingHydrogens(t *testing.T) {
	for _, c := range []struct {
		symbol            string
		charge, sum, want int
	}{
		{"C", 0, 0, 4}, {"C", 0, 4, 0}, {"C", -1, 2, 1}, {"C", 1, 2, 1}, {"N", 0, 1, 2}, {"N", 1, 1, 3}, {"N", -1, 1, 1}, {"O", 0, 1, 1}, {"O", -1, 1, 0},
		{"S", 0, 3, 1}, {"S", 0, 6, 0}, {"S", 0, 7, 0}, {"P", 0, 4, 1}, {"F", 0, 1, 0}, {"Xe", 0, 0, 0},
	} {
		if got := missing(c.symbol, c.charge, c.sum); got != c.want {
			t.Errorf("%s with charge %d and bonds of %d: %d hydrogens, want %d", c.symbol, c.charge, c.sum, got, c.want)
		}
	}
}
