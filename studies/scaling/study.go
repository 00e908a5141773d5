package scaling

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/internal/bytesize"
	"github.com/graft-ml/graft/recipes"
)

// Study says what [Study.Run] measures. Zero values stand for the defaults named in the comments.
type Study struct {
	// Models are names of [Models]; none: all.
	Models []string
	// Nodes are the sizes of graphs, by which a model is measured from the smallest up; none: 100, 300, 1,000 and so on up
	// to 100,000.
	Nodes []int
	// Degree is the number of edges that come to a node, on average; 0 means 10.
	Degree int
	// Layers and Width are those of all models; 0 means 3 and 64. Width is a multiple of 4.
	Layers, Width int
	// Steps is the number of steps that are timed at least; 0 means 5. Fast ones are done over and over for a second; three
	// are enough for those that take half a minute.
	Steps int
	// MaxMemory is the memory in bytes that a point may be predicted to take; 0 means no limit.
	MaxMemory int64
	// ProcessorTime takes the time of a step from the processors and not from the clock: the sum over all of them. It is
	// what a machine can tell that is busy with other programs.
	ProcessorTime bool
	// MaxSeconds is the time that a step may be expected to take; 0 means no limit.
	MaxSeconds float64

	// Alone is the command line of a process that hands the words behind it to [Alone]: the program's own executable, say,
	// with a subcommand.
	Alone []string
	// OnPoint, where it is not nil, is told of each point; its error ends the run.
	OnPoint func(Point) error
	// Status, where it is not nil, is told what is measured next.
	Status func(what string)
}

// DefaultNodes returns the sizes of graphs of a study that has none.
func DefaultNodes() []int { return []int{100, 300, 1000, 3000, 10_000, 30_000, 100_000} }

// WithDefaults returns s with every zero that stands for a default replaced by it.
func (s Study) WithDefaults() Study {
	if len(s.Models) == 0 {
		s.Models = ModelNames()
	}
	if len(s.Nodes) == 0 {
		s.Nodes = DefaultNodes()
	}
	for _, d := range []struct {
		field *int
		value int
	}{{&s.Degree, 10}, {&s.Layers, 3}, {&s.Width, 64}, {&s.Steps, 5}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	s.Nodes = slices.Compact(slices.Sorted(slices.Values(s.Nodes)))
	return s
}

// Check reports the first setting that nothing can be measured with.
func (s Study) Check() error {
	s = s.WithDefaults()
	for _, name := range s.Models {
		if _, err := ModelByName(name); err != nil {
			return err
		}
	}
	for _, n := range s.Nodes {
		if err := checkGraph(n, s.Degree); err != nil {
			return err
		}
	}
	switch {
	case s.Layers < 1:
		return fmt.Errorf("scaling: %d layers: want at least 1", s.Layers)
	case s.Width < heads || s.Width%heads != 0:
		return fmt.Errorf("scaling: width %d: want a multiple of %d, the number of heads", s.Width, heads)
	case s.Steps < 1:
		return fmt.Errorf("scaling: %d steps: want at least 1", s.Steps)
	case s.MaxMemory < 0 || s.MaxSeconds < 0:
		return fmt.Errorf("scaling: limits of %d bytes and %v seconds: want none below 0", s.MaxMemory, s.MaxSeconds)
	}
	return nil
}

// Run measures, model by model, and returns the points, those left out among them; together with an error those that it
// has by then.
func (s Study) Run(ctx context.Context) ([]Point, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s = s.WithDefaults()
	var points []Point
	for _, name := range s.Models {
		m, err := ModelByName(name)
		if err != nil {
			return points, err
		}
		footprint, err := m.of(s.Layers, s.Width).Footprint()
		if err != nil {
			return points, err
		}
		for _, nodes := range s.Nodes {
			if err := ctx.Err(); err != nil {
				return points, err
			}
			p := Point{Model: name, Nodes: nodes, Edges: 2 * (nodes * s.Degree / 2), Degree: s.Degree}
			p.Predicted = predict(footprint, p)
			if p.LeftOut = s.leaveOut(p, points); p.Measured() {
				if p, err = s.measure(ctx, p); err != nil {
					return points, err
				}
			}
			points = append(points, p)
			if s.OnPoint != nil {
				if err := s.OnPoint(p); err != nil {
					return points, err
				}
			}
		}
	}
	return points, nil
}

// What a process has before it has read anything, and what it takes for each number that can be trained and for the graph
// itself: a number, two moments and a gradient, of which Footprint counts the last.
const (
	processBytes   = 25e6
	parameterBytes = 4 * 3
	nodeBytes      = 4*classes + 4
	edgeBytes      = 16 + 8
)

// predict is the memory that a point will take.
func predict(f *recipes.Footprint, p Point) int64 {
	size := recipes.Size{Graphs: 1, Nodes: p.Nodes, Edges: p.Edges, Pairs: float64(p.Nodes) * float64(p.Nodes)}
	bytes := f.Train.Bytes(size) + f.Batch.Bytes(size) + processBytes + parameterBytes*float64(f.Parameters) +
		nodeBytes*float64(p.Nodes) + edgeBytes*float64(p.Edges)
	return int64(min(bytes, math.MaxInt64/2))
}

// leaveOut says why a point is not to be measured; nothing where it is. before are those that were.
func (s Study) leaveOut(p Point, before []Point) string {
	if s.MaxMemory > 0 && p.Predicted > s.MaxMemory {
		return fmt.Sprintf("would need %s of memory, the limit is %s", bytesize.Format(p.Predicted), bytesize.Format(s.MaxMemory))
	}
	if seconds := expect(p, before); s.MaxSeconds > 0 && seconds > s.MaxSeconds {
		return fmt.Sprintf("a step would take some %.0f s, the limit is %.4g s", seconds, s.MaxSeconds)
	}
	return ""
}

// expect is the time of a step that the last points of the model let expect: growth goes on as between the last two, and
// is linear at least; 0 without a point.
func expect(p Point, before []Point) float64 {
	last := largest(p.Model, before, 2)
	if len(last) == 0 {
		return 0
	}
	power := 1.0
	if len(last) == 2 {
		if o := order([]float64{float64(last[0].Nodes), float64(last[1].Nodes)}, []float64{last[0].Seconds, last[1].Seconds}); o > 1 {
			power = o
		}
	}
	end := last[len(last)-1]
	return end.Seconds * math.Pow(float64(p.Nodes)/float64(end.Nodes), power)
}
