package train

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Predict runs a model over data and calls each with every batch, in order: the number of its first item, the batch and
// the predictions for it, both of which are valid during the call only. Neither the model nor anything else is changed. An
// error of each ends it and is returned, as is the error of ctx when that ends.
func Predict(ctx context.Context, m nn.Model, d Data, batchSize int, each func(first int, b nn.Batch, pred *tensor.Tensor) error) error {
	err := forEachBatch(ctx, tensor.NewTape(), m, d, batchSize, func(first int, b nn.Batch, pred *tensor.Var) error {
		return each(first, b, pred.Value())
	})
	if err != nil {
		return fmt.Errorf("train: predict: %w", err)
	}
	return nil
}
