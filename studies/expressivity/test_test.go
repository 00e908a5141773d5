package expressivity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

var ctx = context.Background()

// the gives the one test of a name.
func the(t testing.TB, name string, o Options) Test {
	t.Helper()
	tests, err := TestsByName(name, o)
	if err != nil || len(tests) != 1 {
		t.Fatalf("%s: %d tests, %v", name, len(tests), err)
	}
	return tests[0]
}

func apart(t testing.TB, test Test, a, b *graphs.Graph) bool {
	t.Helper()
	v, err := test.Apart(ctx, a, b)
	if err != nil {
		t.Fatalf("%s: %v", test.Name, err)
	}
	return v.Apart
}

// exact are the names of the tests without models, in the order of doc.go.
var exact = []string{"wl", "rwse", "spd", "rrwp", "wl2"}

// TestTextbook holds the tests to the table of textbook.
func TestTextbook(t *testing.T) {
	set, err := Load(ctx, "textbook", datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"hexagon": "rwse spd rrwp wl2 grit", "decalin": "rwse spd rrwp wl2 grit", "skip": "rwse spd rrwp wl2 grit",
		"dodecahedron": "rwse rrwp wl2 grit", "ladder": "rrwp wl2 grit", "fan": "wl2", "rook": "",
	}
	for _, p := range set.Pairs {
		var got []string
		for _, name := range append(slices.Clone(exact), "grit") {
			if apart(t, the(t, name, Options{}), set.Graphs[p.A], set.Graphs[p.B]) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want[p.Category] {
			t.Errorf("%s: told apart by %v, want %s", p.Category, got, want[p.Category])
		}
		for _, g := range []*graphs.Graph{set.Graphs[p.A], set.Graphs[p.B]} {
			if err := g.Validate(); err != nil {
				t.Error(err)
			}
		}
	}
}

// randomGraph draws a graph with whatever a graph can have.
func randomGraph(rng *rand.Rand, n int) *graphs.Graph {
	g := &graphs.Graph{Nodes: n}
	directed, density := rng.IntN(2) == 0, rng.Float64()
	for a := range n {
		for b := range n {
			switch {
			case rng.Float64() > density:
			case directed:
				g.Edges = append(g.Edges, graphs.Edge{From: a, To: b})
			case a <= b:
				g.AddBond(a, b)
			}
		}
	}
	if rng.IntN(2) == 0 {
		for range n {
			g.NodeTypes = append(g.NodeTypes, int32(rng.IntN(2)))
			g.NodeFeatures = append(g.NodeFeatures, float32(rng.IntN(2)), 0.1)
		}
	}
	if rng.IntN(2) == 0 {
		for range g.Edges {
			g.EdgeTypes = append(g.EdgeTypes, int32(rng.IntN(3)))
			g.EdgeFeatures = append(g.EdgeFeatures, rng.Float32())
			g.EdgeWeights = append(g.EdgeWeights, 0.1+rng.Float32())
		}
	}
	return g
}

// TestCopiesAreNeverApart: graphs with all kinds of features, relabelled.
func TestCopiesAreNeverApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		n := 1 + rng.IntN(14)
		g := randomGraph(rng, n)
		again := g.Permute(rng.Perm(n))
		order := rng.Perm(len(g.Edges)) // nor does the order of edges matter
		shuffled := again.Clone()
		for to, from := range order {
			shuffled.Edges[to] = again.Edges[from]
			if len(g.EdgeWeights) > 0 {
				shuffled.EdgeWeights[to], shuffled.EdgeTypes[to], shuffled.EdgeFeatures[to] =
					again.EdgeWeights[from], again.EdgeTypes[from], again.EdgeFeatures[from]
			}
		}
		for _, name := range exact {
			if apart(t, the(t, name, Options{Steps: 1 + rng.IntN(30)}), g, shuffled) {
				t.Errorf("%s tells a graph of %d nodes and %d edges from itself", name, n, len(g.Edges))
			}
		}
	}
}

// TestBounds: a test tells apart what a weaker one does. Circulants of one size and degree are hard for all.
func TestBounds(t *testing.T) {
	var hard []*graphs.Graph
	for _, n := range []int{12, 13} {
		for a := 1; a <= n/2; a++ {
			for b := a + 1; b <= n/2; b++ {
				hard = append(hard, circulant(n, a, b))
			}
		}
	}
	rng := rand.New(rand.NewPCG(2, 1))
	for range 60 {
		g := &graphs.Graph{Nodes: 6}
		for _, k := range rng.Perm(15)[:7] {
			a, b := 0, k
			for ; b >= 5-a; a++ {
				b -= 5 - a
			}
			g.AddBond(a, a+1+b)
		}
		hard = append(hard, g)
	}
	colours := map[string][]Signature{}
	for _, name := range exact {
		for _, g := range hard {
			s, err := the(t, name, Options{}).Sign(ctx, g)
			if err != nil {
				t.Fatal(err)
			}
			colours[name] = append(colours[name], s)
		}
	}
	for _, order := range [][2]string{{"wl", "rwse"}, {"rwse", "rrwp"}, {"rrwp", "wl2"}, {"wl", "spd"}, {"spd", "rrwp"}} {
		weak, strong := colours[order[0]], colours[order[1]]
		more := 0
		for a := range hard {
			for b := range a {
				switch weak, strong := weak[a].Apart(weak[b]), strong[a].Apart(strong[b]); {
				case weak && !strong:
					t.Errorf("%s tells graphs %d and %d apart, %s does not", order[0], a, b, order[1])
				case strong && !weak:
					more++
				}
			}
		}
		t.Logf("%s tells %d pairs more than %s", order[1], more, order[0])
	}
}

// TestFeaturesCount: what differs in a graph shows in every test.
func TestFeaturesCount(t *testing.T) {
	path := func(change func(g *graphs.Graph)) *graphs.Graph {
		g := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})
		g.NodeTypes, g.NodeFeatures = []int32{0, 0, 0}, []float32{0, 0, 0}
		g.EdgeTypes, g.EdgeFeatures, g.EdgeWeights = []int32{0, 0, 0, 0}, []float32{1, 1, 1, 1}, []float32{1, 1, 1, 1}
		change(g)
		return g
	}
	plain := path(func(*graphs.Graph) {})
	for _, c := range []struct {
		name   string
		change func(g *graphs.Graph)
		same   bool
	}{
		{"nothing", func(*graphs.Graph) {}, true},
		{"a zero of the other sign", func(g *graphs.Graph) { g.NodeFeatures[0] = float32(negativeZero()) }, true},
		{"a node type", func(g *graphs.Graph) { g.NodeTypes[1] = 1 }, false},
		{"a node feature", func(g *graphs.Graph) { g.NodeFeatures[1] = 1 }, false},
		{"an edge type", func(g *graphs.Graph) { g.EdgeTypes[1] = 1 }, false},
		{"an edge feature", func(g *graphs.Graph) { g.EdgeFeatures[1] = 2 }, false},
		{"a weight", func(g *graphs.Graph) { g.EdgeWeights[1] = 2 }, false},
		{"a direction", func(g *graphs.Graph) {
			g.Edges, g.EdgeTypes, g.EdgeFeatures, g.EdgeWeights = g.Edges[:3], g.EdgeTypes[:3], g.EdgeFeatures[:3], g.EdgeWeights[:3]
		}, false},
		{"a node", func(g *graphs.Graph) {
			g.Nodes, g.NodeTypes, g.NodeFeatures = 4, append(g.NodeTypes, 0), append(g.NodeFeatures, 0)
		}, false},
	} {
		for _, name := range exact {
			if got := apart(t, the(t, name, Options{}), plain, path(c.change)); got == c.same {
				t.Errorf("%s: %s differs, told apart: %v", name, c.name, got)
			}
		}
	}
	forth, back := graphs.Directed(3, [][2]int{{0, 1}, {0, 2}}), graphs.Directed(3, [][2]int{{1, 0}, {2, 0}})
	for _, name := range exact {
		if !apart(t, the(t, name, Options{}), forth, back) {
			t.Errorf("%s: edges turned round are not told apart", name)
		}
	}
}

func negativeZero() float64 {
	zero := 0.0
	return -zero
}

func TestOneNode(t *testing.T) {
	for _, name := range append(slices.Clone(exact), "grit") {
		if apart(t, the(t, name, Options{}), graphs.Undirected(1, nil), graphs.Undirected(1, nil)) {
			t.Errorf("%s tells two graphs of one node apart", name)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"rwpe", Options{}, `unknown test "rwpe"; did you mean "rwse"?`},
		{"wl", Options{Steps: -1}, "steps -1: want at least 1, or 0 for the default"},
		{"rpc", Options{Epochs: -1}, "epochs -1: want"},
		{"rpc", Options{LR: -1}, "learning rate -1: want a number above 0"},
		{"grit", Options{Width: 30}, "heads 4 do not divide width 30"},
	} {
		_, err := TestsByName(c.name, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: %v, want %q", c.name, c.o, err, c.want)
		}
	}
	tests, err := TestsByName("rpc", Options{Seeds: []uint64{4, 5}, Steps: 8})
	if err != nil || len(tests) != 2 || tests[1].Seed != 5 || tests[0].Setting != "steps=8 layers=4 width=32 epochs=20 lr=0.0001" {
		t.Errorf("two seeds: %+v, %v", tests, err)
	}
	for _, name := range TestNames() {
		if About(name) == "" {
			t.Errorf("%s: says nothing about itself", name)
		}
	}
	if About("x") != "" || AboutSet("x") != "" {
		t.Error("something is known about what there is not")
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "Steps is -2") {
			t.Errorf("negative steps: %s", text)
		}
	}()
	_, _ = Walks{Steps: -2}.Sign(ctx, graphs.Undirected(1, nil))
}

func TestContextEnds(t *testing.T) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	g := circulant(6, 1)
	for _, name := range TestNames() {
		if _, err := the(t, name, Options{}).Apart(ended, g, g); err != context.Canceled {
			t.Errorf("%s after the end of the context: %v", name, err)
		}
	}
}
