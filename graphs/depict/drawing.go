package depict

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Drawing is a picture that can be drawn on any canvas of gonum/plot. Make one
// with [Molecule] or [Graph].
type Drawing struct {
	width, height vg.Length // as it would like to be
	title         string
	notes         []string
	paint         func(pen) // of what lies below the title
}

// Sharpness of a PNG file, and the space around everything in points.
const (
	dpi    = 150
	margin = 14
)

// Heights of lines of text in points.
const (
	titleSize = 12
	noteSize  = 9
)

// Size is that of the picture at its natural scale.
func (d *Drawing) Size() (width, height vg.Length) {
	width, height = d.width, d.height+d.above()
	width = max(width, textWidth(d.title, titleSize))
	for _, n := range d.notes {
		width = max(width, textWidth(n, noteSize))
	}
	return width + 2*margin, height + 2*margin
}

// above is the room that title and notes take.
func (d *Drawing) above() vg.Length {
	room := vg.Length(0)
	if d.title != "" {
		room += 1.5 * titleSize
	}
	room += 1.4 * noteSize * vg.Length(len(d.notes))
	if room > 0 {
		room += 8
	}
	return room
}

// Draw draws the picture in the middle of a canvas, as large as fits.
func (d *Drawing) Draw(c draw.Canvas) {
	width, height := d.Size()
	size := c.Size()
	scale := math.Min(float64(size.X/width), float64(size.Y/height))
	if !(scale > 0) {
		return // there is no room
	}
	p := pen{c: c, scale: scale, origin: vg.Point{
		X: c.Min.X + (size.X-width*vg.Length(scale))/2,
		Y: c.Min.Y + (size.Y-height*vg.Length(scale))/2,
	}}
	y := float64(height) - margin
	line := func(text string, size float64) {
		p.text(text, Point{float64(width) / 2, y - 0.8*size}, size, 0.5, color.Black)
		y -= 1.4 * size
	}
	if d.title != "" {
		line(d.title, titleSize)
	}
	for _, n := range d.notes {
		line(n, noteSize)
	}
	p.origin.X += (width - d.width) / 2 * vg.Length(scale)
	p.origin.Y += margin * vg.Length(scale)
	d.paint(p)
}

// WritePNG writes the picture as a PNG file, at its natural size and 150 dots an
// inch. The error is that of the writer.
func (d *Drawing) WritePNG(w io.Writer) error {
	width, height := d.Size()
	img := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
	d.Draw(draw.New(img))
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(w); err != nil {
		return fmt.Errorf("depict: PNG: %w", err)
	}
	return nil
}

// pen draws on a canvas, in points from an origin that are scaled.
type pen struct {
	c      draw.Canvas
	origin vg.Point
	scale  float64
}

func (p pen) at(q Point) vg.Point {
	return vg.Point{X: p.origin.X + vg.Length(q.X*p.scale), Y: p.origin.Y + vg.Length(q.Y*p.scale)}
}

// line draws a polygonal line; dashes may be nil.
func (p pen) line(width float64, ink color.Color, dashes []vg.Length, points ...Point) {
	style := draw.LineStyle{Color: ink, Width: vg.Length(width * p.scale)}
	for _, d := range dashes {
		style.Dashes = append(style.Dashes, d*vg.Length(p.scale))
	}
	list := make([]vg.Point, len(points))
	for k, q := range points {
		list[k] = p.at(q)
	}
	p.c.StrokeLines(style, list)
}

// fill draws a polygon.
func (p pen) fill(ink color.Color, points ...Point) {
	list := make([]vg.Point, len(points))
	for k, q := range points {
		list[k] = p.at(q)
	}
	p.c.FillPolygon(ink, list)
}

// circle draws a circle: filled if fill is not nil, with a line if width is not 0.
func (p pen) circle(centre Point, radius float64, fill color.Color, width float64, ink color.Color) {
	var path vg.Path
	m := p.at(centre)
	r := vg.Length(radius * p.scale)
	path.Move(vg.Point{X: m.X + r, Y: m.Y})
	path.Arc(m, r, 0, 2*math.Pi)
	path.Close()
	if fill != nil {
		p.c.SetColor(fill)
		p.c.Fill(path)
	}
	if width > 0 {
		p.c.SetLineStyle(draw.LineStyle{Color: ink, Width: vg.Length(width * p.scale)})
		p.c.Stroke(path)
	}
}

// text writes one line with its baseline at a place: from there for align 0,
// around it for 0.5, up to it for 1.
func (p pen) text(text string, at Point, size, align float64, ink color.Color) {
	face := face(size * p.scale)
	q := p.at(at)
	q.X -= face.Width(text) * vg.Length(align)
	p.c.SetColor(ink)
	p.c.FillString(face, q, text)
}

// face is the font of all pictures.
func face(size float64) font.Face {
	f := font.From(font.Font{Typeface: plot.DefaultFont.Typeface, Variant: "Sans"}, vg.Length(size))
	return plot.DefaultTextHandler.Cache().Lookup(f, f.Size)
}

// textWidth is that of one line.
func textWidth(text string, size float64) vg.Length {
	f := face(size)
	return f.Width(text)
}
