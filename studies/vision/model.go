package vision

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// grain is what widths of feed-forward parts are multiples of: odd ones are slow.
const grain = 4

// budget is how many parameters every model has: those of the one with a learned table, as ViT has it.
func (st *study) budget() (int, error) {
	c := st.Model
	c.Encoding = encodings.Learned{}
	return parameters(c)
}

// parameters counts those of a model.
func parameters(c vision.Config) (int, error) {
	m, err := vision.New(c, 0)
	if err != nil {
		return 0, err
	}
	return nn.Collect(m).Count(), nil
}

// config is the configuration of a subject's model: with a feed-forward part of the width that brings it nearest to the
// budget.
func (st *study) config(s Subject, budget int) (vision.Config, error) {
	c := s.apply(st.Model)
	m, err := vision.New(c, 0)
	if err != nil {
		return c, err
	}
	for _, r := range st.resolutions() {
		if err := m.Accepts(tensor.Size{Height: r, Width: r}); err != nil {
			return c, fmt.Errorf("images of %d by %d pixels: %w", r, r, err)
		}
	}
	have := nn.Collect(m).Count()
	if have == budget {
		return c, nil
	}
	width := feedForwardWidth(c)
	more, err := parameters(withWidth(c, width+grain))
	if err != nil {
		return c, err
	}
	width += grain * int(math.Round(float64(budget-have)/float64(more-have)))
	if width < 1 {
		return c, fmt.Errorf("with %d parameters it has more than the model with a learned table with %d, however narrow its feed-forward part", have, budget)
	}
	return withWidth(c, width), nil
}

// feedForwardWidth is the hidden width of the feed-forward parts.
func feedForwardWidth(c vision.Config) int { return int(c.FFNRatio * float64(c.Width)) }

// withWidth returns c with another hidden width of the feed-forward parts. The half lies beyond any rounding of the product
// of ratio and width.
func withWidth(c vision.Config, hidden int) vision.Config {
	c.FFNRatio = (float64(hidden) + 0.5) / float64(c.Width)
	return c
}

// resolutions are all that are tested, the smallest first.
func (st *study) resolutions() []int {
	var list []int
	trained := st.Size
	for _, r := range st.Resolutions {
		if trained != 0 && trained < r {
			list = append(list, trained)
			trained = 0
		}
		list = append(list, r)
	}
	if trained != 0 {
		list = append(list, trained)
	}
	return list
}
