package grit_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestPrepareErrors: what is wrong with a graph is said together with which graph it is, in the data and by its ID.
func TestPrepareErrors(t *testing.T) {
	typed := grit.Config{NodeTypes: 4, EdgeTypes: 3}
	linear := grit.Config{NodeEncoder: grit.LinearNodes, NodeFeatures: 2, EdgeEncoder: grit.LinearEdges, EdgeFeatures: 2}
	ogb := grit.Config{NodeEncoder: grit.AtomNodes, EdgeEncoder: grit.BondEdges}
	for _, e := range []struct {
		name   string
		config grit.Config
		change func(g *graphs.Graph)
		want   []string
	}{
		{"empty", typed, func(g *graphs.Graph) { *g = graphs.Graph{ID: g.ID} }, []string{"an empty graph (0 nodes); leave it out"}},
		{"node type", typed, func(g *graphs.Graph) { g.NodeTypes[2] = 4 },
			[]string{"node type 2: 4 (node 2, column 0) is beyond the vocabulary of 4"}},
		{"edge type", typed, func(g *graphs.Graph) { g.EdgeTypes[1] = 3 },
			[]string{"edge type 1: 3 (edge 1, column 0) is beyond the vocabulary of 3"}},
		{"negative type", typed, func(g *graphs.Graph) { g.NodeTypes[0] = -1 }, []string{"node type 0: -1", "is negative"}},
		{"an edge to nowhere", typed, func(g *graphs.Graph) { g.Edges[0].To = 5 }, []string{"node 5 is out of range"}},
		{"an edge twice", typed, func(g *graphs.Graph) { g.Edges[1] = g.Edges[0] }, []string{"repeats edge 0"}},
		{"atom beyond", ogb, func(g *graphs.Graph) { g.NodeTypes[9+1] = 5 },
			[]string{"node type 10: 5 (node 1, column 1) is beyond the vocabulary of 5"}},
		{"a feature that is not finite", linear, func(g *graphs.Graph) { g.NodeFeatures[0] /= 0 * g.NodeFeatures[0] }, []string{"is not finite"}},
		{"other features", linear, func(g *graphs.Graph) { g.NodeFeatures = g.NodeFeatures[:5] }, []string{"node features: "}},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		var source grit.Graphs
		for k := range 5 {
			g := decorate(e.config, graphs.Undirected(5, [][2]int{{0, 1}, {1, 2}, {3, 4}}), rng)
			g.ID = fmt.Sprintf("file.jsonl:%d", k+1)
			source = append(source, g)
		}
		data, err := grit.NewData(e.config, source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := data.Prepare([]int{4, 3, 2}); err != nil {
			t.Errorf("%s: before the change: %v", e.name, err)
		}
		e.change(source[3])
		_, err = data.Prepare([]int{4, 3, 2})
		if err == nil {
			t.Errorf("%s: no error", e.name)
			continue
		}
		for _, part := range append(e.want, "grit: graph 3:", "file.jsonl:4") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v: does not say %q", e.name, err, part)
			}
		}
		if item := (*graphs.ItemError)(nil); !errors.As(err, &item) || item.Item != 1 || item.Graph != "file.jsonl:4" {
			t.Errorf("%s: %v is no *graphs.ItemError of item 1", e.name, err)
		}
		if _, err := data.Prepare([]int{4, 2}); err != nil { // in the memory of the failed batch
			t.Errorf("%s: without the graph: %v", e.name, err)
		}
	}
}

// TestFeaturesTheModelDoesNotRead: graphs whose columns are not those of the configuration.
func TestFeaturesTheModelDoesNotRead(t *testing.T) {
	typed := grit.Config{NodeTypes: 4, EdgeTypes: 3}
	linear := grit.Config{NodeEncoder: grit.LinearNodes, NodeFeatures: 2, EdgeEncoder: grit.LinearEdges, EdgeFeatures: 2}
	ogb := grit.Config{NodeEncoder: grit.AtomNodes, EdgeEncoder: grit.BondEdges}
	edges := func(c grit.Config, of grit.Config) grit.Config {
		c.EdgeEncoder, c.EdgeTypes, c.EdgeFeatures = of.EdgeEncoder, of.EdgeTypes, of.EdgeFeatures
		return c
	}
	for _, e := range []struct {
		has, reads grit.Config
		want       string
	}{
		{typed, linear, "node feature columns: 0, the model reads 2"},
		{linear, typed, "node type columns: 0, the model reads 1"},
		{typed, ogb, "node type columns: 1, the model reads 9"},
		{ogb, typed, "node type columns: 9, the model reads 1"},
		{typed, edges(typed, linear), "edge feature columns: 0, the model reads 2"},
		{typed, edges(typed, ogb), "edge type columns: 1, the model reads 3"},
		{edges(typed, linear), typed, "edge type columns: 0, the model reads 1"},
		{edges(typed, grit.Config{EdgeEncoder: grit.LinearEdges, EdgeFeatures: 3}), edges(typed, linear),
			"edge feature columns: 3, the model reads 2"},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		without := decorate(e.has, graphs.Undirected(2, nil), rng)
		with := decorate(e.has, graphs.Undirected(3, [][2]int{{0, 1}}), rng)
		without.ID, with.ID = "without edges", "with an edge"
		data, err := grit.NewData(e.reads, grit.Graphs{with, without})
		if err != nil {
			t.Fatal(err)
		}
		_, err = data.Prepare([]int{1, 0})
		named := []string{"grit: graph 1", "without edges"}
		if strings.HasPrefix(e.want, "edge") {
			named = []string{"grit: graph 0", "with an edge"}
		}
		for _, part := range append(named, e.want, "set the model's configuration to what the data has") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v: does not say %q", err, part)
			}
		}
	}
	// Graphs without any types are graphs of one type.
	plain := grit.Graphs{graphs.Undirected(2, [][2]int{{0, 1}}), graphs.Undirected(1, nil)}
	data, err := grit.NewData(grit.Config{Layers: 1}, plain)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.Prepare([]int{0, 1}); err != nil {
		t.Errorf("graphs without types: %v", err)
	}
	// What a model does not read does not matter.
	rich := decorate(linear, graphs.Undirected(2, [][2]int{{0, 1}}), rand.New(rand.NewPCG(1, 1)))
	if _, err := grit.NewBatch(grit.Config{EdgeEncoder: grit.DummyEdges, NodeEncoder: grit.LinearNodes, NodeFeatures: 2}, []*graphs.Graph{rich}); err != nil {
		t.Errorf("edge features that a dummy encoder does not read: %v", err)
	}
}

// broken is a source whose graphs cannot be read.
type broken struct{ grit.Graphs }

var errBroken = errors.New("line 7 is no graph")

func (b broken) Graph(int) (*graphs.Graph, error) { return nil, errBroken }

func TestSourceErrors(t *testing.T) {
	data, err := grit.NewData(grit.CSL(), broken{make(grit.Graphs, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if data.Len() != 3 {
		t.Errorf("%d graphs, want 3", data.Len())
	}
	if _, err := data.Prepare([]int{2}); !errors.Is(err, errBroken) || err.Error() != "grit: graph 2: line 7 is no graph" {
		t.Errorf("error %v", err)
	}
	if _, err := grit.NewData(grit.Config{Heads: 7}, nil); err == nil {
		t.Error("data for a configuration that no model has")
	}
	if _, err := grit.New(grit.Config{Heads: 7}, 1); err == nil {
		t.Error("a model of a configuration that is not valid")
	}
	nilled, err := grit.NewData(grit.CSL(), grit.Graphs{nil})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nilled.Prepare([]int{0}); err == nil || !strings.Contains(err.Error(), "grit: graph 0") {
		t.Errorf("a nil graph: %v", err)
	}
}

// TestTargets: heads for graphs learn the graphs' targets, the node head labels, where there are any.
func TestTargets(t *testing.T) {
	one, two := graphs.Undirected(2, nil), graphs.Undirected(1, nil)
	one.Target, two.Target = []float32{1, 2}, []float32{3, 4}
	one.NodeLabels, two.NodeLabels = []int32{1, 0}, []int32{5}
	gs := []*graphs.Graph{one, two}
	for _, e := range []struct {
		head grit.Head
		want string
	}{{grit.SANHead, "[2x2][1 2 3 4]"}, {grit.GraphHead, "[2x2][1 2 3 4]"}, {grit.NodeHead, "[3x1][1 0 5]"}} {
		b := newBatch(t, grit.Config{Head: e.head}, gs...)
		if got := b.Targets().String(); got != e.want || b.Items() != 2 {
			t.Errorf("%v head: targets %s of %d items, want %s", e.head, got, b.Items(), e.want)
		}
	}
	one.NodeLabels[1] = graphs.NoLabel
	if got := newBatch(t, grit.Config{Head: grit.NodeHead}, gs...).Targets().String(); got != "[3x1][1 NaN 5]" {
		t.Errorf("node head with a label that is not given: targets %s", got)
	}
	one.NodeLabels, two.NodeLabels = nil, nil
	if got := newBatch(t, grit.Config{Head: grit.NodeHead}, gs...).Targets().String(); got != "[2x2][1 2 3 4]" {
		t.Errorf("node head without labels: targets %s", got)
	}
}

// TestConcurrentPrepare prepares and releases batches from many goroutines, as training and evaluation do side by side.
// Run it with -race.
func TestConcurrentPrepare(t *testing.T) {
	c := toy()
	source := append(grit.Graphs(randomGraphs(c, 1)), randomGraphs(c, 2)...)
	data, err := grit.NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, c, 1)
	want := make([][]float32, len(source))
	for k, g := range source {
		want[k] = predict(t, m, g)
	}
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			tp := tensor.NewTape()
			for range 20 {
				items := rng.Perm(len(source))[:1+rng.IntN(len(source)-1)]
				b, err := data.Prepare(items)
				if err != nil {
					t.Error(err)
					return
				}
				tp.Begin(tensor.Pass{})
				pred := m.Forward(tp, b)
				for n, k := range items {
					if !sameBits(pred.Value().Row(n), want[k]) {
						t.Errorf("graph %d: %v, want the bits of %v", k, pred.Value().Row(n), want[k])
					}
				}
				b.(*grit.Batch).Release()
			}
		})
	}
	wg.Wait()
}

// TestReleaseTwice: the memory of a batch is never handed out to two.
func TestReleaseTwice(t *testing.T) {
	c := toy()
	data, err := grit.NewData(c, grit.Graphs(randomGraphs(c, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		b, err := data.Prepare([]int{0})
		if err != nil {
			t.Fatal(err)
		}
		b.(*grit.Batch).Release()
		b.(*grit.Batch).Release()
		one, err1 := data.Prepare([]int{1})
		two, err2 := data.Prepare([]int{2})
		if err1 != nil || err2 != nil || one == two {
			t.Fatalf("two batches in the same memory (%v, %v)", err1, err2)
		}
	}
	newBatch(t, c, randomGraphs(c, 1)...).Release() // of no data: nothing happens
}

// TestDump: the file of a bad step shows what the batch holds.
func TestDump(t *testing.T) {
	shapes := func(c grit.Config, gs ...*graphs.Graph) (s string) {
		for _, n := range newBatch(t, c, gs...).Dump() {
			s += fmt.Sprint(n.Path, n.Tensor.Shape(), " ")
		}
		return strings.TrimSpace(s)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	pair := func(c grit.Config) *graphs.Graph { return decorate(c, graphs.Directed(2, [][2]int{{1, 0}}), rng) }
	typed := grit.Config{NodeTypes: 9, EdgeTypes: 3, Steps: 3}
	ogb := grit.Config{NodeEncoder: grit.AtomNodes, EdgeEncoder: grit.BondEdges, Steps: 3}
	linear := grit.Config{NodeEncoder: grit.LinearNodes, NodeFeatures: 2, EdgeEncoder: grit.LinearEdges, Steps: 3}
	for _, e := range []struct {
		config grit.Config
		want   string
	}{
		{typed, "sizes[2] edges[2 3] node_types[4 1] edge_types[2 1] walk[4 3] pair_walk[8 3]"},
		{ogb, "sizes[2] edges[2 3] walk[4 3] pair_walk[8 3] node_types[4 9] edge_types[2 3]"},
		{linear, "sizes[2] edges[2 3] walk[4 3] pair_walk[8 3] node_features[4 2] edge_features[2 1]"},
		{grit.Config{NodeEncoder: grit.ColumnNodes, NodeColumns: "3,5", NodeFeatures: 1, EdgeEncoder: grit.ColumnEdges, EdgeColumns: "2", EdgeFeatures: 3, Steps: 3},
			"sizes[2] edges[2 3] walk[4 3] pair_walk[8 3] node_types[4 2] edge_types[2 1] node_features[4 1] edge_features[2 3]"},
		{grit.Config{Steps: 3, EdgeEncoder: grit.DummyEdges}, "sizes[2] edges[2 3] walk[4 3] pair_walk[8 3] node_types[4 1]"},
	} {
		if got := shapes(e.config, pair(e.config), pair(e.config)); got != e.want {
			t.Errorf("%v nodes, %v edges: %s, want %s", e.config.NodeEncoder, e.config.EdgeEncoder, got, e.want)
		}
	}
	weighted := pair(typed)
	weighted.EdgeWeights = []float32{0.5}
	if got := newBatch(t, typed, pair(typed), weighted).Dump()[1].Tensor.String(); got != "[2x3][1 0 1 3 2 0.5]" {
		t.Errorf("edges %s", got)
	}
}

// other is a batch of another kind of model.
type other struct{ nn.Batch }

func TestForwardOfAnotherBatch(t *testing.T) {
	defer func() {
		if got, want := recover(), "grit: Forward: got a grit_test.other, want a *grit.Batch"; got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	newModel(t, toy(), 1).Forward(tp, other{})
}
