package neighbours_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/neighbours"
)

// network is a random directed graph in which every number tells what it belongs to: feature 10 i + c of node i, weight
// and features of an edge from its ends.
func network(nodes, edges int, seed uint64) *graphs.Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &graphs.Graph{Nodes: nodes, ID: "net"}
	seen := map[graphs.Edge]bool{}
	for len(g.Edges) < edges {
		e := graphs.Edge{From: r.IntN(nodes), To: r.IntN(nodes)}
		if seen[e] {
			continue
		}
		seen[e] = true
		g.Edges = append(g.Edges, e)
		code := float32(e.From*nodes + e.To)
		g.EdgeWeights = append(g.EdgeWeights, code+1)
		g.EdgeTypes = append(g.EdgeTypes, int32(e.From), int32(e.To))
		g.EdgeFeatures = append(g.EdgeFeatures, code)
	}
	for i := range nodes {
		g.NodeTypes = append(g.NodeTypes, int32(i))
		g.NodeFeatures = append(g.NodeFeatures, float32(10*i), float32(10*i+1))
		label := int32(i % 3)
		if i%4 == 1 {
			label = graphs.NoLabel
		}
		g.NodeLabels = append(g.NodeLabels, label)
	}
	return g
}

// distances counts the hops from a node, edges taken both ways; -1 is out of reach.
func distances(g *graphs.Graph, from int) []int {
	d := make([]int, g.Nodes)
	for i := range d {
		d[i] = -1
	}
	d[from] = 0
	for range g.Nodes {
		for _, e := range g.Edges {
			for _, ends := range [][2]int{{e.From, e.To}, {e.To, e.From}} {
				if a, b := ends[0], ends[1]; d[a] >= 0 && (d[b] < 0 || d[b] > d[a]+1) {
					d[b] = d[a] + 1
				}
			}
		}
	}
	return d
}

// origin gives the nodes of the large graph, read off their features.
func origin(g *graphs.Graph) []int {
	nodes := make([]int, g.Nodes)
	for k := range nodes {
		nodes[k] = int(g.NodeTypes[k])
	}
	return nodes
}

// checkInduced compares a neighbourhood with the large graph: all that is among its nodes, and nothing else.
func checkInduced(t *testing.T, big, g *graphs.Graph) {
	t.Helper()
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	nodes := origin(g)
	place := map[int]int{}
	for k, i := range nodes {
		place[i] = k
		if f := g.NodeFeatures[2*k : 2*k+2]; f[0] != float32(10*i) || f[1] != float32(10*i+1) {
			t.Errorf("node %d has features %v", i, f)
		}
	}
	if len(place) != g.Nodes {
		t.Fatalf("a node comes twice: %v", nodes)
	}
	var want []graphs.Edge
	for _, e := range big.Edges {
		from, ok1 := place[e.From]
		to, ok2 := place[e.To]
		if ok1 && ok2 {
			want = append(want, graphs.Edge{From: from, To: to})
		}
	}
	if !slices.Equal(g.Edges, want) {
		t.Fatalf("edges %v, want %v", g.Edges, want)
	}
	for k, e := range g.Edges {
		from, to := nodes[e.From], nodes[e.To]
		code := float32(from*big.Nodes + to)
		if g.EdgeWeights[k] != code+1 || g.EdgeFeatures[k] != code || g.EdgeTypes[2*k] != int32(from) || g.EdgeTypes[2*k+1] != int32(to) {
			t.Errorf("edge %d->%d has weight %v, features %v, types %v", from, to, g.EdgeWeights[k], g.EdgeFeatures[k], g.EdgeTypes[2*k:2*k+2])
		}
	}
}

func TestWholeNeighbourhood(t *testing.T) {
	for _, size := range [][2]int{{1, 0}, {1, 1}, {7, 0}, {30, 45}, {60, 200}} {
		big := network(size[0], size[1], uint64(size[0]))
		for hops := 1; hops < 4; hops++ {
			s, err := neighbours.Of(big, neighbours.Options{Hops: hops, MostNodes: -1})
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != big.Nodes {
				t.Fatalf("%d items of %d nodes", s.Len(), big.Nodes)
			}
			for i := range s.Len() {
				g, err := s.Graph(i)
				if err != nil {
					t.Fatal(err)
				}
				checkInduced(t, big, g)
				d, nodes := distances(big, i), origin(g)
				if nodes[0] != i || g.NodeLabels != nil {
					t.Fatalf("item %d begins with node %d, labels %v", i, nodes[0], g.NodeLabels)
				}
				want := 0
				for _, hop := range d {
					if hop >= 0 && hop <= hops {
						want++
					}
				}
				if len(nodes) != want || !slices.IsSortedFunc(nodes, func(a, b int) int { return d[a] - d[b] }) || d[nodes[len(nodes)-1]] > hops {
					t.Fatalf("%d hops from %d reach %v, want the %d nodes of %v", hops, i, nodes, want, d)
				}
			}
		}
	}
}

func TestLimits(t *testing.T) {
	big := network(80, 900, 3) // all within two hops
	for _, c := range []struct {
		o    neighbours.Options
		most int
	}{
		{neighbours.Options{MostNodes: 1}, 1},
		{neighbours.Options{MostNodes: 2}, 2},
		{neighbours.Options{MostNodes: 37}, 37},
		{neighbours.Options{}, 64},
		{neighbours.Options{Hops: 1, FanOut: []int{3}}, 4},
		{neighbours.Options{Hops: 2, FanOut: []int{3}}, 1 + 3 + 9},
		{neighbours.Options{Hops: 3, FanOut: []int{3, 2, 1}}, 1 + 3 + 6 + 6},
		{neighbours.Options{Hops: 2, FanOut: []int{3, 2}, MostNodes: 8}, 8},
	} {
		s, err := neighbours.Of(big, c.o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Len() {
			g, _ := s.Graph(i)
			checkInduced(t, big, g)
			// 80 nodes of degree 22 are enough that no draw comes up short.
			if g.Nodes != c.most || origin(g)[0] != i {
				t.Errorf("%+v: item %d has %d nodes beginning with %d, want %d", c.o, i, g.Nodes, origin(g)[0], c.most)
			}
		}
	}
}

// TestDraws looks at how often nodes are drawn: each neighbour as often as any other.
func TestDraws(t *testing.T) {
	const leaves, drawn, seeds = 10, 3, 4000
	for name, o := range map[string]neighbours.Options{"fan-out": {FanOut: []int{drawn}}, "most nodes": {MostNodes: drawn + 1}} {
		star := graphs.Undirected(leaves+1, nil)
		for i := range leaves {
			star.AddBond(0, i+1)
			star.NodeTypes = append(star.NodeTypes, int32(i))
		}
		star.NodeTypes = append(star.NodeTypes, leaves)
		var count [leaves + 1]int
		for seed := range uint64(seeds) {
			o.Seed = seed
			s, err := neighbours.Of(star, o)
			if err != nil {
				t.Fatal(err)
			}
			g, _ := s.Graph(0)
			nodes := origin(g)
			if len(nodes) != drawn+1 || !slices.IsSorted(nodes[1:]) {
				t.Fatalf("%s: drawn are %v", name, nodes)
			}
			for _, i := range nodes[1:] {
				count[i]++
			}
		}
		for i, n := range count[1:] {
			const want = seeds * drawn / leaves // a standard deviation is 29
			if n < want-120 || n > want+120 {
				t.Errorf("%s: leaf %d was drawn %d times, want about %d", name, i+1, n, want)
			}
		}
	}
}

func TestLabelled(t *testing.T) {
	a, b := network(20, 40, 5), network(33, 100, 6)
	s, err := neighbours.Labelled(graphs.Slice{a, b}, neighbours.Options{FanOut: []int{4, 2}, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	item := 0
	for k, big := range []*graphs.Graph{a, b} {
		of, err := neighbours.Of(big, neighbours.Options{FanOut: []int{4, 2}, Seed: 9})
		if err != nil {
			t.Fatal(err)
		}
		for i, label := range big.NodeLabels {
			if label == graphs.NoLabel {
				continue
			}
			if graph, node := s.Centre(item); graph != k || node != i {
				t.Fatalf("item %d is about node %d of graph %d, want %d of %d", item, node, graph, i, k)
			}
			g, err := s.Graph(item)
			if err != nil {
				t.Fatal(err)
			}
			if g.NodeLabels[0] != label || slices.ContainsFunc(g.NodeLabels[1:], func(l int32) bool { return l != graphs.NoLabel }) {
				t.Errorf("item %d has labels %v, want %d first", item, g.NodeLabels, label)
			}
			// Where a graph stands among others does not matter, nor what else has labels.
			same, _ := of.Graph(i)
			if g.NodeLabels = nil; !reflect.DeepEqual(g, same) {
				t.Errorf("node %d of graph %d has another neighbourhood for itself", i, k)
			}
			item++
		}
	}
	if s.Len() != item {
		t.Errorf("%d items, want %d", s.Len(), item)
	}
}

// TestConcurrent asks for all items from several goroutines, which share samplers.
func TestConcurrent(t *testing.T) {
	s, err := neighbours.Labelled(graphs.Slice{network(50, 300, 7), network(9, 20, 8)}, neighbours.Options{MostNodes: 20})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]*graphs.Graph, s.Len())
	for i := range want {
		want[i], _ = s.Graph(i)
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := range want {
				if g, _ := s.Graph(i); !reflect.DeepEqual(g, want[i]) {
					t.Errorf("item %d differs from one call to the next", i)
				}
			}
		})
	}
	wait.Wait()
}

func TestErrors(t *testing.T) {
	good, bare, broken := network(4, 3, 1), network(4, 3, 1), network(4, 3, 1)
	bare.NodeLabels = nil
	broken.Edges[1].To = 4
	var item *graphs.ItemError
	for want, source := range map[string]graphs.Slice{"there are none": {good, bare}, "out of range": {good, broken}} {
		_, err := neighbours.Labelled(source, neighbours.Options{})
		if !errors.As(err, &item) || item.Item != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an item error with %q", err, want)
		}
	}
	if _, err := neighbours.Of(broken, neighbours.Options{}); !errors.As(err, &item) {
		t.Errorf("got %v, want an item error", err)
	}
	for want, o := range map[string]neighbours.Options{
		"neighbours: hops is -1: want a number of edges":                 {Hops: -1},
		"neighbours: fanOut of hop 2 is -3: want a number of neighbours": {FanOut: []int{1, -3}},
	} {
		for _, make := range []func() error{
			func() error { _, err := neighbours.Of(good, o); return err },
			func() error { _, err := neighbours.Labelled(graphs.Slice{good}, o); return err },
		} {
			if err := make(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
	s, err := neighbours.Labelled(graphs.Slice{good}, neighbours.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []func(int){func(i int) { s.Graph(i) }, func(i int) { s.Centre(i) }} {
		for _, i := range []int{-1, s.Len()} {
			func() {
				defer func() {
					if text, _ := recover().(string); !strings.HasPrefix(text, "neighbours: item") {
						t.Errorf("item %d: panic %q", i, text)
					}
				}()
				call(i)
			}()
		}
	}
}
