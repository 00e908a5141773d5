package images

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/nearest"
)

// Fit says how an image of other proportions is brought to a size.
type Fit int

// The ways.
const (
	// Cover resizes the shorter side and cuts the middle out of the longer one.
	Cover Fit = iota
	// Stretch resizes both sides, whatever that does to the proportions.
	Stretch
	// Contain resizes until the image lies within, and leaves black on both sides of it.
	Contain
)

var fitNames = []string{"cover", "stretch", "contain"}

// FitNames lists the names that [ParseFit] knows.
func FitNames() []string { return append([]string(nil), fitNames...) }

// ParseFit gives the way of a name; the error of an unknown one tells the nearest.
func ParseFit(name string) (Fit, error) {
	k, err := nearest.Index("fit", name, fitNames)
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return Fit(k), nil
}

// String is the name, as [ParseFit] takes it.
func (f Fit) String() string { return nearest.Name("Fit", int(f), fitNames) }

// MarshalText gives the name, for configuration files.
func (f Fit) MarshalText() ([]byte, error) { return nearest.Text("Fit", int(f), fitNames) }

// UnmarshalText reads a name, as [ParseFit] does.
func (f *Fit) UnmarshalText(text []byte) error {
	parsed, err := ParseFit(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

// maxSide is the longest side that images may be brought to.
const maxSide = 1 << 13

// Preparation brings images of any size to one. The zero value leaves them as they are.
type Preparation struct {
	// Height and Width are what images come to have; 0 and 0 keep their size, one 0 is the
	// other.
	Height int `yaml:"height,omitempty"`
	Width  int `yaml:"width,omitempty"`
	// Channels is 1 or 3, see [Image.WithChannels]; 0 keeps them.
	Channels int    `yaml:"channels,omitempty"`
	Fit      Fit    `yaml:"fit,omitempty"`
	Filter   Filter `yaml:"filter,omitempty"`
	// Zoom is for [Cover]: the image is resized to 1/Zoom of the size before its middle is cut
	// out, so that its margin is left out; 0 means 1. The custom of ImageNet is 0.875, of
	// CSWin 0.9.
	Zoom float64 `yaml:"zoom,omitempty"`
}

// Check says which field makes no sense: an *OptionError.
func (p Preparation) Check() error {
	for _, side := range []struct {
		name  string
		value int
	}{{"Height", p.Height}, {"Width", p.Width}} {
		if side.value < 0 || side.value > maxSide {
			return &OptionError{side.name, fmt.Sprintf("%d, expected 1..%d, or 0", side.value, maxSide)}
		}
	}
	if p.Channels != 0 && p.Channels != 1 && p.Channels != 3 {
		return &OptionError{"Channels", fmt.Sprintf("%d, expected 1, 3 or 0 for those of the image", p.Channels)}
	}
	if p.Zoom != 0 && !(p.Zoom >= 0.1 && p.Zoom <= 1) {
		return &OptionError{"Zoom", fmt.Sprintf("%v, expected 0.1..1, or 0", p.Zoom)}
	}
	if int(p.Fit) < 0 || int(p.Fit) >= len(fitNames) {
		return &OptionError{"Fit", fmt.Sprintf("%v, expected one of %v", p.Fit, fitNames)}
	}
	if int(p.Filter) < 0 || int(p.Filter) >= len(filterNames) {
		return &OptionError{"Filter", fmt.Sprintf("%v, expected one of %v", p.Filter, filterNames)}
	}
	return nil
}

// Size is what images of a size come to have.
func (p Preparation) Size(height, width int) (int, int) {
	switch {
	case p.Height == 0 && p.Width == 0:
		return height, width
	case p.Height == 0:
		return p.Width, p.Width
	case p.Width == 0:
		return p.Height, p.Height
	}
	return p.Height, p.Width
}

// Apply gives the prepared image. The error is that of [Image.WithChannels].
func (p Preparation) Apply(m *Image) (*Image, error) {
	if p.Channels != 0 {
		var err error
		if m, err = m.WithChannels(p.Channels); err != nil {
			return nil, err
		}
	}
	height, width := p.Size(m.Height, m.Width)
	switch {
	case height == m.Height && width == m.Width && (p.Zoom == 0 || p.Zoom == 1):
		return m, nil
	case p.Fit == Stretch:
		return m.Resize(height, width, p.Filter), nil
	case p.Fit == Contain:
		return p.contain(m, height, width), nil
	}
	return p.cover(m, height, width), nil
}

// cover resizes an image so that it covers the size, zoomed, and cuts the middle out.
func (p Preparation) cover(m *Image, height, width int) *Image {
	zoom := p.Zoom
	if zoom == 0 {
		zoom = 1
	}
	scale := max(float64(height)/float64(m.Height), float64(width)/float64(m.Width)) / zoom
	h := max(int(math.Floor(float64(m.Height)*scale+0.5)), height)
	w := max(int(math.Floor(float64(m.Width)*scale+0.5)), width)
	return m.resizePart(size{h, w}, (h-height)/2, (w-width)/2, size{height, width}, p.Filter)
}

// contain resizes an image so that it lies within the size, in the middle.
func (p Preparation) contain(m *Image, height, width int) *Image {
	scale := min(float64(height)/float64(m.Height), float64(width)/float64(m.Width))
	h := min(max(int(math.Floor(float64(m.Height)*scale+0.5)), 1), height)
	w := min(max(int(math.Floor(float64(m.Width)*scale+0.5)), 1), width)
	return m.Resize(h, w, p.Filter).window(-(height-h)/2, -(width-w)/2, height, width, Zeros)
}
