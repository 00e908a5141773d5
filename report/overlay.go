package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
)

// Overlay is a picture, and a map that is laid over it.
type Overlay struct {
	Picture image.Image
	// Values are those of the pixels, line by line, of any scale: the least leaves the picture
	// gray, the largest covers it most.
	Values []float32
}

const (
	overlayGap   = 8    // pixels between both halves
	overlayCover = 0.85 // of the picture, where the map is largest
)

// WriteOverlay draws the picture as it is, and beside it in gray under the map in orange. The
// error says what cannot be drawn, or written, and what to do.
func WriteOverlay(path string, o Overlay) error {
	b := o.Picture.Bounds()
	if b.Empty() || len(o.Values) != b.Dx()*b.Dy() {
		return fmt.Errorf("report: %s: a map of %d values for a picture of %d by %d pixels", path, len(o.Values), b.Dy(), b.Dx())
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range o.Values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("report: %s: value %d of the map is %v: want finite numbers", path, i, v)
		}
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	out := image.NewRGBA(image.Rect(0, 0, 2*b.Dx()+overlayGap, b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(0, 0, b.Dx(), b.Dy()), o.Picture, b.Min, draw.Over)
	for y := range b.Dy() {
		for x := range b.Dx() {
			part := 0.0
			if high > low {
				part = (float64(o.Values[y*b.Dx()+x]) - low) / (high - low)
			}
			out.SetRGBA(b.Dx()+overlayGap+x, y, covered(out.RGBAAt(x, y), overlayCover*part))
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, out); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	return WritePicture(path, file.Bytes())
}

// covered is a colour in gray under so much orange.
func covered(c color.RGBA, part float64) color.RGBA {
	gray := 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
	over := heatScale[len(heatScale)-1]
	mix := func(to uint8) uint8 { return uint8(math.Round(gray + part*(float64(to)-gray))) }
	return color.RGBA{mix(over.R), mix(over.G), mix(over.B), 255}
}
