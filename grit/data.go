package grit

import (
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
)

// Source is where graphs come from.
type Source = graphs.Source

// Graphs is a Source over graphs in memory.
type Graphs = graphs.Slice

// Data makes batches of the graphs of a source, for training, evaluation and prediction: its Prepare returns a *[Batch].
// It is safe for concurrent use where the source is.
type Data = features.Data

// NewData returns the data of source for models with configuration c.
func NewData(c Config, source Source) (*Data, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	return features.NewData("grit", source, func() features.Filler { return &Batch{config: c} }), nil
}
