package imagesets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// listing writes a table beside three images.
func listing(t testing.TB, name, text string) string {
	t.Helper()
	dir := tree(t, "a.png", "sub/b.png", "c d.png")
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          OwnOptions
		classes    []string
		train      [][2]int
	}{
		{"x.csv", "path,label\na.png,cow\nsub/b.png,ape\n\"c d.png\",cow\n", OwnOptions{}, []string{"ape", "cow"}, [][2]int{{1, 0}, {0, 1}, {1, 2}}},
		{"x.csv", "\ufefflabel,path\r\n10,a.png\r\n9,sub/b.png\r\n", OwnOptions{}, []string{"9", "10"}, [][2]int{{1, 0}, {0, 1}}},
		{"x.tsv", "kind\tfile\tmore\ndog\tc d.png\t1\n", OwnOptions{PathColumn: "file", LabelColumn: "kind", Classes: []string{"cat", "dog"}}, []string{"cat", "dog"}, [][2]int{{1, 2}}},
	} {
		c.o.ValShare, c.o.TestShare = None, None
		set, err := Open(context.Background(), listing(t, c.name, c.text), c.o)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := grays(t, set.Train); !slices.Equal(got, c.train) || !slices.Equal(set.Info.Classes, c.classes) {
			t.Errorf("%v, classes %v, expected %v, %v", got, set.Info.Classes, c.train, c.classes)
		}
	}
}

func TestTableSplits(t *testing.T) {
	path := listing(t, "x.csv", "path,label,split\na.png,x,test\nsub/b.png,x,Train\nc d.png,y,train\n")
	set, err := Table(context.Background(), path, OwnOptions{ValShare: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if got := grays(t, set.Test); !slices.Equal(got, [][2]int{{0, 0}}) || set.Train.Len() != 1 || set.Val.Len() != 1 {
		t.Errorf("%v, %d, %d", got, set.Train.Len(), set.Val.Len())
	}
	if want := "splits as the data name them; 0.5 of every class drawn by seed 0 to validate on"; set.Info.SplitRule != want {
		t.Errorf("%q, expected %q", set.Info.SplitRule, want)
	}
}

func TestTableRefused(t *testing.T) {
	for _, c := range []struct {
		text string
		o    OwnOptions
		line int
		want string
	}{
		{"", OwnOptions{}, 0, "the file is empty"},
		{"path,label\n", OwnOptions{}, 0, "there are no lines below the header"},
		{"file,label\na.png,x\n", OwnOptions{}, 1, `there is no column "path"`},
		{"path,lable\na.png,x\n", OwnOptions{}, 1, `there is no column "label"; columns are path, lable; did you mean "lable"?`},
		{"path,label\na.png,x\n", OwnOptions{SplitColumn: "part"}, 1, `there is no column "part"`},
		{"path,label\na.png,dog\nsub/b.png,dgo\n", OwnOptions{Classes: []string{"cat", "dog"}}, 3, `the label "dgo" is none of the 2 classes; did you mean "dog"?`},
		{"path,label\na.png,x\nnone.png,x\n", OwnOptions{}, 3, "there is no file"},
		{"path,label\nsub,x\n", OwnOptions{}, 2, "is no regular file"},
		{"path,label\na.png,x\na.png,y\n", OwnOptions{}, 3, "a.png is in line 2 already"},
		{"path,label\n,x\n", OwnOptions{}, 2, "the path is empty"},
		{"path,label\na.png,\n", OwnOptions{}, 2, "the label is empty"},
		{"path,label,split\na.png,x,tran\n", OwnOptions{}, 2, `the split "tran" is not known`},
		{"path,label,split\na.png,x,test\n", OwnOptions{}, -1, "no images to train on"},
		{"path,label\na.png\n", OwnOptions{}, 2, "wrong number of fields"},
		{"path,label\na.png,x\n\"a,b\n", OwnOptions{}, 3, "as many fields as the header"},
		{"path,label\na\x00.png,x\n", OwnOptions{}, 2, "is none"},
	} {
		_, err := Table(context.Background(), listing(t, "x.csv", c.text), c.o)
		var file *datasets.FileError
		if err == nil || !strings.Contains(err.Error(), c.want) || c.line >= 0 && (!errors.As(err, &file) || file.Line != c.line) {
			t.Errorf("%q: %v, expected line %d and %q", c.text, err, c.line, c.want)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Table(ended, listing(t, "x.csv", "path,label\na.png,x\n"), OwnOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
