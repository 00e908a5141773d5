package features

import (
	"errors"
	"fmt"
	"sync"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
)

// Filler is the batch of a kind of model: a struct that embeds a [Batch] and knows by itself how graphs are made into what
// the model reads. Its Fill calls Batch.Fill and then adds the rest, encodings for instance.
type Filler interface {
	nn.Batch
	// Fill replaces the contents by graphs, in the memory that is there. An error that is of one graph should be a
	// *graphs.ItemError.
	Fill(gs []*graphs.Graph) error
	own() *Batch // comes with the embedded Batch
}

var _ interface{ own() *Batch } = (*Batch)(nil)

// Numbered is a [Filler] that keeps what it computes of a graph under the graph's number.
type Numbered interface {
	// Number tells the numbers, in the source, of the graphs of the next Fill, for that Fill alone. The slice is only lent.
	Number(items []int)
}

// Data makes batches of the graphs of a source, for training, evaluation and prediction. It is safe for concurrent use
// where the source is. It is a train.Data.
type Data struct {
	model  string
	source graphs.Source
	pool   sync.Pool
}

// NewData returns the data of source. Its batches begin as what empty returns and are used again after they are released.
// model is the name of the model's package, which errors begin with.
func NewData(model string, source graphs.Source, empty func() Filler) *Data {
	return &Data{model: model, source: source, pool: sync.Pool{New: func() any { return empty() }}}
}

// Len returns the number of graphs.
func (d *Data) Len() int { return d.source.Len() }

// Prepare returns a batch of the given graphs, of the type that the model reads. What is computed of graphs, such as
// encodings, is computed here, for each batch anew, unless the model's batch is [Numbered] and keeps it. The error names
// the graph that could not be used, by its number in the source and its ID.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	gs := make([]*graphs.Graph, len(items))
	for k, i := range items {
		g, err := d.source.Graph(i)
		if err != nil {
			return nil, fmt.Errorf("%s: graph %d: %w", d.model, i, err)
		}
		gs[k] = g
	}
	b := d.pool.Get().(Filler)
	if n, ok := b.(Numbered); ok {
		n.Number(items)
	}
	if err := b.Fill(gs); err != nil {
		d.pool.Put(b)
		if item := (*graphs.ItemError)(nil); errors.As(err, &item) {
			err = fmt.Errorf("%s: graph %d: %w", d.model, items[item.Item], err)
		}
		return nil, err
	}
	b.own().pool, b.own().owner = &d.pool, b
	return b, nil
}
