package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

const molecule = `{"i":1,"x":[0,20],"e":[[0,1,3]],"y":0.5}` + "\n"

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// The published data, whole: figures of its README.
func TestZINC(t *testing.T) {
	dir := filepath.Dir(stored(t, "zinc12k", "train.jsonl.gz"))
	set := load(t, "zinc", Options{Dir: dir})
	for split, want := range []struct {
		graphs, nodes, bonds int
		firstY               float32
		firstNodes           int
		types                [4]int
	}{
		{10_000, 231_664, 249_279, 0.835036, 29, [4]int{0, 185_060, 63_548, 671}},
		{1_000, 23_083, 24_846, 0.62991577, 35, [4]int{0, 18_544, 6_248, 54}},
		{1_000, 23_117, 24_860, 1.9973258, 16, [4]int{0, 18_525, 6_271, 64}},
	} {
		src := set.Split(Split(split))
		nodes, edges := 0, 0
		var types [4]int
		for i := range src.Len() {
			g := graphAt(t, src, i)
			nodes += g.Nodes
			edges += len(g.Edges)
			for e := 0; e < len(g.EdgeTypes); e += 2 {
				types[g.EdgeTypes[e]]++
			}
		}
		one := graphAt(t, src, 0)
		if src.Len() != want.graphs || nodes != want.nodes || edges != 2*want.bonds || types != want.types ||
			one.Target[0] != want.firstY || one.Nodes != want.firstNodes {
			t.Errorf("%v: %d graphs, %d nodes, %d edges, bonds %v, first %+v", Split(split), src.Len(), nodes, edges, types, one)
		}
	}
	if id := graphAt(t, set.Train, 0).ID; id != "167621" {
		t.Errorf("the first molecule has ID %q", id)
	}
	few := load(t, "zinc", Options{Dir: filepath.Dir(dir), Limit: Limit{Train: 10}})
	if few.Train.Len() != 10 || few.Val.Len() != 1000 {
		t.Errorf("limited to %d and %d molecules", few.Train.Len(), few.Val.Len())
	}
}

func TestZINCMissing(t *testing.T) {
	t.Setenv("GRAFT_DATA", "")
	tail, run := "; get the subset of Dwivedi et al., arXiv 2003.00982 (github.com/graphdeeplearning/benchmarking-gnns, data/molecules), "+
		"as JSON Lines: train.jsonl.gz, val.jsonl.gz, test.jsonl.gz in a folder zinc12k, and name the folder above it with --data DIR or GRAFT_DATA", "; or run: graft datasets get zinc"
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	_, err := Load(context.Background(), "zinc", Options{})
	if want := "datasets: zinc: no data folder is named" + tail + run; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	if _, err = Load(context.Background(), "zinc", Options{}); err == nil || !strings.Contains(err.Error(), filepath.Join(home, "graft", "zinc12k")) {
		t.Errorf("the cache is not named: %v", err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	dir := filepath.Join(t.TempDir(), "d")
	want := "datasets: zinc: no train.jsonl.gz in any of " + dir + ", " + filepath.Join(dir, "zinc12k") + ", " + filepath.Join(dir, "graphs", "zinc12k") + tail
	_, err = Load(context.Background(), "zinc", Options{Dir: dir})
	var missing *MissingError
	if !errors.As(err, &missing) || err.Error() != want+"; or run: graft datasets get --data "+dir+" zinc" {
		t.Errorf("got %v\nwant %s", err, want)
	}
	t.Setenv("GRAFT_DATA", dir)
	if _, err = Load(context.Background(), "zinc", Options{}); err == nil || err.Error() != want+run {
		t.Errorf("GRAFT_DATA: got %v\nwant %s", err, want)
	}
}

func TestZINCFolders(t *testing.T) {
	for _, sub := range []string{"", "zinc12k", filepath.Join("graphs", "zinc12k")} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, sub, "train.jsonl.gz"), nil)
		got, err := dataFolder(dir, zincInfo, "zinc12k", "train.jsonl.gz")
		if want := filepath.Join(dir, sub); err != nil || got != want {
			t.Errorf("got %s, %v; expected %s", got, err, want)
		}
	}
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "train.jsonl.gz"), zipped(t, molecule))
	_, err := Load(context.Background(), "zinc", Options{Dir: dir})
	if want := "datasets: " + path + ": 1 molecules, expected 10000; this is not the published ZINC-12k: get the file again"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestZINCDamage(t *testing.T) {
	whole := zipped(t, strings.Repeat(molecule, 3000))
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	corrupt := zipped(t, molecule)
	corrupt[10] = 0xff // an unknown kind of block
	published := "; this is not the published data: get the file again"
	line := func(n int, bad string) []byte { return zipped(t, strings.Repeat(molecule, n-1)+bad+"\n"+molecule) }
	for _, c := range []struct {
		name string
		data []byte
		want string // after the path
	}{
		{"nothing", nil, ": the compressed data ends too early; the file is cut off: copy it again"},
		{"cut off", whole[:len(whole)-9], ":3001: the compressed data ends too early; the file is cut off: copy it again"},
		{"cut off in the header", whole[:5], ": the compressed data ends too early; the file is cut off: copy it again"},
		{"checksum", flipped, ":3001: it is not sound gzip data; the file is damaged: copy it again"},
		{"corrupt", corrupt, ":1: it is not sound gzip data; the file is damaged: copy it again"},
		{"not gzip", []byte(molecule), ": it is not sound gzip data; the file is damaged: copy it again"},
		{"bomb", zipped(t, molecule+strings.Repeat(" ", 2<<20)), ":2: it unpacks to more than 100 times its size" + published},
		{"malformed", line(3, `{"x":[0,1`), `:3: column 10: malformed JSON: the line ends where "," or "]" was expected; the line may be cut off`},
		{"out of range", line(2, `{"i":7,"x":[0,0],"e":[[0,2,1]],"y":0}`),
			`:2: graph "7": edge 0: 0->2: node 2 is out of range, the graph has nodes 0..1; count nodes from 0`},
		{"negative", line(2, `{"i":7,"x":[0,-1],"e":[[0,1,1]],"y":0}`), `:2: graph "7": node type 1: -1 (node 1, column 0) is negative; count ids from 0`},
		{"beyond", line(2, `{"i":7,"x":[0,21],"e":[[0,1,1]],"y":0}`),
			`:2: graph "7": node type 1: 21 (node 1, column 0) is beyond the vocabulary of 21 (ids 0..20); number types as the training data does`},
		{"bond beyond", line(2, `{"i":7,"x":[0,0],"e":[[0,1,4]],"y":0}`),
			`:2: graph "7": edge type 0: 4 (edge 0, column 0) is beyond the vocabulary of 4 (ids 0..3); number types as the training data does`},
		{"bond 0", line(2, `{"i":7,"x":[0,0],"e":[[0,1,0]],"y":0}`), ":2: the bond 0-1 has type 0, expected 1..3" + published},
		{"no target", line(2, `{"i":7,"x":[0,0],"e":[[0,1,1]],"y":null}`), ":2: the molecule has no single target" + published},
		{"empty graph", line(2, `{"i":7,"x":[],"e":[],"y":0}`), `:2: graph "7": nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to`},
	} {
		path := write(t, filepath.Join(t.TempDir(), "train.jsonl.gz"), c.data)
		_, err := Load(context.Background(), "zinc", Options{Dir: filepath.Dir(path)})
		var file *FileError
		if !errors.As(err, &file) {
			t.Errorf("%s: error %v, expected a *FileError", c.name, err)
		} else if got, want := err.Error(), "datasets: "+path+c.want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

func TestReadGraphsFileErrors(t *testing.T) {
	dir := t.TempDir()
	read := func(ctx context.Context, path string) error {
		_, err := readGraphs(ctx, path, func(*graphs.Reader) {}, func(*graphs.Graph) string { return "" })
		return err
	}
	err := read(context.Background(), filepath.Join(dir, "none"))
	if want := "datasets: " + filepath.Join(dir, "none") + ": no such file or directory; check its name and permissions"; err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if err := read(context.Background(), dir); err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
		t.Errorf("a folder gave %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := read(ctx, write(t, filepath.Join(dir, "f"), zipped(t, molecule))); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read gave %v", err)
	}
}

func TestAssertZINC(t *testing.T) {
	list, err := graphs.NewReader(strings.NewReader(molecule)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := "datasets: p: 2.00 nodes and 2.00 edges on average, expected about 23.16 and 49.83; this is not the published ZINC-12k: get the file again"
	if err := assertZINC("p", list, 1); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
