package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Evaluate measures a model on data: the loss (unless it is nil) and the metrics. It changes nothing of the model and
// draws no random numbers. Metrics do not depend on batchSize; a loss does in its last digits, and more where it weighs
// classes by their share of the batch. When ctx ends its error is returned.
func Evaluate(ctx context.Context, m nn.Model, d Data, loss nn.Loss, metrics []Metric, batchSize int) (Scores, error) {
	return evaluate(ctx, tensor.NewTape(), m, d, loss, metrics, batchSize)
}

func evaluate(ctx context.Context, tp *tensor.Tape, m nn.Model, d Data, loss nn.Loss, metrics []Metric, batchSize int) (Scores, error) {
	t := newTally(loss, metrics)
	err := forEachBatch(ctx, tp, m, d, batchSize, func(_ int, b nn.Batch, pred *tensor.Var) error {
		target := b.Targets()
		if target == nil {
			return errors.New("the batch has no targets: there is nothing to measure predictions against")
		}
		var l float64
		if loss != nil {
			l = float64(loss.Loss(tp, pred, target).Data()[0])
		}
		t.add(l, pred.Value(), target)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("train: evaluate: %w", err)
	}
	return t.scores(), nil
}

// forEachBatch runs evaluation passes over all items in order.
func forEachBatch(ctx context.Context, tp *tensor.Tape, m nn.Model, d Data, batchSize int, each func(first int, b nn.Batch, pred *tensor.Var) error) error {
	if batchSize <= 0 {
		return fmt.Errorf("the batch size is %d: choose how many items to take at a time, 32 for instance", batchSize)
	}
	order := make([]int, d.Len())
	for i := range order {
		order[i] = i
	}
	f := startFeed(d, order, batchSize, 0)
	defer f.stop()
	for lo := 0; lo < len(order); lo += batchSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := f.next(ctx)
		if err != nil {
			return err
		}
		tp.Begin(tensor.Pass{})
		if err := each(lo, p.batch, m.Forward(tp, p.batch)); err != nil {
			return err
		}
		p.release()
	}
	return nil
}
