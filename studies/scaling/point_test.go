package scaling

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestFits(t *testing.T) {
	var points []Point
	for _, n := range []int{10, 100, 1000, 10000} {
		x := float64(n)
		points = append(points, Point{Model: "a", Nodes: n, Seconds: 1e-6 * x * x, PeakBytes: int64(5 * x)})
	}
	points[0].Seconds = 7 // is not among the last three
	points = append(points, Point{Model: "a", Nodes: 100000, LeftOut: "large"}, Point{Model: "b", Nodes: 10, LeftOut: "large"},
		Point{Model: "c", Nodes: 10, Seconds: 1, PeakBytes: 1}, Point{Model: "d", Nodes: 100, Seconds: 10}, Point{Model: "d", Nodes: 10, Seconds: 1})
	fits := Fits(points)
	if len(fits) != 3 {
		t.Fatalf("%d fits, want those of a, c and d: %v", len(fits), fits)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	if a := fits[0]; a.Model != "a" || a.From != 100 || a.To != 10000 || a.Points != 3 || !near(a.TimeOrder, 2) || !near(a.MemoryOrder, 1) {
		t.Errorf("%+v, want the square in time and a line in memory of a's three largest", a)
	}
	if c := fits[1]; c.Points != 1 || !math.IsNaN(c.TimeOrder) || !math.IsNaN(c.MemoryOrder) {
		t.Errorf("%+v, want no orders of one point", c)
	}
	if d := fits[2]; d.From != 10 || !near(d.TimeOrder, 1) || !math.IsNaN(d.MemoryOrder) {
		t.Errorf("%+v, want a line in time, and no order of memory that is not known", d)
	}
}

func TestLeaveOut(t *testing.T) {
	before := []Point{{Model: "a", Nodes: 100, Seconds: 1}, {Model: "a", Nodes: 200, Seconds: 4}, {Model: "b", Nodes: 200, Seconds: 1}, {Model: "c", Nodes: 200, Seconds: 2}, {Model: "c", Nodes: 100, Seconds: 1.5}}
	for _, c := range []struct {
		model string
		nodes int
		bytes int64
		s     Study
		want  string
	}{
		{"a", 400, 9e9, Study{}, ""},
		{"a", 400, 9e9, Study{MaxMemory: 6e9}, "would need 9.0 GB of memory, the limit is 6.0 GB"},
		{"a", 400, 9e9, Study{MaxMemory: 9e9, MaxSeconds: 16.5}, ""},
		{"a", 400, 9e9, Study{MaxMemory: 10e9, MaxSeconds: 15.5}, "a step would take some 16 s, the limit is 15.5 s"},
		{"b", 400, 1, Study{MaxSeconds: 2.5}, ""},
		{"b", 400, 1, Study{MaxSeconds: 1.5}, "some 2 s"},
		{"c", 400, 1, Study{MaxSeconds: 3}, "some 4 s"}, // less than linear so far
		{"d", 400, 1, Study{MaxSeconds: 1e-3}, ""},
	} {
		got := c.s.leaveOut(Point{Model: c.model, Nodes: c.nodes, Predicted: c.bytes}, before)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestEnough(t *testing.T) {
	for _, c := range []struct {
		n, want int
		took    time.Duration
		enough  bool
	}{
		{4, 5, time.Second, false}, {5, 5, fastTime, true}, {5, 5, fastTime - 1, false}, {fastSteps, 5, 0, true}, {fastSteps, fastSteps + 1, 0, false},
		{2, 5, time.Hour, false}, {3, 5, slowTime, true}, {1, 1, time.Hour, true},
	} {
		if got := enough(c.n, c.want, c.took); got != c.enough {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
