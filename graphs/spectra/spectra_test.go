package spectra

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/mat"
)

func path(n int) *graphs.Graph {
	var bonds [][2]int
	for i := range n - 1 {
		bonds = append(bonds, [2]int{i, i + 1})
	}
	return graphs.Undirected(n, bonds)
}

func grid(rows, cols int) *graphs.Graph {
	var bonds [][2]int
	for r := range rows {
		for c := range cols {
			if c+1 < cols {
				bonds = append(bonds, [2]int{r*cols + c, r*cols + c + 1})
			}
			if r+1 < rows {
				bonds = append(bonds, [2]int{r*cols + c, (r+1)*cols + c})
			}
		}
	}
	return graphs.Undirected(rows*cols, bonds)
}

func star(n int) *graphs.Graph {
	var bonds [][2]int
	for i := 1; i < n; i++ {
		bonds = append(bonds, [2]int{0, i})
	}
	return graphs.Undirected(n, bonds)
}

// random has as many bonds as are drawn among n nodes, each once.
func random(n, bonds int, seed uint64) *graphs.Graph {
	r := rand.New(rand.NewPCG(seed, 0))
	g, seen := &graphs.Graph{Nodes: n}, map[[2]int]bool{}
	for range bonds {
		a, b := r.IntN(n), r.IntN(n)
		if a, b = min(a, b), max(a, b); a != b && !seen[[2]int{a, b}] {
			seen[[2]int{a, b}] = true
			g.AddBond(a, b)
		}
	}
	return g
}

// cliques is a ring of cliques of size nodes.
func cliques(count, size int) *graphs.Graph {
	g := &graphs.Graph{Nodes: count * size}
	for k := range count {
		for i := range size {
			for j := range i {
				g.AddBond(k*size+i, k*size+j)
			}
		}
		g.AddBond(k*size, (k+1)%count*size+1)
	}
	return g
}

// check checks that vectors are an orthonormal basis of eigenvectors to ascending values, to a tolerance.
func check(t *testing.T, name string, l *Laplacian, values []float64, vectors [][]float64, tolerance float64) {
	t.Helper()
	m := l.Matrix()
	for k, v := range vectors {
		var image mat.VecDense
		image.MulVec(m, mat.NewVecDense(l.Nodes, v))
		for i := range v {
			if d := math.Abs(image.AtVec(i) - values[k]*v[i]); !(d <= tolerance) {
				t.Fatalf("%s: L v and λ v of vector %d differ by %v at node %d", name, k, d, i)
			}
		}
		for o := range k + 1 {
			want := 0.0
			if o == k {
				want = 1
			}
			if p := mat.Dot(mat.NewVecDense(l.Nodes, v), mat.NewVecDense(l.Nodes, vectors[o])); math.Abs(p-want) > 1e-9 {
				t.Fatalf("%s: the product of vectors %d and %d is %v", name, k, o, p)
			}
		}
		if k > 0 && values[k] < values[k-1] {
			t.Fatalf("%s: eigenvalues %v do not rise", name, values)
		}
	}
}

// TestIterationAgainstDense compares both ways to the smallest eigenvalues: on graphs with small gaps, with eigenvalues that
// many vectors share, with many parts, and without an edge pattern to rely on.
func TestIterationAgainstDense(t *testing.T) {
	parts := random(160, 120, 1)
	for _, c := range []struct {
		name  string
		graph *graphs.Graph
		k     int
	}{
		{"path", path(200), 9}, {"grid", grid(10, 15), 8}, {"square grid", grid(12, 12), 7}, {"star", star(150), 6},
		{"random", random(150, 450, 2), 10}, {"dense random", random(130, 4000, 3), 8}, {"parts", parts, 5}, {"cliques", cliques(12, 12), 8},
	} {
		for _, normalised := range []bool{false, true} {
			name := fmt.Sprintf("%s, normalised %v", c.name, normalised)
			l := New(c.graph, normalised)
			values, vectors, ok := l.iterate(c.k)
			if !ok {
				t.Errorf("%s: did not converge", name)
				continue
			}
			check(t, name, l, values, vectors, 1e-7)
			all, q := l.all()
			for k := range c.k {
				if math.Abs(values[k]-all[k]) > 1e-9*l.bound() {
					t.Errorf("%s: eigenvalue %d is %v, of the full matrix %v", name, k, values[k], all[k])
				}
			}
			for k, v := range vectors {
				// The part of v in the space of the eigenvalues that equal its own is all of it.
				inside := 0.0
				for j, value := range all {
					if math.Abs(value-all[k]) < 1e-7 {
						p := mat.Dot(mat.NewVecDense(l.Nodes, v), q.ColView(j))
						inside += p * p
					}
				}
				if math.Abs(inside-1) > 1e-9 {
					t.Errorf("%s: vector %d lies in its space with %v of its square", name, k, inside)
				}
			}
		}
	}
}

func TestPathIsKnown(t *testing.T) {
	const n = 1000 // eigenvalues 2 - 2 cos(πk/n), vectors cos(πk(i+1/2)/n)
	values, vectors, err := New(path(n), false).Smallest(6)
	if err != nil {
		t.Fatal(err)
	}
	for k := 1; k < 6; k++ {
		if want := 2 - 2*math.Cos(math.Pi*float64(k)/n); math.Abs(values[k]-want) > 1e-7*want {
			t.Errorf("eigenvalue %d is %v, want %v", k, values[k], want)
		}
		sign := 1.0
		if vectors[k][0] < 0 {
			sign = -1
		}
		for i, x := range vectors[k] {
			want := sign * math.Sqrt(2.0/n) * math.Cos(math.Pi*float64(k)*(float64(i)+0.5)/n)
			if math.Abs(x-want) > 1e-6 {
				t.Fatalf("vector %d is %v at node %d, want %v", k, x, i, want)
			}
		}
	}
}

func TestNull(t *testing.T) {
	g := graphs.Undirected(9, [][2]int{{0, 1}, {3, 4}, {4, 5}, {5, 3}, {6, 7}}) // parts of 2, 1, 3, 2 and 1
	for _, c := range []struct {
		normalised bool
		want       int
	}{{false, 5}, {true, 3}} {
		l := New(g, c.normalised)
		if l.Nullity() != c.want || len(l.Null(100)) != c.want || len(l.Null(2)) != 2 || l.Null(0) != nil {
			t.Errorf("normalised %v: %d null vectors, want %d", c.normalised, l.Nullity(), c.want)
		}
		check(t, "null", l, make([]float64, c.want), l.Null(100), 1e-12)
		values, vectors, err := l.Smallest(9)
		if err != nil || len(values) != 9 {
			t.Fatalf("%v, %v", values, err)
		}
		check(t, "all", l, values, vectors, 1e-9)
		full, q, err := l.Full()
		if err != nil || !slices.Equal(full, values) {
			t.Errorf("Full has %v, %v, Smallest %v", full, err, values)
		}
		for k, v := range vectors {
			if p := mat.Dot(q.ColView(k), mat.NewVecDense(9, v)); math.Abs(math.Abs(p)-1) > 1e-9 {
				t.Errorf("vector %d of Full differs from that of Smallest: %v", k, p)
			}
		}
	}
	// The largest part is set against the others first.
	v := New(g, false).Null(2)[1]
	if !(v[3] > 0 && v[3] == v[4] && v[0] < 0 && v[0] == v[8]) {
		t.Errorf("the second null vector is %v", v)
	}
}

func TestPseudoInverse(t *testing.T) {
	g := random(30, 40, 5) // of several parts
	for _, normalised := range []bool{false, true} {
		l := New(g, normalised)
		inverse, err := l.PseudoInverse()
		if err != nil {
			t.Fatal(err)
		}
		var product, back mat.Dense
		m := l.Matrix()
		product.Mul(m, inverse)
		back.Mul(&product, m)
		if !mat.EqualApprox(&back, m, 1e-10) {
			t.Error("L L⁺ L is not L")
		}
		if !mat.EqualApprox(&product, product.T(), 1e-10) {
			t.Error("L L⁺ is not symmetric")
		}
		for _, v := range l.Null(100) {
			var image mat.VecDense
			image.MulVec(inverse, mat.NewVecDense(30, v))
			if mat.Norm(&image, 2) > 1e-10 {
				t.Error("L⁺ does not make the null space zero")
			}
		}
	}
}

// TestProcessors compares bits at one processor and at four, for a block that gonum cuts into pieces.
func TestProcessors(t *testing.T) {
	l := New(random(700, 2000, 8), false)
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	values, vectors, err := l.Smallest(20)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	again, other, err := l.Smallest(20)
	if err != nil || !slices.Equal(values, again) {
		t.Errorf("eigenvalues depend on the number of processors: %v", err)
	}
	for k, v := range vectors {
		if !slices.Equal(v, other[k]) {
			t.Errorf("vector %d depends on the number of processors", k)
		}
	}
}

func TestTooLarge(t *testing.T) {
	l := New(path(DenseNodes+1), false)
	var large *TooLargeError
	if _, _, err := l.Smallest(l.Nodes); !errors.As(err, &large) {
		t.Errorf("all vectors of a large graph: %v", err)
	}
	if _, _, err := l.Full(); !errors.As(err, &large) {
		t.Errorf("Full of a large graph: %v", err)
	}
	if _, err := l.PseudoInverse(); !errors.As(err, &large) {
		t.Errorf("the inverse of a large graph: %v", err)
	}
}

func TestSmallGraphs(t *testing.T) {
	for _, normalised := range []bool{false, true} {
		for _, g := range []*graphs.Graph{graphs.Undirected(1, nil), graphs.Undirected(1, [][2]int{{0, 0}}), graphs.Undirected(4, nil), path(2)} {
			l := New(g, normalised)
			values, vectors, err := l.Smallest(10)
			if err != nil || len(values) != g.Nodes {
				t.Fatalf("%d nodes: %v, %v", g.Nodes, values, err)
			}
			check(t, "small", l, values, vectors, 1e-12)
			if _, err := l.PseudoInverse(); err != nil {
				t.Error(err)
			}
		}
	}
}

func ExampleLaplacian_Smallest() {
	path := graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 3}})
	values, vectors, err := New(path, false).Smallest(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n%.2f\n%.2f\n", values, vectors[0], vectors[1])
	// Output:
	// [0.00 0.59]
	// [0.50 0.50 0.50 0.50]
	// [0.65 0.27 -0.27 -0.65]
}
