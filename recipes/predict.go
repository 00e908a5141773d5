package recipes

import (
	"context"
	"errors"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/neighbours"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// Predict answers for graphs as one batch: each is called once, with a row a graph, or
// a row a node where the model predicts for nodes, whose memory is its own during the call
// only. A model that learned from neighbourhoods is given the neighbourhood of every node.
//
// fits, which may be nil, is asked before anything is computed whether batches of a size
// may be; its error ends the work, as does that of each and that of the model, which names
// the graph by its number.
func (t *Trained) Predict(ctx context.Context, gs []*graphs.Graph, fits func(Size) error, each func(pred *tensor.Tensor) error) error {
	if len(gs) == 0 {
		return nil
	}
	if t.Recipe.Data.Neighbours.On() {
		return t.predictAround(ctx, gs, fits, each)
	}
	if fits != nil {
		if err := fits(SizeOf(gs...)); err != nil {
			return err
		}
	}
	data, err := t.Recipe.Model.Data(graphs.Slice(gs))
	if err != nil {
		return err
	}
	return train.Predict(ctx, t.Model, data, len(gs), func(_ int, _ nn.Batch, pred *tensor.Tensor) error { return each(pred) })
}

// predictAround predicts for each node from what is around it.
func (t *Trained) predictAround(ctx context.Context, gs []*graphs.Graph, fits func(Size) error, each func(pred *tensor.Tensor) error) error {
	o, err := t.Recipe.Data.Neighbours.Options()
	if err != nil {
		return err
	}
	rows, cols := SizeOf(gs...).Nodes, t.Recipe.Model.Outputs()
	all, first := tensor.New(rows, cols), 0
	for item, g := range gs {
		around, err := neighbours.Of(g, o)
		if bad := (*graphs.ItemError)(nil); errors.As(err, &bad) {
			bad.Item = item
		}
		if err != nil {
			return err
		}
		if err := t.fitsAround(ctx, around, fits); err != nil {
			return err
		}
		data, err := t.Recipe.Model.Data(around)
		if err != nil {
			return err
		}
		err = train.Predict(ctx, t.Model, data, t.Recipe.Train.EvalBatchSize, func(node int, b nn.Batch, pred *tensor.Tensor) error {
			for k := range b.Items() {
				centre, _ := b.(interface{ NodeRows(g int) (from, to int) }).NodeRows(k)
				copy(all.Row(first+node+k), pred.Row(centre))
			}
			return nil
		})
		if err != nil {
			return err
		}
		first += g.Nodes
	}
	return each(all)
}

// fitsAround asks whether the largest batch of neighbourhoods fits.
func (t *Trained) fitsAround(ctx context.Context, around *neighbours.Source, fits func(Size) error) error {
	if fits == nil {
		return nil
	}
	list, err := measureGraphs(ctx, around, Need{Pair: 1})
	if err != nil {
		return err
	}
	m := Memory{graphs: list}
	return fits(m.largestBatch(t.Recipe.Train.EvalBatchSize))
}
