package joined

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/mat"
)

// drawn draws a graph, of edges in one direction or of both, with weights or without.
func drawn(nodes, edges int, directed, weighted bool, seed uint64) *graphs.Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	g, seen := &graphs.Graph{Nodes: nodes}, map[graphs.Edge]bool{}
	add := func(a, b int, w float32) {
		if e := (graphs.Edge{From: a, To: b}); !seen[e] {
			seen[e] = true
			if g.Edges = append(g.Edges, e); weighted {
				g.EdgeWeights = append(g.EdgeWeights, w)
			}
		}
	}
	for range edges {
		a, b, w := r.IntN(nodes), r.IntN(nodes), 0.5+r.Float32()
		if add(a, b, w); !directed {
			if seen[graphs.Edge{From: b, To: a}] {
				continue
			}
			add(b, a, w)
		}
	}
	return g
}

func TestWalksAgainstMatrixPowers(t *testing.T) {
	for _, c := range []struct {
		nodes, edges       int
		directed, weighted bool
	}{
		{1, 0, false, false}, {1, 1, false, false}, {2, 1, true, false}, {5, 0, false, false}, {9, 12, false, true}, {31, 60, false, false},
		{32, 50, true, true}, {33, 40, false, false}, {70, 120, true, false}, {97, 400, false, true}, {40, 1200, false, false},
	} {
		g := drawn(c.nodes, c.edges, c.directed, c.weighted, uint64(c.nodes))
		n := g.Nodes
		p := mat.NewDense(n, n, nil)
		degree := make([]float64, n)
		for e, edge := range g.Edges {
			degree[edge.From] += float64(g.Weight(e))
		}
		for e, edge := range g.Edges {
			p.Set(edge.From, edge.To, float64(g.Weight(e))/degree[edge.From])
		}
		times := []int{7, 1, 2, 3, 12, 3}
		got := prepared(t, RWSE{Times: times, Space: 1}, batchOf(t, g)).Statistics
		var power mat.Dense
		for k, steps := range times {
			power.Pow(p, steps)
			for i := range n {
				want := power.At(i, i) * math.Sqrt(float64(steps))
				if d := math.Abs(want - float64(got.Row(i)[k])); !(d <= 1e-6) {
					t.Fatalf("%+v: after %d steps node %d has %v, want %v", c, steps, i, got.Row(i)[k], want)
				}
			}
		}
	}
}

// TestWalksTooFar is of a large graph in which long walks may reach everything.
func TestWalksTooFar(t *testing.T) {
	g := &graphs.Graph{Nodes: 100000, ID: "ring"}
	for i := range g.Nodes {
		for _, far := range []int{1, 2} {
			g.AddBond(i, (i+far)%g.Nodes)
		}
	}
	err := RWSE{Times: []int{4000}}.Prepare(batchOf(t, graphs.Undirected(2, nil), g), nil, nil, new(Features))
	var item *graphs.ItemError
	if !errors.As(err, &item) || item.Item != 1 || item.Graph != "ring" || !strings.Contains(err.Error(), "fewer steps") {
		t.Errorf("walks of 4000 steps in a large graph: %v", err)
	}
}

func TestVectorNorms(t *testing.T) {
	v, value := []float64{0.1, -0.7, 0.4, 0}, 0.25
	soft, weights := 0.0, 0.0
	for _, x := range v {
		soft += math.Exp(math.Abs(x)) * math.Abs(x)
		weights += math.Exp(math.Abs(x))
	}
	for norm, want := range map[VectorNorm][2]float64{ // of the second entry; with value, and with 0
		L2:             {-0.7 / math.Sqrt(0.66), -0.7 / math.Sqrt(0.66)},
		L1:             {-0.7 / 1.2, -0.7 / 1.2},
		AbsMax:         {-1, -1},
		Wavelength:     {-1 / (0.5 * 2 / math.Pi), -1 / (2 / math.Pi)},
		WavelengthAsin: {-math.Pi / 2 / 0.5, -math.Pi / 2},
		WavelengthSoft: {-0.7 / (0.5 * soft / weights), -0.7 / (soft / weights)},
	} {
		for i, value := range []float64{value, 0} {
			got := slices.Clone(v)
			norm.divide(got, value)
			if math.Abs(got[1]-want[i]) > 1e-12 || got[3] != 0 {
				t.Errorf("%v, eigenvalue %v: %v, want %v in second place", norm, value, got, want[i])
			}
		}
		zeros := make([]float64, 3)
		if norm.divide(zeros, 1); !slices.Equal(zeros, make([]float64, 3)) {
			t.Errorf("%v: a vector of zeros becomes %v", norm, zeros)
		}
	}
}

// TestRandomWalkLaplacian checks (I - D^-1 A) u = λ u.
func TestRandomWalkLaplacian(t *testing.T) {
	g := drawn(12, 20, false, false, 4)
	values, vectors, err := Waves{Frequencies: 6, Laplacian: RandomWalk, Norm: AbsMax}.Features(batchOf(t, g))
	if err != nil {
		t.Fatal(err)
	}
	degree := make([]float64, g.Nodes)
	for _, e := range g.Edges {
		if e.From != e.To {
			degree[e.From]++
		}
	}
	for k := range 6 {
		image := make([]float64, g.Nodes)
		for i := range image {
			image[i] = float64(vectors.Row(i)[k])
		}
		for _, e := range g.Edges {
			if e.From != e.To {
				image[e.From] -= float64(vectors.Row(e.To)[k]) / degree[e.From]
			}
		}
		for i, x := range image {
			if want := float64(values.Row(0)[k] * vectors.Row(i)[k]); math.Abs(x-want) > 1e-5 {
				t.Errorf("vector %d: L u is %v at node %d, λ u is %v", k, x, i, want)
			}
		}
	}
}

func TestHeatKernel(t *testing.T) {
	// On two joined nodes L has the eigenvalues 0 and 2; a node alone has 0, which does not count.
	g := graphs.Undirected(3, [][2]int{{0, 1}})
	got := prepared(t, HeatKernel{Times: []float64{0.5, 2}, Space: 2}, batchOf(t, g)).Statistics
	for k, want := range []float64{0.5 * 0.5 * math.Exp(-1), 2 * 0.5 * math.Exp(-4)} {
		for i := range 2 {
			if math.Abs(float64(got.Row(i)[k])-want) > 1e-7 {
				t.Errorf("node %d: %v, want %v", i, got.Row(i)[k], want)
			}
		}
		if got.Row(2)[k] != 0 {
			t.Errorf("a node alone has %v", got.Row(2)[k])
		}
	}
}

// TestElectrostatic computes the statistics from L⁺ by its definition, on a graph with a node alone.
func TestElectrostatic(t *testing.T) {
	g := graphs.Undirected(5, [][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 3}})
	got := prepared(t, Electrostatic{}, batchOf(t, g)).Statistics
	n := g.Nodes
	l, walk := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for _, e := range g.Edges {
		l.Set(e.From, e.To, -1)
		l.Set(e.From, e.From, l.At(e.From, e.From)+1)
	}
	for _, e := range g.Edges {
		walk.Set(e.From, e.To, 1/l.At(e.From, e.From))
	}
	var svd mat.SVD
	if !svd.Factorize(l, mat.SVDFull) {
		t.Fatal("no singular values")
	}
	var u, v, inverse mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := mat.NewDense(n, n, nil)
	for i, value := range svd.Values(nil) {
		if value > 1e-9 {
			s.Set(i, i, 1/value)
		}
	}
	inverse.Product(&v, s, u.T())
	for k := range n {
		var column, row []float64
		var in, out float64
		for i := range n {
			vik, vki := inverse.At(i, k)-inverse.At(k, k), inverse.At(k, i)-inverse.At(i, i)
			column, row = append(column, vik), append(row, vki)
			in += walk.At(i, k) * vik
			out += walk.At(k, i) * vki
		}
		mean := func(x []float64) (m, deviation float64) {
			for _, v := range x {
				m += v / float64(n)
			}
			for _, v := range x {
				deviation += (v - m) * (v - m) / float64(n-1)
			}
			return m, math.Sqrt(deviation)
		}
		cm, cd := mean(column)
		rm, rd := mean(row)
		for c, want := range []float64{slices.Min(column), slices.Max(column), cm, cd, slices.Min(row), slices.Max(column), rm, rd, in, out} {
			if d := math.Abs(want - float64(got.Row(k)[c])); !(d < 1e-6) {
				t.Errorf("node %d, statistic %d: %v, want %v", k, c, got.Row(k)[c], want)
			}
		}
	}
	for _, x := range prepared(t, Electrostatic{}, batchOf(t, graphs.Undirected(1, nil))).Statistics.Data() {
		if x != 0 {
			t.Errorf("a single node has %v", x)
		}
	}
}

func TestDegreeProfile(t *testing.T) {
	g := graphs.Directed(5, [][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 0}, {2, 3}, {2, 2}})
	got := prepared(t, DegreeProfile{}, batchOf(t, g)).Statistics
	for i, want := range [][]float32{
		{3, 0, 2, 1, 1},                                        // ends of degree 1, 2 and 0
		{1, 3, 3, 3, 0},                                        // one end, of degree 3
		{2, 0, 2, 1, float32(math.Sqrt2)}, {}, {0, 0, 0, 0, 0}, // ends of degree 0 and 2
	} {
		for c, w := range want {
			if math.Abs(float64(got.Row(i)[c]-w)) > 1e-6 {
				t.Errorf("node %d has %v, want %v", i, got.Row(i), want)
				break
			}
		}
	}
}

// TestStatisticsDependOnTheGraphAlone compares bits: of a batch with those of single graphs, and at one processor and
// at several.
func TestStatisticsDependOnTheGraphAlone(t *testing.T) {
	gs := []*graphs.Graph{drawn(7, 9, false, false, 1), drawn(1, 0, false, false, 2), drawn(130, 300, false, false, 3), drawn(40, 90, true, true, 4), graphs.Undirected(3, nil)}
	b := batchOf(t, gs...)
	for _, k := range List() {
		f := prepared(t, k.Encoding, b)
		if f.Statistics == nil {
			continue // Degree
		}
		var single []float32
		old := runtime.GOMAXPROCS(1)
		for _, g := range gs {
			single = append(single, prepared(t, k.Encoding, batchOf(t, g)).Statistics.Data()...)
		}
		runtime.GOMAXPROCS(old)
		if !slices.Equal(single, f.Statistics.Data()) {
			t.Errorf("%s: a batch has other bits than its graphs", k.Name)
		}
	}
}

func TestCache(t *testing.T) {
	gs := []*graphs.Graph{drawn(9, 14, false, false, 1), drawn(6, 8, false, false, 2)}
	b := batchOf(t, gs...)
	e := Combined{RWSE{Steps: 3}, LapPE{}, SignNet{}}
	cache := NewCache(1 << 20)
	run := func(items []int, c *Cache, b *graphs.Batch) string {
		f := new(Features)
		if err := e.Prepare(b, items, c, f); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(f.parts[0].Statistics.Data(), f.parts[1].Statistics.Data(), f.parts[2].padded.Data())
	}
	want := run(nil, nil, b)
	for range 2 {
		if run([]int{4, 7}, cache, b) != want {
			t.Error("a cache changes what it keeps")
		}
	}
	if len(cache.kept) != 4 { // LapPE and SignNet read the same vectors
		t.Errorf("%d entries are kept, want 4", len(cache.kept))
	}
	// Other graphs of the same sizes get what is kept under their numbers.
	other := batchOf(t, drawn(9, 20, false, false, 5), drawn(6, 9, false, false, 6))
	if run([]int{4, 7}, cache, other) != want {
		t.Error("what is kept is computed again")
	}
	if run(nil, cache, other) == want {
		t.Error("graphs without numbers were taken from the cache")
	}
	small := NewCache(300)
	run([]int{4, 7}, small, b)
	run([]int{4, 7}, small, b)
	if len(small.kept) != 1 || small.left < 0 {
		t.Errorf("a cache of 300 bytes keeps %d entries and has %d bytes left", len(small.kept), small.left)
	}
}
