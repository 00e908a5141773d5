package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/smiles"
)

func TestMolecules(t *testing.T) {
	l := load(t, CSV, Options{Path: "m.csv", TargetColumn: "y", IDColumn: "id"}, map[string]string{"m.csv": molecules})
	got := all(t, l.Set)
	if len(got) != 10 {
		t.Fatalf("%d graphs", len(got))
	}
	y := l.Schema.Targets[0]
	for id, want := range map[string]struct {
		smiles string
		y      float64
	}{"1": {"C", 1}, "5": {"CCO", 5}, "10": {"c1ccccc1", 10}} {
		m, err := smiles.Parse(want.smiles)
		if err != nil {
			t.Fatal(err)
		}
		g, err := smiles.Atoms{}.Graph(m)
		if err != nil {
			t.Fatal(err)
		}
		g.ID, g.Target = id, []float32{float32((want.y - y.Mean) / y.SD)}
		if !reflect.DeepEqual(g, got[id]) {
			t.Errorf("%s is %+v, want %+v", id, got[id], g)
		}
	}
	if i := l.Set.Info; i.Task != datasets.GraphRegression || !slices.Equal(i.NodeTypes, l.Schema.Nodes.Types()) || i.Train != 8 || i.Targets != 1 || l.Set.Name != "m.csv" {
		t.Errorf("info %+v", i)
	}
	// Without a column of ids they are the lines.
	l = load(t, CSV, Options{Path: "m.csv", TargetColumn: "y", Features: "zinc"}, map[string]string{"m.csv": molecules})
	if got := all(t, l.Set); got["2"] == nil || got["11"] == nil || len(l.Schema.Nodes.Types()) != 1 {
		t.Errorf("ids %v", got)
	}
}

// TestMoleculeSplits: by seed, by scaffold, by a column.
func TestMoleculeSplits(t *testing.T) {
	ids := func(s datasets.Source) (list []string) {
		for i := range s.Len() {
			g, err := s.Graph(i)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, g.ID)
		}
		return list
	}
	q := Request{Dir: write(t, map[string]string{"m.csv": molecules}), Options: Options{Path: "m.csv", TargetColumn: "y", IDColumn: "id"}}
	seen := map[string]bool{}
	for seed := range uint64(5) {
		q.Seed = seed
		l, err := Load(context.Background(), q, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(context.Background(), q, nil)
		if err != nil || !slices.Equal(ids(l.Set.Train), ids(again.Set.Train)) {
			t.Errorf("seed %d gives other splits each time (%v)", seed, err)
		}
		every := slices.Concat(ids(l.Set.Train), ids(l.Set.Val), ids(l.Set.Test))
		seen[fmt.Sprint(every)] = true
		slices.Sort(every)
		if len(slices.Compact(every)) != 10 || l.Set.Val.Len() != 1 || l.Set.Test.Len() != 1 {
			t.Errorf("seed %d: %v", seed, every)
		}
	}
	if len(seen) < 4 {
		t.Errorf("five seeds give %d splits", len(seen))
	}
	q.Protocol = datasets.ScaffoldSplit
	l, err := Load(context.Background(), q, nil)
	if err != nil || !slices.Equal(ids(l.Set.Train), []string{"1", "2", "3", "4", "5", "6", "7", "8"}) || !slices.Equal(ids(l.Set.Val), []string{"10"}) {
		t.Errorf("by scaffold: %v, %v (%v)", ids(l.Set.Train), ids(l.Set.Val), err)
	}
	q.Protocol, q.Options.SplitColumn = datasets.DefaultProtocol, "s"
	q.Dir = write(t, map[string]string{"m.csv": "id,smiles,y,s\na,C,1,train\nb,C,2,valid\nc,C,3,Test\nd,C,4,training\n"})
	l, err = Load(context.Background(), q, nil)
	if err != nil || !slices.Equal(ids(l.Set.Train), []string{"a", "d"}) || !slices.Equal(ids(l.Set.Val), []string{"b"}) || !slices.Equal(ids(l.Set.Test), []string{"c"}) {
		t.Errorf("by a column: %v", err)
	}
	if y := l.Schema.Targets[0]; y.Mean != 2.5 || y.SD != 1.5 {
		t.Errorf("the target is standardised by %+v, want the training split's", y)
	}
}

// TestTargets: classes in order, missing values where there are several targets.
func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          Options
		want       []Target
		first      []float32 // of id 1
		all        [3]bool
		outputs    int
	}{
		{"numbers", "id,smiles,a,s\n1,C,1,train\n2,C,3,train\n", Options{TargetColumn: "a"}, []Target{{Name: "a", Mean: 2, SD: 1}}, []float32{-1}, [3]bool{true, true, true}, 1},
		{"constant", "id,smiles,a,s\n1,C,7,train\n2,C,7,train\n", Options{TargetColumn: "a"}, []Target{{Name: "a", Mean: 7, SD: 1}}, []float32{0}, [3]bool{true, true, true}, 1},
		{"several numbers", "id,smiles,a,b,s\n1,C,1,,train\n2,C,3,NA,train\n3,C,n/a,5,train\n", Options{TargetColumn: "a,b"},
			[]Target{{Name: "a", Mean: 2, SD: 1}, {Name: "b", Mean: 5, SD: 1}}, []float32{-1, float32(math.NaN())}, [3]bool{true, true, true}, 2},
		{"two classes", "id,smiles,a,s\n1,C,yes,train\n2,C,no,train\n3,C,no,val\n", Options{TargetColumn: "a", Task: Classification},
			[]Target{{Name: "a", Classes: []string{"no", "yes"}, SD: 1}}, []float32{1}, [3]bool{true, false, false}, 1},
		{"classes that are numbers", "id,smiles,a,s\n1,C,10,train\n2,C,9,train\n3,C,2,test\n", Options{TargetColumn: "a", Task: Classification},
			[]Target{{Name: "a", Classes: []string{"2", "9", "10"}, SD: 1}}, []float32{2}, [3]bool{false, false, false}, 3},
		{"a class called none", "id,smiles,a,s\n1,C,none,train\n2,C,low,train\n", Options{TargetColumn: "a", Task: Classification},
			[]Target{{Name: "a", Classes: []string{"low", "none"}, SD: 1}}, []float32{1}, [3]bool{true, false, false}, 1},
		{"several questions", "id,smiles,a,b,s\n1,C,0,y,train\n2,C,1,,train\n3,C,nan,n,train\n", Options{TargetColumn: "a,b", Task: Classification},
			[]Target{{Name: "a", Classes: []string{"0", "1"}, SD: 1}, {Name: "b", Classes: []string{"n", "y"}, SD: 1}}, []float32{0, 1}, [3]bool{true, false, false}, 2},
	} {
		c.o.Path, c.o.IDColumn, c.o.SplitColumn = "m.csv", "id", "s"
		l := load(t, CSV, c.o, map[string]string{"m.csv": c.text})
		if !reflect.DeepEqual(l.Schema.Targets, c.want) || l.AllClasses != c.all || l.Schema.Outputs() != c.outputs {
			t.Errorf("%s: %+v, all classes %v, %d outputs", c.name, l.Schema.Targets, l.AllClasses, l.Schema.Outputs())
		}
		if got := all(t, l.Set)["1"].Target; fmt.Sprint(got) != fmt.Sprint(c.first) {
			t.Errorf("%s: %v, want %v", c.name, got, c.first)
		}
		if lacks := c.name == "classes that are numbers"; lacks != (len(l.Notes) == 1) || lacks && l.Notes[0] != `no training graph has the class "2" of "a": it will not be learned` {
			t.Errorf("%s: notes %q", c.name, l.Notes)
		}
	}
}

// FuzzMolecules: whatever a table holds, reading it row by row and loading it give
// valid graphs or errors of the package.
func FuzzMolecules(f *testing.F) {
	for _, text := range []string{
		molecules, "smiles,y\nC,1\n", "smiles;y\n\"C\";x\n", "smiles\ty\n[U]\t1\nc1ccccc1\t\n", "\xef\xbb\xbfsmiles,y\r\nCC(=O)[O-].[Na+],1\r\n", "smiles,y\nC1CC,1\n,\n\xff,1\n", "smiles,y\n\"C,1\n",
		"smiles,y\n" + strings.Repeat("C", 60) + ",1\n", "smiles,y,y\nC,1,2\n", "y,smiles,s\n1,O=C=O,train\n0,C#N,val\n",
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, classes bool) {
		o := Options{MaxNodes: 50, SkipBad: classes}
		if classes {
			o.Task, o.Features = Classification, "ogb"
		}
		r, err := NewMoleculeReader("m.csv", strings.NewReader(text), o)
		read := 0
		for err == nil {
			g, bad := r.Read()
			var row *RowError
			switch {
			case bad == nil:
				if read++; g.Validate() != nil || g.Nodes > 50 {
					t.Fatalf("%d nodes, %v", g.Nodes, g.Validate())
				}
			case errors.As(bad, &row):
				if row.Line < 2 || row.File != "m.csv" {
					t.Fatalf("no place: %v", bad)
				}
			default:
				err = bad
			}
		}
		if err != io.EOF && !strings.HasPrefix(err.Error(), "files: m.csv") {
			t.Fatalf("an error of another package: %v", err)
		}
		o.Path = filepath.Join(dir, fmt.Sprintf("%d.csv", os.Getpid()))
		if err := os.WriteFile(o.Path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := Load(context.Background(), Request{Options: o}, nil)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "files: ") {
				t.Fatalf("an error of another package: %v", err)
			}
			return
		}
		if n := l.Set.Train.Len() + l.Set.Val.Len() + l.Set.Test.Len(); n > read {
			t.Fatalf("%d graphs loaded, %d read", n, read)
		}
	})
}
