package files

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/smiles"
)

// moleculeNet is the folder of the stored sets of MoleculeNet; without it a test is
// skipped.
func moleculeNet(t *testing.T) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	for _, dir := range []string{filepath.Join(root, "moleculenet"), filepath.Join(root, "graphs", "moleculenet")} {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	t.Skip("no folder moleculenet of data sets; name the folder above it with GRAFT_DATA")
	return ""
}

// TestPublishedScaffoldSplits compares our scaffold split with the one of DeepChem and
// RDKit, molecule by molecule.
func TestPublishedScaffoldSplits(t *testing.T) {
	dir := moleculeNet(t)
	for _, set := range []struct {
		name, smiles, target string
		sizes                [3]int
		skipped              int
	}{
		{"esol", "smiles", "measured log solubility in mols per litre", [3]int{902, 113, 113}, 0},
		{"freesolv", "smiles", "expt", [3]int{513, 64, 65}, 0},
		{"lipophilicity", "smiles", "exp", [3]int{3360, 420, 420}, 0},
		{"bbbp", "smiles", "p_np", [3]int{1631, 204, 204}, 11},
		{"bace", "mol", "Class", [3]int{1210, 151, 152}, 0},
	} {
		q := &Request{Kind: CSV, Dir: dir, Protocol: datasets.ScaffoldSplit,
			Options: Options{Path: set.name + ".csv.gz", SMILESColumn: set.smiles, TargetColumn: set.target, SkipBad: true}.WithDefaults(CSV)}
		m, err := q.readMolecules(context.Background())
		if err != nil {
			t.Errorf("%s: %v", set.name, err)
			continue
		}
		if m.skipped.n != set.skipped {
			t.Errorf("%s: %d rows left out, want %d", set.name, m.skipped.n, set.skipped)
		}
		in, err := Open(filepath.Join(dir, set.name+".scaffold_split.json.gz"))
		if err != nil {
			t.Fatal(err)
		}
		var published struct{ Train, Val, Valid, Test []int }
		if err := json.NewDecoder(in).Decode(&published); err != nil {
			t.Fatal(err)
		}
		in.Close()
		for s, part := range byScaffold(m.scaffolds) {
			var rows []int
			for _, i := range part {
				rows = append(rows, m.rows.lines[i]-2) // row 0 is in line 2
			}
			want := [][]int{published.Train, append(published.Val, published.Valid...), published.Test}[s]
			slices.Sort(rows)
			slices.Sort(want)
			if len(rows) != set.sizes[s] || !slices.Equal(rows, want) {
				t.Errorf("%s: split %v has %d rows, other than the %d published", set.name, datasets.Split(s), len(rows), len(want))
			}
		}
	}
}

func TestScaffold(t *testing.T) {
	of := func(text string) uint64 {
		m, err := smiles.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return scaffold(m)
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"c1ccccc1", "Cc1ccccc1CCO", true},
		{"C1=CC=CC=C1", "c1ccccc1Cl", true},
		{"CCO", "CCCCN", true}, // none
		{"CCO", "C1CC1", false},
		{"c1ccccc1", "C1CCCCC1", false},
		{"c1ccccc1Cc1ccccc1", "Cc1ccc(cc1)C(C)c1ccccc1", true},
		{"c1ccccc1Cc1ccccc1", "c1ccccc1CCc1ccccc1", false},
		{"O=C1CCCCC1", "C1CCCCC1", false}, // double bonds to the framework belong to it
		{"O=C(c1ccccc1)c1ccccc1", "c1ccccc1Cc1ccccc1", false},
		{"c1ccncc1", "c1ccccc1", false},
		{"Cn1cccc1", "c1cc[nH]c1", true},
		{"c1ccc2[nH]ncc2c1", "c1ccc2n[nH]cc2c1", false},
		{"C1CCCCC1C1CCCCC1", "C1CCCCC1CC1CCCCC1", false},
	} {
		if got := of(c.a) == of(c.b); got != c.same {
			t.Errorf("%s and %s: same scaffold %v, want %v", c.a, c.b, got, c.same)
		}
	}
	// The order of writing does not matter.
	if of("c1ccc(cc1)C1CCN(C)CC1") != of("CN1CCC(CC1)c1ccccc1") {
		t.Error("the scaffold depends on the order of atoms")
	}
}

func TestByScaffold(t *testing.T) {
	parts := byScaffold([]uint64{1, 2, 1, 3, 1, 1, 1, 1, 1, 1})
	if want := [3][]int{{0, 2, 4, 5, 6, 7, 8, 9}, {3}, {1}}; !slices.EqualFunc(parts[:], want[:], slices.Equal) {
		t.Errorf("got %v, want %v", parts, want)
	}
}
