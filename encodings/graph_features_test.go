package encodings

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenGraphFeatures compares random walks and spectra with GraphGPS. Its features begin with the trivial
// eigenvector, which ours leave out; eigenvectors are compared where the file says that their eigenvalue is single, up to
// sign, and all of ours are checked to be eigenvectors.
func TestGoldenGraphFeatures(t *testing.T) {
	for _, c := range golden.Files(t, "graphgps", "posenc") {
		var config struct{ Graphs []string }
		c.JSON(t, "config", &config)
		for _, name := range config.Graphs {
			n := int(c.Ints(name + ".num_nodes")[0])
			g := &graphs.Graph{Nodes: n, ID: name}
			ends := c.Ints(name + ".edge_index")
			for e := range len(ends) / 2 {
				g.Edges = append(g.Edges, graphs.Edge{From: int(ends[e]), To: int(ends[len(ends)/2+e])})
			}
			b := batchOf(t, g)
			c.Compare(t, name+".rwse20", RWSE{}.Features(b), golden.Forward)
			for form, unnormalised := range map[string]bool{".lap_none": true, ".lap_sym": false} {
				prefix := name + form
				c.Compare(t, prefix+".L", tensor.FromMatrix(spectra.New(g, !unnormalised).Matrix()), golden.Forward)
				vectors, values, err := Laplacian{Vectors: n - 1, Unnormalised: unnormalised}.Features(b)
				if err != nil {
					t.Fatal(err)
				}
				c.CompareFlat(t, prefix+".spectrum", append([]float32{0}, values.Data()...), golden.Forward)
				checkEigenvectors(t, prefix, g, unnormalised, n-1)

				officialValues, officialVectors := c.Float64s(prefix+".EigVals"), c.Float64s(prefix+".EigVecs")
				simple := c.Ints(prefix + ".simple")
				most := len(officialValues) / n // of them; NaN beyond the number of nodes
				for k := 1; k < min(most, n); k++ {
					for i := range n {
						if d := math.Abs(officialValues[i*most+k] - float64(values.Row(0)[k-1])); !(d < 1e-5) {
							t.Errorf("%s: eigenvalue %d is %v, the file has %v", prefix, k, values.Row(0)[k-1], officialValues[i*most+k])
						}
						want, got := math.Abs(officialVectors[i*most+k]), math.Abs(float64(vectors.Row(i)[k-1]))
						if simple[k] == 1 && !(math.Abs(want-got) < 1e-5) {
							t.Errorf("%s: eigenvector %d has %v at node %d, the file %v, signs apart", prefix, k, got, i, want)
						}
					}
				}
			}
		}
	}
}

// checkEigenvectors checks L v = λ v, unit length, and that vectors are orthogonal to each other and the trivial one.
func checkEigenvectors(t *testing.T, name string, g *graphs.Graph, unnormalised bool, want int) {
	t.Helper()
	l := spectra.New(g, !unnormalised)
	matrix := l.Matrix()
	values, vectors, err := smallest(g, 100, unnormalised)
	if err != nil {
		t.Fatal(err)
	}
	if len(values) != want || len(vectors) != want {
		t.Errorf("%s: %d vectors, want %d", name, len(values), want)
	}
	product := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	for k, v := range vectors {
		for i := range v {
			sum := 0.0
			for j := range v {
				sum += matrix.At(i, j) * v[j]
			}
			if math.Abs(sum-values[k]*v[i]) > 1e-9 {
				t.Errorf("%s: L v is %v at node %d, λ v is %v", name, sum, i, values[k]*v[i])
			}
		}
		for m := range k + 1 {
			want := 0.0
			if m == k {
				want = 1
			}
			if p := product(v, vectors[m]); math.Abs(p-want) > 1e-9 {
				t.Errorf("%s: the product of vectors %d and %d is %v", name, k, m, p)
			}
		}
		if null := l.Null(1); len(null) > 0 && math.Abs(product(v, null[0])) > 1e-9 {
			t.Errorf("%s: vector %d is not orthogonal to the trivial one", name, k)
		}
		if k > 0 && values[k] < values[k-1] {
			t.Errorf("%s: eigenvalues %v do not rise", name, values)
		}
		most, at := 0.0, 0
		for i, x := range v {
			if math.Abs(x) > most*(1+1e-6) {
				most, at = math.Abs(x), i
			}
		}
		if v[at] < 0 {
			t.Errorf("%s: the entry of largest magnitude of vector %d is negative", name, k)
		}
	}
}

func TestLaplacianEdges(t *testing.T) {
	parts := graphs.Undirected(5, [][2]int{{0, 1}, {2, 3}}) // and node 4 alone
	for _, c := range []struct {
		name         string
		graph        *graphs.Graph
		unnormalised bool
		zeros, all   int // eigenvalues of 0 that are not trivial, eigenvalues
	}{
		{"one node", graphs.Undirected(1, nil), true, 0, 0},
		{"one node, normalised", graphs.Undirected(1, nil), false, 0, 1},
		{"no edges", graphs.Undirected(3, nil), true, 2, 2},
		{"no edges, normalised", graphs.Undirected(3, nil), false, 0, 3},
		{"three parts", parts, true, 2, 4},
		{"three parts, normalised", parts, false, 1, 4},
		{"a self loop", graphs.Undirected(2, [][2]int{{0, 0}, {0, 1}}), true, 0, 1},
		{"one direction", graphs.Directed(3, [][2]int{{0, 1}, {2, 1}}), false, 0, 2},
	} {
		values, _, err := smallest(c.graph, 100, c.unnormalised)
		if err != nil {
			t.Fatal(err)
		}
		zeros := 0
		for _, v := range values {
			if v < 1e-9 {
				zeros++
			}
		}
		if zeros != c.zeros {
			t.Errorf("%s: %d eigenvalues of 0 in %v, want %d", c.name, zeros, values, c.zeros)
		}
		checkEigenvectors(t, c.name, c.graph, c.unnormalised, c.all)
	}
	// A weight counts, and a larger one in the other direction counts for both.
	g := graphs.Directed(2, [][2]int{{0, 1}, {1, 0}})
	g.EdgeWeights = []float32{1, 3}
	if values, _, err := smallest(g, 1, true); err != nil || math.Abs(values[0]-6) > 1e-12 {
		t.Errorf("two nodes joined by a weight of 3 have eigenvalue %v, want 6", values[0])
	}
}

// TestLaplacianSigns checks that signs are drawn by column in training, from the seed, and nowhere else.
func TestLaplacianSigns(t *testing.T) {
	b := batchOf(t, graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {1, 5}}), graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}}))
	const k = 4
	encoder, err := Laplacian{Vectors: k, Eigenvalues: true}.New(Dims{Width: 2 * k, Heads: 1}, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	linear := encoder.(*laplacian).linear
	linear.Weight.Zero()
	linear.Bias.Zero()
	for i := range 2 * k { // so that what is added are the features
		linear.Weight.Set(1, i, i)
	}
	run := func(p tensor.Pass) *tensor.Tensor {
		tp := tensor.NewTape()
		tp.Begin(p)
		positions, err := encoder.Begin(tp, OfGraphs(b))
		if err != nil {
			t.Fatal(err)
		}
		return positions.Tokens(tp, tp.Const(tensor.New(b.Nodes(), 2*k))).Value().Clone()
	}
	plain := run(tensor.Pass{Seed: 9})
	if fmt.Sprint(plain.Data()) != fmt.Sprint(run(tensor.Pass{Seed: 8}).Data()) {
		t.Error("evaluation depends on the seed")
	}
	flips := map[string]bool{}
	for seed := range uint64(20) {
		drawn, again := run(tensor.Pass{Train: true, Seed: seed}), run(tensor.Pass{Train: true, Seed: seed})
		pattern := make([]float32, k)
		for i := range drawn.Rows() {
			for c, x := range drawn.Row(i) {
				want := plain.Row(i)[c]
				if x != again.Row(i)[c] {
					t.Fatal("the same seed draws other signs")
				}
				if c < k && want != 0 && pattern[c] == 0 {
					pattern[c] = x / want
				}
				if c < k && x != want*pattern[c] || c >= k && x != want {
					t.Fatalf("seed %d: node %d has %v in column %d, in evaluation %v", seed, i, x, c, want)
				}
			}
		}
		flips[fmt.Sprint(pattern)] = true
	}
	if len(flips) < 8 {
		t.Errorf("20 seeds draw %d patterns of signs of %d", len(flips), 1<<k)
	}
}

func TestRWSEFeatures(t *testing.T) {
	g := graphs.Undirected(5, [][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 2}, {2, 3}}) // and node 4 alone
	g.EdgeWeights = []float32{1, 1, 2, 2, 1, 1, 3, 1, 1}
	b := batchOf(t, g, graphs.Undirected(1, nil))
	got := RWSE{Steps: 6}.Features(b)
	node, _ := RRWP{Steps: 7}.Encode(b) // with the walk of no steps
	for i := range got.Rows() {
		for c, x := range got.Row(i) {
			if x != node.Row(i)[c+1] {
				t.Errorf("node %d returns after %d steps with probability %v, RRWP says %v", i, c+1, x, node.Row(i)[c+1])
			}
		}
	}
}

// TestFloydWarshall compares distances with a search in breadth, and paths with the recursion of the official code on
// its own loops, on random graphs.
func TestFloydWarshall(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		n := 1 + random.IntN(12)
		g := &graphs.Graph{Nodes: n}
		for i := range n {
			for j := range n {
				if random.IntN(4) == 0 {
					g.Edges = append(g.Edges, graphs.Edge{From: i, To: j})
				}
			}
		}
		p := &paths{}
		p.floydWarshall(g)
		for k, d := range Distances(g) {
			if d != p.distance[k] && (d != -1 || p.distance[k] != unreachable) {
				t.Fatalf("distance %d of %d nodes is %d by breadth, %d by Floyd and Warshall", k, n, d, p.distance[k])
			}
		}
		edges := map[graphs.Edge]bool{}
		for _, e := range g.Edges {
			edges[e] = true
		}
		for i := range n {
			for j := range n {
				d := p.distance[i*n+j]
				if d == unreachable || i == j {
					continue
				}
				path := p.path(nil, i, j, n)
				if len(path) != int(d) || path[len(path)-1] != int32(j) {
					t.Fatalf("the path from %d to %d of length %d is %v", i, j, d, path)
				}
				from := i
				for _, to := range path {
					if !edges[graphs.Edge{From: from, To: int(to)}] {
						t.Fatalf("the path from %d to %d, %v, uses an edge %d->%d that is none", i, j, path, from, to)
					}
					from = int(to)
				}
				for most := 1; most <= len(path); most++ {
					if short := p.path(nil, i, j, most); fmt.Sprint(short) != fmt.Sprint(path[:most]) {
						t.Fatalf("the first %d nodes of the path %v are %v", most, path, short)
					}
				}
			}
		}
	}
}

// TestGraphRefusals checks what graph encodings say of settings and layouts that do not fit.
func TestGraphRefusals(t *testing.T) {
	d := Dims{Width: 4, Heads: 2}
	typed := graphs.Undirected(2, nil)
	typed.AddBond(0, 1, 5)
	sequences, err := Sequences([]int{0, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		encoding Encoding
		layout   *Layout
		want     string
	}{
		{ShortestPath{Distances: 1}, nil, "want at least 2"},
		{ShortestPath{EdgeTypes: []int{3, 0}}, nil, "column 1 of the edge types has 0"},
		{ShortestPath{Edges: 7}, nil, "edge term 7"},
		{RWSE{Steps: -1}, nil, "-1 steps"},
		{Laplacian{Vectors: -2}, nil, "-2 vectors"},
		{ShortestPath{}, sequences, "shortest-path cannot serve sequences"},
		{RWSE{}, sequences, "rwse cannot serve sequences"},
		{Laplacian{}, sequences, "laplacian cannot serve sequences"},
		{ShortestPath{VirtualNode: true}, OfGraphs(batchOf(t, typed)), "OfGraphsWithLeading"},
		{ShortestPath{EdgeTypes: []int{5}}, OfGraphs(batchOf(t, typed)), "beyond the vocabulary of 5"},
		{ShortestPath{EdgeTypes: []int{9, 9}}, OfGraphs(batchOf(t, typed)), "1 type ids per edge, expected 2"},
	} {
		encoder, err := c.encoding.New(d, nn.NewInit(1))
		if err == nil && c.layout != nil {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			_, err = encoder.Begin(tp, c.layout)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.encoding.Name(), err, c.want)
		}
	}
}
