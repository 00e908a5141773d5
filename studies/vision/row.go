package vision

import "math"

// Row is what the models of an encoding have in common: a line of a table.
type Row struct {
	Encoding         string
	Seeds            int
	Parameters       int
	FeedForwardWidth int
	Scores           []Spread // as the resolutions of [Row.Resolutions]
	Resolutions      []int
	Trained          int // the place of the trained resolution in these, -1 where it is none of them
	Shifts           int // of an image, the mean over all; 0 where nothing was shifted
	// Kept, Consistency and Shifted are those of [Shift]: Shifted is its Accuracy.
	Kept, Consistency, Shifted Spread
	SecondsPerStep             float64 // mean over the seeds
	TrainSeconds, TestSeconds  float64 // mean over the seeds
}

// Spread is a share over several seeds.
type Spread struct {
	Mean float64
	SD   float64 // of the sample: over seeds less one; 0 where there is one seed
}

// spreadOf gathers numbers.
func spreadOf(values []float64) Spread {
	var s Spread
	for _, v := range values {
		s.Mean += v / float64(len(values))
	}
	if len(values) < 2 {
		return s
	}
	for _, v := range values {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / float64(len(values)-1))
	return s
}

// Rows puts the results of the seeds of each encoding together, in the order in which encodings come first.
func Rows(cells []Cell) []Row {
	var names []string
	of := map[string][]Cell{}
	for _, c := range cells {
		if of[c.Encoding] == nil {
			names = append(names, c.Encoding)
		}
		of[c.Encoding] = append(of[c.Encoding], c)
	}
	var rows []Row
	for _, name := range names {
		rows = append(rows, rowOf(of[name]))
	}
	return rows
}

// rowOf gathers the results of the seeds of an encoding.
func rowOf(cells []Cell) Row {
	first := cells[0]
	r := Row{Encoding: first.Encoding, Seeds: len(cells), Parameters: first.Parameters, FeedForwardWidth: first.FeedForwardWidth, Trained: -1}
	spread := func(of func(c *Cell) float64) Spread {
		values := make([]float64, len(cells))
		for i := range cells {
			values[i] = of(&cells[i])
		}
		return spreadOf(values)
	}
	for k, s := range first.Scores {
		if s.Trained {
			r.Trained = k
		}
		r.Resolutions = append(r.Resolutions, s.Resolution)
		r.Scores = append(r.Scores, spread(func(c *Cell) float64 { return c.Scores[k].Accuracy() }))
	}
	if first.Shift.Images > 0 {
		r.Shifts = first.Shift.Shifts / first.Shift.Images
	}
	r.Kept = spread(func(c *Cell) float64 { return c.Shift.Kept })
	r.Consistency = spread(func(c *Cell) float64 { return c.Shift.Consistency })
	r.Shifted = spread(func(c *Cell) float64 { return c.Shift.Accuracy })
	r.SecondsPerStep = spread((*Cell).SecondsPerStep).Mean
	r.TrainSeconds = spread(func(c *Cell) float64 { return c.TrainSeconds }).Mean
	r.TestSeconds = spread(func(c *Cell) float64 { return c.TestSeconds }).Mean
	return r
}
