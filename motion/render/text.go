package render

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// align tells which end of a text is at its place.
type align int

const (
	start align = iota
	middle
	end
)

// regular is the typeface of all texts, read when the first is written.
var regular = sync.OnceValue(func() *opentype.Font {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic("render: the built-in font is broken: " + err.Error())
	}
	return f
})

// leastSize is that of a text which had to be made smaller, in pixels.
const leastSize = 8

// write puts a text on a line, smaller if it is wider than an area, and at last cut
// off at its edges.
func write(m *image.RGBA, area image.Rectangle, text string, at point, size float64, how align, col color.RGBA) {
	face, err := opentype.NewFace(regular(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic("render: no font of this size: " + err.Error())
	}
	defer face.Close()
	d := font.Drawer{Dst: m.SubImage(area).(draw.Image), Src: image.NewUniform(col), Face: face}
	width := float64(d.MeasureString(text)) / 64
	if room := float64(area.Dx() - 8); width > room && size > leastSize {
		write(m, area, text, at, math.Max(leastSize, math.Min(size-1, size*room/width)), how, col)
		return
	}
	switch how {
	case middle:
		at.x -= width / 2
	case end:
		at.x -= width
	}
	d.Dot = fixed.P(int(math.Round(at.x)), int(math.Round(at.y)))
	d.DrawString(text)
}
