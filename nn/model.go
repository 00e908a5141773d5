package nn

import "github.com/graft-ml/graft/tensor"

// Model is what a training loop knows of a model.
type Model interface {
	Module
	// Forward computes the predictions for a batch, [items or tokens, out].
	Forward(tp *tensor.Tape, b Batch) *tensor.Var
}

// LossParts may be implemented by models that have losses of their own: Forward brings their gradient in by itself,
// beside that of the loss on the predictions, and LossParts tells what they are.
type LossParts interface {
	// LossParts returns the losses that the model brought into the pass that tp holds, if gradients are recorded in it;
	// nil where there are none. The caller must not change the list.
	LossParts(tp *tensor.Tape) []LossPart
}

// LossPart is a loss of a model's own.
type LossPart struct {
	Name  string
	Value float64 // with its weight: what is added to the loss on the predictions
}

// Batch is some items, encoded and laid end to end for a model. Each kind of model has its own; the training loop only
// hands it from the data to the model.
type Batch interface {
	// Items returns the number of items: graphs, images, sequences.
	Items() int
	// Targets returns what the predictions are compared with: numbers [items or tokens, out], or class ids
	// [items or tokens] stored as float32. NaN means that a target is missing.
	Targets() *tensor.Tensor
}
