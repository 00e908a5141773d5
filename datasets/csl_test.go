package datasets

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// stored gives the path of a file of the shared data: under $GRAFT_DATA, else
// beside the module. The test is skipped where there is none.
func stored(t *testing.T, parts ...string) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	for _, at := range []string{root, filepath.Join(root, "graphs")} {
		path := filepath.Join(append([]string{at}, parts...)...)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skipf("no %s under %s; set GRAFT_DATA to the data folder", filepath.Join(parts...), root)
	return ""
}

func TestCSLFromDefinition(t *testing.T) {
	for class, skip := range cslSkips {
		g := cslGraph(class)
		if err := g.Validate(); err != nil {
			t.Fatal(err)
		}
		if len(g.Edges) != 2*82 {
			t.Errorf("class %d: %d edges, expected 164", class, len(g.Edges))
		}
		for _, e := range g.Edges {
			if d := (e.To - e.From + cslNodes) % cslNodes; d != 1 && d != skip && d != cslNodes-1 && d != cslNodes-skip {
				t.Errorf("class %d: edge %v spans %d", class, e, d)
			}
		}
	}
}

func TestCSLSplits(t *testing.T) {
	tested := map[string]int{}
	for fold := range cslFolds {
		set := load(t, "csl", Options{Fold: fold})
		seen := map[string]bool{}
		for split, perClass := range []int{9, 3, 3} {
			src := set.Split(Split(split))
			var classes [10]int
			for i := range src.Len() {
				g := graphAt(t, src, i)
				if err := g.Validate(); err != nil {
					t.Fatal(err)
				}
				if seen[g.ID] {
					t.Errorf("fold %d: graph %s comes twice", fold, g.ID)
				}
				seen[g.ID] = true
				classes[int(g.Target[0])]++
				for _, d := range g.OutDegrees() {
					if d != 4 {
						t.Fatalf("graph %s has a node of degree %d", g.ID, d)
					}
				}
				if Split(split) == Test {
					tested[g.ID]++
				}
				if err := g.CheckTypes(cslInfo.NodeTypes, nil); err != nil || g.Nodes != 41 || len(g.Edges) != 164 {
					t.Errorf("graph %s: %d nodes, %d edges, %v", g.ID, g.Nodes, len(g.Edges), err)
				}
			}
			for class, n := range classes {
				if n != perClass {
					t.Errorf("fold %d, %v: %d graphs of class %d, expected %d", fold, Split(split), n, class, perClass)
				}
			}
		}
	}
	if len(tested) != 150 {
		t.Errorf("%d graphs are tested in some fold, expected all 150", len(tested))
	}
}

// closedWalks counts the walks of 1 to 8 steps that return to node v: these tell
// the ten classes apart, and they do not depend on the numbering of nodes.
func closedWalks(g *graphs.Graph, v int) (counts [8]int) {
	at := make([]int, g.Nodes)
	at[v] = 1
	for s := range counts {
		next := make([]int, g.Nodes)
		for _, e := range g.Edges {
			next[e.To] += at[e.From]
		}
		at = next
		counts[s] = at[v]
	}
	return counts
}

func TestCSLClassesDiffer(t *testing.T) {
	classOf := map[[8]int]int{}
	for class := range cslSkips {
		classOf[closedWalks(cslGraph(class), 0)] = class
	}
	if len(classOf) != len(cslSkips) {
		t.Fatalf("%d different classes, expected 10", len(classOf))
	}
	set := load(t, "csl", Options{Seed: 5})
	for i := range set.Train.Len() {
		g := graphAt(t, set.Train, i)
		for v := range g.Nodes {
			if class, ok := classOf[closedWalks(g, v)]; !ok || class != int(g.Target[0]) {
				t.Fatalf("graph %s of class %v looks like class %d from node %d", g.ID, g.Target, class, v)
			}
		}
	}
}

// The original 150 graphs have the same classes as ours.
func TestCSLAgainstOriginal(t *testing.T) {
	file, err := os.Open(stored(t, "expressivity", "csl.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	list, err := graphs.NewReader(unzip).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var classes [10]int
	for _, g := range list {
		class := int(g.Target[0])
		classes[class]++
		if got, want := closedWalks(g, 0), closedWalks(cslGraph(class), 0); got != want {
			t.Errorf("graph %s of class %d has closed walks %v, ours has %v", g.ID, class, got, want)
		}
	}
	for class, n := range classes {
		if n != cslCopies {
			t.Errorf("%d graphs of class %d, expected %d", n, class, cslCopies)
		}
	}
}

func TestCSLSeeds(t *testing.T) {
	a, b, c := load(t, "csl", Options{Seed: 1}), load(t, "csl", Options{Seed: 1}), load(t, "csl", Options{Seed: 2})
	if !slices.Equal(graphAt(t, a.Train, 0).Edges, graphAt(t, b.Train, 0).Edges) {
		t.Error("one seed gave two graphs")
	}
	if slices.Equal(graphAt(t, a.Train, 0).Edges, graphAt(t, c.Train, 0).Edges) {
		t.Error("two seeds gave one graph")
	}
}
