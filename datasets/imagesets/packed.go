package imagesets

import (
	"fmt"

	"github.com/graft-ml/graft/vision/images"
)

// Source hands out the images of one split with their classes. Both methods may be called by
// several goroutines, and panic for a number outside 0..Len()-1.
type Source interface {
	images.Source
	Label(i int) int
}

// Labelled gives images their classes. Another number of labels than of images panics.
func Labelled(s images.Source, labels []int) Source {
	if s.Len() != len(labels) {
		panic(fmt.Sprintf("imagesets: Labelled: %d labels, expected one for each of %d images", len(labels), s.Len()))
	}
	return labelled{s, labels}
}

type labelled struct {
	images.Source
	labels []int
}

func (l labelled) Label(i int) int { return l.labels[i] }

// empty is a split without images.
func empty() Source { return Labelled(images.Slice(nil), nil) }

// packed holds images of one size, one after another.
type packed struct {
	height, width, channels int
	pixels                  []uint8 // [images, height, width, channels]
}

func (p packed) size() int { return p.height * p.width * p.channels }

func (p packed) Len() int { return len(p.pixels) / p.size() }

func (p packed) Image(i int) (*images.Image, error) {
	lo, hi := i*p.size(), (i+1)*p.size()
	return &images.Image{Height: p.height, Width: p.width, Channels: p.channels, Bytes: p.pixels[lo:hi:hi]}, nil
}

// part is some items of a source.
type part struct {
	of    Source
	items []int
}

func (p part) Len() int { return len(p.items) }

func (p part) Image(i int) (*images.Image, error) { return p.of.Image(p.items[i]) }

func (p part) Label(i int) int { return p.of.Label(p.items[i]) }

// spread gives n items of a source that lie evenly, from the first on.
func spread(s Source, n int) Source {
	if n <= 0 || n >= s.Len() {
		return s
	}
	items := make([]int, n)
	for k := range items {
		items[k] = int(int64(k) * int64(s.Len()) / int64(n))
	}
	return part{s, items}
}
