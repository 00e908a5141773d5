package graphs

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Every published benchmark file at hand is in the form that Reader reads. Only
// the first graphs of each are read; the loaders of data sets read them whole.
func TestPublishedFiles(t *testing.T) {
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	paths, err := filepath.Glob(filepath.Join(root, "graphs", "*", "*.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skipf("no graphs/*/*.jsonl.gz under %s; set GRAFT_DATA to the data folder", root)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			unzip, err := gzip.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			r := NewReader(unzip)
			r.Name = filepath.Base(path)
			for range 200 {
				g, err := r.Read()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				again(t, g)
			}
			if r.Line() < 100 {
				t.Errorf("only %d lines", r.Line())
			}
		})
	}
}
