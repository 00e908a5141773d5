package datasets

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// hash is a fingerprint of everything generated.
func hash(g *graphs.Graph) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, g.Nodes, g.Edges, g.NodeTypes, g.NodeFeatures, g.NodeLabels, g.Target, g.ID)
	return h.Sum64()
}

// The bits of generated sets are a promise: if one of these changes, results that
// people have published with Graft can no longer be reproduced.
func TestGeneratedBits(t *testing.T) {
	for _, c := range []struct {
		name  string
		split Split
		i     int
		want  uint64
	}{
		{"csl", Train, 0, 0x7aafa5133baf482d}, {"csl", Test, 29, 0x8803cfc2225141fa},
		{"pattern", Train, 0, 0xe50a00cbdd9ba7c3}, {"pattern", Val, 1999, 0xbd97c5fa6c29278c}, {"pattern", Test, 7, 0x6b2d07018f933df0},
		{"cluster", Train, 9999, 0xfa169224855e0e60}, {"cluster", Val, 0, 0x7efb9dc5ec04c7e0}, {"cluster", Test, 0, 0x10abc28087be9376},
	} {
		g := graphAt(t, load(t, c.name, Options{}).Split(c.split), c.i)
		if got := hash(g); got != c.want {
			t.Errorf("%s %v %d: %#x, expected %#x", c.name, c.split, c.i, got, c.want)
		}
	}
}

// Every graph has its own stream: order and goroutines do not matter.
func TestGeneratedInAnyOrder(t *testing.T) {
	for _, name := range []string{"pattern", "cluster"} {
		src := load(t, name, Options{Seed: 11}).Train
		want := make([]uint64, 40)
		for i := range want {
			want[i] = hash(graphAt(t, src, i))
		}
		got := make([]uint64, len(want))
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				g, _ := src.Graph(len(got) - 1 - i)
				got[len(got)-1-i] = hash(g)
			})
		}
		all.Wait()
		if !slices.Equal(got, want) {
			t.Errorf("%s: graphs differ when generated at once", name)
		}
		slices.Sort(got)
		if n := len(slices.Compact(got)); n != len(want) {
			t.Errorf("%s: only %d of %d graphs differ", name, n, len(want))
		}
	}
}

// checkBlocks validates a sample of a source and gives its mean nodes and edges.
func checkBlocks(t *testing.T, src Source, sample, values, classes int, each func(g *graphs.Graph)) (nodes, edges float64) {
	t.Helper()
	for k := range sample {
		g := graphAt(t, src, k*src.Len()/sample)
		if err := g.Validate(); err != nil {
			t.Fatal(err)
		}
		if err := g.CheckTypes([]int{values}, nil); err != nil {
			t.Fatal(err)
		}
		for i, id := range g.NodeTypes {
			row := g.NodeFeatures[i*values : (i+1)*values]
			for c, x := range row {
				if want := map[bool]float32{true: 1}[c == int(id)]; x != want {
					t.Fatalf("%s: node %d has type %d and features %v", g.ID, i, id, row)
				}
			}
			if c := g.NodeLabels[i]; int(c) >= classes {
				t.Fatalf("%s: node %d has label %d", g.ID, i, c)
			}
		}
		if slices.IsSorted(g.NodeLabels) {
			t.Errorf("%s: labels are in order, so nodes were not permuted", g.ID)
		}
		for e := 0; e < len(g.Edges); e += 2 {
			a, b := g.Edges[e], g.Edges[e+1]
			if a.From >= a.To || a.From != b.To || a.To != b.From {
				t.Fatalf("%s: edges %v and %v are not one bond", g.ID, a, b)
			}
		}
		nodes += float64(g.Nodes) / float64(sample)
		edges += float64(len(g.Edges)) / float64(sample)
		each(g)
	}
	return nodes, edges
}

// tally counts pairs and bonds of one kind.
type tally struct{ pairs, bonds float64 }

func (c tally) check(t *testing.T, name string, p float64) {
	t.Helper()
	// Five standard deviations of the share of independent draws.
	if got := c.bonds / c.pairs; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/c.pairs) {
		t.Errorf("%s: share of bonds %.4f in %.0f pairs, expected %.3f", name, got, c.pairs, p)
	}
}

func TestPattern(t *testing.T) {
	src := load(t, "pattern", Options{}).Train
	if src.Len() != 10_000 {
		t.Errorf("%d graphs", src.Len())
	}
	var inside, join, base tally
	var signal [3]float64
	nodes, edges := checkBlocks(t, src, 1000, 3, 2, func(g *graphs.Graph) {
		n1 := 0.0
		for i, c := range g.NodeLabels {
			n1 += float64(c)
			signal[g.NodeTypes[i]]++
		}
		n0 := float64(g.Nodes) - n1
		if n1 < 5 || n1 > 34 || n0 < 25 || n0 > 170 {
			t.Errorf("%s: %v nodes of the pattern, %v others", g.ID, n1, n0)
		}
		inside.pairs += n1 * (n1 - 1) / 2
		join.pairs += n1 * n0
		base.pairs += n0 * (n0 - 1) / 2
		for e := 0; e < len(g.Edges); e += 2 {
			switch g.NodeLabels[g.Edges[e].From] + g.NodeLabels[g.Edges[e].To] {
			case 2:
				inside.bonds++
			case 1:
				join.bonds++
			default:
				base.bonds++
			}
		}
	})
	// 100 pattern sizes of s.d. 8.7 move the means by 0.9 nodes and 100 edges (s.d.).
	if math.Abs(nodes-patternInfo.MeanNodes) > 4 || math.Abs(edges-patternInfo.MeanEdges) > 400 {
		t.Errorf("%.1f nodes and %.0f edges on average, expected about 117 and 5870", nodes, edges)
	}
	join.check(t, "pattern to blocks", 0.5)
	if share := inside.bonds / inside.pairs; math.Abs(share-0.5) > 0.02 {
		t.Errorf("within patterns %.3f of all pairs are bonds, expected 0.5", share)
	}
	// Of pairs among five blocks, E[s^2]-E[s] of 5 blocks by 20 s^2 are across: (0.5*5*435.67 + 0.35*20*380.25) / (5*435.67 + 20*380.25).
	if share := base.bonds / base.pairs; math.Abs(share-0.3834) > 0.004 {
		t.Errorf("among blocks %.4f of all pairs are bonds, expected 0.3834", share)
	}
	for value, n := range signal {
		if share := n / (signal[0] + signal[1] + signal[2]); math.Abs(share-1.0/3) > 0.02 {
			t.Errorf("signal %d has a share of %.3f", value, share)
		}
	}
}

// shapeOf is what relabelling leaves of the labelled subgraph: for each of its
// nodes the signal and the degree within it.
func shapeOf(g *graphs.Graph) string {
	degree := make([]int, g.Nodes)
	for _, e := range g.Edges {
		degree[e.From] += int(g.NodeLabels[e.To])
	}
	var rows [][2]int
	for i, c := range g.NodeLabels {
		if c == 1 {
			rows = append(rows, [2]int{int(g.NodeTypes[i]), degree[i]})
		}
	}
	slices.SortFunc(rows, func(a, b [2]int) int { return (a[0]-b[0])*100 + a[1] - b[1] })
	return fmt.Sprint(rows)
}

func TestPatternsAreShared(t *testing.T) {
	set := load(t, "pattern", Options{Seed: 4})
	shapes := map[string]bool{}
	for k := range 100 {
		want := shapeOf(graphAt(t, set.Train, 100*k))
		shapes[want] = true
		for _, other := range []*graphs.Graph{
			graphAt(t, set.Train, 100*k+99), graphAt(t, set.Val, 20*k), graphAt(t, set.Val, 20*k+19), graphAt(t, set.Test, 20*k), graphAt(t, set.Test, 20*k+19),
		} {
			if got := shapeOf(other); got != want {
				t.Fatalf("pattern %d: %s has %s, expected %s", k, other.ID, got, want)
			}
		}
	}
	if len(shapes) != 100 {
		t.Errorf("%d different patterns, expected 100", len(shapes))
	}
}

func TestCluster(t *testing.T) {
	src := load(t, "cluster", Options{}).Train
	if src.Len() != 10_000 {
		t.Errorf("%d graphs", src.Len())
	}
	var inside, across tally
	nodes, edges := checkBlocks(t, src, 1000, 7, 6, func(g *graphs.Graph) {
		var size, marked [6]float64
		for i, c := range g.NodeLabels {
			size[c]++
			if s := g.NodeTypes[i]; s != 0 {
				if s != c+1 {
					t.Errorf("%s: node %d of community %d has signal %d", g.ID, i, c, s)
				}
				marked[c]++
			}
		}
		for c := range size {
			if size[c] < 5 || size[c] > 34 || marked[c] != 1 {
				t.Errorf("%s: community %d has %v nodes, %v of them marked", g.ID, c, size[c], marked[c])
			}
			inside.pairs += size[c] * (size[c] - 1) / 2
			for d := range c {
				across.pairs += size[c] * size[d]
			}
		}
		for e := 0; e < len(g.Edges); e += 2 {
			if g.NodeLabels[g.Edges[e].From] == g.NodeLabels[g.Edges[e].To] {
				inside.bonds++
			} else {
				across.bonds++
			}
		}
	})
	inside.check(t, "within communities", 0.55)
	across.check(t, "across communities", 0.25)
	// 6 sizes of s.d. 8.7: 21 nodes (s.d.) a graph, 0.7 in the mean of 1000; edges 1600 and 50.
	if math.Abs(nodes-clusterInfo.MeanNodes) > 2.8 || math.Abs(edges-clusterInfo.MeanEdges) > 200 {
		t.Errorf("%.1f nodes and %.0f edges on average, expected about 117 and 4290", nodes, edges)
	}
}

// Block sizes are uniform in 5..34 with both ends.
func TestBlockSize(t *testing.T) {
	r := stream(0, 99, 0)
	seen := map[int]int{}
	for range 3000 {
		seen[blockSize(r)]++
	}
	if len(seen) != 30 || seen[5] < 60 || seen[34] < 60 || seen[4]+seen[35] > 0 {
		t.Errorf("sizes %v", seen)
	}
}

func BenchmarkPattern(b *testing.B) {
	src := patternSource{0, Train, 10_000, 100}
	i := 0
	for b.Loop() {
		src.Graph(i % 10_000)
		i++
	}
}
