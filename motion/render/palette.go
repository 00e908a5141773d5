package render

import (
	"image"
	"image/color"
	"math"
)

// Colours. Left and right can be told apart by people who see no red or green.
var (
	paper  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	blue   = color.RGBA{0x0b, 0x62, 0xb0, 0xff}
	orange = color.RGBA{0xd9, 0x5f, 0x02, 0xff}
	dark   = color.RGBA{0x33, 0x36, 0x3b, 0xff}
	under  = color.RGBA{0x8c, 0x90, 0x96, 0xff} // of what lies below in an overlay
	grid   = color.RGBA{0xd6, 0xda, 0xdf, 0xff}
)

// pale mixes a colour with paper: all of the colour at 0, all paper at 1.
func pale(c color.RGBA, part float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	return color.RGBA{mix(c.R, paper.R), mix(c.G, paper.G), mix(c.B, paper.B), 0xff}
}

// shades is the number of steps from a colour to paper in a GIF.
const shades = 50

// palette holds paper and, of every colour, the shades that depth and smooth edges
// make of it: they all lie on the way to paper.
func palette() color.Palette {
	p := color.Palette{paper}
	for _, c := range []color.RGBA{blue, orange, dark, under} {
		for k := range shades {
			p = append(p, pale(c, float64(k)/shades))
		}
	}
	return p
}

// quantiser gives the numbers of colours in a palette, remembered by five bits of each
// part, the sixth of green.
type quantiser struct {
	palette color.Palette
	known   [1 << 16]uint8
	seen    [1 << 16]bool
}

func newQuantiser() *quantiser { return &quantiser{palette: palette()} }

// index is the number of the nearest colour.
func (q *quantiser) index(r, g, b uint8) uint8 {
	key := uint16(r)>>3<<11 | uint16(g)>>2<<5 | uint16(b)>>3
	if !q.seen[key] {
		// The middle of the colours of this key, with white at its end.
		spread := func(v uint16, bits uint) uint8 { return uint8(v<<(8-bits) | v>>(2*bits-8)) }
		c := color.RGBA{spread(key>>11, 5), spread(key>>5&63, 6), spread(key&31, 5), 0xff}
		q.known[key], q.seen[key] = uint8(q.palette.Index(c)), true
	}
	return q.known[key]
}

// reduce turns a picture into one of the palette.
func (q *quantiser) reduce(m *image.RGBA) *image.Paletted {
	out := image.NewPaletted(m.Rect, q.palette)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:]
		to := out.Pix[y*out.Stride:]
		for x := range m.Rect.Dx() {
			to[x] = q.index(row[4*x], row[4*x+1], row[4*x+2])
		}
	}
	return out
}
