package tables

import (
	"math"

	"github.com/graft-ml/graft/tables/decoder"
)

// Row is what the models of a reader have in common in a task: a line of a table.
type Row struct {
	Task       string
	Reader     string
	Reading    decoder.Reading
	Seeds      int
	Parameters int
	Scores     Scores // of all seeds together
	// Tokens and TrainSeconds are those of all trainings together.
	Tokens       int
	TrainSeconds float64
	Columns      []float64 // as those of a [Cell], the mean over seeds
}

// Rows puts the results of the seeds of each task and reader together, in the order in which these come first.
func Rows(cells []Cell) []Row {
	var rows []Row
	at := map[[2]string]int{}
	for _, c := range cells {
		key := [2]string{c.Task, c.Reader}
		i, ok := at[key]
		if !ok {
			i = len(rows)
			at[key] = i
			rows = append(rows, Row{Task: c.Task, Reader: c.Reader, Reading: c.Reading, Parameters: c.Parameters,
				Scores: make(Scores, len(c.Scores)), Columns: make([]float64, len(c.Columns))})
		}
		rows[i].add(&c)
	}
	return rows
}

// add adds the result of another seed.
func (r *Row) add(c *Cell) {
	for i, s := range c.Scores {
		s.Right += r.Scores[i].Right
		s.Examples += r.Scores[i].Examples
		r.Scores[i] = s
	}
	for i, w := range c.Columns {
		r.Columns[i] = (r.Columns[i]*float64(r.Seeds) + w) / float64(r.Seeds+1)
	}
	r.Seeds++
	r.Tokens += c.Tokens
	r.TrainSeconds += c.TrainSeconds
}

// Comparison is a reader of two orders beside the better of those that read the table in one line.
type Comparison struct {
	Task, Reader     string
	Trained, HeldOut Margin // over sizes of the training, and over larger ones
}

// Margin is a mean accuracy beside another.
type Margin struct {
	Accuracy float64
	Than     string // the better reader of one line
	Best     float64
}

// Points is by how many points of a hundred the first is higher.
func (m Margin) Points() float64 { return 100 * (m.Accuracy - m.Best) }

// Compare compares every reader of two orders with those of one line in the same task; tasks without such are left out.
func Compare(rows []Row) []Comparison {
	var list []Comparison
	for _, r := range rows {
		if !routed(r.Reading) {
			continue
		}
		c := Comparison{Task: r.Task, Reader: r.Reader, Trained: r.margin(rows, true), HeldOut: r.margin(rows, false)}
		if c.Trained.Than != "" || c.HeldOut.Than != "" {
			list = append(list, c)
		}
	}
	return list
}

// margin finds the best reader of one line.
func (r *Row) margin(rows []Row, trained bool) Margin {
	m := Margin{Accuracy: r.Scores.Mean(trained), Best: math.NaN()}
	for _, other := range rows {
		if other.Task != r.Task || !flat(other.Reading) {
			continue
		}
		if a := other.Scores.Mean(trained); m.Than == "" && !math.IsNaN(a) || a > m.Best {
			m.Than, m.Best = other.Reader, a
		}
	}
	return m
}
