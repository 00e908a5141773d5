package datasets

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func load(t *testing.T, name string, o Options) *Set {
	t.Helper()
	set, err := Load(context.Background(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func graphAt(t *testing.T, s Source, i int) *graphs.Graph {
	t.Helper()
	g, err := s.Graph(i)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestNamesAndDescribe(t *testing.T) {
	names := Names()
	const known = "bace, bbbp, brec, bridges, cexp, citeseer, cluster, cora, csl, csl-published, enzymes, esol, exp, freesolv, graph8c, hiv, imdb-binary, karate, lipophilicity, mutag, nci1, pattern, peptides-func, peptides-struct, proteins, sr25, zinc"
	if want := strings.Split(known, ", "); !slices.Equal(names, want) {
		t.Errorf("names %v, expected %v", names, want)
	}
	for _, name := range names {
		info, err := Describe(name)
		if err != nil || info.Name != name || info.Metric == "" || info.Licence == "" || info.Origin == "" || info.Graphs() == 0 {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	_, err := Describe("zink")
	want := `datasets: unknown data set "zink"; did you mean "zinc"? Known are ` + known
	var unknown *UnknownError
	if !errors.As(err, &unknown) || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if _, err := Load(context.Background(), "zink", Options{}); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	text, err := json.Marshal(zincInfo)
	if err != nil || !strings.Contains(string(text), `"task":"graph regression"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestSplits(t *testing.T) {
	for split, name := range splitNames {
		got, err := ParseSplit(name)
		if err != nil || got != Split(split) || got.String() != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := ParseSplit("vla")
	if want := `datasets: unknown split "vla"; did you mean "val"? Known are train, val, test`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if Split(7).String() != "Split(7)" || Task(7).String() != "Task(7)" {
		t.Error("names of values out of range")
	}
	set := load(t, "csl", Options{})
	if set.Split(Train).Len() != 90 || set.Split(Val).Len() != 30 || set.Split(Test).Len() != 30 {
		t.Error("Split gives the wrong source")
	}
	defer func() {
		if got, want := recover(), "datasets: Split: Split(3), expected train, val or test"; got != want {
			t.Errorf("panic %v, expected %q", got, want)
		}
	}()
	set.Split(3)
}

func TestLoadRefusesOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"csl", Options{Fold: 5}, "datasets: csl: fold 5 is out of range; choose one of 0..4"},
		{"csl", Options{Fold: -1}, "datasets: csl: fold -1 is out of range; choose one of 0..4"},
		{"pattern", Options{Fold: 1}, "datasets: pattern: fold 1: this set has one split only; leave the fold at 0"},
		{"pattern", Options{Limit: Limit{Val: -1}}, "datasets: pattern: a limit of -1 graphs; give a positive number, or 0 for all"},
	} {
		if _, err := Load(context.Background(), c.name, c.o); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, "csl", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled load gave %v", err)
	}
}

func TestLimitKeepsTheFirst(t *testing.T) {
	for _, name := range []string{"csl", "pattern", "cluster"} {
		all := load(t, name, Options{Seed: 3})
		few := load(t, name, Options{Seed: 3, Limit: Limit{Train: 4, Test: 1, Val: 1_000_000}})
		if few.Train.Len() != 4 || few.Test.Len() != 1 || few.Val.Len() != all.Val.Len() {
			t.Errorf("%s: %d, %d, %d graphs", name, few.Train.Len(), few.Val.Len(), few.Test.Len())
		}
		for i := range 4 {
			if a, b := graphAt(t, all.Train, i), graphAt(t, few.Train, i); !slices.Equal(a.Edges, b.Edges) || a.ID != b.ID {
				t.Errorf("%s: graph %d differs under a limit", name, i)
			}
		}
		func() {
			defer func() {
				if got, want := recover(), "datasets: Graph: number 4, expected 0..3"; got != want {
					t.Errorf("%s: panic %v, expected %q", name, got, want)
				}
			}()
			few.Train.Graph(4)
		}()
	}
}

func TestNew(t *testing.T) {
	labelled := func(id string) *graphs.Graph {
		g := graphs.Undirected(2, [][2]int{{0, 1}})
		g.ID, g.NodeTypes, g.NodeLabels, g.EdgeTypes = id, []int32{0, 4}, []int32{0, 2}, []int32{1, 1}
		return g
	}
	lone := graphs.Undirected(1, nil)
	lone.NodeTypes, lone.NodeLabels = []int32{0}, []int32{0}
	set, err := New("mine", []*graphs.Graph{lone, labelled("a"), labelled("b")}, nil, []*graphs.Graph{labelled("c")})
	if err != nil {
		t.Fatal(err)
	}
	i := set.Info
	if i.Train != 3 || i.Val != 0 || i.Test != 1 || i.MeanNodes != 1.75 || i.MeanEdges != 1.5 || i.Classes != 3 ||
		!slices.Equal(i.NodeTypes, []int{5}) || !slices.Equal(i.EdgeTypes, []int{2}) || i.Task != NodeClassification {
		t.Errorf("info %+v", i)
	}
	if graphAt(t, set.Test, 0).ID != "c" {
		t.Error("the test graph is not the one given")
	}
	odd := labelled("odd")
	odd.EdgeTypes = nil
	_, err = New("mine", []*graphs.Graph{lone, labelled("a")}, []*graphs.Graph{labelled("v"), odd}, nil)
	want := `datasets: mine: val graph 1: graphs: graph "odd": edge types: 0 columns, but graph "a" has 1; all graphs must have the same kinds of features and targets`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	var invalid *graphs.InvalidError
	if _, err = New("mine", nil, nil, []*graphs.Graph{{}}); !errors.As(err, &invalid) {
		t.Errorf("an empty graph gave %v", err)
	}
	if _, err = New("mine", nil, nil, []*graphs.Graph{nil}); err == nil || err.Error() != "datasets: mine: test graph 0 is nil" {
		t.Errorf("a nil graph gave %v", err)
	}
}
