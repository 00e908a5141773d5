package render

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place in pixels, y downwards.
type point struct{ x, y float64 }

// canvas fills shapes with smooth edges into a part of a picture.
type canvas struct {
	image  *image.RGBA
	clip   image.Rectangle
	raster vector.Rasterizer
}

// fill draws a closed convex outline.
func (c *canvas) fill(outline []point, col color.RGBA) {
	outline = c.cut(outline)
	if len(outline) < 3 {
		return
	}
	low, high := outline[0], outline[0]
	for _, p := range outline {
		low = point{math.Min(low.x, p.x), math.Min(low.y, p.y)}
		high = point{math.Max(high.x, p.x), math.Max(high.y, p.y)}
	}
	seen := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y))).Intersect(c.clip)
	if seen.Empty() {
		return
	}
	c.raster.Reset(seen.Dx(), seen.Dy())
	at := func(p point) (x, y float32) {
		return float32(p.x - float64(seen.Min.X)), float32(p.y - float64(seen.Min.Y))
	}
	c.raster.MoveTo(at(outline[0]))
	for _, p := range outline[1:] {
		c.raster.LineTo(at(p))
	}
	c.raster.ClosePath()
	c.raster.DrawOp = draw.Over
	c.raster.Draw(c.image, seen, image.NewUniform(col), image.Point{})
}

// cut takes off what is outside of the visible part, side by side (Sutherland and
// Hodgman, "Reentrant Polygon Clipping", 1974): the raster is slow far outside.
func (c *canvas) cut(outline []point) []point {
	for side := range 4 {
		inside := func(p point) float64 { // how far p is within this side
			switch side {
			case 0:
				return p.x - float64(c.clip.Min.X)
			case 1:
				return float64(c.clip.Max.X) - p.x
			case 2:
				return p.y - float64(c.clip.Min.Y)
			}
			return float64(c.clip.Max.Y) - p.y
		}
		var kept []point
		for i, p := range outline {
			before := outline[(i+len(outline)-1)%len(outline)]
			a, b := inside(before), inside(p)
			if (a < 0) != (b < 0) {
				t := a / (a - b)
				kept = append(kept, point{before.x + t*(p.x-before.x), before.y + t*(p.y-before.y)})
			}
			if b >= 0 {
				kept = append(kept, p)
			}
		}
		outline = kept
	}
	return outline
}

// disc draws a filled circle.
func (c *canvas) disc(at point, radius float64, col color.RGBA) {
	c.capsule(at, at, radius, radius, col)
}

// capsule draws a thick line with round ends whose radii may differ.
func (c *canvas) capsule(a, b point, ra, rb float64, col color.RGBA) {
	angle := math.Atan2(b.y-a.y, b.x-a.x)
	outline := make([]point, 0, 2*arcSteps+2)
	for k := range arcSteps + 1 { // around b, from one side to the other
		t := angle - math.Pi/2 + math.Pi*float64(k)/arcSteps
		outline = append(outline, point{b.x + rb*math.Cos(t), b.y + rb*math.Sin(t)})
	}
	for k := range arcSteps + 1 {
		t := angle + math.Pi/2 + math.Pi*float64(k)/arcSteps
		outline = append(outline, point{a.x + ra*math.Cos(t), a.y + ra*math.Sin(t)})
	}
	c.fill(outline, col)
}

// arcSteps is the number of lines that half a circle is made of.
const arcSteps = 12
