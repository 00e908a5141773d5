package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
)

// TestNamedSchema: outputs of models of data sets have names in a table.
func TestNamedSchema(t *testing.T) {
	for _, c := range []struct {
		set, columns string
		scores       []float32
		want         string
	}{
		{"zinc", "predicted_y", []float32{0.5}, "0.5"},
		{"esol", "predicted_y", []float32{-2}, "-2"},
		{"bbbp", "predicted_class probability_class_0 probability_class_1", []float32{0}, "0 0.5 0.5"},
		{"bbbp", "predicted_class probability_class_0 probability_class_1", []float32{0, 0}, "0 0.5 0.5"},
		{"peptides-func", "predicted_y0 probability_y0_0 probability_y0_1 predicted_y1", []float32{1000, -1000, 0, 0, 0, 0, 0, 0, 0, 0}, "1 0 1 0 1 0"},
	} {
		info, err := datasets.Describe(c.set)
		if err != nil {
			t.Fatal(err)
		}
		s := namedSchema(info)
		if got := strings.Join(s.AnswerColumns(), " "); !strings.HasPrefix(got, c.columns) {
			t.Errorf("%s: columns %s", c.set, got)
		}
		if got := strings.Join(s.Answer(c.scores), " "); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.set, got, c.want)
		}
	}
}

// TestRows: rows keep their bytes; what stands behind them has the table's delimiter,
// quotes where they are needed, and the table's line ends.
func TestRows(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a,b\n1,\"x\"\n", "a,b,p\n1,\"x\",\"u,v;w\"\n"},
		{"a;b\r\n1;\"x\"\r\n", "a;b;p\r\n1;\"x\";\"u,v;w\"\r\n"},
		{"\xef\xbb\xbfa\tb\n1\t2", "a\tb\tp\n1\t2\tu,v;w\n"},
		{"a\n\"two\nlines\"\n", "a,p\n\"two\nlines\",\"u,v;w\"\n"},
	} {
		table, err := files.NewTable("t.csv", strings.NewReader(c.text), files.Auto, 0)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := newRows(&out, table)
		err = w.write(table.Raw(), []string{"p"})
		if _, bad := table.Next(); err == nil && bad == nil {
			err = w.write(table.Raw(), []string{"u,v;w"})
		}
		if err != nil || out.String() != c.want {
			t.Errorf("%q became %q, want %q (%v)", c.text, out.String(), c.want, err)
		}
	}
}

func TestRunName(t *testing.T) {
	for path, want := range map[string]string{"m.csv": "m", "dir/m.csv.gz": "m", ".hidden.csv": "hidden", ".csv": "files", "..": "files", "-": "-", "a.b.tsv": "a.b"} {
		if got := runName(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestFileFlags: every option about files changes the settings that it says.
func TestFileFlags(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fileFlags() {
		if f.path != "" {
			checkFileFlag(t, &f, filesRecipe, f.path)
		}
		if f.table != "" {
			checkFileFlag(t, &f, tableRecipe, f.table)
		}
		if f.image != "" {
			checkFileFlag(t, &f, imageRecipe, f.image)
		}
		if f.motion != "" {
			checkFileFlag(t, &f, motionRecipe, f.motion)
		}
		if f.path+f.table+f.image+f.motion == "" || seen[f.name] {
			t.Errorf("--%s says nothing, or comes twice", f.name)
		}
		seen[f.name] = true
	}
}

func checkFileFlag(t *testing.T, f *fileFlag, start, path string) {
	t.Helper()
	r, err := loadRecipe(start)
	if err != nil {
		t.Fatal(err)
	}
	if f.kind != 0 {
		if err := r.Set("data.kind", f.kind.String()); err != nil {
			t.Errorf("--%s: %v", f.name, err)
		}
	}
	value := "x"
	switch {
	case f.toggle:
		value = "true"
	case f.name == "task":
		value = "classification"
	case f.name == "split":
		value = "scaffold"
	case f.name == "impute":
		value = "mean"
	case f.name == "unknown":
		value = "row"
	case f.name == "target-bins", f.name == "image-size", f.name == "fps":
		value = "5"
	case f.name == "delimiter":
		value = "tab"
	}
	if err := set(&r, f.name, path, value); err != nil {
		t.Errorf("--%s: %v", f.name, err)
	}
	if !strings.Contains(fmt.Sprint(r.Changes()), path) {
		t.Errorf("--%s does not change %s: %v", f.name, path, r.Changes())
	}
}
