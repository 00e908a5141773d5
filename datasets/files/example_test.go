package files_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
)

// A table of molecules becomes a data set, and the schema reads other molecules alike.
func Example() {
	dir, err := os.MkdirTemp("", "molecules")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	table := "name,smiles,boils\nmethanol,CO,64.7\nethanol,CCO,78.4\npropanol,CCCO,97.2\nbutanol,CCCCO,117.7\npentanol,CCCCCO,137.9\n"
	path := filepath.Join(dir, "alcohols.csv")
	if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	o := files.Options{Path: path, TargetColumn: "boils", IDColumn: "name"}
	loaded, err := files.Load(context.Background(), files.Request{Kind: files.CSV, Options: o}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loaded.Set.Train.Len(), "to train on,", loaded.Set.Test.Len(), "to test; nodes have", len(loaded.Schema.Nodes.Types()), "columns of types")

	r, err := files.NewMoleculeReader("others.csv", strings.NewReader("name;smiles\nbenzene;c1ccccc1\ntoluene;c1ccccc1(C\n"), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		g, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(g.ID, g.Nodes)
	}
	// Output:
	// 4 to train on, 1 to test; nodes have 7 columns of types
	// benzene 6
	// files: others.csv:3: column "smiles": "c1ccccc1(C": column 9, "(": a branch that is never closed; write ) at its end
}

func ExampleSchema_Answer() {
	s := &files.Schema{Targets: []files.Target{{Name: "tox", Classes: []string{"no", "yes"}, SD: 1}}}
	fmt.Println(s.AnswerColumns())
	fmt.Println(s.Answer([]float32{0}), s.Answer([]float32{2}))
	s = &files.Schema{Targets: []files.Target{{Name: "logS", Mean: -3, SD: 2}}}
	fmt.Println(s.AnswerColumns(), s.Answer([]float32{0.5}))
	// Output:
	// [predicted_tox probability_tox_no probability_tox_yes]
	// [no 0.5 0.5] [yes 0.11920292 0.8807971]
	// [predicted_logS] [-2]
}

func ExampleList() {
	names, err := files.List(`mass, "length, in nm"`)
	fmt.Printf("%q %v\n", names, err)
	fmt.Println(files.Join(names))
	// Output:
	// ["mass" "length, in nm"] <nil>
	// mass,"length, in nm"
}
