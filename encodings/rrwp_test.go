package encodings

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
	"pgregory.net/rapid"
)

func batchOf(t interface{ Fatal(...any) }, list ...*graphs.Graph) *graphs.Batch {
	b, err := graphs.NewBatch(list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// officialSteps gives our Steps for the walk_length of the official code, which
// has one channel too many or too few at its lower ends (grit.md, section 2).
func officialSteps(length int, identity bool) int {
	switch {
	case identity && length == 1:
		return 2
	case !identity && length == 2:
		return 1
	}
	return length
}

func TestGolden(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "rrwp_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Identity bool `json:"add_identity"`
				SPD      bool `json:"spd"`
				Length   int  `json:"walk_length"`
			}
			c.JSON(t, "kwargs", &config)
			ends := c.Ints("edge_index") // [2, edges]: row 0 leaves, row 1 enters
			g := &graphs.Graph{Nodes: int(c.Ints("num_nodes")[0]), ID: c.Name}
			for e := range len(ends) / 2 {
				g.Edges = append(g.Edges, graphs.Edge{From: int(ends[e]), To: int(ends[len(ends)/2+e])})
			}
			if c.Has("edge_weight") {
				g.EdgeWeights = c.Tensor("edge_weight").Data()
			}
			b := batchOf(t, g)
			r := RRWP{Steps: officialSteps(config.Length, config.Identity), NoIdentity: !config.Identity, SPD: config.SPD}
			k := r.Channels()

			node, pair := r.Encode(b)
			c.Compare(t, "rrwp", node, golden.Forward)
			c.Compare(t, "dense_query_key", tensor.FromSlice(pair.Data(), g.Nodes, g.Nodes, k), golden.Forward)

			index, value := r.Pairs(b)
			flat := make([]int64, 2*len(index)) // the file has keys first, then queries
			for p, pair := range index {
				flat[p], flat[len(index)+p] = int64(pair.Key), int64(pair.Query)
			}
			c.CompareInts(t, "rrwp_index", flat)
			c.Compare(t, "rrwp_val", value, golden.Forward)

			c.CompareFlat(t, "log_deg", b.LogDegree, golden.Forward)
			degrees := make([]int64, g.Nodes)
			for i, d := range g.Degrees() {
				degrees[i] = int64(d)
			}
			c.CompareInts(t, "deg", degrees)
		})
	}
}

// reference computes R in float64 by plain matrix products.
func reference(g *graphs.Graph, k int, identity bool) []float64 {
	n := g.Nodes
	m := make([]float64, n*n)
	degree := make([]float64, n)
	for e, edge := range g.Edges {
		degree[edge.From] += float64(g.Weight(e))
	}
	for e, edge := range g.Edges {
		m[edge.From*n+edge.To] = float64(g.Weight(e)) / degree[edge.From]
	}
	p := make([]float64, n*n)
	for i := range n {
		p[i*n+i] = 1
	}
	out := make([]float64, n*n*k)
	for c := range k {
		if c > 0 || !identity {
			next := make([]float64, n*n)
			for i := range n {
				for l := range n {
					for j := range n {
						next[i*n+j] += p[i*n+l] * m[l*n+j]
					}
				}
			}
			p = next
		}
		for ij, v := range p {
			out[ij*k+c] = v
		}
	}
	return out
}

// anyGraph draws graphs that are directed or not, weighted or not, with
// components, isolated nodes and self loops.
func anyGraph(t *rapid.T) *graphs.Graph {
	n := rapid.IntRange(1, 12).Draw(t, "nodes")
	node := rapid.IntRange(0, n-1)
	ends := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) [2]int {
		return [2]int{node.Draw(t, "a"), node.Draw(t, "b")}
	}), 0, min(25, n*n), func(e [2]int) [2]int {
		return [2]int{min(e[0], e[1]), max(e[0], e[1])}
	}).Draw(t, "edges")
	g := graphs.Undirected(n, ends)
	if rapid.Bool().Draw(t, "directed") {
		g = graphs.Directed(n, ends)
	}
	if len(ends) > 0 && rapid.Bool().Draw(t, "weighted") {
		g.EdgeWeights = rapid.SliceOfN(rapid.Float32Range(0.01, 10), len(g.Edges), len(g.Edges)).Draw(t, "weights")
	}
	return g
}

func anyRRWP(t *rapid.T) RRWP {
	return RRWP{
		Steps:      rapid.IntRange(1, 9).Draw(t, "steps"),
		NoIdentity: rapid.Bool().Draw(t, "no identity"),
		SPD:        rapid.Bool().Draw(t, "spd"),
	}
}

func TestAgainstMatrixPowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, r := anyGraph(t), anyRRWP(t)
		r.SPD = false
		_, pair := r.Encode(batchOf(t, g))
		for i, want := range reference(g, r.Channels(), !r.NoIdentity) {
			if got := float64(pair.Data()[i]); math.Abs(got-want) > 1e-5 {
				t.Fatalf("value %d is %v, expected %v", i, got, want)
			}
		}
	})
}

// The dense path of large graphs with many edges agrees as well.
func TestDenseAgainstMatrixPowers(t *testing.T) {
	n := denseFrom + 5
	g := &graphs.Graph{Nodes: n}
	for i := range n {
		for j := range i {
			if (i*7+j*5)%3 == 0 {
				g.AddBond(i, j)
			}
		}
	}
	r := RRWP{Steps: 6}
	_, pair := r.Encode(batchOf(t, g))
	for i, want := range reference(g, 6, true) {
		if got := float64(pair.Data()[i]); math.Abs(got-want) > 1e-5 {
			t.Fatalf("value %d is %v, expected %v", i, got, want)
		}
	}
}

// A walker is somewhere after every step, unless it stood on a node that no edge
// leaves. In an undirected graph only isolated nodes are such.
func TestRowsSumToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, r := anyGraph(t), anyRRWP(t)
		r.SPD = false
		for e := range g.Edges { // make it undirected
			g.Edges[e] = graphs.Edge{From: min(g.Edges[e].From, g.Edges[e].To), To: max(g.Edges[e].From, g.Edges[e].To)}
		}
		slices.SortFunc(g.Edges, func(a, b graphs.Edge) int { return (a.From-b.From)*100 + a.To - b.To })
		var bonds [][2]int
		for _, e := range slices.Compact(g.Edges) {
			bonds = append(bonds, [2]int{e.From, e.To})
		}
		g = graphs.Undirected(g.Nodes, bonds)
		degree := g.OutDegrees()
		k := r.Channels()
		_, pair := r.Encode(batchOf(t, g))
		for i := range g.Nodes {
			for c := range k {
				sum := float64(0)
				for j := range g.Nodes {
					sum += float64(pair.At(i*g.Nodes+j, c))
				}
				want := 1.0
				if degree[i] == 0 && (c > 0 || r.NoIdentity) {
					want = 0
				}
				if math.Abs(sum-want) > 1e-5 {
					t.Fatalf("row %d of channel %d sums to %v, expected %v", i, c, sum, want)
				}
			}
		}
	})
}

func TestPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, r := anyGraph(t), anyRRWP(t)
		n, k := g.Nodes, r.Channels()
		perm := make([]int, n)
		for i := range perm {
			perm[i] = i
		}
		perm = rapid.Permutation(perm).Draw(t, "perm")
		node, pair := r.Encode(batchOf(t, g))
		nodeP, pairP := r.Encode(batchOf(t, g.Permute(perm)))
		for i := range n {
			for c := range k {
				if d := node.At(i, c) - nodeP.At(perm[i], c); math.Abs(float64(d)) > 1e-5 {
					t.Fatalf("node %d channel %d changes by %v", i, c, d)
				}
				for j := range n {
					if d := pair.At(i*n+j, c) - pairP.At(perm[i]*n+perm[j], c); math.Abs(float64(d)) > 1e-5 {
						t.Fatalf("pair (%d, %d) channel %d changes by %v", i, j, c, d)
					}
				}
			}
		}
	})
}

// Rows of a batch are those of the graphs alone, bit for bit, in any order of
// items and with any history of the memory.
func TestRaggedIsOneByOne(t *testing.T) {
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(anyGraph), 1, 5).Draw(t, "graphs")
		r := anyRRWP(t)
		k := r.Channels()
		b := batchOf(t, list...)
		node, pair := tensor.New(b.Nodes(), k), tensor.New(b.Pairs(), k)
		node.Fill(float32(math.NaN()))
		pair.Fill(float32(math.NaN()))
		r.EncodeInto(b, node, pair, &s)
		for i, g := range list {
			one, onePair := r.Encode(batchOf(t, g))
			if !slices.Equal(one.Data(), node.Data()[b.Offsets[i]*k:b.Offsets[i+1]*k]) ||
				!slices.Equal(onePair.Data(), pair.Data()[b.PairOffsets[i]*k:b.PairOffsets[i+1]*k]) {
				t.Fatalf("item %d differs from a batch of its own", i)
			}
		}
	})
}

// Dense and sparse forms hold the same numbers, and SPD is the distance that a
// breadth-first search finds.
func TestSparseFormAndDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		r := RRWP{Steps: rapid.IntRange(1, 9).Draw(t, "steps"), SPD: true}
		b := batchOf(t, graphs.Undirected(2, nil), g)
		index, value := r.Pairs(b)
		got := map[Pair]int{}
		for p, ends := range index {
			got[ends] = slices.Index(value.Row(p), 1)
		}
		want := map[Pair]int{{0, 0}: 0, {1, 1}: 0}
		for i := range g.Nodes {
			front, seen := []int{i}, map[int]bool{i: true}
			for d := 0; d < r.Steps && len(front) > 0; d++ {
				var next []int
				for _, at := range front {
					want[Pair{i + 2, at + 2}] = d
					for _, e := range g.Edges {
						if e.From == at && !seen[e.To] {
							seen[e.To] = true
							next = append(next, e.To)
						}
					}
				}
				front = next
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("distances %v, expected %v", got, want)
		}
	})
}

func TestIsolatedNode(t *testing.T) {
	g := graphs.Undirected(1, nil)
	node, pair := RRWP{Steps: 3}.Encode(batchOf(t, g))
	if want := []float32{1, 0, 0}; !slices.Equal(node.Data(), want) || !slices.Equal(pair.Data(), want) {
		t.Errorf("node %v, pair %v, expected %v", node.Data(), pair.Data(), want)
	}
}

func TestChannels(t *testing.T) {
	if got := (RRWP{}).Channels(); got != DefaultSteps {
		t.Errorf("the zero RRWP has %d channels", got)
	}
	if got := (RRWP{Steps: 1, NoIdentity: true}).Channels(); got != 1 {
		t.Errorf("one step has %d channels", got)
	}
}

func TestPanics(t *testing.T) {
	g := graphs.Undirected(2, nil)
	b := batchOf(t, g)
	for _, c := range []struct {
		call func()
		want string
	}{
		{func() { RRWP{Steps: -1}.Encode(b) }, "encodings: RRWP: Steps is -1, expected a positive number, or 0 for 21"},
		{func() { RRWP{Steps: 3}.EncodeInto(b, tensor.New(2, 3), tensor.New(2, 3), nil) },
			"encodings: RRWP: node [2 3] and pair [2 3], expected [2 3] and [4 3]"},
		{func() { RRWP{Steps: 3}.EncodeGraph(g, make([]float32, 6), make([]float32, 5), nil) },
			"encodings: RRWP: 6 and 5 values for nodes and pairs, expected 6 and 12 for 2 nodes and 3 channels"},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, expected %q", got, c.want)
				}
			}()
			c.call()
		}()
	}
}

func TestEncodeIntoAllocatesNothing(t *testing.T) {
	g := graphs.Undirected(20, [][2]int{{0, 1}, {1, 2}, {4, 9}})
	b := batchOf(t, g, g, g)
	r := RRWP{}
	node, pair := r.Encode(b)
	var s Scratch
	r.EncodeInto(b, node, pair, &s)
	if n := testing.AllocsPerRun(10, func() { r.EncodeInto(b, node, pair, &s) }); n > 0 {
		t.Errorf("%v allocations, expected none", n)
	}
}

func benchmark(b *testing.B, g *graphs.Graph) {
	r := RRWP{}
	n := g.Nodes
	node, pair := make([]float32, n*r.Channels()), make([]float32, n*n*r.Channels())
	var s Scratch
	for b.Loop() {
		r.EncodeGraph(g, node, pair, &s)
	}
}

func BenchmarkMolecule(b *testing.B) {
	g := &graphs.Graph{Nodes: 23}
	for i := range 23 {
		g.AddBond(i, (i+1)%23)
	}
	benchmark(b, g)
}

func BenchmarkBlockModel(b *testing.B) {
	g := &graphs.Graph{Nodes: 118}
	for i := range 118 {
		for j := range i {
			if (i*31+j*17)%7 < 3 {
				g.AddBond(i, j)
			}
		}
	}
	benchmark(b, g)
}
