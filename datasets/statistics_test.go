package datasets

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func TestMeasure(t *testing.T) {
	a := graphs.Undirected(4, [][2]int{{0, 1}, {1, 1}})
	a.NodeTypes, a.Target = []int32{0, 1, 5, 0}, []float32{2, float32(math.NaN())}
	b := graphs.Undirected(2, [][2]int{{0, 1}})
	b.NodeTypes, b.Target = []int32{0, 0}, []float32{0, 0.5}
	set, err := New("mine", []*graphs.Graph{a}, nil, []*graphs.Graph{b})
	if err != nil {
		t.Fatal(err)
	}
	s := measured(t, set)
	all := s.All
	same(t, "sums", [3]int{all.Graphs, all.Nodes, all.Edges}, [3]int{2, 6, 5})
	same(t, "means", [2]float64{all.MeanNodes, all.MeanEdges}, [2]float64{3, 2.5})
	same(t, "extremes", [4]int{all.MinNodes, all.MaxNodes, all.MinEdges, all.MaxEdges}, [4]int{2, 4, 2, 3})
	same(t, "self loops and isolated nodes", [2]int{all.SelfLoops, all.Isolated}, [2]int{1, 2})
	same(t, "types", all.NodeTypes, []int{6})
	same(t, "sizes", all.Sizes, Histogram{Low: 2, Width: 1, Counts: []int{1, 0, 1}})
	y := all.Targets[0]
	same(t, "first target", []float64{float64(y.Given), float64(y.Missing), y.Mean, y.Std, y.Min, y.Max}, []float64{2, 0, 1, 1, 0, 2})
	same(t, "its classes", y.Classes, []int{1, 0, 1})
	y = all.Targets[1]
	same(t, "second target", []float64{float64(y.Given), float64(y.Missing), y.Mean, y.Std, y.Min, y.Max}, []float64{1, 1, 0.5, 0, 0.5, 0.5})
	if y.Classes != nil || all.NodeLabels != nil {
		t.Error("classes where there are none")
	}
	same(t, "splits", [3]int{s.Splits[0].Graphs, s.Splits[1].Graphs, s.Splits[2].Graphs}, [3]int{1, 0, 1})
	if _, err := json.Marshal(s); err != nil {
		t.Error(err)
	}
}

func TestMeasureRepeatedGraph(t *testing.T) {
	one := graphs.Undirected(3, [][2]int{{0, 1}})
	one.NodeLabels = []int32{1, graphs.NoLabel, graphs.NoLabel}
	two := one.Clone()
	two.NodeLabels = []int32{graphs.NoLabel, 0, graphs.NoLabel}
	set := &Set{Name: "one", Train: Slice{one}, Val: Slice(nil), Test: Slice{two}, Info: Info{Train: 1, Test: 1, Repeated: true}}
	same(t, "graphs", set.Info.Graphs(), 1)
	s := measured(t, set)
	same(t, "all", [3]int{s.All.Graphs, s.All.Nodes, s.All.Edges}, [3]int{1, 3, 2})
	same(t, "labels", [2]int{s.All.NodeLabels.Given, s.All.NodeLabels.Missing}, [2]int{2, 1})
	same(t, "classes", s.All.NodeLabels.Classes, []int{1, 1})
	same(t, "labels to train on", [2]int{s.Splits[Train].NodeLabels.Given, s.Splits[Train].NodeLabels.Missing}, [2]int{1, 2})
}

// failing is a source whose graphs cannot be had.
type failing struct{}

func (failing) Len() int                         { return 3 }
func (failing) Graph(int) (*graphs.Graph, error) { return nil, errors.New("lost") }

func TestMeasureErrors(t *testing.T) {
	set := &Set{Name: "x", Train: Slice(nil), Val: failing{}, Test: Slice(nil)}
	if _, err := Measure(context.Background(), set); err == nil || err.Error() != "datasets: x: val graph 0: lost" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Measure(ctx, set); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled pass gave %v", err)
	}
}

func TestHistogram(t *testing.T) {
	if h := newBins(0).histogram(); h.Counts != nil {
		t.Errorf("no values gave %+v", h)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []float64{1e-9, 1, 1e6, 1e30} {
		values := make([]float64, 5000)
		for i := range values {
			values[i] = r.NormFloat64() * scale
		}
		forward, backward := newBins(-20), newBins(-20)
		for i, v := range values {
			forward.add(v)
			backward.add(values[len(values)-1-i])
		}
		h := forward.histogram()
		same(t, "the order", backward.histogram(), h)
		if len(h.Counts) > finalBins {
			t.Errorf("%d bins", len(h.Counts))
		}
		want := make([]int, len(h.Counts))
		for _, v := range values {
			want[int(math.Floor((v-h.Low)/h.Width))]++
		}
		if !slices.Equal(h.Counts, want) {
			t.Errorf("scale %v: counts %v, expected %v", scale, h.Counts, want)
		}
	}
	extremes := newBins(-20)
	for _, v := range []float64{-math.MaxFloat32, math.MaxFloat32, 1e-30, -1e-30, 0} {
		extremes.add(v)
	}
	sum := 0
	for _, n := range extremes.histogram().Counts {
		sum += n
	}
	same(t, "values", sum, 5)
}
