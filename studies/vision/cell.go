package vision

import (
	"errors"
	"fmt"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/vision/polyphase"
)

// Cell is the result of one model: an encoding with a seed.
type Cell struct {
	Encoding         string  `json:"encoding"` // the name of its [Subject]
	Setting          string  `json:"setting"`  // of the subject, to tell it from others of the same name
	Seed             uint64  `json:"seed"`
	Parameters       int     `json:"parameters"` // that are trained
	FeedForwardWidth int     `json:"feedForwardWidth"`
	Steps            int     `json:"steps"`
	Images           int     `json:"images"` // that were learned from, each as often as it came
	Loss             float64 `json:"loss"`   // mean over the last tenth of the steps
	Scores           Scores  `json:"scores"`
	Shift            Shift   `json:"shift"`
	// TrainSeconds is the time of the training, TestSeconds that of all tests.
	TrainSeconds float64 `json:"trainSeconds"`
	TestSeconds  float64 `json:"testSeconds"`
}

// SecondsPerStep is how long a step of the training took, with what makes its images.
func (c *Cell) SecondsPerStep() float64 { return c.TrainSeconds / float64(c.Steps) }

// Score is how many test images of a resolution were told right.
type Score struct {
	Resolution int  `json:"resolution"` // height and width in pixels
	Trained    bool `json:"trained"`    // it is that of the training
	Right      int  `json:"right"`
	Examples   int  `json:"examples"`
}

// Accuracy is the share of right answers.
func (s Score) Accuracy() float64 { return float64(s.Right) / float64(s.Examples) }

// Scores are those of several resolutions, the smallest first.
type Scores []Score

// Shift is what becomes of the answers to test images, of the trained resolution, under circular shifts by whole pixels.
type Shift struct {
	Images int `json:"images"`
	Shifts int `json:"shifts"` // of all images
	// Kept is the share of shifts that have the class of the image as it was, Consistency that of pairs of shifts of an image
	// that have the same class, and Accuracy that of shifts with the right class. All are 0 where nothing was shifted.
	Kept        float64 `json:"kept"`
	Consistency float64 `json:"consistency"`
	Accuracy    float64 `json:"accuracy"`
}

// shiftOf takes over what was measured.
func shiftOf(c polyphase.Consistency) Shift {
	s := Shift{Images: c.Images, Shifts: c.Shifts, Kept: c.Kept, Accuracy: c.ShiftedAccuracy}
	if c.Shifts > c.Images { // a single shift has no pairs
		s.Consistency = c.Consistency
	}
	return s
}

// check reports what no result can have.
func (c *Cell) check() error {
	if c.Encoding == "" {
		return errors.New("a result without an encoding")
	}
	for _, share := range []float64{c.Shift.Kept, c.Shift.Consistency, c.Shift.Accuracy} {
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("%v is no share of shifts: want 0 to 1", share)
		}
	}
	return trial.CheckExams("resolution", len(c.Scores), func(i int) trial.Exam {
		return trial.Exam{Size: c.Scores[i].Resolution, Right: c.Scores[i].Right, Examples: c.Scores[i].Examples}
	})
}
