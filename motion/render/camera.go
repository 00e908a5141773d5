package render

import (
	"math"

	"github.com/graft-ml/graft/motion"
)

// camera is an orthographic one.
type camera struct {
	turn           motion.Rotation // space to camera: x right, y up, z towards the viewer
	scale          float64         // pixels of a unit of length
	middleX        float64         // what is in the middle of a panel, in camera axes
	middleY        float64
	panelX, panelY float64 // the middle of a panel in pixels
}

func newCamera(o Options) camera {
	// A camera that stands towards +X sees the world turned the other way.
	return camera{turn: motion.RotationX(o.Elevation).Mul(motion.RotationY(-o.Azimuth))}
}

// look gives a place in camera axes.
func (c *camera) look(p [3]float64) [3]float64 { return c.turn.Apply(p) }

// pixel is where a place in camera axes is in a panel.
func (c *camera) pixel(p [3]float64) point {
	return point{c.panelX + (p[0]-c.middleX)*c.scale, c.panelY - (p[1]-c.middleY)*c.scale}
}

// origin is what the camera follows in a frame of a view; zero if it stands still.
func (s *Scene) origin(v *view, frame int) [3]float64 {
	if !s.o.Follow {
		return [3]float64{}
	}
	f := v.figures[0]
	p := f.at(frame, f.hips)
	p[1] = 0
	return p
}

// extent is a box in camera axes.
type extent struct{ low, high [3]float64 }

func (e *extent) add(p [3]float64, radius float64) {
	for a := range p {
		e.low[a], e.high[a] = math.Min(e.low[a], p[a]-radius), math.Max(e.high[a], p[a]+radius)
	}
}

// fit places the camera so that all figures with their shadows are seen in all frames.
func (s *Scene) fit() {
	box := extent{[3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}, [3]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1)}}
	s.floor = s.lowest()
	size := 0.0
	for _, v := range s.views {
		for _, f := range v.figures {
			size = math.Max(size, f.size)
			for frame := range s.frames {
				origin := s.origin(v, frame)
				for j, drawn := range f.drawn {
					if !drawn {
						continue
					}
					p := f.at(frame, j)
					for a := range p {
						p[a] -= origin[a]
					}
					radius := 0.03 * f.size
					if len(f.heads) > 0 && j == f.heads[0] {
						radius = 1.6 * headRadius * f.size
					}
					box.add(s.camera.look(p), radius)
					p[1] = s.floor
					box.add(s.camera.look(p), radius)
				}
			}
		}
	}
	width, height := box.high[0]-box.low[0], box.high[1]-box.low[1]
	room := float64(s.o.Height - s.head - 2*border)
	s.width = s.o.Width
	if s.width == 0 {
		aspect := math.Max(0.6, math.Min(width/height, 1.8))
		s.width = 2*border + int(math.Ceil(aspect*room))
		s.width += s.width % 2
	}
	c := &s.camera
	c.scale = math.Min(room/height, float64(s.width-2*border)/width)
	c.middleX, c.middleY = (box.low[0]+box.high[0])/2, (box.low[1]+box.high[1])/2
	c.panelX, c.panelY = float64(s.width)/2, float64(s.head)+float64(s.o.Height-s.head)/2
	s.size = size
}

// lowest is the lowest place of all figures.
func (s *Scene) lowest() float64 {
	low := math.Inf(1)
	for _, v := range s.views {
		for _, f := range v.figures {
			low = math.Min(low, f.ground)
		}
	}
	return low
}

// border is the space around what is drawn, in pixels.
const border = 12
