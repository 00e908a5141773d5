package graphs

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// same compares two graphs: nil and empty slices are one, and NaN equals NaN.
func same(a, b *Graph) bool {
	bits := func(v []float32) []uint32 {
		out := make([]uint32, len(v))
		for i, x := range v {
			out[i] = math.Float32bits(x)
			if math.IsNaN(float64(x)) {
				out[i] = math.Float32bits(float32(math.NaN()))
			}
		}
		return out
	}
	return a.Nodes == b.Nodes && a.ID == b.ID && slices.Equal(a.Edges, b.Edges) &&
		slices.Equal(a.NodeTypes, b.NodeTypes) && slices.Equal(a.EdgeTypes, b.EdgeTypes) && slices.Equal(a.NodeLabels, b.NodeLabels) && slices.Equal(a.EdgeLabels, b.EdgeLabels) &&
		slices.Equal(bits(a.EdgeWeights), bits(b.EdgeWeights)) && slices.Equal(bits(a.Target), bits(b.Target)) &&
		slices.Equal(bits(a.NodeFeatures), bits(b.NodeFeatures)) && slices.Equal(bits(a.EdgeFeatures), bits(b.EdgeFeatures))
}

// anyGraph draws a valid graph with any mix of features.
func anyGraph(t *rapid.T) *Graph {
	n := rapid.IntRange(1, 9).Draw(t, "nodes")
	node := rapid.IntRange(0, n-1)
	ends := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) [2]int {
		return [2]int{node.Draw(t, "a"), node.Draw(t, "b")}
	}), 0, min(12, n*n), func(e [2]int) [2]int {
		return [2]int{min(e[0], e[1]), max(e[0], e[1])}
	}).Draw(t, "edges")
	g := Undirected(n, ends)
	if rapid.Bool().Draw(t, "directed") {
		g = Directed(n, ends)
	}
	real := rapid.Float32Range(-1e6, 1e6)
	reals := func(label string, rows int) []float32 {
		k := rapid.IntRange(0, 3).Draw(t, label) * rows
		return rapid.SliceOfN(real, k, k).Draw(t, label)
	}
	ids := func(label string, rows int) []int32 {
		k := rapid.IntRange(0, 3).Draw(t, label) * rows
		return rapid.SliceOfN(rapid.Int32Range(0, 40), k, k).Draw(t, label)
	}
	g.NodeTypes, g.NodeFeatures = ids("node types", n), reals("node features", n)
	if len(ends) > 0 {
		g.EdgeTypes, g.EdgeFeatures = ids("edge types", len(g.Edges)), reals("edge features", len(g.Edges))
		if rapid.Bool().Draw(t, "weighted") {
			g.EdgeWeights = rapid.SliceOfN(rapid.Float32Range(1e-3, 50), len(g.Edges), len(g.Edges)).Draw(t, "weights")
		}
	}
	g.Target = reals("target", 1)
	if len(g.Target) > 1 {
		g.Target[0] = float32(math.NaN())
	}
	if rapid.Bool().Draw(t, "labelled") {
		g.NodeLabels = rapid.SliceOfN(rapid.Int32Range(NoLabel, 5), n, n).Draw(t, "labels")
	}
	if len(g.Edges) > 0 && rapid.Bool().Draw(t, "edges labelled") {
		g.EdgeLabels = rapid.SliceOfN(rapid.Int32Range(NoLabel, 2), len(g.Edges), len(g.Edges)).Draw(t, "edge labels")
	}
	g.ID = rapid.String().Draw(t, "id")
	return g
}

func TestUndirected(t *testing.T) {
	g := Undirected(3, [][2]int{{0, 1}, {2, 2}})
	if want := []Edge{{0, 1}, {1, 0}, {2, 2}}; !slices.Equal(g.Edges, want) {
		t.Errorf("edges %v, expected %v", g.Edges, want)
	}
	g = &Graph{Nodes: 2}
	g.AddBond(1, 0, 7, 8)
	if want := []int32{7, 8, 7, 8}; !slices.Equal(g.EdgeTypes, want) {
		t.Errorf("edge types %v, expected %v", g.EdgeTypes, want)
	}
	if c := g.EdgeTypeColumns(); c != 2 {
		t.Errorf("%d edge type columns, expected 2", c)
	}
}

func TestDegrees(t *testing.T) {
	g := Directed(3, [][2]int{{0, 1}, {0, 2}, {1, 1}})
	g.EdgeWeights = []float32{0.5, 2, 3}
	if got, want := g.Degrees(), []float32{2.5, 3, 0}; !slices.Equal(got, want) {
		t.Errorf("degrees %v, expected %v", got, want)
	}
	if got, want := g.OutDegrees(), []int{2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("out-degrees %v, expected %v", got, want)
	}
	if got, want := g.InDegrees(), []int{0, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("in-degrees %v, expected %v", got, want)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		c := g.Clone()
		if !same(g, c) {
			t.Fatalf("clone differs: %+v, %+v", g, c)
		}
		va, vb := reflect.ValueOf(g).Elem(), reflect.ValueOf(c).Elem()
		for i := range va.NumField() {
			if f := va.Field(i); f.Kind() == reflect.Slice && f.Len() > 0 && f.Pointer() == vb.Field(i).Pointer() {
				t.Fatalf("field %s is shared", va.Type().Field(i).Name)
			}
		}
	})
}

func TestPermute(t *testing.T) {
	g := Directed(3, [][2]int{{0, 1}, {1, 2}})
	g.NodeTypes, g.NodeFeatures, g.NodeLabels = []int32{5, 6, 7}, []float32{0, 1, 2, 3, 4, 5}, []int32{1, 2, 3}
	g.EdgeTypes = []int32{8, 9}
	p := g.Permute([]int{2, 0, 1})
	if want := []Edge{{2, 0}, {0, 1}}; !slices.Equal(p.Edges, want) {
		t.Errorf("edges %v, expected %v", p.Edges, want)
	}
	if !slices.Equal(p.NodeTypes, []int32{6, 7, 5}) || !slices.Equal(p.NodeFeatures, []float32{2, 3, 4, 5, 0, 1}) ||
		!slices.Equal(p.NodeLabels, []int32{2, 3, 1}) || !slices.Equal(p.EdgeTypes, g.EdgeTypes) {
		t.Errorf("features did not follow their nodes: %+v", p)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		order := make([]int, g.Nodes)
		for i := range order {
			order[i] = i
		}
		perm := rapid.Permutation(order).Draw(t, "perm")
		back := make([]int, g.Nodes)
		for i, p := range perm {
			back[p] = i
		}
		if !same(g, g.Permute(perm).Permute(back)) {
			t.Fatal("permuting there and back changed the graph")
		}
	})
}

func TestPermutePanics(t *testing.T) {
	for _, c := range []struct {
		perm []int
		want string
	}{
		{[]int{0}, "graphs: Permute: 1 numbers for 2 nodes"},
		{[]int{0, 0}, "graphs: Permute: perm[1] = 0, expected each of 0..1 once"},
		{[]int{0, 2}, "graphs: Permute: perm[1] = 2, expected each of 0..1 once"},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, expected %q", got, c.want)
				}
			}()
			Undirected(2, nil).Permute(c.perm)
		}()
	}
}

func TestValidateMessages(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		change func(g *Graph)
		want   string
	}{
		{"empty", func(g *Graph) { *g = Graph{ID: "m"} },
			`graphs: graph "m": nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to`},
		{"end out of range", func(g *Graph) { g.Edges[1].To = 3 },
			`graphs: graph "m": edge 1: 1->3: node 3 is out of range, the graph has nodes 0..2; count nodes from 0`},
		{"negative end", func(g *Graph) { g.Edges[1].From = -1 },
			`graphs: graph "m": edge 1: -1->0: node -1 is out of range, the graph has nodes 0..2; count nodes from 0`},
		{"duplicate", func(g *Graph) { g.Edges[3] = Edge{0, 1} },
			`graphs: graph "m": edge 3: 0->1 repeats edge 0; merge parallel edges into one, with the sum of their weights if they have any`},
		{"uneven types", func(g *Graph) { g.NodeTypes = []int32{1, 2} },
			`graphs: graph "m": node types: 2 values do not divide among 3 nodes; give every one of the nodes the same number of values`},
		{"uneven edge features", func(g *Graph) { g.EdgeFeatures = []float32{1} },
			`graphs: graph "m": edge features: 1 values do not divide among 4 edges; give every one of the edges the same number of values`},
		{"edge types without edges", func(g *Graph) { g.Edges, g.EdgeTypes = nil, []int32{1} },
			`graphs: graph "m": edge types: 1 values do not divide among 0 edges; give every one of the edges the same number of values`},
		{"weights", func(g *Graph) { g.EdgeWeights = []float32{1} },
			`graphs: graph "m": edge weights: 1 weights for 4 edges; give one weight per edge, or none at all`},
		{"labels", func(g *Graph) { g.NodeLabels = []int32{1} },
			`graphs: graph "m": node labels: 1 labels for 3 nodes; give one label per node, or none at all`},
		{"edge labels", func(g *Graph) { g.EdgeLabels = []int32{1} },
			`graphs: graph "m": edge labels: 1 labels for 4 edges; give one label per edge, or none at all`},
		{"zero weight", func(g *Graph) { g.EdgeWeights = []float32{1, 1, 0, 1} },
			`graphs: graph "m": edge weight 2: 0 is not a positive finite number; a walk takes an edge with a probability in proportion to its weight: leave edges of weight 0 out`},
		{"negative type", func(g *Graph) { g.NodeTypes = []int32{0, 1, 2, -3, 4, 5} },
			`graphs: graph "m": node type 3: -3 (node 1, column 1) is negative; count ids from 0`},
		{"negative edge type", func(g *Graph) { g.EdgeTypes = []int32{0, 1, -2, 3} },
			`graphs: graph "m": edge type 2: -2 (edge 2, column 0) is negative; count ids from 0`},
		{"NaN feature", func(g *Graph) { g.NodeFeatures = []float32{0, nan, 0} },
			`graphs: graph "m": node feature 1: NaN (node 1, column 0) is not finite; fill the value in, or leave the graph out`},
		{"infinite edge feature", func(g *Graph) { g.EdgeFeatures = []float32{0, 0, 0, -inf} },
			`graphs: graph "m": edge feature 3: -Inf (edge 3, column 0) is not finite; fill the value in, or leave the graph out`},
		{"infinite target", func(g *Graph) { g.Target = []float32{nan, inf} },
			`graphs: graph "m": target 1: +Inf is not finite; NaN marks a missing target`},
		{"negative label", func(g *Graph) { g.NodeLabels = []int32{0, -2, 0} },
			`graphs: graph "m": node label 1: -2 is negative; count classes from 0; -1 stands for a label that is not given`},
		{"negative edge label", func(g *Graph) { g.EdgeLabels = []int32{0, -1, 0, -7} },
			`graphs: graph "m": edge label 3: -7 is negative; count classes from 0; -1 stands for a label that is not given`},
	} {
		g := Undirected(3, [][2]int{{0, 1}, {1, 2}})
		g.ID = "m"
		if err := g.Validate(); err != nil {
			t.Fatalf("the unchanged graph: %v", err)
		}
		c.change(g)
		err := g.Validate()
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: error %v, expected an *InvalidError", c.name, err)
		} else if err.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
	for _, w := range []float32{nan, inf, -1} {
		g := Undirected(1, [][2]int{{0, 0}})
		g.EdgeWeights = []float32{w}
		if err := g.Validate(); err == nil || !strings.Contains(err.Error(), "edge weight 0") {
			t.Errorf("weight %v gave %v", w, err)
		}
	}
}

func TestValidateAcceptsSmallest(t *testing.T) {
	for name, g := range map[string]*Graph{
		"one node":      Undirected(1, nil),
		"one self loop": Undirected(1, [][2]int{{0, 0}}),
		"no edges":      Undirected(4, nil),
	} {
		if err := g.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if err := anyGraph(t).Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCheckTypes(t *testing.T) {
	g := Undirected(2, [][2]int{{0, 1}})
	g.NodeTypes, g.EdgeTypes = []int32{0, 4}, []int32{1, 1}
	for _, c := range []struct {
		node, edge []int
		want       string
	}{
		{nil, nil, ""}, {[]int{5}, []int{2}, ""},
		{[]int{4}, nil, "graphs: node type 1: 4 (node 1, column 0) is beyond the vocabulary of 4 (ids 0..3); number types as the training data does"},
		{nil, []int{1}, "graphs: edge type 0: 1 (edge 0, column 0) is beyond the vocabulary of 1 (ids 0..0); number types as the training data does"},
		{[]int{5, 5}, nil, "graphs: node types: 1 type ids per node, expected 2; write the features that the model was trained with"},
		{[]int{}, nil, "graphs: node types: 1 type ids per node, expected 0; write the features that the model was trained with"},
	} {
		got := ""
		if err := g.CheckTypes(c.node, c.edge); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("CheckTypes(%v, %v):\n got %s\nwant %s", c.node, c.edge, got, c.want)
		}
	}
	if err := Undirected(2, nil).CheckTypes(nil, []int{3}); err != nil {
		t.Errorf("a graph without edges: %v", err)
	}
}
