package vision

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Classifier is a model that tells classes of images: what the data, commands and studies of vision know of a model.
// [Model] is one. Its Forward takes a *[Batch] and returns logits [images, classes].
type Classifier interface {
	nn.Model
	// Classes returns the number of classes.
	Classes() int
	// Channels returns the number of channels of the images that it reads.
	Channels() int
	// Accepts reports why the model cannot read images of such a size; nil means that it can.
	Accepts(size tensor.Size) error
}

// Explainer may be implemented by classifiers that can tell which parts of an image their answer comes from.
type Explainer interface {
	// Relevance returns a map for each image of the batch. The error says why there is none, and what to choose for one.
	Relevance(b *Batch) ([]Relevance, error)
}
