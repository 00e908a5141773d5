package vision

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/splitmix"
	"github.com/graft-ml/graft/vision/images"
)

// FromPipeline returns the source of the images that p prepares, with the labels that it knows. A pipeline that mixes
// images makes whole batches, of images of one size; another one may have images of several sizes.
//
// Augmentation and mixing are drawn by the epoch, in training: they differ from epoch to epoch, and a resumed run draws the
// same. Elsewhere they are drawn by the numbers of the items of a batch, and an image by itself like a batch of one.
func FromPipeline(p *images.Pipeline) Source { return pipeline{p} }

type pipeline struct{ *images.Pipeline }

var (
	_ Source  = pipeline{}
	_ Batches = pipeline{}
	_ Epochs  = pipeline{}
)

// Len returns the number of images.
func (p pipeline) Len() int { return p.Source.Len() }

// Image returns image i.
func (p pipeline) Image(i int) (Image, error) {
	list, err := p.Images([]int{i})
	if err != nil {
		return Image{}, err
	}
	return list[0], nil
}

// Images returns the images of a batch.
func (p pipeline) Images(items []int) ([]Image, error) { return p.EpochImages(drawBy(items), items) }

// EpochImages returns the images of a batch of an epoch.
func (p pipeline) EpochImages(epoch int, items []int) ([]Image, error) {
	if p.Mixing != (images.Mixing{}) {
		var s images.Stack
		if err := p.Fill(&s, items, epoch); err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
		return p.unstack(&s), nil
	}
	list, failed := make([]Image, len(items)), make([]error, len(items))
	parallel.For(len(items), 1, parallel.Func(func(lo, hi int) {
		for k := lo; k < hi; k++ {
			var s images.Stack
			if failed[k] = p.Fill(&s, items[k:k+1], epoch); failed[k] == nil {
				list[k] = p.unstack(&s)[0]
			}
		}
	}))
	for _, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
	}
	return list, nil
}

// unstack returns the images of a stack, which share its memory.
func (p pipeline) unstack(s *images.Stack) []Image {
	list := make([]Image, s.Images)
	soft := p.Mixing != (images.Mixing{}) || p.Smoothing > 0
	each := s.Height * s.Width * s.Channels
	for b := range list {
		list[b] = Image{Height: s.Height, Width: s.Width, Channels: s.Channels, Pixels: s.Pixels[b*each : (b+1)*each], Label: Unlabelled}
		if len(s.Labels) > 0 {
			list[b].Label = s.Labels[b]
		}
		if soft && s.Classes > 0 {
			list[b].Shares = s.Targets[b*s.Classes : (b+1)*s.Classes]
		}
	}
	return list
}

// drawBy returns a number that tells batches apart.
func drawBy(items []int) int {
	h := uint64(len(items))
	for _, i := range items {
		h = splitmix.Mix(h ^ splitmix.Mix(uint64(i)))
	}
	return int(h >> 1)
}
