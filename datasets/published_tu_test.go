package datasets

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

func TestPublishedTU(t *testing.T) {
	e, dir := figures(t), root(t)
	for name, file := range map[string]string{"mutag": "MUTAG", "proteins": "PROTEINS", "enzymes": "ENZYMES", "nci1": "NCI1", "imdb-binary": "IMDB-BINARY"} {
		t.Run(name, func(t *testing.T) {
			want := e.TU[file]
			set := load(t, name, Options{Dir: dir})
			s := measured(t, set)
			tableIsRight(t, set, s)
			same(t, "graphs, nodes, edges", [3]int{s.All.Graphs, s.All.Nodes, s.All.Edges}, [3]int{want.Graphs, want.Nodes, want.Edges})
			tu := set.Train.(picked).source.(*TU)
			classes := map[string]int{}
			for c, n := range s.All.Targets[0].Classes {
				classes[fmt.Sprint(tu.Classes[c])] = n
			}
			same(t, "classes", classes, want.Classes)
			foldsAreRight(t, name, tu, dir)
			if name == "imdb-binary" {
				same(t, "lines of A", want.Lines, 2*want.Edges)
				_, err := ReadTU(context.Background(), stored(t, "tu", file+".zip"), TUOptions{})
				if err == nil {
					t.Error("edges that repeat were read without MergeEdges")
				}
			}
		})
	}
}

// foldsAreRight holds every protocol of a set to: ten folds, every graph tested
// once, and the share of classes where it is stratified.
func foldsAreRight(t *testing.T, name string, tu *TU, dir string) {
	t.Helper()
	var set tuSet
	info, err := Describe(name)
	if err != nil {
		t.Fatal(err)
	}
	set.info, set.file = info, tu.Name
	for _, p := range info.Protocols {
		tested := make([]int, tu.Len())
		for fold := range tuFolds {
			s, err := set.folds(Options{Dir: dir, Protocol: p, Fold: fold, Seed: 3}, tu)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range s.Test {
				tested[i]++
			}
			same(t, "validation graphs of protocol gin", len(s.Val) == 0, p == GINFolds)
			if p == GINFolds || p == StratifiedFolds {
				counts := make([]int, len(tu.Classes))
				for _, i := range s.Test {
					counts[tu.ClassOf(int(i))]++
				}
				for c, n := range counts {
					share := 0
					for i := range tu.Len() {
						if tu.ClassOf(i) == c {
							share++
						}
					}
					if n < share/tuFolds || n > share/tuFolds+1 {
						t.Errorf("%v, fold %d: %d graphs of class %d, of %d in all", p, fold, n, c, share)
					}
				}
			}
		}
		if i := slices.IndexFunc(tested, func(n int) bool { return n != 1 }); i >= 0 {
			t.Errorf("%v: graph %d is tested in %d folds", p, i, tested[i])
		}
	}
}
