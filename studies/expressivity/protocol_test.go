package expressivity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/tensor"
)

// small is the protocol with a model that learns in a moment.
var small = Protocol{Steps: 8, Layers: 1, Width: 16, Epochs: 2, Seed: 1}

func TestProtocol(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b *graphs.Graph
		want bool
	}{
		{"hexagon and triangles", circulant(6, 1), circulant(6, 2), true},
		{"dodecahedron and Desargues graph", petersen(10, 2), petersen(10, 3), true},
		{"rook and Shrikhande", rook(4), shrikhande(), false},
		{"a graph and itself", rook(3), rook(3), false},
	} {
		v, err := small.Judge(ctx, c.a, c.b)
		if err != nil {
			t.Fatal(err)
		}
		if v.Apart != c.want || v.CopyApart || v.Apart != (v.Distance > Threshold) {
			t.Errorf("%s: %+v, want apart %v", c.name, v, c.want)
		}
		again, err := small.Judge(ctx, c.a, c.b)
		if err != nil || again != v {
			t.Errorf("%s: %+v, and again %+v, %v", c.name, v, again, err)
		}
	}
	other := small
	other.Seed = 2
	v, err := other.Judge(ctx, circulant(6, 1), circulant(6, 2))
	if err != nil || !v.Apart {
		t.Errorf("with the other seed: %+v, %v", v, err)
	}
}

func TestProtocolRefuses(t *testing.T) {
	wrong := small
	wrong.Width = 30
	if _, err := wrong.Judge(ctx, rook(2), rook(2)); err == nil || !strings.Contains(err.Error(), "heads 4 do not divide width 30") {
		t.Errorf("a width that heads do not divide: %v", err)
	}
	typed := rook(2)
	typed.NodeTypes = []int32{0, 1, 2, 0}
	if _, err := small.Judge(ctx, typed, rook(2)); err == nil || !strings.Contains(err.Error(), "node type") {
		t.Errorf("three node types: %v", err)
	}
	wild := small
	wild.LR = 1e30
	if _, err := wild.Judge(ctx, rook(2), circulant(4, 1)); err == nil || !strings.Contains(err.Error(), "choose a smaller learning rate than 1e+30") {
		t.Errorf("a rate of 1e30: %v", err)
	}
}

// TestLargeGraphsHaveSmallBatches: batches hold all copies, in couples.
func TestLargeGraphsHaveSmallBatches(t *testing.T) {
	for _, c := range []struct{ nodes, want int }{{4, 8}, {150, 5}, {400, 1}} {
		g := &graphs.Graph{Nodes: c.nodes}
		copiesA, copiesB := relabelled(g, 11, 1), relabelled(g, 11, 2)
		batches, err := couple(Options{Steps: 2}.model(), copiesA, copiesB)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, b := range batches {
			total += b.Len()
		}
		if got := batches[0].Len() / 2; got != c.want || total != 22 {
			t.Errorf("%d nodes: %d couples in a batch, %d graphs in all, want %d and 22", c.nodes, got, total, c.want)
		}
	}
}

// TestLikeness against a loop in float64.
func TestLikeness(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	const n = 5
	out := tensor.New(2*n, outputs)
	for i := range out.Data() {
		out.Data()[i] = float32(rng.NormFloat64())
	}
	loss := func() float64 {
		sum := 0.0
		for i := range n {
			dot, a, b := 0.0, 0.0, 0.0
			for c := range outputs {
				x, y := float64(out.At(i, c)), float64(out.At(n+i, c))
				dot, a, b = dot+x*y, a+x*x, b+y*y
			}
			sum += max(0, dot/math.Sqrt(a*b)) / n
		}
		return sum
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	l := likeness(tp, tp.Leaf(out))
	if want := loss(); math.Abs(float64(l.Data()[0])-want) > 1e-6 || want == 0 {
		t.Errorf("loss %v, want %v", l.Data()[0], want)
	}
	tp.Backward(l)
	grad := tp.Grad(out)
	for i := range out.Data() {
		const h = 1e-2
		at := out.Data()[i]
		out.Data()[i] = at + h
		up := loss()
		out.Data()[i] = at - h
		down := loss()
		out.Data()[i] = at
		if want := (up - down) / (2 * h); math.Abs(float64(grad[i])-want) > 1e-4 {
			t.Errorf("gradient %d is %v, want %v", i, grad[i], want)
		}
	}
}

func TestHotelling(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		width  int
		want   float64
	}{
		// Mean 2, variance 1.
		{"a column", []float64{1, 2, 3}, 1, 4},
		// Means 1 and 2, sums of squares 16 and 16 over 3, uncorrelated: (1 + 4) * 3/16.
		{"two columns", []float64{-1, 0, 3, 0, -1, 4, 3, 4}, 2, 15.0 / 16},
		{"a column that hardly differs is left out", []float64{1, 5, 2, 5 + 1e-9, 3, 5}, 2, 4},
		{"the same twice", []float64{1, 1, 2, 2, 3, 3}, 2, 4},
		{"no spread, no mean", []float64{0, 0, 0, 0}, 2, 0},
		{"no spread", []float64{0, 1, 0, 1}, 2, math.MaxFloat64},
	} {
		if got := hotelling(c.values, c.width); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		if got := hotelling([]float64{1, bad, 2, 3}, 2); !math.IsNaN(got) {
			t.Errorf("with %v: %v", bad, got)
		}
	}
}

// TestThreshold: 31*16/16 times the quantile 2.33 is 72.23; the official number is from one with more digits.
func TestThreshold(t *testing.T) {
	q, d := float64(Relabellings), float64(outputs)
	if quantile := Threshold / ((q - 1) * d / (q - d)); math.Abs(quantile-2.33) > 0.005 {
		t.Errorf("the threshold stands for a quantile of %v", quantile)
	}
}

func TestRelabelled(t *testing.T) {
	g := cfi([][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 3}}, false)
	g.NodeTypes = make([]int32, g.Nodes)
	list := relabelled(g, 20, 3)
	if len(list) != 20 || list[0] != g {
		t.Fatalf("%d copies, the first is the graph: %v", len(list), list[0] == g)
	}
	seen := map[string]bool{}
	for _, c := range list {
		seen[fmt.Sprint(c.Edges)] = true
		if apart(t, Test{Name: "wl2", Sign: Folklore{}.Sign}, g, c) {
			t.Error("a copy is another graph")
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d different numberings of 20", len(seen))
	}
	if few := relabelled(graphs.Undirected(2, nil), 5, 1); len(few) != 5 || len(few[4].NodeTypes) != 2 {
		t.Errorf("5 copies of a graph with 2 numberings: %d", len(few))
	}
}

// TestUntrainedOutputs: places that rounding alone moves are not apart.
func TestUntrainedOutputs(t *testing.T) {
	out := make([]float32, 2*outputs)
	for c := range outputs {
		out[c], out[outputs+c] = 10, 10+1e-5
	}
	p := places{locate(out)}
	if math.Abs(p[0].centre[3]-10) > 1e-5 || math.Abs(p[0].radius-5e-6) > 1e-6 {
		t.Errorf("place %+v", p[0])
	}
	for shift, want := range map[float32]bool{0: false, 3e-5: false, 1e-3: true} {
		moved := append([]float32{}, out...)
		moved[5] += shift
		moved[outputs+5] += shift
		if got := p.Apart(places{locate(moved)}); got != want {
			t.Errorf("an output moved by %v: apart %v", shift, got)
		}
	}
	same := make([]float32, 2*outputs)
	same[0], same[outputs] = 1, 1
	q := places{locate(same)}
	if q[0].radius != leastPart {
		t.Errorf("copies with equal outputs have the radius %v", q[0].radius)
	}
}
