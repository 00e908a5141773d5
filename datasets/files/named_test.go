package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// fetched gives a folder with nothing but the table of a set of MoleculeNet, as graft
// datasets get puts it there.
func fetched(t *testing.T, name string, change func(text string) string) (dir, path string) {
	t.Helper()
	in, err := Open(filepath.Join(moleculeNet(t), name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	path = filepath.Join(dir, "moleculenet", name+".csv")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(change(string(text))), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

// asIs changes nothing.
func asIs(text string) string { return text }

// alike compares two sources, every so many graphs, and tells how many differ, and the
// first difference.
func alike(t *testing.T, a, b datasets.Source, step int) (differ int, first string) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Fatalf("%d and %d graphs", a.Len(), b.Len())
	}
	for i := 0; i < a.Len(); i += step {
		g, err := a.Graph(i)
		h, err2 := b.Graph(i)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if reflect.DeepEqual(g, h) {
			continue
		}
		if differ++; first == "" {
			first = fmt.Sprintf("graph %d: %+v and %+v", i, g, h)
		}
	}
	return differ, first
}

// A set whose table alone was fetched is the same as the stored one: graphs, splits and
// their order. Of HIV, whose 41,127 molecules take a while, not every one is looked at.
func TestLoadSetFromTable(t *testing.T) {
	root := filepath.Dir(moleculeNet(t))
	for _, c := range []struct {
		name     string
		protocol datasets.Protocol
		step     int
	}{
		{"esol", datasets.ScaffoldSplit, 1}, {"esol", datasets.RandomSplit, 1}, {"freesolv", datasets.ScaffoldSplit, 1},
		{"lipophilicity", datasets.ScaffoldSplit, 1}, {"bbbp", datasets.ScaffoldSplit, 1}, {"bbbp", datasets.RandomSplit, 1},
		{"bace", datasets.ScaffoldSplit, 1}, {"hiv", datasets.ScaffoldSplit, 20},
	} {
		t.Run(fmt.Sprint(c.name, " ", c.protocol), func(t *testing.T) {
			t.Parallel()
			dir, _ := fetched(t, c.name, asIs)
			o := datasets.Options{Dir: root, Protocol: c.protocol, Seed: 3}
			stored, err := datasets.Load(context.Background(), c.name, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Dir = dir
			made, err := LoadSet(context.Background(), c.name, o)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(stored.Info, made.Info) {
				t.Errorf("%+v and %+v", stored.Info, made.Info)
			}
			for split := datasets.Train; split <= datasets.Test; split++ {
				if n, first := alike(t, stored.Split(split), made.Split(split), c.step); n > 0 {
					t.Errorf("%v: %d graphs differ; %.2000s", split, n, first)
				}
			}
		})
	}
}

// Copies of the tables have other line ends, capitals and names; all are read.
func TestLoadSetCopies(t *testing.T) {
	dir, path := fetched(t, "freesolv", func(text string) string {
		text = strings.Replace(text, "smiles,expt", "SMILES, Expt ", 1)
		return "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\r\n")
	})
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), "SAMPL.csv")); err != nil {
		t.Fatal(err)
	}
	stored, err := datasets.Load(context.Background(), "freesolv", datasets.Options{Dir: filepath.Dir(moleculeNet(t))})
	if err != nil {
		t.Fatal(err)
	}
	made, err := LoadSet(context.Background(), "freesolv", datasets.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if n, first := alike(t, stored.Train, made.Train, 1); n > 0 {
		t.Errorf("%d graphs differ; %s", n, first)
	}
}

func TestLoadSetFeatures(t *testing.T) {
	dir, _ := fetched(t, "freesolv", asIs)
	read, err := Molecule("")
	if err != nil {
		t.Fatal(err)
	}
	set, err := LoadSet(context.Background(), "freesolv", datasets.Options{Dir: dir, Molecule: read, Limit: datasets.Limit{Train: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if g, err := set.Train.Graph(0); err != nil || g.NodeTypeColumns() != 7 || set.Train.Len() != 1 {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := Molecule("ogg"); err == nil || !strings.Contains(err.Error(), `did you mean "ogb"?`) {
		t.Error(err)
	}
}

func TestLoadSetRefuses(t *testing.T) {
	dir, path := fetched(t, "freesolv", func(text string) string { return strings.Replace(text, ",CCC", ",CCC(", 1) })
	_, err := LoadSet(context.Background(), "freesolv", datasets.Options{Dir: dir})
	var file *datasets.FileError
	if !errors.As(err, &file) || file.Path != path || file.Line == 0 || !strings.Contains(err.Error(), `column "smiles": `) {
		t.Errorf("a row of no molecule: %v", err)
	}
	// With stored graphs but no split, the split wants the table.
	only := filepath.Join(t.TempDir(), "moleculenet")
	if err := os.Mkdir(only, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"graphs.jsonl.gz", "vocab.json"} {
		if err := os.Symlink(filepath.Join(moleculeNet(t), "esol."+part), filepath.Join(only, "esol."+part)); err != nil {
			t.Skip(err)
		}
	}
	_, err = LoadSet(context.Background(), "esol", datasets.Options{Dir: only})
	var missing *datasets.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "no esol.csv.gz in any of ") || missing.Command != "graft datasets get --data "+only+" esol" {
		t.Errorf("no table: %v", err)
	}
	if _, err = LoadSet(context.Background(), "esol", datasets.Options{Dir: only, Protocol: datasets.RandomSplit}); err != nil {
		t.Error(err)
	}
	// Nothing there.
	if _, err = LoadSet(context.Background(), "esol", datasets.Options{Dir: t.TempDir()}); !errors.As(err, &missing) || missing.Table != "" {
		t.Errorf("nothing: %v", err)
	}
	if _, err = LoadSet(context.Background(), "esoll", datasets.Options{}); err == nil {
		t.Error("an unknown name is loaded")
	}
	if _, err := Scaffold("C1CC"); err == nil {
		t.Error("a scaffold of no molecule")
	}
}
