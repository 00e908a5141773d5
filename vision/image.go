package vision

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/tensor"
)

// Image is a picture, or any map of numbers, with what is to be learned of it.
type Image struct {
	Height, Width, Channels int
	Pixels                  []float32 // [height, width, channels]: line by line, the channels of a pixel together
	Label                   int       // the class; [Unlabelled] where it is not known
	// Shares [classes] says how much of the image is of each class, where several images were mixed. It takes the place of
	// Label; nil means that all is of the one class.
	Shares []float32
}

// Unlabelled is the Label of an image whose class is not known.
const Unlabelled = -1

// Size returns height and width.
func (m *Image) Size() tensor.Size { return tensor.Size{Height: m.Height, Width: m.Width} }

// check reports what keeps a model from reading or learning of the image, but for its size.
func (m *Image) check(by Classifier) error {
	classes, channels := by.Classes(), by.Channels()
	switch {
	case m.Height < 1 || m.Width < 1 || m.Channels < 1:
		return fmt.Errorf("it is %d pixels high and %d wide with %d channels: want positive numbers", m.Height, m.Width, m.Channels)
	case m.Channels != channels:
		return fmt.Errorf("it has %d channels, and the model reads %d: convert it, or make a model with channels %d", m.Channels, channels, m.Channels)
	case len(m.Pixels)%m.Channels != 0 || len(m.Pixels)/m.Channels%m.Width != 0 || len(m.Pixels)/m.Channels/m.Width != m.Height:
		return fmt.Errorf("it has %d numbers, which are not %v pixels of %d channels", len(m.Pixels), m.Size(), m.Channels)
	case m.Shares != nil && len(m.Shares) != classes:
		return fmt.Errorf("it has shares of %d classes, and the model knows %d", len(m.Shares), classes)
	case m.Shares == nil && m.Label != Unlabelled && (m.Label < 0 || m.Label >= classes):
		return fmt.Errorf("its label is %d: want 0 to %d, the model knows %d classes; or Unlabelled", m.Label, classes-1, classes)
	}
	sum := 0.0
	for c, s := range m.Shares {
		if !(s >= 0) {
			return fmt.Errorf("its share of class %d is %v: want a number from 0", c, s)
		}
		sum += float64(s)
	}
	if m.Shares != nil && math.Abs(sum-1) > shareSlack {
		return fmt.Errorf("its shares have the sum %v: want 1", sum)
	}
	for i, v := range m.Pixels {
		if v-v != 0 { // NaN and the infinities alone
			pixel := i / m.Channels
			return fmt.Errorf("its pixel in row %d and column %d has the value %v in channel %d: want a finite number", pixel/m.Width, pixel%m.Width, v, i%m.Channels)
		}
	}
	return nil
}

// shareSlack is what the sum of float32 shares may be off by.
const shareSlack = 1e-3

// Source is where images come from: files, a data set, a generator.
type Source interface {
	// Len returns the number of images.
	Len() int
	// Image returns image i, from 0 to Len()-1. It depends on i alone and is safe for concurrent use; the caller may keep
	// the image, but changes neither it nor its slices.
	Image(i int) (Image, error)
}

// Batches may be implemented by a [Source] whose images depend on what else is in the batch: by one that mixes them, or
// augments them in a way that changes from epoch to epoch, which the order of the items tells apart.
type Batches interface {
	// Images returns the images of the given numbers. It depends on the numbers alone and is safe for concurrent use.
	Images(items []int) ([]Image, error)
}

// Epochs may be implemented by a [Source] whose images are drawn anew in every epoch of training.
type Epochs interface {
	// EpochImages returns the images of the given numbers as they are in an epoch. It depends on its arguments alone and is
	// safe for concurrent use.
	EpochImages(epoch int, items []int) ([]Image, error)
}

// Slice is a Source over images in memory.
type Slice []Image

var _ Source = Slice(nil)

// Len returns the number of images.
func (s Slice) Len() int { return len(s) }

// Image returns image i. The error is always nil.
func (s Slice) Image(i int) (Image, error) { return s[i], nil }
