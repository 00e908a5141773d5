package grit_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/tensor"
	"pgregory.net/rapid"
)

// TestNodeNumbersDoNotMatter numbers the nodes of graphs anew: predictions for graphs stay, those for nodes move along.
func TestNodeNumbersDoNotMatter(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		m := newModel(t, c, 4)
		warm(t, m, randomGraphs(c, 1))
		checks := 20 // of each of ten presets: 200 cases
		rng := rand.New(rand.NewPCG(uint64(checks), 1))
		for range checks {
			g := randomGraph(c, 1+rng.IntN(12), rng.Float64(), rng)
			perm := rng.Perm(g.Nodes)
			want, got := predict(t, m, g), predict(t, m, g.Permute(perm))
			if c.Head == grit.NodeHead {
				moved := make([]float32, len(want))
				for i, to := range perm {
					copy(moved[to*c.Outputs:(to+1)*c.Outputs], want[i*c.Outputs:])
				}
				want = moved
			}
			if !closeTo(got, want, 1e-5) {
				t.Fatalf("%s: a graph of %d nodes and %d edges, numbered %v: %v, want %v", p.name, g.Nodes, len(g.Edges), perm, got, want)
			}
		}
	}
}

// TestNodeNumbersInTraining: the same in a training pass, where norms are those of the batch.
func TestNodeNumbersInTraining(t *testing.T) {
	for range 2 {
		rapid.Check(t, func(rt *rapid.T) {
			seed := rapid.Uint64().Draw(rt, "seed")
			c := toy()
			c.Head = rapid.SampledFrom([]grit.Head{grit.SANHead, grit.NodeHead, grit.EdgeHead}).Draw(rt, "head")
			m := newModel(t, c, 4)
			gs := randomGraphs(c, seed)
			rng := rand.New(rand.NewPCG(seed, 2))
			var moved []*graphs.Graph
			var perms [][]int
			for _, g := range gs {
				perms = append(perms, rng.Perm(g.Nodes))
				moved = append(moved, g.Permute(perms[len(perms)-1]))
			}
			run := func(gs []*graphs.Graph) []float32 {
				tp := tape
				tp.Begin(tensor.Pass{Train: true})
				return append([]float32{}, m.Forward(tp, newBatch(t, c, gs...)).Data()...)
			}
			want, got := run(gs), run(moved)
			if c.Head == grit.NodeHead {
				at, all := 0, make([]float32, len(want))
				for _, perm := range perms {
					for i, to := range perm {
						copy(all[(at+to)*c.Outputs:(at+to+1)*c.Outputs], want[(at+i)*c.Outputs:])
					}
					at += len(perm)
				}
				want = all
			}
			if !closeTo(got, want, 2e-5) {
				rt.Fatalf("got %v, want %v", got, want)
			}
		})
	}
}

// TestBatchIsOneByOne: in evaluation a graph has the same bits of predictions alone, in a batch, and at any place of it.
func TestBatchIsOneByOne(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		m := newModel(t, c, 4)
		gs := append(randomGraphs(c, 1), randomGraphs(c, 2)...)
		warm(t, m, gs)
		var alone [][]float32
		for _, g := range gs {
			alone = append(alone, predict(t, m, g))
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 5 {
			order := rng.Perm(len(gs))
			var batch []*graphs.Graph
			var want []float32
			for _, k := range order {
				batch, want = append(batch, gs[k]), append(want, alone[k]...)
			}
			if got := predict(t, m, batch...); !sameBits(got, want) {
				t.Errorf("%s: graphs in the order %v: %v, want the bits of %v", p.name, order, got, want)
			}
		}
	}
}

// TestUnusualGraphs: graphs of one node, without edges, and in pieces have predictions, and what differs in a graph
// shows in them.
func TestUnusualGraphs(t *testing.T) {
	for _, head := range []grit.Head{grit.SANHead, grit.GraphHead, grit.NodeHead} {
		c := grit.Config{Layers: 2, Width: 16, Heads: 4, Steps: 6, Head: head}
		m := newModel(t, c, 6)
		rng := rand.New(rand.NewPCG(1, 3))
		var some []*graphs.Graph
		for n := range 8 {
			some = append(some, randomGraph(c, n+2, 0.5, rng))
		}
		warm(t, m, some)
		weighted := func(w ...float32) *graphs.Graph {
			g := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})
			g.EdgeWeights = w
			return g
		}
		list := []struct {
			name string
			g    *graphs.Graph
		}{
			{"one node", graphs.Undirected(1, nil)},
			{"one node with a loop", graphs.Undirected(1, [][2]int{{0, 0}})},
			{"three nodes without edges", graphs.Undirected(3, nil)},
			{"a bond and a node", graphs.Undirected(3, [][2]int{{0, 1}})},
			{"a path", graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})},
			{"a triangle", graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}, {2, 0}})},
			{"a circle of arcs", graphs.Directed(3, [][2]int{{0, 1}, {1, 2}, {2, 0}})},
			{"a directed path", graphs.Directed(3, [][2]int{{0, 1}, {1, 2}})},
			{"a path with a weak bond", weighted(1, 1, 0.25, 0.25)},
			{"a path with an edge that is weak in one direction", weighted(1, 0.25, 1, 1)},
			{"a path and a node", graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}})},
			{"two bonds", graphs.Undirected(4, [][2]int{{0, 1}, {2, 3}})},
		}
		seen := map[string]string{}
		for _, e := range list {
			got := predict(t, m, decorate(c, e.g, rng))
			for _, v := range got {
				if v-v != 0 {
					t.Errorf("%v head, %s: %v", head, e.name, got)
				}
			}
			key := fmt.Sprint(got)
			if other, ok := seen[key]; ok {
				t.Errorf("%v head: %s looks like %s: %v", head, e.name, other, got)
			}
			seen[key] = e.name
		}
		path := list[4].g
		if plain, ones := predict(t, m, path), predict(t, m, decorate(c, weighted(1, 1, 1, 1), rng)); !sameBits(plain, ones) {
			t.Errorf("%v head: weights of 1 change the prediction from %v to %v", head, plain, ones)
		}
		if head == grit.NodeHead { // reversing a directed path moves nothing but the roles of its ends
			forth, back := predict(t, m, list[7].g), predict(t, m, decorate(c, graphs.Directed(3, [][2]int{{2, 1}, {1, 0}}), rng))
			if !closeTo([]float32{back[2], back[1], back[0]}, forth, 1e-5) || back[0] == forth[0] {
				t.Errorf("a directed path %v, reversed %v", forth, back)
			}
		}
	}
}

// TestWeightsMatterByTheirRatio: RRWP walks with probabilities; only the degree scaler sees a common factor of weights.
func TestWeightsMatterByTheirRatio(t *testing.T) {
	for _, scaler := range []bool{false, true} {
		c := grit.Config{Layers: 2, Width: 16, Heads: 4, Steps: 6, NoDegreeScaler: !scaler}
		m := newModel(t, c, 6)
		g := randomGraph(c, 7, 0.5, rand.New(rand.NewPCG(1, 4)))
		double := g.Clone()
		for range g.Edges {
			g.EdgeWeights, double.EdgeWeights = append(g.EdgeWeights, 1.5), append(double.EdgeWeights, 3)
		}
		if same := sameBits(predict(t, m, g), predict(t, m, double)); same == scaler {
			t.Errorf("degree scaler %v: weights twice as large give the same: %v", scaler, same)
		}
	}
}

// TestEmptyGraphIsRefused: with its name and what to do.
func TestEmptyGraphIsRefused(t *testing.T) {
	good, empty := graphs.Undirected(2, [][2]int{{0, 1}}), &graphs.Graph{ID: "molecule 7"}
	good.NodeTypes, good.EdgeTypes = make([]int32, 2), make([]int32, 2)
	_, err := grit.NewBatch(grit.CSL(), []*graphs.Graph{good, empty})
	if err == nil {
		t.Fatal("an empty graph is accepted")
	}
	for _, part := range []string{"item 1", "molecule 7", "empty graph", "leave it out"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v: does not say %q", err, part)
		}
	}
	if _, err := grit.NewBatch(grit.CSL(), nil); err == nil || !strings.Contains(err.Error(), "no graphs") {
		t.Errorf("a batch without graphs: %v", err)
	}
}

// TestSeveralGraphsAtOnceKeepApart: nothing of one graph shows in another's prediction, though one of them changes.
func TestSeveralGraphsAtOnceKeepApart(t *testing.T) {
	c := toy()
	m := newModel(t, c, 4)
	gs := randomGraphs(c, 1)
	before := predict(t, m, gs...)
	changed := append([]*graphs.Graph{}, gs...)
	changed[2] = randomGraph(c, 9, 0.9, rand.New(rand.NewPCG(5, 5)))
	after := predict(t, m, changed...)
	for k := range gs {
		a, b := before[k*c.Outputs:(k+1)*c.Outputs], after[k*c.Outputs:(k+1)*c.Outputs]
		if sameBits(a, b) == (k == 2) {
			t.Errorf("graph 2 changed; the prediction of graph %d is %v, was %v", k, b, a)
		}
	}
}
