package benchmark

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// keep puts a result into its folder, as training would.
func keep(t testing.TB, dir string, r Result) string {
	t.Helper()
	r.Dir = filepath.Join(dir, r.cell().place())
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Dir, "config.yaml"), r.Recipe.Marshal(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.write(); err != nil {
		t.Fatal(err)
	}
	return r.Dir
}

func TestRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*") // which is no pattern
	for _, r := range []Result{done("zinc", "a", 10, 0, 0.3), done("zinc", "a", 9, 0, 0.4), done("csl", "b", 1, 4, 0.5), done("csl", "a", 1, 0, 0.5), done("csl", "gps", 1, 0, 0.5), done("csl", "grit", 1, 0, 0.5)} {
		keep(t, dir, r)
	}
	open := keep(t, dir, done("csl", "a", 1, 1, 0.5))
	if err := os.Remove(filepath.Join(open, ResultName)); err != nil {
		t.Fatal(err)
	}
	results, unfinished, err := Read(dir)
	if err != nil || len(results) != 6 || len(unfinished) != 1 || unfinished[0] != open {
		t.Fatalf("%d results, %q unfinished, %v", len(results), unfinished, err)
	}
	var order []string
	for _, r := range results {
		order = append(order, r.cell().place())
	}
	if got, want := strings.Join(order, " "), "csl/grit/seed-1-fold-0 csl/gps/seed-1-fold-0 csl/a/seed-1-fold-0 csl/b/seed-1-fold-4 zinc/a/seed-9 zinc/a/seed-10"; filepath.ToSlash(got) != want {
		t.Errorf("in the order %s, want %s", got, want)
	}
	want := done("csl", "a", 1, 0, 0.5)
	want.Dir = results[2].Dir
	if want.Recipe.Name = results[2].Recipe.Name; !reflect.DeepEqual(results[2], want) {
		t.Errorf("read back as %+v, want %+v", results[2], want)
	}
}

func TestReadNothing(t *testing.T) {
	empty := t.TempDir()
	if _, _, err := Read(empty); err == nil || err.Error() != "benchmark: "+empty+" has no results: it holds no DATASET/MODEL/seed-N with a config.yaml" {
		t.Error(err)
	}
	if _, _, err := Read(filepath.Join(empty, "no")); err == nil || !strings.Contains(err.Error(), "is no folder of results: name one that trainings were kept in") {
		t.Error(err)
	}
}

// TestMalformed refuses results that cannot be believed, by name and with what to do.
func TestMalformed(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(text string) string
		want   string
	}{
		{"cut short", func(s string) string { return s[:len(s)/2] }, "not a result: unexpected EOF"},
		{"empty", func(string) string { return "" }, "not a result: EOF"},
		{"another word", func(s string) string { return strings.Replace(s, `"seed"`, `"sead"`, 1) }, `not a result: json: unknown field "sead"`},
		{"more behind", func(s string) string { return s + "{}" }, "not a result: something follows it"},
		{"a later version", func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) }, "version 2 of a result: this program reads version 1"},
		{"no model", func(s string) string { return strings.Replace(s, `"model": "a"`, `"model": ""`, 1) }, "a result without data set or model"},
		{"no such fold", func(s string) string { return strings.Replace(s, `"fold": 1`, `"fold": 5`, 1) }, "fold 5 of 5"},
		{"another metric", func(s string) string { return strings.Replace(s, `"metric": "accuracy"`, `"metric": "mae"`, 1) }, `the test scores have no metric "mae"`},
		{"best epoch", func(s string) string { return strings.Replace(s, `"bestEpoch": 1`, `"bestEpoch": 99`, 1) }, "best epoch 99 of 60"},
		{"graphs", func(s string) string { return strings.Replace(s, `"trainGraphs": 10`, `"trainGraphs": -1`, 1) }, "-1, 0 and 5 graphs"},
		{"another seed", func(s string) string { return strings.Replace(s, `"seed": 1`, `"seed": 2`, 1) }, "it is of csl, seed 2, fold 1; config.yaml has csl, seed 1, fold 1"},
		{"another configuration", func(s string) string { return strings.Replace(s, `"config": "`, `"config": "0`, 1) }, "it belongs to another configuration than config.yaml beside it"},
		{"large", func(string) string { return strings.Repeat(" ", 2<<20) }, "more than 1048576 bytes: this is no result"},
	} {
		dir := t.TempDir()
		path := filepath.Join(keep(t, dir, done("csl", "a", 1, 1, 0.5)), ResultName)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := test.change(string(text))
		if bad == string(text) {
			t.Fatalf("%s: nothing was changed", test.name)
		}
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err = Read(dir)
		if err == nil || !strings.HasPrefix(err.Error(), "benchmark: "+path+": ") || !strings.Contains(err.Error(), test.want) || !strings.HasSuffix(err.Error(), "; remove it, and the cell is measured again from its checkpoint") {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

func TestMovedResult(t *testing.T) {
	dir := t.TempDir()
	from := keep(t, dir, done("csl", "a", 1, 1, 0.5))
	if err := os.Rename(from, from+"-old"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(dir); err == nil || !strings.HasSuffix(err.Error(), "is the result of csl, a, seed 1, fold 1 of 0 to 4: it belongs to "+from) {
		t.Error(err)
	}
	c := Cell{Dataset: "csl", Model: "a", Seed: 1, Fold: 1, Folds: 5, Recipe: done("csl", "a", 1, 1, 0).Recipe, Dir: from + "-old"}
	c.Model = "b"
	if _, err := look(c); err == nil || !strings.HasSuffix(err.Error(), "is the result of csl, a, seed 1, fold 1 of 0 to 4: it belongs to another folder") {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(c.Dir, "config.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := look(c); err == nil || !strings.Contains(err.Error(), "has no config.yaml beside its result.json") {
		t.Error(err)
	}
}

// FuzzResult reads anything: it never panics, and what it accepts is written and read again as it is.
func FuzzResult(f *testing.F) {
	path := filepath.Join(keep(f, f.TempDir(), done("csl", "a", 1, 1, 0.5)), ResultName)
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add(bytes.ReplaceAll(text, []byte("0.5"), []byte("null")))
	f.Add([]byte(`{"version":1,"dataset":"d","model":"m","metric":"x","test":{"x":"+Inf"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseResult(text)
		if err != nil {
			return
		}
		r.Dir = t.TempDir()
		if err := r.write(); err != nil {
			t.Fatal(err)
		}
		again, err := os.ReadFile(filepath.Join(r.Dir, ResultName))
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseResult(again)
		if err != nil {
			t.Fatal(err)
		}
		if back.Seed != r.Seed || back.Test.String() != r.Test.String() || back.cell().place() != r.cell().place() {
			t.Errorf("%+v came back as %+v", r, back)
		}
	})
}
