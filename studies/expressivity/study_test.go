package expressivity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/studies/internal/trial"
)

func load(t testing.TB, name, dir string) *Set {
	t.Helper()
	set, err := Load(ctx, name, datasets.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestStudyOfCSL(t *testing.T) {
	study := Study{Sets: []*Set{load(t, "csl", "")}}
	for _, name := range exact {
		study.Tests = append(study.Tests, the(t, name, Options{Steps: 9}))
	}
	var seen []Row
	last := map[string]int{}
	study.OnRow = func(r Row) error { seen = append(seen, r); return nil }
	study.OnProgress = func(p Progress) { last[p.Test] = p.Done*100 + p.Of }
	rows, err := study.Run(ctx)
	if err != nil || !slices.Equal(rows, seen) {
		t.Fatalf("%v, rows %v, told of %v", err, rows, seen)
	}
	for i, want := range []int{0, 45, 44, 45, 45} {
		r := rows[i]
		if r.Test != exact[i] || r.Set != "csl" || r.Pairs != 45 || r.Apart != want || r.Copies != 10 || r.CopiesApart != 0 || last[r.Test] != 1010 {
			t.Errorf("%+v, progress %d, want %d apart", r, last[r.Test], want)
		}
	}
}

// judge is a test that counts what it is asked, and tells apart what differs in the number of edges.
type judge struct{ asked []string }

func (j *judge) judge(_ context.Context, a, b *graphs.Graph) (Verdict, error) {
	j.asked = append(j.asked, a.ID+b.ID)
	if a.ID == "x" {
		return Verdict{}, errors.New("no")
	}
	return Verdict{Apart: len(a.Edges) != len(b.Edges), CopyApart: b.Nodes == 3, Distance: 1.5}, nil
}

func lettered(names string) *Set {
	s := &Set{Name: "letters"}
	for k, name := range names {
		g := circulant(3+k, 1)
		g.ID = string(name)
		s.Graphs = append(s.Graphs, g)
	}
	return s
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, VerdictsName)
	var j judge
	study := Study{Sets: []*Set{lettered("abc")}, Tests: []Test{{Name: "count", Setting: "s=1", Seed: 7, Judge: j.judge}}, Dir: dir}
	want := Row{Set: "letters", Test: "count", Setting: "s=1", Seed: 7, Pairs: 3, Apart: 3, Copies: 3}
	run := func(asked string) {
		t.Helper()
		j.asked = nil
		rows, err := study.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rows[0].Seconds = 0
		if rows[0] != want || strings.Join(j.asked, " ") != asked {
			t.Errorf("row %+v, asked %v, want %+v and %s", rows[0], j.asked, want, asked)
		}
	}
	run("ab ac bc")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if !strings.HasPrefix(lines[1], `{"set":"letters","test":"count","setting":"s=1","seed":7,"a":0,"b":2,"apart":true,"distance":1.5,"seconds":`) || len(lines) != 4 {
		t.Errorf("the file has %q", lines)
	}
	run("")
	if err := os.WriteFile(path, text[:len(text)-5], 0o666); err != nil {
		t.Fatal(err)
	}
	run("bc") // the last line was cut short
	run("")
	study.Tests[0].Seed = 8
	want.Seed = 8
	run("ab ac bc")

	// Tests that sign are done again, but written once.
	study.Tests = []Test{the(t, "wl", Options{})}
	for range 2 {
		if _, err := study.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	text, _ = os.ReadFile(path)
	if n := strings.Count(string(text), `"test":"wl","a"`); n != 3 {
		t.Errorf("%d verdicts of wl, want 3:\n%s", n, text)
	}

	if err := os.WriteFile(path, append(text, "{}\n"...), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = study.Run(ctx)
	if err == nil || !strings.Contains(err.Error(), "verdicts.jsonl: line 10: a verdict without a set, or without a test; correct or remove the line") {
		t.Errorf("a line that is no verdict: %v", err)
	}
	study.Dir = path
	if _, err := study.Run(ctx); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestStudyFails(t *testing.T) {
	var j judge
	j.judge(ctx, rook(1), rook(1))
	tests := []Test{{Name: "count", Judge: j.judge}}
	if _, err := (Study{Tests: tests}).Run(ctx); err == nil {
		t.Error("a study without sets")
	}
	_, err := Study{Sets: []*Set{lettered("xb")}, Tests: tests}.Run(ctx)
	if err == nil || err.Error() != "expressivity: letters: graph x and b: no" {
		t.Errorf("a test that fails: %v", err)
	}
	nameless := &Set{Name: "s", Graphs: []*graphs.Graph{rook(2), rook(2)}}
	nameless.Graphs[1].NodeTypes = []int32{0, 5, 0, 0}
	_, err = Study{Sets: []*Set{nameless}, Tests: []Test{the(t, "grit", Options{})}}.Run(ctx)
	if err == nil || !strings.Contains(err.Error(), "expressivity: s: graph number 1: ") || !strings.Contains(err.Error(), "node type") {
		t.Errorf("a graph that GRIT cannot read: %v", err)
	}
	large := &Set{Name: "large"}
	for range 200 {
		large.Graphs = append(large.Graphs, rook(1))
	}
	_, err = Study{Sets: []*Set{large}, Tests: tests}.Run(ctx)
	if err == nil || !strings.Contains(err.Error(), "count trains a model for each pair, and large has 19900: choose fewer") {
		t.Errorf("a large set: %v", err)
	}
	_, err = Study{Sets: []*Set{lettered("ab")}, Tests: tests, OnRow: func(Row) error { return errors.New("full") }}.Run(ctx)
	if err == nil || err.Error() != "full" {
		t.Errorf("OnRow fails: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (Study{Sets: []*Set{lettered("ab")}, Tests: []Test{the(t, "wl", Options{})}}).Run(ended); err != context.Canceled {
		t.Errorf("after the end of the context: %v", err)
	}
}

// numbered is a signature that is no colour.
type numbered int

func (n numbered) Apart(other Signature) bool { return n != other.(numbered) }

// TestLargeSetsAreCounted: both ways of counting give what comparing all pairs gives.
func TestLargeSetsAreCounted(t *testing.T) {
	set := &Set{Name: "rings"}
	for k := range 160 {
		set.Graphs = append(set.Graphs, circulant(3+k%7, 1))
	}
	byNodes := Test{Name: "nodes", Sign: func(_ context.Context, g *graphs.Graph) (Signature, error) { return numbered(g.Nodes), nil }}
	want := 0
	for a := range set.Graphs {
		for b := range a {
			if a%7 != b%7 {
				want++
			}
		}
	}
	rows, err := Study{Sets: []*Set{set}, Tests: []Test{the(t, "wl", Options{}), byNodes}, Dir: t.TempDir()}.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Pairs != 160*159/2 || r.Apart != want || r.Copies != 160 {
			t.Errorf("%+v, want %d apart", r, want)
		}
	}
}

func TestCopiesApartAreCounted(t *testing.T) {
	fickle := Test{Name: "first edge", Sign: func(_ context.Context, g *graphs.Graph) (Signature, error) {
		return Colour(g.Edges[0].From), nil
	}}
	rows, err := Study{Sets: []*Set{lettered("abcdef")}, Tests: []Test{fickle}}.Run(ctx)
	if err != nil || rows[0].CopiesApart == 0 {
		t.Errorf("%+v, %v: the numbering of nodes goes unnoticed", rows, err)
	}
}

func TestSets(t *testing.T) {
	book := load(t, "textbook", "")
	if book.Size() != 7 || len(book.parts()) != 7 {
		t.Errorf("%d pairs in %d parts", book.Size(), len(book.parts()))
	}
	two, err := book.Only("rook", "fan")
	if err != nil || two.Size() != 2 || two.Name != "textbook" || two.First(1).Size() != 2 || len(two.parts()[0].used()) != 2 {
		t.Errorf("two categories: %+v, %v", two, err)
	}
	if _, err := book.Only("rok"); err == nil || !strings.Contains(err.Error(), `textbook: unknown category "rok"; did you mean "rook"?`) {
		t.Errorf("an unknown category: %v", err)
	}
	csl := load(t, "csl", "")
	if _, err := csl.Only("rook"); err == nil || !strings.Contains(err.Error(), "the set csl has no categories") {
		t.Errorf("categories of csl: %v", err)
	}
	if csl.First(0) != csl || csl.First(45) != csl || csl.First(44).Size() != 44 {
		t.Error("the first pairs of csl")
	}
	if got := fmt.Sprint(csl.First(10).Pairs[8:]); got != "[{ 0 9} { 1 2}]" {
		t.Errorf("pairs 8 and 9 of csl: %s", got)
	}
	if _, err := Load(ctx, "bec", datasets.Options{}); err == nil || !strings.Contains(err.Error(), `unknown set "bec"; did you mean "brec"?`) {
		t.Errorf("an unknown set: %v", err)
	}
	var missing *datasets.MissingError
	for _, name := range SetNames() {
		if AboutSet(name) == "" {
			t.Errorf("%s: says nothing about itself", name)
		}
		_, err := Load(ctx, name, datasets.Options{Dir: t.TempDir()})
		if builtIn := name == "textbook" || name == "csl"; builtIn && err != nil || !builtIn && !errors.As(err, &missing) {
			t.Errorf("%s without its file: %v", name, err)
		}
	}
}

// TestPublished compares with figures of others, where the data is there: 1-WL as in the papers of the sets, 3-WL on BREC
// as in Wang and Zhang (2024), and Graphormer there, 79, below its bound.
func TestPublished(t *testing.T) {
	dir := os.Getenv("GRAFT_DATA")
	if dir == "" {
		t.Skip("GRAFT_DATA names no folder of data")
	}
	for _, c := range []struct {
		set, test string
		want      int
	}{
		{"sr25", "wl", 0}, {"sr25", "rrwp", 0}, {"sr25", "wl2", 0}, {"exp", "wl", 0}, {"cexp", "wl", 300}, {"graph8c", "wl", 61_788_286 - 312},
		{"exp", "rrwp", 600}, {"brec", "wl", 0}, {"brec", "spd", 83}, {"brec", "rrwp", 236}, {"brec", "wl2", 270},
	} {
		rows, err := Study{Sets: []*Set{load(t, c.set, dir)}, Tests: []Test{the(t, c.test, Options{})}}.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, r := range rows {
			got += r.Apart
			if r.CopiesApart > 0 {
				t.Errorf("%+v: copies are told apart", r)
			}
		}
		if got != c.want {
			t.Errorf("%s tells %d pairs of %s apart, want %d", c.test, got, c.set, c.want)
		}
	}
}

func FuzzVerdicts(f *testing.F) {
	f.Add([]byte(`{"set":"brec","test":"wl","a":0,"b":1,"category":"Basic","apart":false}` + "\n"))
	f.Add([]byte(`{"set":"brec","test":"rpc","setting":"s","seed":1,"a":0,"b":1,"apart":true,"distance":1e300,"seconds":1}` + "\n{"))
	f.Add([]byte("\n\n{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		v := &folder{path: "f", known: map[question]answer{}}
		if err := trial.ParseLines("f", text, v.read); err != nil && !strings.Contains(err.Error(), "line ") {
			t.Errorf("%v: which line?", err)
		}
	})
}
