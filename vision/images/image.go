package images

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Image is a picture of one or more channels. Exactly one of Bytes and Floats holds its
// pixels, row by row, the channels of a pixel together: [height, width, channels].
//
// Three channels are red, green and blue, one is brightness. Bytes go from 0 (black) to 255.
// Floats of a picture go from 0 to 1; those of other measurements, such as an IDX file of
// float32, are what they were. All methods leave the image as it is and give a new one, or
// the same where nothing is to be done.
type Image struct {
	Height, Width, Channels int
	Bytes                   []uint8
	Floats                  []float32
}

// New returns a black image of bytes. Sizes that are not positive panic.
func New(height, width, channels int) *Image {
	m := &Image{Height: height, Width: width, Channels: channels}
	m.mustSize("New")
	m.Bytes = make([]uint8, height*width*channels)
	return m
}

// NewFloat returns a black image of floats. Sizes that are not positive panic.
func NewFloat(height, width, channels int) *Image {
	m := &Image{Height: height, Width: width, Channels: channels}
	m.mustSize("NewFloat")
	m.Floats = make([]float32, height*width*channels)
	return m
}

func (m *Image) mustSize(op string) {
	if m.Height <= 0 || m.Width <= 0 || m.Channels <= 0 {
		panic(fmt.Sprintf("images: %s: height %d, width %d, channels %d, expected positive numbers", op, m.Height, m.Width, m.Channels))
	}
}

// Check says what is wrong with an image: sizes that are not positive, pixels of both kinds
// or of none, another number of them than the sizes say, floats that are not finite.
func (m *Image) Check() error {
	if m.Height <= 0 || m.Width <= 0 || m.Channels <= 0 {
		return fmt.Errorf("images: height %d, width %d, channels %d, expected positive numbers", m.Height, m.Width, m.Channels)
	}
	if (m.Bytes == nil) == (m.Floats == nil) {
		return fmt.Errorf("images: %d bytes and %d floats, expected one of the two", len(m.Bytes), len(m.Floats))
	}
	if got, want := len(m.Bytes)+len(m.Floats), m.Len(); got != want {
		return fmt.Errorf("images: %d numbers, expected %d for height %d, width %d, channels %d", got, want, m.Height, m.Width, m.Channels)
	}
	for i, v := range m.Floats {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			pixel := i / m.Channels
			return fmt.Errorf("images: row %d, column %d, channel %d is %v, expected a finite number", pixel/m.Width, pixel%m.Width, i%m.Channels, v)
		}
	}
	return nil
}

// Len is the number of numbers: height times width times channels.
func (m *Image) Len() int { return m.Height * m.Width * m.Channels }

// At is one number: a float as it is, a byte divided by 255. Places outside panic.
func (m *Image) At(row, column, channel int) float32 {
	if row < 0 || row >= m.Height || column < 0 || column >= m.Width || channel < 0 || channel >= m.Channels {
		panic(fmt.Sprintf("images: At: row %d, column %d, channel %d of height %d, width %d, channels %d", row, column, channel, m.Height, m.Width, m.Channels))
	}
	i := (row*m.Width+column)*m.Channels + channel
	if m.Floats != nil {
		return m.Floats[i]
	}
	return float32(m.Bytes[i]) / 255
}

// Clone is a copy that shares nothing.
func (m *Image) Clone() *Image {
	c := *m
	c.Bytes, c.Floats = append([]uint8(nil), m.Bytes...), append([]float32(nil), m.Floats...)
	return &c
}

// Float gives the image with floats: bytes divided by 255.
func (m *Image) Float() *Image {
	if m.Floats != nil {
		return m
	}
	f := NewFloat(m.Height, m.Width, m.Channels)
	for i, v := range m.Bytes {
		f.Floats[i] = float32(v) / 255
	}
	return f
}

// WithChannels gives the image with one or three channels. One becomes three by repetition.
// Three become one by the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, which PNG and
// JPEG tools use: of bytes in the fixed-point form of Go's color.Gray and of Pillow,
// (19595 R + 38470 G + 7471 B + 32768) / 65536. The error says that there is no such
// conversion.
func (m *Image) WithChannels(channels int) (*Image, error) {
	switch {
	case channels == m.Channels:
		return m, nil
	case m.Channels == 1 && channels == 3:
		return m.repeated(), nil
	case m.Channels == 3 && channels == 1:
		return m.luma(), nil
	}
	return nil, fmt.Errorf("images: an image of %d channels cannot become one of %d: only 1 and 3 can become each other", m.Channels, channels)
}

func (m *Image) repeated() *Image {
	out := m.sibling(m.Height, m.Width, 3)
	for i, v := range m.Bytes {
		out.Bytes[3*i], out.Bytes[3*i+1], out.Bytes[3*i+2] = v, v, v
	}
	for i, v := range m.Floats {
		out.Floats[3*i], out.Floats[3*i+1], out.Floats[3*i+2] = v, v, v
	}
	return out
}

func (m *Image) luma() *Image {
	out := m.sibling(m.Height, m.Width, 1)
	for i := range out.Bytes {
		out.Bytes[i] = luma(m.Bytes[3*i], m.Bytes[3*i+1], m.Bytes[3*i+2])
	}
	for i := range out.Floats {
		p := m.Floats[3*i : 3*i+3]
		out.Floats[i] = 0.299*p[0] + 0.587*p[1] + 0.114*p[2]
	}
	return out
}

func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// sibling is a black image of another size with the same kind of pixels.
func (m *Image) sibling(height, width, channels int) *Image {
	if m.Floats != nil {
		return NewFloat(height, width, channels)
	}
	return New(height, width, channels)
}

// Standard gives the image as one of package image, to be drawn on or encoded as PNG: gray
// for one channel, RGBA for three. Floats are rounded, those below 0 or above 1 clipped.
// Other numbers of channels panic.
func (m *Image) Standard() image.Image {
	if m.Channels != 1 && m.Channels != 3 {
		panic(fmt.Sprintf("images: Standard: %d channels, expected 1 or 3", m.Channels))
	}
	bounds := image.Rect(0, 0, m.Width, m.Height)
	if m.Channels == 1 {
		gray := image.NewGray(bounds)
		for i := range gray.Pix {
			gray.Pix[i] = m.byteAt(i)
		}
		return gray
	}
	rgba := image.NewRGBA(bounds)
	for i := range m.Height * m.Width {
		rgba.SetRGBA(i%m.Width, i/m.Width, color.RGBA{R: m.byteAt(3 * i), G: m.byteAt(3*i + 1), B: m.byteAt(3*i + 2), A: 255})
	}
	return rgba
}

// byteAt is number i of the pixels as a byte.
func (m *Image) byteAt(i int) uint8 {
	if m.Bytes != nil {
		return m.Bytes[i]
	}
	return toByte(m.Floats[i] * 255)
}

// toByte rounds to the nearest byte; NaN becomes 0.
func toByte(v float32) uint8 {
	switch {
	case v >= 254.5:
		return 255
	case v > 0:
		return uint8(v + 0.5)
	}
	return 0
}
