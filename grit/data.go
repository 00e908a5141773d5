package grit

import (
	"errors"
	"fmt"
	"sync"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
)

// Source is where graphs come from.
type Source = graphs.Source

// Graphs is a Source over graphs in memory.
type Graphs = graphs.Slice

// Data makes batches of the graphs of a source, for training, evaluation and prediction. It is safe for concurrent use
// where the source is.
type Data struct {
	source Source
	config Config
	pool   sync.Pool
}

// NewData returns the data of source for models with configuration c.
func NewData(c Config, source Source) (*Data, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Data{source: source, config: c.WithDefaults(), pool: sync.Pool{New: func() any { return new(Batch) }}}, nil
}

// Len returns the number of graphs.
func (d *Data) Len() int { return d.source.Len() }

// Prepare returns a *[Batch] of the given graphs. Encodings are computed here, for each batch anew: they are never
// stored for a whole data set. The error names the graph that could not be used, by its number in the source and its ID.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	gs := make([]*graphs.Graph, len(items))
	for k, i := range items {
		g, err := d.source.Graph(i)
		if err != nil {
			return nil, fmt.Errorf("grit: graph %d: %w", i, err)
		}
		gs[k] = g
	}
	b := d.pool.Get().(*Batch)
	b.pool = &d.pool
	if err := b.fill(d.config, gs); err != nil {
		d.pool.Put(b)
		if item := (*graphs.ItemError)(nil); errors.As(err, &item) {
			err = fmt.Errorf("grit: graph %d: %w", items[item.Item], err)
		}
		return nil, err
	}
	return b, nil
}
