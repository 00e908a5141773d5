package vision

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// sources are the images of a study.
type sources struct {
	train, test   images.Source // kept once they were decoded, as far as there is room; those to learn from in their size
	normalisation images.Normalisation
}

// room is how many bytes of images of each kind are kept.
const room = 256 << 20

// mostMeasured is the most training images that means and deviations are measured on, where the set does not tell them.
const mostMeasured = 10_000

// load opens the images where that was not done.
func (st *study) load(ctx context.Context) error {
	if st.images != nil {
		return nil
	}
	s := &sources{
		train: images.Cached(st.Set.Train, st.preparation(st.Size), room),
		test:  images.Cached(st.Set.Test, images.Preparation{Channels: st.channels()}, room),
	}
	if info := st.Set.Info; len(info.Mean) > 0 {
		s.normalisation = info.Normalisation()
	} else {
		var err error
		if s.normalisation, err = images.Measure(ctx, some{s.train, min(s.train.Len(), mostMeasured)}, images.Preparation{}); err != nil {
			return fmt.Errorf("vision: means and deviations of the training images: %w", err)
		}
	}
	st.images = s
	return nil
}

// some are n images of a source, evenly spread.
type some struct {
	images.Source
	n int
}

func (s some) Len() int { return s.n }

func (s some) Image(i int) (*images.Image, error) { return s.Source.Image(i * s.Source.Len() / s.n) }

// preparation brings images to a resolution.
func (st *study) preparation(resolution int) images.Preparation {
	return images.Preparation{Height: resolution, Channels: st.channels()}
}

// learned is where the training images of a model come from.
func (st *study) learned(seed uint64) *images.Pipeline {
	p := st.pipeline(st.images.train, st.Set.Train)
	p.Augmentation, p.Seed = *st.Augmentation, seed
	return p
}

// tested is where test images of a resolution come from.
func (st *study) tested(resolution int) *images.Pipeline {
	p := st.pipeline(st.images.test, st.Set.Test)
	p.Preparation = st.preparation(resolution)
	return p
}

func (st *study) pipeline(from images.Source, of imagesets.Source) *images.Pipeline {
	return &images.Pipeline{Source: from, Label: of.Label, Classes: st.Model.Classes, Normalisation: st.images.normalisation}
}

// order is the training images of a model as they come: all of them in a new order in every epoch, but for those that are
// left over of a batch.
type order struct {
	data    *vision.Data
	seed    uint64
	n, each int
	epoch   int // that items are of, -1 at first
	items   []int
}

// batch returns what a step learns from.
func (o *order) batch(step int) (*vision.Batch, error) {
	steps := o.n / o.each // of an epoch
	epoch, k := step/steps, step%steps
	if o.epoch != epoch {
		o.epoch, o.items = epoch, images.Shuffled(o.n, o.seed, epoch)
	}
	b, err := o.data.PrepareEpoch(epoch, o.items[k*o.each:][:o.each])
	if err != nil {
		return nil, err
	}
	return b.(*vision.Batch), nil
}
