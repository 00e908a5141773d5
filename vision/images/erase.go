package images

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/nearest"
)

// EraseFill says what an erased rectangle is filled with. Values are those of a normalised
// image, so that 0 is the mean of the training set and 1 a standard deviation from it.
type EraseFill int

// The fills: RE-M of the paper, and RE-R in two forms, with normal numbers in place of its
// uniform ones, as timm draws them.
const (
	FillMean   EraseFill = iota // 0
	FillColour                  // one random number a channel
	FillNoise                   // a random number for every number
)

var fillNames = []string{"mean", "colour", "noise"}

// EraseFillNames lists the names that [ParseEraseFill] knows.
func EraseFillNames() []string { return append([]string(nil), fillNames...) }

// ParseEraseFill gives the fill of a name; the error of an unknown one tells the nearest.
func ParseEraseFill(name string) (EraseFill, error) {
	k, err := nearest.Index("fill", name, fillNames)
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return EraseFill(k), nil
}

// String is the name, as [ParseEraseFill] takes it.
func (f EraseFill) String() string { return nearest.Name("EraseFill", int(f), fillNames) }

// MarshalText gives the name, for configuration files.
func (f EraseFill) MarshalText() ([]byte, error) {
	return nearest.Text("EraseFill", int(f), fillNames)
}

// UnmarshalText reads a name, as [ParseEraseFill] does.
func (f *EraseFill) UnmarshalText(text []byte) error {
	parsed, err := ParseEraseFill(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

// Erase overwrites a random rectangle (Zhong et al., Random Erasing Data Augmentation, 2017,
// algorithm 1). The zero value erases nothing; beside a probability, zeros mean the paper's
// values.
type Erase struct {
	Probability float64   `yaml:"probability,omitempty"` // of an image losing a rectangle; the paper's is 0.5
	Fill        EraseFill `yaml:"fill,omitempty"`
	MinArea     float64   `yaml:"minArea,omitempty"`   // share of the image (s_l); 0 means 0.02
	MaxArea     float64   `yaml:"maxArea,omitempty"`   // share of the image (s_h); 0 means 0.4
	MinAspect   float64   `yaml:"minAspect,omitempty"` // height by width (r_1), uniform up to its inverse, so that most are tall; 0 means 0.3
}

// What Erase means where it is 0: section 4 of the paper.
const (
	DefaultMinArea   = 0.02
	DefaultMaxArea   = 0.4
	DefaultMinAspect = 0.3
)

func (e Erase) withDefaults() Erase {
	if e.MinArea == 0 {
		e.MinArea = DefaultMinArea
	}
	if e.MaxArea == 0 {
		e.MaxArea = DefaultMaxArea
	}
	if e.MinAspect == 0 {
		e.MinAspect = DefaultMinAspect
	}
	return e
}

func (e Erase) check() error {
	if err := probability("Erase.Probability", e.Probability); err != nil {
		return err
	}
	if int(e.Fill) < 0 || int(e.Fill) >= len(fillNames) {
		return &OptionError{"Erase.Fill", fmt.Sprintf("%v, expected one of %v", e.Fill, fillNames)}
	}
	e = e.withDefaults()
	if !(e.MinArea > 0 && e.MinArea <= e.MaxArea && e.MaxArea <= 1) {
		return &OptionError{"Erase.MinArea and MaxArea", fmt.Sprintf("%v and %v, expected shares of the image, the smaller first", e.MinArea, e.MaxArea)}
	}
	if !(e.MinAspect > 0 && e.MinAspect <= 1) {
		return &OptionError{"Erase.MinAspect", fmt.Sprintf("%v, expected a number above 0 and up to 1", e.MinAspect)}
	}
	return nil
}

// Apply gives the normalised image with a part erased, or the same where the key decides
// that nothing is. An image of bytes panics: the fills are of normalised images.
func (e Erase) Apply(m *Image, k Key) *Image {
	if m.Floats == nil {
		panic("images: Erase: an image of bytes, expected a normalised one of floats")
	}
	rng, erased := e.draw(m.Height, m.Width, k)
	if rng == nil {
		return m
	}
	m = m.Clone()
	e.fill(m, erased, rng)
	return m
}

// rectangle is a part of an image.
type rectangle struct{ row, column, height, width int }

// draw decides about an image: no random numbers mean that it is left alone, and so does a
// rectangle that never fits. As the paper's code does, it tries a hundred times.
func (e Erase) draw(height, width int, k Key) (*rand.Rand, rectangle) {
	if e.Probability <= 0 {
		return nil, rectangle{}
	}
	e = e.withDefaults()
	rng := k.stream(streamErase)
	if rng.Float64() >= e.Probability {
		return nil, rectangle{}
	}
	for range 100 {
		area := (e.MinArea + rng.Float64()*(e.MaxArea-e.MinArea)) * float64(height) * float64(width)
		aspect := e.MinAspect + rng.Float64()*(1/e.MinAspect-e.MinAspect)
		h, w := int(math.Round(math.Sqrt(area*aspect))), int(math.Round(math.Sqrt(area/aspect)))
		if h > 0 && w > 0 && h < height && w < width {
			return rng, rectangle{rng.IntN(height - h + 1), rng.IntN(width - w + 1), h, w}
		}
	}
	return nil, rectangle{}
}

// fill overwrites a rectangle.
func (e Erase) fill(m *Image, r rectangle, rng *rand.Rand) {
	colour := make([]float32, m.Channels)
	if e.Fill == FillColour {
		for d := range colour {
			colour[d] = float32(rng.NormFloat64())
		}
	}
	for y := r.row; y < r.row+r.height; y++ {
		line := m.Floats[m.place(y, r.column)*m.Channels:][:r.width*m.Channels]
		for i := range line {
			line[i] = colour[i%m.Channels]
			if e.Fill == FillNoise {
				line[i] = float32(rng.NormFloat64())
			}
		}
	}
}
