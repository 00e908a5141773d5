package files

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// FuzzEdgeLists: whatever tables of nodes and edges hold, loading them gives valid
// graphs or an error of the package, whichever way features, loops and parallel edges
// are treated; and the schema reads the same tables for prediction.
func FuzzEdgeLists(f *testing.F) {
	for _, text := range [][2]string{
		{nodes, edges}, {manyNodes, manyEdges}, {"id,label\na,l\nb,r\n", "source,target,weight\na,b,2\nb,a,1\na,a,1\n"}, {"", ""}, {"id\n", "source,target\n"},
		{"id,label,x\na,l,\nb,r,NA\n", "source;target\na;b\n"}, {"graph,id,label\n1,a,l\n2,a,r\n", "graph,source,target\n1,a,a\n"}, {"id,y\n\"a\nb\",1\nc,\xff\n", "source,target\nc,d\n"},
	} {
		f.Add(text[0], text[1], uint8(0))
		f.Add(text[0], text[1], uint8(255))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, nodes, edges string, ways uint8) {
		o := Options{Path: fmt.Sprintf("e%d.csv", os.Getpid()), Nodes: fmt.Sprintf("n%d.csv", os.Getpid()), Directed: ways&1 != 0, MaxNodes: 20,
			SelfLoops: SelfLoops(ways >> 1 % 3), MultiEdges: MultiEdges(ways >> 3 & 1), Unknown: Unknown(ways >> 4 & 1), Impute: Impute(ways >> 5 % 3)}
		for name, text := range map[string]string{o.Path: edges, o.Nodes: nodes} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, task := range []Task{Regression, NodeClassification} {
			o.Task = task
			q := Request{Kind: Graphs, Dir: dir, Options: o}
			l, err := Load(context.Background(), q, nil)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "files: ") {
					t.Fatalf("an error of another package: %v", err)
				}
				continue
			}
			for _, source := range []datasets.Source{l.Set.Train, l.Set.Val, l.Set.Test} {
				for i := range source.Len() {
					g, err := source.Graph(i)
					if err != nil || g.Validate() != nil || g.CheckTypes(sizes(l.Schema.Nodes, g.Nodes), sizes(l.Schema.Edges, len(g.Edges))) != nil {
						t.Fatalf("%+v: %v", g, err)
					}
				}
			}
			r, err := ReadTables(context.Background(), q, l.Schema)
			if err == nil {
				_, err = r.Read()
			}
			if err != nil {
				t.Fatalf("the tables that were trained on cannot be read: %v", err)
			}
		}
	})
}

// sizes are the vocabularies that some rows are to fit; nil where there are none.
func sizes(f Features, rows int) []int {
	if types := f.Types(); rows > 0 && len(types) > 0 {
		return types
	}
	return nil
}
