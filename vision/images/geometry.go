package images

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
)

// Border says what lies around an image where it is padded.
type Border int

// The borders.
const (
	Zeros   Border = iota // black
	Reflect               // the image mirrored at its outermost pixels, which are not repeated, as often as needed
	Edge                  // its outermost pixels
)

var borderNames = []string{"zeros", "reflect", "edge"}

// BorderNames lists the names that [ParseBorder] knows.
func BorderNames() []string { return append([]string(nil), borderNames...) }

// ParseBorder gives the border of a name; the error of an unknown one tells the nearest.
func ParseBorder(name string) (Border, error) {
	k, err := nearest.Index("border", name, borderNames)
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return Border(k), nil
}

// String is the name, as [ParseBorder] takes it.
func (b Border) String() string { return nearest.Name("Border", int(b), borderNames) }

// MarshalText gives the name, for configuration files.
func (b Border) MarshalText() ([]byte, error) { return nearest.Text("Border", int(b), borderNames) }

// UnmarshalText reads a name, as [ParseBorder] does.
func (b *Border) UnmarshalText(text []byte) error {
	parsed, err := ParseBorder(string(text))
	if err == nil {
		*b = parsed
	}
	return err
}

// source is the place that position i of a padded line of n pixels takes its pixel from, or
// -1 for black.
func (b Border) source(i, n int) int {
	if i >= 0 && i < n {
		return i
	}
	switch b {
	case Reflect:
		if n == 1 {
			return 0
		}
		there := 2 * (n - 1) // and back
		if i = (i%there + there) % there; i >= n {
			i = there - i
		}
		return i
	case Edge:
		return min(max(i, 0), n-1)
	}
	return -1
}

// Crop cuts out a part. A part that does not lie within the image panics.
func (m *Image) Crop(row, column, height, width int) *Image {
	if row < 0 || column < 0 || height <= 0 || width <= 0 || row+height > m.Height || column+width > m.Width {
		panic(fmt.Sprintf("images: Crop: %d by %d pixels from row %d, column %d of an image of %d by %d", height, width, row, column, m.Height, m.Width))
	}
	return m.window(row, column, height, width, Zeros)
}

// CentreCrop cuts out the middle; an odd margin leaves its extra pixel on the right and
// below. A part larger than the image panics.
func (m *Image) CentreCrop(height, width int) *Image {
	if height > m.Height || width > m.Width {
		panic(fmt.Sprintf("images: CentreCrop: %d by %d pixels of an image of %d by %d", height, width, m.Height, m.Width))
	}
	return m.Crop((m.Height-height)/2, (m.Width-width)/2, height, width)
}

// Pad adds a border of some pixels on each side; a negative number panics.
func (m *Image) Pad(pixels int, b Border) *Image {
	if pixels < 0 {
		panic(fmt.Sprintf("images: Pad: a border of %d pixels", pixels))
	}
	return m.window(-pixels, -pixels, m.Height+2*pixels, m.Width+2*pixels, b)
}

// window is any rectangle of the plane that the image and its border lie in.
func (m *Image) window(row, column, height, width int, b Border) *Image {
	if row == 0 && column == 0 && height == m.Height && width == m.Width {
		return m
	}
	out := m.sibling(height, width, m.Channels)
	for y := range height {
		sy := b.source(row+y, m.Height)
		if sy < 0 {
			continue
		}
		if column >= 0 && column+width <= m.Width {
			m.copyTo(out, out.place(y, 0), m.place(sy, column), width)
			continue
		}
		for x := range width {
			if sx := b.source(column+x, m.Width); sx >= 0 {
				m.copyTo(out, out.place(y, x), m.place(sy, sx), 1)
			}
		}
	}
	return out
}

// place is the number of a pixel.
func (m *Image) place(row, column int) int { return row*m.Width + column }

// copyTo copies some pixels that follow each other to another image of the same kind.
func (m *Image) copyTo(dst *Image, to, from, pixels int) {
	c := m.Channels
	if m.Floats != nil {
		copy(dst.Floats[to*c:(to+pixels)*c], m.Floats[from*c:])
		return
	}
	copy(dst.Bytes[to*c:(to+pixels)*c], m.Bytes[from*c:])
}

// Flip mirrors the image: left becomes right.
func (m *Image) Flip() *Image {
	return m.moved(m.Height, m.Width, func(y, x int) (int, int) { return y, m.Width - 1 - x })
}

// moved gives an image whose pixel at each place is the one of another place.
func (m *Image) moved(height, width int, from func(row, column int) (int, int)) *Image {
	out := m.sibling(height, width, m.Channels)
	for y := range height {
		for x := range width {
			m.copyTo(out, out.place(y, x), m.place(from(y, x)), 1)
		}
	}
	return out
}

// oriented turns an image as EXIF's orientation asks for: 2..4 keep its sides, 5..8 swap
// them; 0 and 1 leave it alone.
func (m *Image) oriented(orientation int) *Image {
	h, w := m.Height, m.Width
	switch orientation {
	case 2: // mirrored
		return m.Flip()
	case 3: // upside down
		return m.moved(h, w, func(y, x int) (int, int) { return h - 1 - y, w - 1 - x })
	case 4: // upside down and mirrored
		return m.moved(h, w, func(y, x int) (int, int) { return h - 1 - y, x })
	case 5: // rows are columns
		return m.moved(w, h, func(y, x int) (int, int) { return x, y })
	case 6: // to be turned clockwise
		return m.moved(w, h, func(y, x int) (int, int) { return h - 1 - x, y })
	case 7: // rows are columns, counted from the end
		return m.moved(w, h, func(y, x int) (int, int) { return h - 1 - x, w - 1 - y })
	case 8: // to be turned anticlockwise
		return m.moved(w, h, func(y, x int) (int, int) { return x, w - 1 - y })
	}
	return m
}
