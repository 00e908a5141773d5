package datasets

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// expected is the figures of the stored data, file expected.json beside it.
type expected struct {
	MoleculeNet map[string]struct {
		Rows         int
		SMILES       string  `json:"smiles_col"`
		Target       string  `json:"target_col"`
		Bad          []int32 `json:"rdkit_unparseable_rows"`
		Fragments    int     `json:"multi_fragment"`
		AtomsMean    float64 `json:"atoms_mean"`
		AtomsMax     int     `json:"atoms_max"`
		AtomsMin     int     `json:"atoms_min"`
		BondsMean    float64 `json:"bonds_mean"`
		TargetMean   float64 `json:"target_mean"`
		TargetStd    float64 `json:"target_std"`
		Positives    *int
		Split        []int `json:"scaffold_split"`
		DoubleSMILES int   `json:"dup_smiles"`
	}
	TU map[string]struct {
		Graphs, Nodes int
		Edges         int `json:"directed_edges"`
		Lines         int `json:"lines_in_A"`
		Classes       map[string]int
	}
	Nodes map[string]struct {
		Nodes, Features, Classes, Edges, Train, Val, Test, Unlabelled, Isolated int
	}
	LRGB map[string]struct {
		Graphs, Nodes, Bonds, Train, Val, Test int
		Positives                              []int
	}
	ZINC map[string]struct {
		Graphs, Nodes, Bonds int
		MinNodes             int     `json:"min_nodes"`
		MaxNodes             int     `json:"max_nodes"`
		Mean                 float64 `json:"y_mean"`
		Std                  float64 `json:"y_std"`
		Min                  float64 `json:"y_min"`
		Max                  float64 `json:"y_max"`
	} `json:"zinc12k"`
	Expressivity struct {
		SR25    struct{ Graphs, Nodes, Degree, Lambda, Mu int }
		Graph8c struct {
			Graphs  int
			Classes int `json:"wl1_classes"`
			Pairs   int `json:"wl1_indistinguishable_pairs"`
		}
		EXP, CEXP struct {
			Graphs, Pairs, Nodes int
			MeanEdges            float64 `json:"mean_edges"`
			Apart                int     `json:"wl1_distinguishable_pairs"`
		}
		CSL struct {
			Graphs, Classes int
			Nodes           int `json:"nodes_each"`
			Edges           int `json:"edges_each"`
		}
		BREC struct {
			Pairs      int
			Categories map[string]int
			Apart      int `json:"wl1_distinguishable_pairs"`
		}
	}
}

func figures(t *testing.T) *expected {
	t.Helper()
	e := new(expected)
	if err := readJSON(stored(t, "expected.json"), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// root is the folder above the data set folders.
func root(t *testing.T) string {
	t.Helper()
	return filepath.Dir(stored(t, "expected.json"))
}

func measured(t *testing.T, set *Set) *Statistics {
	t.Helper()
	s, err := Measure(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same compares figures by name.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, expected %v", what, got, want)
	}
}

// near compares figures that are rounded.
func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within || math.IsNaN(got) {
		t.Errorf("%s: %v, expected %v", what, got, want)
	}
}

// tableIsRight compares Info with what was counted.
func tableIsRight(t *testing.T, set *Set, s *Statistics) {
	t.Helper()
	i, a := set.Info, s.All
	same(t, "graphs", a.Graphs, i.Graphs())
	near(t, "mean nodes", a.MeanNodes, i.MeanNodes, 0.00501)
	near(t, "mean edges", a.MeanEdges, i.MeanEdges, 0.00501)
	same(t, "node features", a.NodeFeatures, i.NodeFeatures)
	same(t, "edge features", a.EdgeFeatures, i.EdgeFeatures)
	same(t, "targets", len(a.Targets), i.Targets)
	for _, v := range []struct{ seen, size []int }{{a.NodeTypes, i.NodeTypes}, {a.EdgeTypes, i.EdgeTypes}} {
		if len(v.seen) != len(v.size) || slices.CompareFunc(v.seen, v.size, func(a, b int) int { return max(0, a-b) }) != 0 {
			t.Errorf("types %v, the table has %v", v.seen, v.size)
		}
	}
	same(t, "split sizes", [3]int{s.Splits[0].Graphs, s.Splits[1].Graphs, s.Splits[2].Graphs}, [3]int{i.Train, i.Val, i.Test})
	described, err := Describe(i.Name)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the table of the default split", i, described)
	if classes := a.NodeLabels; classes != nil {
		same(t, "classes", len(classes.Classes), i.Classes)
	} else if i.Task == GraphClassification {
		same(t, "classes", len(a.Targets[0].Classes), i.Classes)
	}
	for split := Train; split <= Test; split++ {
		if source := set.Split(split); source.Len() > 0 {
			if err := graphAt(t, source, source.Len()-1).Validate(); err != nil {
				t.Errorf("%v: %v", split, err)
			}
		}
	}
}

func TestPublishedMolecules(t *testing.T) {
	e, dir := figures(t), root(t)
	for _, name := range []string{"esol", "freesolv", "lipophilicity", "bbbp", "bace", "hiv"} {
		t.Run(name, func(t *testing.T) {
			want := e.MoleculeNet[name]
			set := load(t, name, Options{Dir: dir})
			s := measured(t, set)
			tableIsRight(t, set, s)
			same(t, "graphs", s.All.Graphs, want.Rows-len(want.Bad))
			near(t, "atoms", s.All.MeanNodes, want.AtomsMean, 0.0051)
			near(t, "bonds", s.All.MeanEdges/2, want.BondsMean, 0.00051)
			same(t, "smallest and largest", [2]int{s.All.MinNodes, s.All.MaxNodes}, [2]int{want.AtomsMin, want.AtomsMax})
			same(t, "split", []int{set.Info.Train, set.Info.Val, set.Info.Test}, want.Split)
			same(t, "self loops", s.All.SelfLoops, 0)

			y := newSummary(0)
			fragments, seen := 0, map[string]bool{}
			err := readTable(context.Background(), stored(t, "moleculenet", name+".csv.gz"), []string{want.SMILES, want.Target}, func(line int, values []string) error {
				var v float64
				if _, err := fmt.Sscan(values[1], &v); err != nil {
					return err
				}
				smiles := strings.TrimSpace(values[0])
				if strings.Contains(smiles, ".") && !slices.Contains(want.Bad, int32(y.given)) {
					fragments++
				}
				y.add(v)
				seen[values[0]] = true // as it stands: five of ESOL repeat but for a blank
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			table := y.summary()
			same(t, "rows", table.Given, want.Rows)
			same(t, "strings that repeat", table.Given-len(seen), want.DoubleSMILES)
			same(t, "rows of several fragments", fragments, want.Fragments)
			near(t, "mean target", table.Mean, want.TargetMean, 1e-5)
			near(t, "sd of targets", table.Std, want.TargetStd, 1e-5)
			if want.Positives != nil {
				same(t, "positive rows", table.Classes[1], *want.Positives)
			}
			if len(want.Bad) == 0 {
				near(t, "mean target of graphs", s.All.Targets[0].Mean, want.TargetMean, 1e-5)
			}
			if name == "hiv" {
				ogbSplit(t, set)
			}
		})
	}
}

// ogbSplit compares the OGB split of HIV, of the graphs that are loaded already,
// with the figures of the data's description.
func ogbSplit(t *testing.T, set *Set) {
	t.Helper()
	source := set.Train.(picked).source
	for _, e := range moleculeNet() {
		if e.info.Name != "hiv" {
			continue
		}
		same(t, "protocols", e.info.Protocols, []Protocol{ScaffoldSplit, RandomSplit, OGBSplit})
	}
	m := moleculeSet{info: set.Info, rows: source.Len()}
	s, err := m.split(context.Background(), Options{Dir: root(t), Protocol: OGBSplit}, firstNumbers(source.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var sizes, positives []int
	for _, part := range [][]int32{s.Train, s.Val, s.Test} {
		n := 0
		for _, i := range part {
			n += int(graphAt(t, source, int(i)).Target[0])
		}
		sizes, positives = append(sizes, len(part)), append(positives, n)
	}
	same(t, "sizes of the OGB split", sizes, []int{32901, 4113, 4113})
	same(t, "positives of the OGB split", positives, []int{1232, 81, 130})
}

func TestPublishedPeptides(t *testing.T) {
	e, dir := figures(t), root(t)
	want := e.LRGB["peptides_func"]
	set := load(t, "peptides-func", Options{Dir: dir})
	s := measured(t, set)
	tableIsRight(t, set, s)
	same(t, "graphs, nodes, bonds", [3]int{s.All.Graphs, s.All.Nodes, s.All.Edges / 2}, [3]int{want.Graphs, want.Nodes, want.Bonds})
	same(t, "split", [3]int{set.Info.Train, set.Info.Val, set.Info.Test}, [3]int{want.Train, want.Val, want.Test})
	var positives []int
	for _, y := range s.All.Targets {
		positives = append(positives, y.Classes[1])
	}
	same(t, "positives", positives, want.Positives)
}

func TestPublishedZINC(t *testing.T) {
	e, dir := figures(t), root(t)
	set := load(t, "zinc", Options{Dir: dir})
	s := measured(t, set)
	tableIsRight(t, set, s)
	for split := Train; split <= Test; split++ {
		got, want := s.Splits[split], e.ZINC[split.String()]
		same(t, "sizes", [5]int{got.Graphs, got.Nodes, got.Edges / 2, got.MinNodes, got.MaxNodes},
			[5]int{want.Graphs, want.Nodes, want.Bonds, want.MinNodes, want.MaxNodes})
		y := got.Targets[0]
		near(t, "mean", y.Mean, want.Mean, 1e-6)
		near(t, "sd", y.Std, want.Std, 1e-5)
		near(t, "min", y.Min, want.Min, 1e-5)
		near(t, "max", y.Max, want.Max, 1e-6)
	}
}

func TestPublishedNodes(t *testing.T) {
	e, dir := figures(t), root(t)
	for _, name := range []string{"cora", "citeseer", "karate"} {
		t.Run(name, func(t *testing.T) {
			want := e.Nodes[name]
			set := load(t, name, Options{Dir: dir})
			s := measured(t, set)
			tableIsRight(t, set, s)
			same(t, "nodes, edges, isolated", [3]int{s.All.Nodes, s.All.Edges / 2, s.All.Isolated}, [3]int{want.Nodes, want.Edges, want.Isolated})
			same(t, "features", s.All.NodeFeatures, want.Features)
			if name == "karate" {
				same(t, "labels", [3]int{s.Splits[0].NodeLabels.Given, set.Val.Len(), s.Splits[2].NodeLabels.Given}, [3]int{2, 0, 32})
				same(t, "weight of the first edge", graphAt(t, set.Train, 0).EdgeWeights[1], float32(4))
				return
			}
			same(t, "classes", len(s.All.NodeLabels.Classes), want.Classes)
			same(t, "labels", [3]int{s.Splits[0].NodeLabels.Given, s.Splits[1].NodeLabels.Given, s.Splits[2].NodeLabels.Given},
				[3]int{want.Train, want.Val, want.Test})
			g := graphAt(t, set.Train, 0)
			for i := range g.Nodes {
				sum := float32(0)
				for _, x := range g.NodeFeatures[i*want.Features : (i+1)*want.Features] {
					sum += x
				}
				if math.Abs(float64(sum)-1) > 1e-5 && sum != 0 {
					t.Fatalf("the features of node %d sum to %v", i, sum)
				}
			}
			same(t, "label of the first training node", g.NodeLabels[0], int32(3))
			same(t, "label of a test node in training", g.NodeLabels[g.Nodes-1], int32(graphs.NoLabel))
		})
	}
}
