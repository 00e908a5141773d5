package render

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"sort"
	"strconv"

	"github.com/graft-ml/graft/motion"
)

// Draw draws one frame.
func (s *Scene) Draw(frame int) *image.RGBA {
	if frame < 0 || frame >= s.frames {
		panic(fmt.Sprintf("render: Draw: frame %d of a scene of %d frames", frame, s.frames))
	}
	m := s.drawViews(frame)
	s.drawTitle(m)
	return m
}

// drawTitle writes the title in the middle above a picture.
func (s *Scene) drawTitle(m *image.RGBA) {
	if s.head > 0 && s.o.Title != "" {
		write(m, m.Rect, s.o.Title, point{float64(m.Rect.Dx()) / 2, 18}, 14, middle, dark)
	}
}

// drawViews draws all panels of one frame.
func (s *Scene) drawViews(frame int) *image.RGBA {
	m := image.NewRGBA(image.Rectangle{Max: s.Size()})
	draw.Draw(m, m.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for k, v := range s.views {
		s.drawView(m, k, v, frame)
	}
	if !s.o.Hide.Frame {
		write(m, m.Rect, strconv.Itoa(frame), point{float64(m.Rect.Dx()) - 6, float64(m.Rect.Dy()) - 6}, 10, end, under)
	}
	return m
}

// drawView draws panel k.
func (s *Scene) drawView(m *image.RGBA, k int, v *view, frame int) {
	area := image.Rect(k*s.width, 0, (k+1)*s.width, s.o.Height)
	c := &canvas{image: m, clip: image.Rect(area.Min.X, s.head, area.Max.X, area.Max.Y)}
	look := s.camera
	look.panelX += float64(area.Min.X)
	origin := s.origin(v, frame)
	if s.ground != nil {
		draw.Draw(m, area, s.ground, image.Point{}, draw.Src)
	} else if !s.o.Hide.Ground {
		s.drawGround(c, &look, origin)
	}
	if !s.o.Hide.Shadow {
		s.drawShadow(c, &look, v.figures[len(v.figures)-1], frame, origin)
	}
	for i, f := range v.figures {
		drawFigure(c, &look, f, frame, origin, i == 0 && len(v.figures) > 1)
	}
	if s.head > 0 && v.title != "" {
		write(m, area, v.title, point{float64(area.Min.X+area.Max.X) / 2, float64(s.head) - 6}, 12, middle, dark)
	}
	if k > 0 { // a thin line between panels
		x := float64(area.Min.X)
		c.capsule(point{x, float64(s.head)}, point{x, float64(s.o.Height)}, 0.5, 0.5, grid)
	}
}

// seen is a place as the camera sees it.
func seen(look *camera, p, origin [3]float64) [3]float64 {
	for a := range p {
		p[a] -= origin[a]
	}
	return look.look(p)
}

// drawShadow draws the figure as it is seen from straight above on the ground.
func (s *Scene) drawShadow(c *canvas, look *camera, f *figure, frame int, origin [3]float64) {
	place := func(joint int) point {
		p := f.at(frame, joint)
		p[1] = s.floor
		return look.pixel(seen(look, p, origin))
	}
	col := pale(under, 0.55)
	for _, b := range f.bones {
		r := math.Max(0.7, 0.8*b.width*f.size*look.scale)
		c.capsule(place(b.joint), place(b.parent), r, r, col)
	}
}

// paleness is how pale the furthest part of a figure is.
const paleness = 0.62

// drawFigure draws bones and heads, the furthest first.
func drawFigure(c *canvas, look *camera, f *figure, frame int, origin [3]float64, below bool) {
	type shape struct {
		depth float64 // towards the viewer
		draw  func()
	}
	var shapes []shape
	places := make([][3]float64, f.clip.Joints())
	near, far := math.Inf(-1), math.Inf(1)
	for j := range places {
		places[j] = seen(look, f.at(frame, j), origin)
		if f.drawn[j] {
			near, far = math.Max(near, places[j][2]), math.Min(far, places[j][2])
		}
	}
	shade := func(base color.RGBA, z float64) color.RGBA {
		// Depth counts within a body, in parts of its height.
		return pale(base, paleness*math.Min(1, (near-z)/math.Max(0.7*f.size, near-far)))
	}
	for _, b := range f.bones {
		base := colourOf(b.side)
		if below {
			base = under
		}
		p, q := places[b.joint], places[b.parent]
		z := (p[2] + q[2]) / 2
		r := math.Max(0.9, b.width*f.size*look.scale)
		shapes = append(shapes, shape{z, func() {
			c.capsule(look.pixel(p), look.pixel(q), r, r, shade(base, z))
		}})
	}
	for _, j := range f.heads {
		p := seen(look, f.head(frame, j), origin)
		base := dark
		if below {
			base = under
		}
		r := math.Max(2.5, headRadius*f.size*look.scale)
		shapes = append(shapes, shape{p[2], func() { c.disc(look.pixel(p), r, shade(base, p[2])) }})
	}
	if len(f.bones) == 0 { // joints that hang together with nothing
		for j, p := range places {
			if f.drawn[j] {
				r := math.Max(1.5, 1.5*limbRadius*f.size*look.scale)
				shapes = append(shapes, shape{p[2], func() { c.disc(look.pixel(p), r, shade(dark, p[2])) }})
			}
		}
	}
	sort.SliceStable(shapes, func(i, k int) bool { return shapes[i].depth < shapes[k].depth })
	for _, s := range shapes {
		s.draw()
	}
}

func colourOf(side motion.Side) color.RGBA {
	switch side {
	case motion.Left:
		return blue
	case motion.Right:
		return orange
	}
	return dark
}
