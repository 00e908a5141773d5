package scaling

import (
	"cmp"
	"math"
	"slices"
)

// Point is a model on a graph.
type Point struct {
	Model  string `json:"model"`
	Nodes  int    `json:"nodes"`
	Edges  int    `json:"edges"`  // directed
	Degree int    `json:"degree"` // edges a node

	// Predicted is the memory in bytes that the sizes of model and graph let expect.
	Predicted int64 `json:"predictedBytes"`
	// LeftOut says why the point was not measured, and is empty where it was: the rest is 0 then.
	LeftOut string `json:"leftOut"`

	Parameters int `json:"parameters"`
	Steps      int `json:"steps"` // of training that were timed, after one to warm up
	// Seconds is the median time of a step, by the clock or, where the study asks for that, of all processors together.
	// Fastest and Slowest are the ends.
	Seconds float64 `json:"seconds"`
	Fastest float64 `json:"fastest"`
	Slowest float64 `json:"slowest"`
	// PrepareSeconds is the time in which the graph was made ready, encodings among it.
	PrepareSeconds float64 `json:"prepareSeconds"`
	// PeakBytes is the peak of the resident set; 0 where the system does not tell it.
	PeakBytes int64 `json:"peakBytes"`
	// FirstLoss and LastLoss are those of the first step and of the last.
	FirstLoss float64 `json:"firstLoss"`
	LastLoss  float64 `json:"lastLoss"`
}

// Measured tells whether the point was measured.
func (p Point) Measured() bool { return p.LeftOut == "" }

// fitPoints is the number of points, from the largest graph down, that a fit is of: at small sizes what does not grow
// hides what does.
const fitPoints = 3

// Fit says how time and memory of a model grow: as nodes to the power of an order.
type Fit struct {
	Model      string
	Parameters int
	From, To   int // nodes of the smallest and of the largest graph of the fit
	Points     int
	// TimeOrder and MemoryOrder are slopes of the line of least squares through the logarithms; not numbers where it
	// has fewer than two points, or memory is not known.
	TimeOrder, MemoryOrder float64
}

// Fits returns a fit for each model of points that was measured at all, in the order in which they come first. It is of
// the three largest graphs.
func Fits(points []Point) []Fit {
	var fits []Fit
	for _, p := range points {
		known := slices.ContainsFunc(fits, func(f Fit) bool { return f.Model == p.Model })
		if !known && p.Measured() {
			fits = append(fits, fit(p.Model, points))
		}
	}
	return fits
}

func fit(model string, points []Point) Fit {
	last := largest(model, points, fitPoints)
	var nodes, seconds, bytes []float64
	for _, p := range last {
		nodes, seconds, bytes = append(nodes, float64(p.Nodes)), append(seconds, p.Seconds), append(bytes, float64(p.PeakBytes))
	}
	return Fit{Model: model, Parameters: last[0].Parameters, From: last[0].Nodes, To: last[len(last)-1].Nodes, Points: len(last),
		TimeOrder: order(nodes, seconds), MemoryOrder: order(nodes, bytes)}
}

// largest returns the points of a model that were measured, the n largest, by nodes.
func largest(model string, points []Point, n int) []Point {
	list := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return p.Model != model || !p.Measured() })
	slices.SortStableFunc(list, func(a, b Point) int { return cmp.Compare(a.Nodes, b.Nodes) })
	return list[max(len(list)-n, 0):]
}

// order is the slope of the line through (ln x, ln y) with the least squares.
func order(x, y []float64) float64 {
	var mx, my, xx, xy float64
	n := float64(len(x))
	for i := range x {
		mx += math.Log(x[i]) / n
		my += math.Log(y[i]) / n
	}
	for i := range x {
		dx := math.Log(x[i]) - mx
		xx += dx * dx
		xy += dx * (math.Log(y[i]) - my)
	}
	if !(xx > 0) || math.IsInf(my, 0) {
		return math.NaN()
	}
	return xy / xx
}
