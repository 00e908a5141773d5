package images

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// Source hands out images by number, in memory or decoded when they are asked for. Image may
// be called by several goroutines, panics for a number outside 0..Len()-1, and gives an
// image that must not be changed; its error names the file.
type Source interface {
	Len() int
	Image(i int) (*Image, error)
}

// Slice is a Source over images in memory.
type Slice []*Image

var _ Source = Slice(nil)

// Len is the number of images.
func (s Slice) Len() int { return len(s) }

// Image gives image i; the error is always nil.
func (s Slice) Image(i int) (*Image, error) { return s[i], nil }

// Files is a Source over image files, each of which is decoded when it is asked for.
type Files struct {
	Paths   []string
	Options DecodeOptions
}

var _ Source = Files{}

// Len is the number of files.
func (f Files) Len() int { return len(f.Paths) }

// Image decodes file i. The error is a *FileError.
func (f Files) Image(i int) (*Image, error) { return DecodeFile(f.Paths[i], f.Options) }

// Cached gives a Source that keeps images of another, prepared, in at most so many bytes:
// those that were asked for first. It never drops one for another: of a set that is gone
// through in a new order every epoch, no choice of what to keep is found again more often,
// and one that drops the oldest finds less. A set that fits as a whole is decoded once.
func Cached(s Source, p Preparation, bytes int64) Source {
	return &cache{source: s, preparation: p, limit: bytes, kept: make([]atomic.Pointer[Image], s.Len())}
}

type cache struct {
	source      Source
	preparation Preparation
	limit       int64
	used        atomic.Int64
	kept        []atomic.Pointer[Image]
}

func (c *cache) Len() int { return len(c.kept) }

func (c *cache) Image(i int) (*Image, error) {
	if m := c.kept[i].Load(); m != nil {
		return m, nil
	}
	m, err := prepared(c.source, c.preparation, i)
	if err != nil {
		return nil, err
	}
	size := int64(len(m.Bytes)) + 4*int64(len(m.Floats))
	if c.used.Add(size) > c.limit || !c.kept[i].CompareAndSwap(nil, m) {
		c.used.Add(-size) // there is no room, or another goroutine was quicker
	}
	return m, nil
}

// prepared gives one image of a source, prepared; the error names the file, or else the item.
func prepared(s Source, p Preparation, item int) (*Image, error) {
	m, err := s.Image(item)
	if err == nil {
		m, err = p.Apply(m)
	}
	if err == nil {
		return m, nil
	}
	if f := (*FileError)(nil); errors.As(err, &f) && f.File != "" {
		return nil, err
	}
	return nil, fmt.Errorf("images: item %d: %w", item, err)
}
