package tables

import (
	"errors"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tables/decoder"
)

// Cell is the result of one model: a reader with a seed, of a task.
type Cell struct {
	Task             string          `json:"task"`
	Reader           string          `json:"reader"`
	Reading          decoder.Reading `json:"reading"`
	Setting          string          `json:"setting"` // of the reader, to tell it from others of the same name
	Seed             uint64          `json:"seed"`
	Parameters       int             `json:"parameters"` // that are trained
	FeedForwardWidth int             `json:"feedForwardWidth"`
	Steps            int             `json:"steps"`
	Tokens           int             `json:"tokens"` // that were learned from
	Loss             float64         `json:"loss"`   // mean over the last tenth of the steps, without that of the router
	Scores           Scores          `json:"scores"`
	// Columns is, of a reader with a router, the mean weight of the order by columns, from 0, rows alone, to 1, columns
	// alone, for each layer: over all cells and heads in the first twenty questions of the largest size that was learned.
	Columns []float64 `json:"columns,omitempty"`
	// TrainSeconds is the time of the training, TestSeconds that of the test.
	TrainSeconds float64 `json:"trainSeconds"`
	TestSeconds  float64 `json:"testSeconds"`
}

// TokensPerSecond is how fast the model was trained.
func (c *Cell) TokensPerSecond() float64 { return float64(c.Tokens) / c.TrainSeconds }

// check reports what no result can have.
func (c *Cell) check() error {
	if c.Task == "" || c.Reader == "" {
		return errors.New("a result without a task or a reader")
	}
	return trial.CheckExams("size", len(c.Scores), func(i int) trial.Exam {
		return trial.Exam{Size: c.Scores[i].Size, Right: c.Scores[i].Right, Examples: c.Scores[i].Examples}
	})
}

// Score is how many questions of tables of a size were answered right, word by word.
type Score struct {
	Size     int  `json:"size"`    // rows, with the header, and columns
	Trained  bool `json:"trained"` // the size is one of the training
	Right    int  `json:"right"`
	Examples int  `json:"examples"`
}

// Accuracy is the share of right answers.
func (s Score) Accuracy() float64 { return float64(s.Right) / float64(s.Examples) }

// Scores are those of several sizes, the smallest first.
type Scores []Score

// Mean is the mean accuracy over the sizes that were trained, or over those held out, each counting the same; NaN where
// there are none.
func (s Scores) Mean(trained bool) float64 {
	sum, n := 0.0, 0
	for _, score := range s {
		if score.Trained == trained {
			sum += score.Accuracy()
			n++
		}
	}
	return sum / float64(n)
}
