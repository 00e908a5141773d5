package images

import (
	"fmt"
	"image"
	"image/color"
	"strconv"
)

// RGB is a colour of red, green and blue, each from 0 to 255. As text it is #rrggbb.
type RGB [3]uint8

// String is the colour as #rrggbb.
func (c RGB) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// MarshalText gives #rrggbb, for configuration files.
func (c RGB) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads #rrggbb.
func (c *RGB) UnmarshalText(text []byte) error {
	if len(text) == 7 && text[0] == '#' {
		if v, err := strconv.ParseUint(string(text[1:]), 16, 24); err == nil {
			*c = RGB{uint8(v >> 16), uint8(v >> 8), uint8(v)}
			return nil
		}
	}
	return fmt.Errorf("images: the colour %q; expected #rrggbb, such as #ffffff for white", text)
}

// isGray tells whether a file of this kind has one channel and no transparency.
func isGray(m color.Model) bool { return m == color.GrayModel || m == color.Gray16Model }

// bytesPerPixel is the most that package image takes for a pixel of a file. Gray pixels of a
// PNG become four samples where a transparent value is told later than the header.
func bytesPerPixel(m color.Model) int64 {
	switch m {
	case color.YCbCrModel:
		return 3
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, palette := m.(color.Palette); palette {
		return 1
	}
	return 4
}

// FromStandard makes an Image of one of package image, whatever its kind. Limits of o do
// not matter; zero sizes and options that make no sense are errors.
func FromStandard(img image.Image, o DecodeOptions) (*Image, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return nil, fmt.Errorf("images: the image is %d pixels wide and %d high, expected positive sizes", size.X, size.Y)
	}
	shifted := Header{Height: size.Y, Width: size.X, Gray: isGray(img.ColorModel())}
	return fromRect(img, img.Bounds(), shifted, o), nil
}

// fromStandard makes an Image of what was decoded, with the size that the header tells: the
// first frame of a GIF may be smaller and lie anywhere in it.
func fromStandard(img image.Image, h Header, o DecodeOptions) *Image {
	return fromRect(img, image.Rect(0, 0, h.Width, h.Height), h, o)
}

// fromRect makes an Image of a part of another.
func fromRect(img image.Image, part image.Rectangle, h Header, o DecodeOptions) *Image {
	if h.Gray && img.Bounds() == part {
		if m := fromGray(img, part); m != nil {
			if o.Channels == 3 {
				m = m.repeated()
			}
			return m
		}
	}
	m := fromColour(img, part, background(o))
	if o.Channels == 1 {
		m = m.luma()
	}
	return m
}

func background(o DecodeOptions) RGB {
	if o.Background != nil {
		return *o.Background
	}
	return RGB{255, 255, 255}
}

// fromGray copies grayscale pixels, 16 bits rounded to 8; nil where the image is of another
// kind.
func fromGray(img image.Image, part image.Rectangle) *Image {
	m := New(part.Dy(), part.Dx(), 1)
	for y := range m.Height {
		row := m.Bytes[y*m.Width:][:m.Width]
		switch img := img.(type) {
		case *image.Gray:
			copy(row, img.Pix[img.PixOffset(part.Min.X, part.Min.Y+y):])
		case *image.Gray16:
			for x := range row {
				row[x] = to8(uint32(img.Gray16At(part.Min.X+x, part.Min.Y+y).Y))
			}
		default:
			return nil
		}
	}
	return m
}

// to8 rounds a sample of 16 bits to 8.
func to8(v uint32) uint8 { return uint8((v*255 + 32767) / 65535) }

// fromColour copies colours, and puts what is transparent on a background. What lies outside
// the image is transparent.
func fromColour(img image.Image, part image.Rectangle, behind RGB) *Image {
	m := New(part.Dy(), part.Dx(), 3)
	at := pixels(img, behind)
	inside := img.Bounds()
	i := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			c := behind
			if (image.Point{X: x, Y: y}).In(inside) {
				c = at(x, y)
			}
			m.Bytes[i], m.Bytes[i+1], m.Bytes[i+2] = c[0], c[1], c[2]
			i += 3
		}
	}
	return m
}

// pixels gives the function that reads one pixel: a quick one for what JPEG and PNG decode
// to without transparency, and one for all others.
func pixels(img image.Image, behind RGB) func(x, y int) RGB {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) RGB {
			luma, chroma := img.YOffset(x, y), img.COffset(x, y)
			r, g, b := color.YCbCrToRGB(img.Y[luma], img.Cb[chroma], img.Cr[chroma])
			return RGB{r, g, b}
		}
	case *image.RGBA:
		if img.Opaque() {
			return func(x, y int) RGB {
				c := img.RGBAAt(x, y)
				return RGB{c.R, c.G, c.B}
			}
		}
	case *image.Paletted:
		table := make([]RGB, len(img.Palette))
		for k, c := range img.Palette {
			table[k] = composed(c, behind)
		}
		return func(x, y int) RGB {
			if k := int(img.ColorIndexAt(x, y)); k < len(table) {
				return table[k]
			}
			return RGB{} // an index without colour: PNG viewers show black
		}
	}
	return func(x, y int) RGB { return composed(img.At(x, y), behind) }
}

// composed puts a colour on a background: c + (1 - alpha) background, c being premultiplied,
// in 16 bits as files have it and without a conversion to light, as browsers do.
func composed(c color.Color, behind RGB) (out RGB) {
	r, g, b, alpha := c.RGBA()
	for k, v := range [3]uint32{r, g, b} {
		out[k] = to8(v + (uint32(behind[k])*257*(65535-alpha)+32767)/65535)
	}
	return out
}
