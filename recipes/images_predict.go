package recipes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// errNoImages says that a model reads something else than images.
var errNoImages = errors.New("the model was not trained on images")

// ReadImage decodes an image file and brings it to the size and the channels that the model
// was trained on: gray is repeated for a model of colour, colour becomes gray for one of gray.
// Files may be as large as Recipe.Data.Images.Limits allow. The error is an *images.FileError
// that names the file.
func (t *Trained) ReadImage(path string) (*images.Image, error) {
	if t.Images == nil {
		return nil, fmt.Errorf("recipes: %s: %w", t.Recipe.Data.Title(), errNoImages)
	}
	m, err := images.DecodeFile(path, images.DecodeOptions{Channels: t.Images.Channels, Limits: t.Recipe.Data.Images.Limits})
	if err != nil {
		return nil, err
	}
	size := t.Recipe.Data.Images.Size
	size.Height, size.Width, size.Channels = t.Images.Height, t.Images.Width, t.Images.Channels
	return size.Apply(m)
}

// ReadImages is [Trained.ReadImage] for several files at once: an image, or else an error, for
// each.
func (t *Trained) ReadImages(paths []string) ([]*images.Image, []error) {
	list, failed := make([]*images.Image, len(paths)), make([]error, len(paths))
	parallel.For(len(paths), 1, parallel.Func(func(lo, hi int) {
		for k := lo; k < hi; k++ {
			list[k], failed[k] = t.ReadImage(paths[k])
		}
	}))
	return list, failed
}

// ImageMemory predicts what it takes to predict for so many images.
func (t *Trained) ImageMemory(n int) (*Memory, error) {
	if t.Images == nil {
		return nil, fmt.Errorf("recipes: %s: %w", t.Recipe.Data.Title(), errNoImages)
	}
	blank := images.New(t.Images.Height, t.Images.Width, t.Images.Channels)
	m, source, err := t.pictures(slices.Repeat([]*images.Image{blank}, max(n, leastClasses)))
	if err != nil {
		return nil, err
	}
	data, err := vision.NewData(m, source)
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	return predictTokens(t.Recipe, m, 0, [3]sequenceData{datasets.Test: equalImages{data}}, false, []datasets.Split{datasets.Test})
}

// PredictImages calls each with the scores of images, a batch at a time, [images, classes],
// which are its own during the call only; first is the number of the batch's first image.
// Images are those that [Trained.ReadImage] gives.
func (t *Trained) PredictImages(ctx context.Context, list []*images.Image, each func(first int, scores *tensor.Tensor) error) error {
	m, source, err := t.pictures(list)
	if err != nil {
		return err
	}
	data, err := vision.NewData(m, source)
	if err != nil {
		return fmt.Errorf("recipes: %w", err)
	}
	return train.Predict(ctx, m, data, t.Recipe.Train.EvalBatchSize, func(first int, _ nn.Batch, pred *tensor.Tensor) error {
		return each(first, pred)
	})
}

// Relevance maps which parts of images the answers of the model come from. The error says why
// there is no map.
func (t *Trained) Relevance(list []*images.Image) ([]vision.Relevance, error) {
	m, source, err := t.pictures(list)
	if err != nil {
		return nil, err
	}
	e, ok := m.(vision.Explainer)
	if !ok {
		return nil, fmt.Errorf("recipes: a model of kind %v cannot tell which parts of an image its answer comes from", t.Recipe.Model.Kind)
	}
	pictures := make([]vision.Image, source.Len())
	for i := range pictures {
		if pictures[i], err = source.Image(i); err != nil {
			return nil, err
		}
	}
	batch, err := vision.NewBatch(m, pictures)
	if err != nil {
		return nil, err
	}
	return e.Relevance(batch)
}

// pictures are images as the model gets them.
func (t *Trained) pictures(list []*images.Image) (vision.Classifier, vision.Source, error) {
	m, ok := t.Model.(vision.Classifier)
	if !ok || t.Images == nil {
		return nil, nil, fmt.Errorf("recipes: %s: %w", t.Recipe.Data.Title(), errNoImages)
	}
	return m, vision.FromPipeline(&images.Pipeline{Source: images.Slice(list), Normalisation: t.Images.normalisation()}), nil
}
