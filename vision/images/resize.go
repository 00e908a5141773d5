package images

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/nearest"
)

// Filter says how pixels between pixels are found when an image is resized.
type Filter int

// The filters. Making an image smaller, Bilinear and CatmullRom are stretched to cover all
// pixels that become one (antialiasing), as in Pillow, package draw of golang.org/x/image
// and torchvision's antialias=True.
const (
	Bilinear   Filter = iota // a triangle of radius 1
	CatmullRom               // the cubic convolution of Keys 1981 with a = -1/2, Pillow's BICUBIC
	Nearest                  // the pixel whose place is nearest to the middle
)

var filterNames = []string{"bilinear", "catmull-rom", "nearest"}

// FilterNames lists the names that [ParseFilter] knows.
func FilterNames() []string { return append([]string(nil), filterNames...) }

// ParseFilter gives the filter of a name; the error of an unknown one tells the nearest.
func ParseFilter(name string) (Filter, error) {
	k, err := nearest.Index("filter", name, filterNames)
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return Filter(k), nil
}

// String is the name, as [ParseFilter] takes it.
func (f Filter) String() string { return nearest.Name("Filter", int(f), filterNames) }

// MarshalText gives the name, for configuration files.
func (f Filter) MarshalText() ([]byte, error) { return nearest.Text("Filter", int(f), filterNames) }

// UnmarshalText reads a name, as [ParseFilter] does.
func (f *Filter) UnmarshalText(text []byte) error {
	parsed, err := ParseFilter(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

// radius is where the kernel ends, in pixels of the larger of the two images.
func (f Filter) radius() float64 {
	if f == CatmullRom {
		return 2
	}
	return 1
}

// at is the kernel at a distance.
func (f Filter) at(d float64) float64 {
	d = math.Abs(d)
	if f == CatmullRom {
		switch {
		case d < 1:
			return (1.5*d-2.5)*d*d + 1
		case d < 2:
			return ((-0.5*d+2.5)*d-4)*d + 2
		}
		return 0
	}
	return max(1-d, 0)
}

// taps are the weights by which pixels of a line become one pixel of the resized line.
type taps struct {
	first   int // the first pixel with a weight
	weights []float32
}

// lineTaps are the taps of n pixels, beginning with number lo, of the to pixels that a line
// of from pixels is resized to. Pixels are squares: the middle of pixel i is at i + 1/2. At
// the ends the kernel is cut off and the weights, as everywhere, divided by their sum.
func (f Filter) lineTaps(from, to, lo, n int) []taps {
	all := make([]taps, n)
	scale := float64(from) / float64(to)
	stretch := max(scale, 1)
	for i := range all {
		middle := (float64(lo+i) + 0.5) * scale
		if f == Nearest {
			all[i] = taps{min(int(middle), from-1), []float32{1}}
			continue
		}
		reach := f.radius() * stretch
		first := max(int(math.Floor(middle-reach)), 0)
		end := min(int(math.Ceil(middle+reach)), from)
		weights, sum := make([]float64, end-first), 0.0
		for k := range weights {
			weights[k] = f.at((float64(first+k) + 0.5 - middle) / stretch)
			sum += weights[k]
		}
		all[i] = taps{first, make([]float32, end-first)}
		for k, w := range weights {
			all[i].weights[k] = float32(w / sum)
		}
	}
	return all
}

// Resize gives the image in another size, whatever that does to its proportions. Bytes are
// computed as floats and rounded once; where a filter overshoots they are clipped. Sizes
// that are not positive panic.
func (m *Image) Resize(height, width int, f Filter) *Image {
	return m.resizePart(size{height, width}, 0, 0, size{height, width}, f)
}

// size is that of an image.
type size struct{ height, width int }

// resizePart gives a part, from a row and column on, of the image in another size; the rest
// of that is not computed.
func (m *Image) resizePart(whole size, row, column int, part size, f Filter) *Image {
	if whole.height == m.Height && whole.width == m.Width {
		return m.window(row, column, part.height, part.width, Zeros)
	}
	out := m.sibling(part.height, part.width, m.Channels)
	c := m.Channels
	down := f.lineTaps(m.Height, whole.height, row, part.height)
	across := f.lineTaps(m.Width, whole.width, column, part.width)
	line := make([]float32, m.Width*c) // one row of the result, not yet resized across
	pixel := make([]float32, c)
	for y, t := range down {
		m.mixRows(line, t)
		for x, s := range across {
			clear(pixel)
			for k, weight := range s.weights {
				for d, v := range line[(s.first+k)*c:][:c] {
					pixel[d] += weight * v
				}
			}
			at := out.place(y, x) * c
			for d, v := range pixel {
				if out.Floats != nil {
					out.Floats[at+d] = v
				} else {
					out.Bytes[at+d] = toByte(v)
				}
			}
		}
	}
	return out
}

// mixRows sets line to the weighted sum of rows.
func (m *Image) mixRows(line []float32, t taps) {
	clear(line)
	for k, weight := range t.weights {
		row := (t.first + k) * len(line)
		if m.Floats != nil {
			for i, v := range m.Floats[row:][:len(line)] {
				line[i] += weight * v
			}
			continue
		}
		for i, v := range m.Bytes[row:][:len(line)] {
			line[i] += weight * float32(v)
		}
	}
}
