package datasets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"pgregory.net/rapid"
)

const smallVocabulary = `{"atoms":[[5,0,4,5,3,0,2,0,0],[7,0,2,5,1,0,2,0,0]],"bonds":[[0,0,0],[1,0,1]]}`

// esolAt makes files of ESOL with other graphs.
func esolAt(t *testing.T, jsonl, vocabulary string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "moleculenet", "esol.graphs.jsonl.gz"), zipped(t, jsonl))
	write(t, filepath.Join(dir, "moleculenet", "esol.vocab.json"), []byte(vocabulary))
	return dir
}

func esol() moleculeSet {
	return moleculeSet{info: Info{Name: "esol", Task: GraphRegression, Train: 2}, rows: 3, bad: []int32{1}}
}

func TestStoredMolecules(t *testing.T) {
	dir := esolAt(t, `{"i":0,"x":[0,1],"e":[[1,0,1]],"y":-0.5}`+"\n"+`{"i":2,"x":[1],"e":[],"y":3}`, smallVocabulary)
	source, rows, err := esol().fromGraphs(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rows", rows, []int32{0, 2})
	same(t, "first", graphAt(t, source, 0), &graphs.Graph{ID: "0", Nodes: 2, NodeTypes: []int32{5, 0, 4, 5, 3, 0, 2, 0, 0, 7, 0, 2, 5, 1, 0, 2, 0, 0},
		Edges: []graphs.Edge{{From: 1, To: 0}, {From: 0, To: 1}}, EdgeTypes: []int32{1, 0, 1, 1, 0, 1}, Target: []float32{-0.5}})
	same(t, "second", graphAt(t, source, 1), &graphs.Graph{ID: "2", Nodes: 1, NodeTypes: []int32{7, 0, 2, 5, 1, 0, 2, 0, 0},
		Edges: []graphs.Edge{}, EdgeTypes: []int32{}, Target: []float32{3}})
}

func TestStoredMoleculesRefuse(t *testing.T) {
	const good, get = `{"i":0,"x":[0],"e":[],"y":1}`, "; this is not the published data: get the file again"
	for _, c := range []struct{ jsonl, vocabulary, file, want string }{
		{good, `{"atoms":[],"bonds":[]}`, "esol.vocab.json", ": there are no atom classes" + get},
		{good, `{"atoms":[[1]],"bonds":[[0,0,0]]}`, "esol.vocab.json", ": atom class 0 has 1 features, expected 9" + get},
		{good, strings.Replace(smallVocabulary, "[1,0,1]", "[5,0,1]", 1), "esol.vocab.json", ": bond class 1: feature 0 is 5, expected 0..4" + get},
		{good, "{", "esol.vocab.json", ":1: malformed JSON: unexpected end of JSON input; the file is damaged or another one: get it again"},
		{good, smallVocabulary, "esol.graphs.jsonl.gz", ": 1 graphs, expected 2" + get},
		{good + "\n" + strings.Replace(good, `"i":0`, `"i":1`, 1), smallVocabulary, "esol.graphs.jsonl.gz", ": graph 1 has the id 1, expected 2" + get},
		{strings.Replace(good, `"i":0`, `"i":"a"`, 1), smallVocabulary, "esol.graphs.jsonl.gz", ":1: the id is not the number of a row" + get},
		{strings.Replace(good, `"y":1`, `"y":null`, 1), smallVocabulary, "esol.graphs.jsonl.gz", ":1: the molecule has no single target" + get},
		{strings.Replace(good, `"y":1`, `"y":NaN`, 1), smallVocabulary, "esol.graphs.jsonl.gz",
			":1: column 27: malformed JSON: NaN and Infinity are not numbers of JSON; fill features in; write null for a missing target"},
		{strings.Replace(good, "[0]", "[2]", 1), smallVocabulary, "esol.graphs.jsonl.gz",
			`:1: graph "0": node type 0: 2 (node 0, column 0) is beyond the vocabulary of 2 (ids 0..1); number types as the training data does`},
		{`{"i":0,"x":[0],"e":[[0,0,1]],"y":1}`, smallVocabulary, "esol.graphs.jsonl.gz", ":1: node 0 has an edge to itself" + get},
		{`{"i":0,"x":[0,0],"directed":true,"e":[[0,1,1]],"y":1}`, smallVocabulary, "esol.graphs.jsonl.gz", ":1: the edge 0->1 has no reverse" + get},
		{"", smallVocabulary, "esol.graphs.jsonl.gz", ": 0 graphs, expected 2" + get},
		{good + "\n" + strings.Repeat(" ", 17<<20), smallVocabulary, "esol.graphs.jsonl.gz", ":2: it unpacks to more than 100 times its size" + get},
	} {
		dir := esolAt(t, c.jsonl, c.vocabulary)
		_, _, err := esol().fromGraphs(context.Background(), Options{Dir: dir})
		var file *FileError
		want := "datasets: " + filepath.Join(dir, "moleculenet", c.file) + c.want
		if !errors.As(err, &file) || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	if got := (moleculeSet{info: Info{Classes: 2}}).checkTarget([]float32{0.5}); got != "the target is 0.5, expected 0 or 1" {
		t.Error(got)
	}
}

func TestMoleculesMissing(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(context.Background(), "hiv", Options{Dir: dir})
	want := "datasets: hiv: no hiv.graphs.jsonl.gz in any of " + dir + ", " + filepath.Join(dir, "moleculenet") + ", " + filepath.Join(dir, "graphs", "moleculenet") +
		"; get the set of MoleculeNet as its table, HIV.csv, or as JSON Lines with vocabulary and split, hiv.graphs.jsonl.gz, hiv.vocab.json and hiv.scaffold_split.json.gz," +
		" in a folder moleculenet, and name the folder above it with --data DIR or GRAFT_DATA; or run: graft datasets get --data " + dir + " hiv"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	_, err = esol().split(context.Background(), Options{Dir: dir, Protocol: ScaffoldSplit}, []int32{0, 2})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Command != "" ||
		!strings.HasSuffix(err.Error(), `; or take the split protocol "random", which needs no file, or set Options.Scaffold, which computes it`) {
		t.Errorf("a missing split: %v", err)
	}
	write(t, filepath.Join(dir, "esol.scaffold_split.json.gz"), zipped(t, `{"train":[0],"valid":[1],"test":[2]}`))
	_, err = esol().split(context.Background(), Options{Dir: dir, Protocol: ScaffoldSplit}, []int32{0, 2})
	if err == nil || !strings.Contains(err.Error(), "val: graph 1 is one that is left out") {
		t.Errorf("a split with a row of no molecule: %v", err)
	}
	write(t, filepath.Join(dir, "esol.scaffold_split.json.gz"), zipped(t, `{"train":[2],"valid":[0],"test":[]}`))
	s, err := esol().split(context.Background(), Options{Dir: dir, Protocol: ScaffoldSplit}, []int32{0, 2})
	if err != nil || s.Train[0] != 1 || s.Val[0] != 0 {
		t.Errorf("a split of rows as graphs: %v, %v", s, err)
	}
}

// Where a table is there and nothing else, the error says how to read it.
func TestMoleculesOnlyTable(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "moleculenet", "official.csv"), []byte("s,y\nCC,1\nx!,2\nC,3\n"))
	m := esol()
	m.smiles, m.target, m.table = "s", "y", "official.csv"
	_, err := m.load(context.Background(), Options{Dir: dir})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Table != path || missing.File != "esol.graphs.jsonl.gz" || missing.Command != "" ||
		!strings.HasSuffix(err.Error(), "; or read the molecules from "+path+", which is there: Options.Molecule of package datasets does, and LoadSet of datasets/files sets it") {
		t.Errorf("graphs: %v", err)
	}
	set, err := m.load(context.Background(), Options{Dir: dir, Molecule: letters, Protocol: ScaffoldSplit,
		Scaffold: func(smiles string) (uint64, error) { return uint64(len(smiles)), nil }})
	if err != nil {
		t.Fatal(err)
	}
	// 80 % of two are one: of two groups of one the later comes first.
	same(t, "sizes", [3]int{set.Train.Len(), set.Val.Len(), set.Test.Len()}, [3]int{1, 0, 1})
	same(t, "training", graphAt(t, set.Train, 0).ID, "2")
	_, err = m.load(context.Background(), Options{Dir: dir, Molecule: letters, Protocol: ScaffoldSplit,
		Scaffold: func(string) (uint64, error) { return 0, errors.New("column 1: no ring") }})
	if want := "datasets: " + path + `:2: column "s": column 1: no ring`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// The command says where the files are looked for, in words that a shell takes.
func TestFetching(t *testing.T) {
	for dir, want := range map[string]string{"": "graft datasets get x", "d": "graft datasets get --data d x", "my data": `graft datasets get --data "my data" x`} {
		same(t, dir, fetching(dir, Info{Name: "x", Fetched: true}), want)
	}
	same(t, "a set that is not fetched", fetching("d", Info{Name: "x"}), "")
}

// letters reads a string as a path with a node a byte; one with "!" is bad.
func letters(smiles string) (*graphs.Graph, error) {
	if strings.Contains(smiles, "!") {
		return nil, errors.New("column 1: no such atom")
	}
	return graphs.Undirected(len(smiles), nil), nil
}

// The tables of the published sets are read through a reader of molecules.
func TestMoleculesFromTables(t *testing.T) {
	dir := root(t)
	for name, count := range map[string]int{"esol": 1128, "bbbp": 2039, "freesolv": 642, "peptides-func": 15535} {
		set := load(t, name, Options{Dir: dir, Molecule: letters})
		same(t, "graphs of "+name, set.Info.Graphs(), count)
		g := graphAt(t, set.Test, 0)
		if g.Nodes == 0 || len(g.Target) != set.Info.Targets || g.ID == "" {
			t.Errorf("%s: %+v", name, g)
		}
	}
	stored := load(t, "esol", Options{Dir: dir})
	table := load(t, "esol", Options{Dir: dir, Molecule: letters})
	for i := range stored.Val.Len() {
		a, b := graphAt(t, stored.Val, i), graphAt(t, table.Val, i)
		if a.ID != b.ID || a.Target[0] != b.Target[0] {
			t.Errorf("molecule %d: %s %v, in the table %s %v", i, a.ID, a.Target, b.ID, b.Target)
		}
	}
}

func TestMoleculeTableRefuses(t *testing.T) {
	m := esol()
	m.smiles, m.target, m.table = "s", "y", "official.csv"
	for _, c := range []struct{ text, want string }{
		{"s,y\nC,1\nx!,2\nCC ,3\n", ""},
		{"s,y\nC!,1\n", `:2: column "s": column 1: no such atom`},
		{"s,y\n ,1\n", `:2: column "s": graphs: nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to`},
		{"s,y\nC,NaN\n", `:2: the target "NaN" is not a finite number; this is not the published data: get the file again`},
		{"s,y\nC,\n", `:2: the target "" is not a finite number; this is not the published data: get the file again`},
		{"s,y\nC,1\n", ": 1 rows, expected 3; this is not the published data: get the file again"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "official.csv"), []byte(c.text))
		source, rows, err := m.fromTable(context.Background(), Options{Dir: filepath.Dir(path), Molecule: letters})
		if c.want == "" {
			if err != nil {
				t.Fatal(err)
			}
			same(t, "rows", rows, []int32{0, 2})
			same(t, "second", graphAt(t, source, 1).Nodes, 2)
		} else if err == nil || err.Error() != "datasets: "+path+c.want {
			t.Errorf("got %v\nwant %s", err, path+c.want)
		}
	}
}

// Whatever graph goes into a packed source comes out again.
func TestPackedGivesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &packed{untyped: rapid.Bool().Draw(t, "untyped")}
		var all []*graphs.Graph
		for k := range rapid.IntRange(1, 4).Draw(t, "graphs") {
			n := rapid.IntRange(1, 300).Draw(t, "nodes")
			g := &graphs.Graph{ID: fmt.Sprint(k * 1000), Nodes: n, Edges: []graphs.Edge{}}
			if !p.untyped {
				g.EdgeTypes = []int32{}
			}
			g.NodeTypes = rapid.SliceOfN(rapid.Int32Range(0, 1000), n, n).Draw(t, "types")
			seen := map[[2]int]bool{}
			for range rapid.IntRange(0, 2*n).Draw(t, "bonds") {
				u, v := rapid.IntRange(0, n-1).Draw(t, "u"), rapid.IntRange(0, n-1).Draw(t, "v")
				if u == v || seen[[2]int{u, v}] {
					continue
				}
				seen[[2]int{u, v}], seen[[2]int{v, u}] = true, true
				var types []int32
				if !p.untyped {
					types = []int32{rapid.Int32Range(0, 1000).Draw(t, "type")}
				}
				g.AddBond(u, v, types...)
			}
			if m := rapid.IntRange(0, 3).Draw(t, "targets"); m > 0 {
				g.Target = rapid.SliceOfN(rapid.Float32(), m, m).Draw(t, "target")
			}
			if reason := packable(g); reason != "" {
				t.Fatal(reason)
			}
			p.add(g, uint64(k*1000))
			all = append(all, g)
		}
		for k, g := range all {
			back, err := p.Graph(k)
			if err != nil || fmt.Sprintf("%#v", back) != fmt.Sprintf("%#v", g) {
				t.Fatalf("%+v became %+v, %v", g, back, err)
			}
		}
	})
}
