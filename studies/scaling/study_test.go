package scaling

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/processortime"
)

// tiny is a study that takes little time.
func tiny(t *testing.T) Study {
	return Study{Nodes: []int{60, 30}, Degree: 4, Layers: 1, Width: 8, Steps: 2, Alone: itself(t)}
}

// TestRun measures every model in processes of their own.
func TestRun(t *testing.T) {
	s := tiny(t)
	var told, status []string
	s.OnPoint = func(p Point) error { told = append(told, p.Model); return nil }
	s.Status = func(what string) { status = append(status, what) }
	points, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(Models()); len(points) != want || len(told) != want || len(status) != want {
		t.Fatalf("%d points, %d told, %d announced, want %d", len(points), len(told), len(status), want)
	}
	if status[0] != "grit, 30 nodes, 120 edges" {
		t.Errorf("announced %q", status[0])
	}
	for k, p := range points {
		if p.Model != ModelNames()[k/2] || p.Nodes != []int{30, 60}[k%2] || p.Edges != 4*p.Nodes || p.Degree != 4 {
			t.Errorf("point %d is %+v", k, p)
		}
		if !p.Measured() || p.Steps < 2 || !(p.Seconds > 0) || p.Fastest > p.Seconds || p.Slowest < p.Seconds || p.Parameters < 100 || p.Predicted < processBytes {
			t.Errorf("point %d is %+v", k, p)
		}
		if !(p.LastLoss < p.FirstLoss) || p.FirstLoss > 20 {
			t.Errorf("%s: loss %v, then %v, does not fall", p.Model, p.FirstLoss, p.LastLoss)
		}
	}
}

// TestLimits sees that what is over a limit is not tried.
func TestLimits(t *testing.T) {
	s := Study{Models: []string{"grit"}, Nodes: []int{100_000}, MaxMemory: 6e9, Alone: []string{"does-not-exist"}}
	points, err := s.Run(context.Background())
	if err != nil || len(points) != 1 || !strings.HasPrefix(points[0].LeftOut, "would need ") || points[0].Predicted < 1e12 {
		t.Errorf("%+v, %v", points, err)
	}
}

// TestPredict compares the memory that is predicted with what a process takes, where values of the model outweigh it.
func TestPredict(t *testing.T) {
	s := Study{Models: []string{"performer", "grit"}, Nodes: []int{400}, Layers: 2, Width: 32, Steps: 1, Alone: itself(t)}
	points, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if p.PeakBytes == 0 {
			t.Skip("the system does not tell the memory of a process")
		}
		if part := float64(p.Predicted) / float64(p.PeakBytes); part < 0.6 || part > 1.7 {
			t.Errorf("%s: %d bytes predicted, %d taken", p.Model, p.Predicted, p.PeakBytes)
		}
	}
}

// TestProcessorTime measures on both clocks.
func TestProcessorTime(t *testing.T) {
	if _, err := processortime.Seconds(); err != nil {
		t.Skip(err)
	}
	s := tiny(t)
	s.Models, s.Nodes, s.ProcessorTime = []string{"performer"}, []int{1000}, true
	points, err := s.Run(context.Background())
	if err != nil || len(points) != 1 || !(points[0].Seconds > 0) {
		t.Errorf("%+v, %v", points, err)
	}
}

func TestRunStops(t *testing.T) {
	s := tiny(t)
	s.Models = []string{"gatedgcn"}
	ctx, cancel := context.WithCancel(context.Background())
	s.OnPoint = func(Point) error { cancel(); return nil }
	points, err := s.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(points) != 1 {
		t.Errorf("%d points and %v after an end at the first", len(points), err)
	}
	stop := errors.New("stop")
	s.OnPoint = func(Point) error { return stop }
	if points, err := s.Run(context.Background()); !errors.Is(err, stop) || len(points) != 1 {
		t.Errorf("%d points and %v, want %v after the first", len(points), err, stop)
	}
	if err := Alone(ctx, []string{"gatedgcn", "30", "4", "1", "8", "2", "clock"}, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("Alone went on after the end: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		s    Study
		want string
	}{
		{Study{Models: []string{"gritt"}}, `unknown model "gritt"; did you mean "grit"?`},
		{Study{Nodes: []int{1000, 12}}, "degree 10 in a graph of 12 nodes"},
		{Study{Nodes: []int{0}}, "a graph of 0 nodes"},
		{Study{Layers: -1}, "-1 layers"},
		{Study{Width: 6}, "width 6: want a multiple of 4"},
		{Study{Steps: -1}, "-1 steps"},
		{Study{MaxMemory: -1}, "want none below 0"},
		{Study{MaxSeconds: -1}, "want none below 0"},
		{Study{Models: []string{"gatedgcn"}, Nodes: []int{30}}, "set Study.Alone"},
		{Study{Models: []string{"gatedgcn"}, Nodes: []int{30}, Alone: []string{"does-not-exist"}}, "does-not-exist gatedgcn 30 10 3 64 5 clock: "},
		{Study{Models: []string{"gatedgcn"}, Nodes: []int{30}, Alone: append(itself(t), "more")}, "Alone: got [\"more\""},
	} {
		if _, err := c.s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %s", c.s, err, c.want)
		}
	}
	for _, c := range []struct{ words, want string }{
		{"", "want the name of a model, the numbers of nodes, degree, layers, width, steps, and clock or processors"},
		{"grit 30 4 1 8 2 sun", "and clock or processors"},
		{"grit 30 4 1 8 x clock", `steps is "x", want a number from 1`},
		{"grit 30 0 1 8 2 clock", `degree is "0"`},
		{"x 30 4 1 8 2 clock", `unknown model "x"`},
		{"grit 30 16 1 8 2 clock", "degree 16"},
	} {
		if err := Alone(context.Background(), strings.Fields(c.words), new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.words, err, c.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := Study{Nodes: []int{300, 100, 300}}.WithDefaults()
	if !slices.Equal(s.Nodes, []int{100, 300}) || s.Degree != 10 || s.Layers != 3 || s.Width != 64 || s.Steps != 5 {
		t.Errorf("%+v", s)
	}
}
