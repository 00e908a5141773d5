package vision

import (
	"fmt"
	"sync"

	"github.com/graft-ml/graft/nn"
)

// Data makes batches of the images of a source for a model, for training, evaluation and prediction. It is a train.Data,
// and safe for concurrent use.
type Data struct {
	model    Classifier
	source   Source
	accepted sync.Map // sizes that the model is known to read
}

// NewData returns the data of source for m. It looks at the first image, so that a data set that does not fit the model is
// refused at once.
func NewData(m Classifier, source Source) (*Data, error) {
	d := &Data{model: m, source: source}
	if source.Len() > 0 {
		if _, err := d.Prepare([]int{0}); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Len returns the number of images.
func (d *Data) Len() int { return d.source.Len() }

// Prepare returns a *[Batch] of the images of the given numbers. The error names the image that cannot be used.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	images, err := d.images(items)
	return d.batch(items, images, err)
}

// PrepareEpoch is Prepare for an epoch of training, which matters where the source has [Epochs]. Data is a train.Epochs.
func (d *Data) PrepareEpoch(epoch int, items []int) (nn.Batch, error) {
	e, ok := d.source.(Epochs)
	if !ok {
		return d.Prepare(items)
	}
	images, err := e.EpochImages(epoch, items)
	return d.batch(items, images, err)
}

// batch lays out what the source gave.
func (d *Data) batch(items []int, images []Image, err error) (nn.Batch, error) {
	if err == nil && len(images) != len(items) {
		err = fmt.Errorf("vision: the source gave %d images for %d", len(images), len(items))
	}
	if err != nil {
		return nil, err
	}
	for k := range images {
		if err := d.check(&images[k]); err != nil {
			return nil, fmt.Errorf("vision: image %d: %w", items[k], err)
		}
	}
	return layOut(images, d.model), nil
}

// images reads images.
func (d *Data) images(items []int) ([]Image, error) {
	if b, ok := d.source.(Batches); ok {
		return b.Images(items)
	}
	images := make([]Image, len(items))
	for k, i := range items {
		var err error
		if images[k], err = d.source.Image(i); err != nil {
			return nil, fmt.Errorf("vision: image %d: %w", i, err)
		}
	}
	return images, nil
}

// check reports what keeps the model from reading an image. What it says of a size is asked once.
func (d *Data) check(image *Image) error {
	if err := image.check(d.model); err != nil {
		return err
	}
	if _, ok := d.accepted.Load(image.Size()); ok {
		return nil
	}
	if err := d.model.Accepts(image.Size()); err != nil {
		return err
	}
	d.accepted.Store(image.Size(), true)
	return nil
}
