package files

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/graft-ml/graft/datasets"
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
		for s, part := range datasets.SplitByScaffold(m.scaffolds) {
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
