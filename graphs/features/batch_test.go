package features_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
)

// TestPrepareErrors: what is wrong with a graph is said together with which graph it is, in the data and by its ID.
func TestPrepareErrors(t *testing.T) {
	for _, e := range []struct {
		name   string
		config features.Config
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
		{"a feature that is not finite", numbers, func(g *graphs.Graph) { g.NodeFeatures[0] /= 0 * g.NodeFeatures[0] }, []string{"is not finite"}},
		{"other features", numbers, func(g *graphs.Graph) { g.NodeFeatures = g.NodeFeatures[:5] }, []string{"node features: "}},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		var source graphs.Slice
		for k := range 5 {
			g := decorate(e.config, graphs.Undirected(5, [][2]int{{0, 1}, {1, 2}, {3, 4}}), rng)
			g.ID = fmt.Sprintf("file.jsonl:%d", k+1)
			source = append(source, g)
		}
		data := newData(e.config, source)
		if _, err := data.Prepare([]int{4, 3, 2}); err != nil {
			t.Errorf("%s: before the change: %v", e.name, err)
		}
		e.change(source[3])
		_, err := data.Prepare([]int{4, 3, 2})
		if err == nil {
			t.Errorf("%s: no error", e.name)
			continue
		}
		for _, part := range append(e.want, "toy: graph 3:", "file.jsonl:4") {
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
	edges := func(c, of features.Config) features.Config { return features.Config{Nodes: c.Nodes, Edges: of.Edges} }
	three := features.Config{Edges: features.Edges{Encoder: features.LinearEdges, Features: 3}}
	for _, e := range []struct {
		has, reads features.Config
		want       string
	}{
		{typed, numbers, "node feature columns: 0, the model reads 2"},
		{numbers, typed, "node type columns: 0, the model reads 1"},
		{typed, ogb, "node type columns: 1, the model reads 9"},
		{ogb, typed, "node type columns: 9, the model reads 1"},
		{typed, edges(typed, numbers), "edge feature columns: 0, the model reads 2"},
		{typed, edges(typed, ogb), "edge type columns: 1, the model reads 3"},
		{edges(typed, numbers), typed, "edge type columns: 0, the model reads 1"},
		{edges(typed, three), edges(typed, numbers), "edge feature columns: 3, the model reads 2"},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		without := decorate(e.has, graphs.Undirected(2, nil), rng)
		with := decorate(e.has, graphs.Undirected(3, [][2]int{{0, 1}}), rng)
		without.ID, with.ID = "without edges", "with an edge"
		_, err := newData(e.reads, graphs.Slice{with, without}).Prepare([]int{1, 0})
		named := []string{"toy: graph 1", "without edges"}
		if strings.HasPrefix(e.want, "edge") {
			named = []string{"toy: graph 0", "with an edge"}
		}
		for _, part := range append(named, e.want, "set the model's configuration to what the data has") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v: does not say %q", err, part)
			}
		}
	}
	// Graphs without any types are graphs of one type.
	newBatch(t, features.Config{}, graphs.Undirected(2, [][2]int{{0, 1}}), graphs.Undirected(1, nil))
	// What a model does not read does not matter.
	rich := decorate(numbers, graphs.Undirected(2, [][2]int{{0, 1}}), rand.New(rand.NewPCG(1, 1)))
	newBatch(t, features.Config{Nodes: numbers.Nodes, Edges: features.Edges{Encoder: features.DummyEdges}}, rich)
}

// broken is a source whose graphs cannot be read.
type broken struct{ graphs.Slice }

var errBroken = errors.New("line 7 is no graph")

func (b broken) Graph(int) (*graphs.Graph, error) { return nil, errBroken }

func TestSourceErrors(t *testing.T) {
	data := newData(features.Config{}, broken{make(graphs.Slice, 3)})
	if data.Len() != 3 {
		t.Errorf("%d graphs, want 3", data.Len())
	}
	if _, err := data.Prepare([]int{2}); !errors.Is(err, errBroken) || err.Error() != "toy: graph 2: line 7 is no graph" {
		t.Errorf("error %v", err)
	}
	if _, err := newData(features.Config{}, graphs.Slice{nil}).Prepare([]int{0}); err == nil || !strings.Contains(err.Error(), "toy: graph 0") {
		t.Errorf("a nil graph: %v", err)
	}
	if invalid := (*graphs.InvalidError)(nil); !errors.As((&batch{}).Fill(nil), &invalid) {
		t.Error("no graphs: no *graphs.InvalidError")
	}
}

// TestTargets: heads for graphs learn the graphs' targets, the node head labels, where there are any.
func TestTargets(t *testing.T) {
	one, two := graphs.Undirected(2, nil), graphs.Undirected(1, nil)
	one.Target, two.Target = []float32{1, 2}, []float32{3, 4}
	one.NodeLabels, two.NodeLabels = []int32{1, 0}, []int32{5}
	var c features.Config
	check := func(what string, head features.Head, want string) {
		t.Helper()
		c.Prediction.Head = head
		b := newBatch(t, c, one, two)
		if got := b.Targets().String(); got != want || b.Items() != 2 {
			t.Errorf("%s: targets %s of %d graphs, want %s", what, got, b.Items(), want)
		}
	}
	check("san head", features.SANHead, "[2x2][1 2 3 4]")
	check("graph head", features.GraphHead, "[2x2][1 2 3 4]")
	check("node head", features.NodeHead, "[3x1][1 0 5]")
	one.NodeLabels[1] = graphs.NoLabel
	check("a label that is not given", features.NodeHead, "[3x1][1 NaN 5]")
	one.NodeLabels, two.NodeLabels = nil, nil
	check("node head without labels", features.NodeHead, "[2x2][1 2 3 4]")
}

// TestConcurrentPrepare prepares and releases batches from many goroutines, as training and evaluation do side by side.
// Run it with -race.
func TestConcurrentPrepare(t *testing.T) {
	source := random(columns, 12, rand.New(rand.NewPCG(1, 1)))
	data := newData(columns, source)
	e, _ := encoders(columns, 1)
	want := make([]string, len(source))
	encoded := func(b *features.Batch) string { return fmt.Sprint(b.EncodeNodes(begin(), e).Data()) }
	for k, g := range source {
		want[k] = encoded(&newBatch(t, columns, g).Batch)
	}
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 20 {
				k := rng.IntN(len(source))
				b, err := data.Prepare([]int{k})
				if err != nil {
					t.Error(err)
					return
				}
				if got := encoded(&b.(*batch).Batch); got != want[k] {
					t.Errorf("graph %d: %s, want %s", k, got, want[k])
				}
				b.(*batch).Release()
			}
		})
	}
	wg.Wait()
}

// TestReleaseTwice: the memory of a batch is never handed out to two.
func TestReleaseTwice(t *testing.T) {
	data := newData(typed, random(typed, 3, rand.New(rand.NewPCG(1, 1))))
	for range 20 {
		b, err := data.Prepare([]int{0})
		if err != nil {
			t.Fatal(err)
		}
		b.(*batch).Release()
		b.(*batch).Release()
		one, err1 := data.Prepare([]int{1})
		two, err2 := data.Prepare([]int{2})
		if err1 != nil || err2 != nil || one == two {
			t.Fatalf("two batches in the same memory (%v, %v)", err1, err2)
		}
	}
	newBatch(t, features.Config{}, graphs.Undirected(1, nil)).Release() // of no data: nothing happens
}

// TestDump: the file of a bad step shows what the batch holds.
func TestDump(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pair := func(c features.Config) *graphs.Graph { return decorate(c, graphs.Directed(2, [][2]int{{1, 0}}), rng) }
	for _, e := range []struct {
		config features.Config
		want   string
	}{
		{typed, "sizes[2] edges[2 3] node_types[4 1] edge_types[2 1]"},
		{ogb, "sizes[2] edges[2 3] node_types[4 9] edge_types[2 3]"},
		{numbers, "sizes[2] edges[2 3] node_features[4 2] edge_features[2 2]"},
		{columns, "sizes[2] edges[2 3] node_types[4 2] edge_types[2 1] node_features[4 1] edge_features[2 3]"},
		{features.Config{Edges: features.Edges{Encoder: features.DummyEdges}}, "sizes[2] edges[2 3] node_types[4 1]"},
	} {
		var got []string
		for _, n := range newBatch(t, e.config, pair(e.config), pair(e.config)).Dump() {
			got = append(got, fmt.Sprint(n.Path, n.Tensor.Shape()))
		}
		if s := strings.Join(got, " "); s != e.want {
			t.Errorf("%v nodes, %v edges: %s, want %s", e.config.Nodes.Encoder, e.config.Edges.Encoder, s, e.want)
		}
	}
	weighted := pair(typed)
	weighted.EdgeWeights = []float32{0.5}
	if got := newBatch(t, typed, pair(typed), weighted).Dump()[1].Tensor.String(); got != "[2x3][1 0 1 3 2 0.5]" {
		t.Errorf("edges %s", got)
	}
}
