package render

import (
	"image"
	"image/draw"
	"math"
)

// mostLines is the largest number of lines of the grid in each direction.
const mostLines = 48

// stage is the part of the ground that is drawn, as x and z in space.
type stage struct{ low, high [2]float64 }

// newStage is what the figures walk on.
func (s *Scene) newStage() stage {
	g := stage{[2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}}
	for _, v := range s.views {
		for _, f := range v.figures {
			for k, axis := range [2]int{0, 2} {
				low, high := f.bounds(axis)
				g.low[k], g.high[k] = math.Min(g.low[k], low), math.Max(g.high[k], high)
			}
		}
	}
	return g
}

// around is the stage that the camera sees of a figure which it follows.
func (s *Scene) around(origin [3]float64) stage {
	x, z := origin[0], origin[2]
	return stage{[2]float64{x - s.size, z - s.size}, [2]float64{x + s.size, z + s.size}}
}

// drawBackground keeps the ground of a camera that stands still: it is the same in all
// frames and panels.
func (s *Scene) drawBackground() {
	if s.o.Follow || s.o.Hide.Ground {
		return
	}
	s.ground = image.NewRGBA(image.Rect(0, 0, s.width, s.o.Height))
	draw.Draw(s.ground, s.ground.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	look := s.camera
	s.drawGround(&canvas{image: s.ground, clip: image.Rect(0, s.head, s.width, s.o.Height)}, &look, [3]float64{})
}

// drawGround draws a grid of squares on the stage, a quarter of the body's height wide
// or twice that until they are few enough. It stays where it is in space.
func (s *Scene) drawGround(c *canvas, look *camera, origin [3]float64) {
	if look.turn[7] < 1e-6 { // the camera is level with it: one line
		y := look.pixel([3]float64{0, s.floor, 0}).y
		c.capsule(point{float64(c.clip.Min.X), y}, point{float64(c.clip.Max.X), y}, 0.7, 0.7, grid)
		return
	}
	g := s.stage
	if s.o.Follow {
		g = s.around(origin)
	}
	step := s.size / 4
	for math.Max(g.high[0]-g.low[0], g.high[1]-g.low[1]) > mostLines*step {
		step *= 2
	}
	var first, last [2]float64
	for k := range first {
		first[k], last[k] = math.Floor(g.low[k]/step)-1, math.Ceil(g.high[k]/step)+1
	}
	line := func(x1, z1, x2, z2 float64) {
		a := look.pixel(seen(look, [3]float64{x1 * step, s.floor, z1 * step}, origin))
		b := look.pixel(seen(look, [3]float64{x2 * step, s.floor, z2 * step}, origin))
		c.capsule(a, b, 0.55, 0.55, grid)
	}
	for x := first[0]; x <= last[0]; x++ {
		line(x, first[1], x, last[1])
	}
	for z := first[1]; z <= last[1]; z++ {
		line(first[0], z, last[0], z)
	}
}
