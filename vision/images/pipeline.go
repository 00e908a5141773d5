package images

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/parallel"
)

// Stack is a batch of images of one size, ready for a model.
type Stack struct {
	Images, Height, Width, Channels int
	Pixels                          []float32 // [images, height, width, channels], normalised
	Labels                          []int     // [images], before mixing; empty where the pipeline has no labels
	Classes                         int
	Targets                         []float32 // [images, classes], each row's sum is 1; empty where Classes is 0
}

// Pipeline makes items of a source into stacks: decoded, prepared, augmented, normalised,
// mixed. One for training has an Augmentation and perhaps Mixing, one for evaluation has the
// zero values of both.
//
// Fill depends on nothing but its arguments and may be called by several goroutines, each
// with a Stack of its own; so it can be called by a Prepare of package train, which runs
// beside the computation of earlier batches. It decodes the items of the batch in parallel
// and keeps nothing: items are asked for by number, in a new order every epoch, and the
// memory is that of the batch. A set that fits into memory decoded is worth [Cached] around
// its source.
type Pipeline struct {
	Source        Source
	Label         func(item int) int // the class of an item; nil where there are none
	Classes       int                // of soft targets; 0 makes none
	Preparation   Preparation
	Augmentation  Augmentation
	Normalisation Normalisation
	Mixing        Mixing
	// Smoothing is the share of each target that is spread evenly over all classes (Szegedy et
	// al., Rethinking the Inception Architecture, 2016, section 7).
	Smoothing float64
	Seed      uint64
}

// Check says which field makes no sense: an *OptionError.
func (p *Pipeline) Check() error {
	for _, err := range []error{p.Preparation.Check(), p.Augmentation.Check(), p.Normalisation.Check(), p.Mixing.Check(), probability("Smoothing", p.Smoothing)} {
		if err != nil {
			return err
		}
	}
	soft := p.Mixing.Mixup > 0 || p.Mixing.CutMix > 0 || p.Smoothing > 0
	if soft && (p.Classes <= 0 || p.Label == nil) {
		return &OptionError{"Mixing and Smoothing", "set without labels and a number of classes: targets cannot be mixed"}
	}
	return nil
}

// Fill makes a stack of some items as they are in an epoch, or at a step; slices of the stack
// are used again where they are long enough. The same seed, epoch and items give the same
// bits.
//
// The error is that of the first item, in their order, that cannot be read or has another
// size than the first, and names it; or, for a label outside 0..Classes-1, says so.
func (p *Pipeline) Fill(s *Stack, items []int, epoch int) error {
	*s = Stack{Images: len(items), Pixels: s.Pixels[:0], Labels: s.Labels[:0], Targets: s.Targets[:0], Classes: p.Classes}
	if len(items) == 0 {
		return nil
	}
	first, err := prepared(p.Source, p.Preparation, items[0])
	if err != nil {
		return err
	}
	if n := len(p.Normalisation.Mean); n != 0 && n != first.Channels {
		return fmt.Errorf("images: item %d has %d channels, the normalisation %d; ask for so many in Preparation.Channels", items[0], first.Channels, n)
	}
	s.Height, s.Width, s.Channels = first.Height, first.Width, first.Channels
	if err := p.label(s, items); err != nil {
		return err
	}
	s.Pixels = slices.Grow(s.Pixels, len(items)*first.Len())[:len(items)*first.Len()]
	failed := make([]error, len(items))
	parallel.For(len(items), 1, parallel.Func(func(lo, hi int) {
		for b := lo; b < hi; b++ {
			failed[b] = p.place(s, b, first, items, epoch)
		}
	}))
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	p.Mixing.Apply(s, Key{p.Seed, epoch, items[0]})
	return nil
}

// place writes one image of a stack.
func (p *Pipeline) place(s *Stack, b int, first *Image, items []int, epoch int) error {
	m := first
	if b > 0 {
		var err error
		if m, err = prepared(p.Source, p.Preparation, items[b]); err != nil {
			return err
		}
	}
	if m.Height != s.Height || m.Width != s.Width || m.Channels != s.Channels {
		return fmt.Errorf("images: item %d has height %d, width %d, channels %d, item %d of the same batch %d, %d, %d; bring all to one size with Preparation",
			items[b], m.Height, m.Width, m.Channels, items[0], s.Height, s.Width, s.Channels)
	}
	k := Key{p.Seed, epoch, items[b]}
	m = p.Augmentation.Apply(m, k)
	into := Image{Height: m.Height, Width: m.Width, Channels: m.Channels, Floats: s.Pixels[b*m.Len():][:m.Len()]}
	p.Normalisation.into(into.Floats, m)
	if rng, r := p.Augmentation.Erase.draw(m.Height, m.Width, k); rng != nil {
		p.Augmentation.Erase.fill(&into, r, rng)
	}
	return nil
}

// label writes labels and targets of a stack.
func (p *Pipeline) label(s *Stack, items []int) error {
	if p.Label == nil {
		return nil
	}
	for _, item := range items {
		label := p.Label(item)
		if p.Classes > 0 && (label < 0 || label >= p.Classes) {
			return fmt.Errorf("images: item %d has the label %d, expected 0..%d", item, label, p.Classes-1)
		}
		s.Labels = append(s.Labels, label)
		for c := range p.Classes {
			target := p.Smoothing / float64(p.Classes)
			if c == label {
				target += 1 - p.Smoothing
			}
			s.Targets = append(s.Targets, float32(target))
		}
	}
	return nil
}
