package smiles

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// find gives the path of a file of the shared data: under $GRAFT_DATA, else beside
// the module.
func find(parts ...string) (path string, found bool) {
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	for _, at := range []string{root, filepath.Join(root, "graphs")} {
		path := filepath.Join(append([]string{at}, parts...)...)
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return root, false
}

// stored gives the path of a file of the shared data. The test is skipped where
// there is none.
func stored(t testing.TB, parts ...string) string {
	t.Helper()
	path, found := find(parts...)
	if !found {
		t.Skipf("no %s under %s; set GRAFT_DATA to the data folder", filepath.Join(parts...), path)
	}
	return path
}

func unzipped(t testing.TB, path string) io.Reader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// column reads one column of a table.
func column(t testing.TB, path, name string) []string {
	t.Helper()
	rows, err := csv.NewReader(unzipped(t, path)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := slices.Index(rows[0], name)
	if c < 0 {
		t.Fatalf("%s has no column %s", path, name)
	}
	var out []string
	for _, row := range rows[1:] {
		out = append(out, row[c])
	}
	return out
}

// storedGraph is a line of the stored graphs.
type storedGraph struct {
	I int      `json:"i"`
	X []int    `json:"x"`
	E [][3]int `json:"e"`
}

// storedGraphs reads the graphs of a file by their rows; of the lines only every
// so many if that is above 0.
func storedGraphs(t testing.TB, path string, every int) map[int]storedGraph {
	t.Helper()
	out := map[int]storedGraph{}
	lines := bufio.NewScanner(unzipped(t, path))
	lines.Buffer(nil, 1<<24)
	for line := 0; lines.Scan(); line++ {
		if every > 0 && line%every != 0 {
			continue
		}
		var g storedGraph
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		out[g.I] = g
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// sameOGB compares the OGB features of a molecule with a stored graph, and gives
// what differs.
func sameOGB(m *Molecule, g storedGraph, nodes [][]int32, edges [][]int32) string {
	ours, err := OGB{}.Graph(m)
	if err != nil {
		return err.Error()
	}
	if ours.Nodes != len(g.X) || len(ours.Edges) != 2*len(g.E) {
		return fmt.Sprintf("%d atoms and %d bonds, expected %d and %d", ours.Nodes, len(ours.Edges)/2, len(g.X), len(g.E))
	}
	for i, x := range g.X {
		if got := ours.NodeTypes[9*i : 9*i+9]; !slices.Equal(got, nodes[x]) {
			return fmt.Sprintf("atom %d: %v, expected %v", i, got, nodes[x])
		}
	}
	bonds := map[graphs.Edge][]int32{}
	for i, e := range ours.Edges {
		bonds[e] = ours.EdgeTypes[3*i : 3*i+3]
	}
	for _, e := range g.E {
		if got := bonds[graphs.Edge{From: e[0], To: e[1]}]; !slices.Equal(got, edges[e[2]]) {
			return fmt.Sprintf("bond %d-%d: %v, expected %v", e[0], e[1], got, edges[e[2]])
		}
	}
	return ""
}

// TestStoredOGB reads the tables of MoleculeNet and Peptides: every row (of the
// large peptides every eighth) must be read or refused as RDKit did, and have
// RDKit's nine features of every atom and three of every bond.
func TestStoredOGB(t *testing.T) {
	for _, set := range []struct {
		table, graphs, vocabulary []string
		column                    string
		refused                   int
		other                     []int // rows that have another Kekulé form
		every                     int   // which rows are looked at; 0 for all
	}{
		{table: []string{"moleculenet", "esol.csv.gz"}, column: "smiles"},
		{table: []string{"moleculenet", "freesolv.csv.gz"}, column: "smiles"},
		{table: []string{"moleculenet", "lipophilicity.csv.gz"}, column: "smiles"},
		{table: []string{"moleculenet", "bbbp.csv.gz"}, column: "smiles", refused: 11},
		{table: []string{"moleculenet", "bace.csv.gz"}, column: "mol"},
		// Two phthalocyanines: the 16 bonds of the inner ring, which is not aromatic,
		// alternate the other way.
		{table: []string{"moleculenet", "hiv.csv.gz"}, column: "smiles", other: []int{21125, 21126}},
		{table: []string{"lrgb", "peptide_multi_class_dataset.csv.gz"}, column: "smiles", every: 8},
	} {
		t.Run(set.table[1], func(t *testing.T) {
			t.Parallel()
			path := stored(t, set.table...)
			stem := strings.TrimSuffix(path, ".csv.gz")
			if set.table[0] == "lrgb" {
				stem = filepath.Join(filepath.Dir(path), "peptides_func")
			}
			var vocabulary struct {
				Atoms, Bonds [][]int32
			}
			text, err := os.ReadFile(stem + ".vocab.json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &vocabulary); err != nil {
				t.Fatal(err)
			}
			rows := column(t, path, set.column)
			byRow := storedGraphs(t, stem+".graphs.jsonl.gz", set.every)
			parser := new(Parser)
			refused := 0
			var differ []int
			for row, text := range rows {
				if set.every > 0 && row%set.every != 0 {
					continue
				}
				m, err := parser.Parse(text)
				g, known := byRow[row]
				if err != nil {
					refused++
				}
				if known != (err == nil) {
					t.Errorf("row %d, %s: error %v, stored graph: %v", row, text, err, known)
				} else if known {
					if difference := sameOGB(m, g, vocabulary.Atoms, vocabulary.Bonds); difference != "" {
						differ = append(differ, row)
						if !slices.Contains(set.other, row) {
							t.Errorf("row %d, %s: %s", row, text, difference)
						}
					}
				}
			}
			if refused != set.refused || !slices.Equal(differ, set.other) {
				t.Errorf("%d refused, rows %v differ; expected %d, %v", refused, differ, set.refused, set.other)
			}
			t.Logf("%d rows, %d refused, %d with another Kekulé form", len(rows), refused, len(differ))
		})
	}
}

// TestStoredZINC compares, for each of the 12,000 molecules, how many atoms there
// are of each type and how many bonds of each order: the stored graphs number their
// atoms in an order of their own.
func TestStoredZINC(t *testing.T) {
	for split, size := range map[string]int{"train": 10_000, "val": 1_000, "test": 1_000} {
		t.Run(split, func(t *testing.T) {
			t.Parallel()
			table := stored(t, "zinc12k", split+".csv.gz")
			rows, sources := column(t, table, "smiles"), column(t, table, "source_index")
			graphs := storedGraphs(t, stored(t, "zinc12k", split+".jsonl.gz"), 0)
			if len(rows) != size || len(graphs) != size {
				t.Fatalf("%d rows and %d graphs, expected %d", len(rows), len(graphs), size)
			}
			parser := new(Parser)
			for row, text := range rows {
				m, err := parser.Parse(text)
				if err != nil {
					t.Errorf("row %d: %v", row, err)
					continue
				}
				g, err := ZINC{}.Graph(m)
				if err != nil {
					t.Errorf("row %d, %s: %v", row, text, err)
					continue
				}
				if err := g.Validate(); err != nil {
					t.Errorf("row %d, %s: %v", row, text, err)
				}
				var types [28]int
				var orders [4]int
				for _, x := range g.NodeTypes {
					types[x]++
				}
				for i := 0; i < len(g.EdgeTypes); i += 2 {
					orders[g.EdgeTypes[i]]++
				}
				source, err := strconv.Atoi(sources[row])
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range graphs[source].X {
					types[x]--
				}
				for _, e := range graphs[source].E {
					orders[e[2]]--
				}
				if types != [28]int{} || orders != [4]int{} {
					t.Errorf("row %d, %s: types off by %v, bond orders by %v", row, text, types, orders)
				}
			}
		})
	}
}
