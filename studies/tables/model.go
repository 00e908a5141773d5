package tables

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables/decoder"
)

// grain is what widths of feed-forward parts are multiples of: odd ones are slow.
const grain = 4

// budget is how many parameters every model of a task has: those of the routed pair as [ReaderByName] has it.
func (st *study) budget(t *task) (int, error) {
	r, err := ReaderByName("two-order")
	if err != nil {
		return 0, err
	}
	c := st.Model
	c.Encoding, c.Reading = r.Encoding, r.Reading
	n, err := parameters(t, c)
	if err != nil {
		return 0, fmt.Errorf("tables: %w", err)
	}
	return n, nil
}

// parameters counts those of a model.
func parameters(t *task, c decoder.Config) (int, error) {
	m, err := decoder.New(c, t.words, 0)
	if err != nil {
		return 0, err
	}
	return nn.Collect(m).Count(), nil
}

// config is the configuration of a reader's model: with a feed-forward part of the width that brings it nearest to the
// budget.
func (st *study) config(t *task, r Reader, budget int) (decoder.Config, error) {
	c := st.Model
	c.Encoding, c.Reading = r.Encoding, r.Reading
	have, err := parameters(t, c)
	if err != nil {
		return c, err
	}
	if err := st.tryOn(t, c); err != nil || have == budget {
		return c, err
	}
	wider := c
	wider.FeedForwardWidth += grain
	more, err := parameters(t, wider)
	if err != nil {
		return c, err
	}
	c.FeedForwardWidth += grain * int(math.Round(float64(budget-have)/float64(more-have)))
	if c.FeedForwardWidth < 1 {
		return c, fmt.Errorf("with %d parameters it has more than the routed pair with %d, however narrow its feed-forward part", have, budget)
	}
	return c, nil
}

// tryOn finds out whether a model reads the largest tables.
func (st *study) tryOn(t *task, c decoder.Config) error {
	m, err := decoder.New(c, t.words, 0)
	if err != nil {
		return err
	}
	largest := max(st.Sizes[len(st.Sizes)-1], st.TestSizes[len(st.TestSizes)-1])
	_, err = decoder.NewData(m, []decoder.Item{item(t.bySize[largest].At(questionSeed, datasets.Test, 0))}, decoder.DataOptions{})
	return err
}
