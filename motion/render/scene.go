package render

import (
	"fmt"
	"image"
	"math"

	"github.com/graft-ml/graft/motion"
)

// Options say how a scene is drawn.
type Options struct {
	Height    int     // of the picture in pixels; 0 means 360
	Width     int     // of a panel in pixels; 0 fits it to what is in it
	Azimuth   float64 // degrees that the camera stands off +Z, towards +X; 0 means DefaultAzimuth, 360 the front
	Elevation float64 // degrees that it stands above the ground, at most 89; 0 means DefaultElevation, below 0 level with it
	FPS       float64 // frames a second of a GIF, at most 50; 0 means 25, or the clip's own if it is slower
	Follow    bool    // the camera follows the hips of the first clip of a panel, for figures that travel far
	Title     string  // above the panels
	Hide      Parts   // what is not drawn
}

// Parts are parts of a picture that can be left out.
type Parts struct {
	Ground, Shadow, Frame bool // grid, shadows, number of the frame
}

// What Options mean by 0.
const (
	DefaultAzimuth   = 35.0
	DefaultElevation = 12.0
	defaultHeight    = 360
	defaultFPS       = 25
	mostFPS          = 50 // viewers slow down what is faster
)

// Sizes of pictures.
const (
	leastSide  = 48
	mostSide   = 4096
	mostStrip  = 1 << 26 // pixels of a strip, four bytes each
	mostPixels = 1 << 30 // of all frames of a GIF, a byte each
)

// SizeError is a picture that is too small or too large to be drawn.
type SizeError struct {
	Reason string // what came and what may be
	Hint   string // what to do
}

// Error gives both.
func (e *SizeError) Error() string { return "render: " + e.Reason + "; " + e.Hint }

// Panel is one view: a clip, or several that are drawn over each other.
type Panel struct {
	Title string
	Clips []*motion.Clip
}

// Scene is what is to be drawn. Make one with [New].
type Scene struct {
	o      Options
	views  []*view
	frames int
	fps    float64 // of the clips; 30 if they do not know
	camera camera
	size   float64 // height of the largest body
	floor  float64 // height of the ground
	stage  stage
	ground *image.RGBA // the drawn ground of a panel; nil if the camera moves or there is none
	head   int         // pixels above the panels
	width  int         // of a panel
}

// One is a scene of one clip.
func One(c *motion.Clip, o Options) (*Scene, error) {
	return New([]Panel{{Clips: []*motion.Clip{c}}}, o)
}

// SideBySide is a scene of two clips beside each other, such as an original and what
// became of it.
func SideBySide(a, b *motion.Clip, o Options) (*Scene, error) {
	return New([]Panel{{a.Name, []*motion.Clip{a}}, {b.Name, []*motion.Clip{b}}}, o)
}

// Overlay is a scene of one clip in grey and another one in colours over it.
func Overlay(under, over *motion.Clip, o Options) (*Scene, error) {
	return New([]Panel{{Clips: []*motion.Clip{under, over}}}, o)
}

// unknownFPS is the frame rate of clips that do not know theirs.
const unknownFPS = 30

// New makes a scene. All clips have the same number of frames, the same unit of
// length, and are played at the rate of the first one.
func New(panels []Panel, o Options) (*Scene, error) {
	if o.Height == 0 {
		o.Height = defaultHeight
	}
	if o.Azimuth == 0 {
		o.Azimuth = DefaultAzimuth
	}
	if o.Elevation == 0 {
		o.Elevation = DefaultElevation
	}
	o.Elevation = math.Max(0, math.Min(o.Elevation, 89))
	for _, side := range []struct {
		name   string
		pixels int
	}{{"Height", o.Height}, {"Width", o.Width}} {
		if side.pixels != 0 && (side.pixels < leastSide || side.pixels > mostSide) {
			return nil, &SizeError{fmt.Sprintf("%s of %d pixels", side.name, side.pixels), fmt.Sprintf("give %d to %d", leastSide, mostSide)}
		}
	}
	if !(o.FPS >= 0) || o.FPS > mostFPS || math.IsNaN(o.Azimuth) || math.IsInf(o.Azimuth, 0) {
		return nil, &SizeError{fmt.Sprintf("FPS %g, Azimuth %g", o.FPS, o.Azimuth), fmt.Sprintf("give at most %d frames a second, and an angle in degrees", mostFPS)}
	}
	s := &Scene{o: o, frames: -1}
	titles := false
	for _, p := range panels {
		v := &view{title: p.Title}
		titles = titles || p.Title != ""
		for _, c := range p.Clips {
			if err := s.add(v, c); err != nil {
				return nil, err
			}
		}
		if len(v.figures) > 0 {
			s.views = append(s.views, v)
		}
	}
	if len(s.views) == 0 {
		return nil, &motion.ClipError{Frame: -1, Reason: "there is no clip to be drawn"}
	}
	if o.Title != "" {
		s.head += 24
	}
	if titles {
		s.head += 20
	}
	if s.head > o.Height/2 {
		s.head = 0
	}
	s.camera = newCamera(o)
	s.fit()
	if s.width*len(s.views) > mostSide {
		return nil, &SizeError{fmt.Sprintf("%d panels of %d pixels beside each other", len(s.views), s.width), "give a Width"}
	}
	s.stage = s.newStage()
	s.drawBackground()
	return s, nil
}

// add checks a clip and makes a figure of it.
func (s *Scene) add(v *view, c *motion.Clip) error {
	if err := c.Validate(); err != nil {
		return err
	}
	wrong := func(format string, values ...any) error {
		return &motion.ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf(format, values...)}
	}
	if c.Frames() == 0 {
		return wrong("it has no frames")
	}
	if s.frames < 0 {
		s.frames, s.fps = c.Frames(), c.FPS
		if s.fps == 0 {
			s.fps = unknownFPS
		}
	}
	if c.Frames() != s.frames {
		return wrong("it has %d frames, what it is shown with has %d", c.Frames(), s.frames)
	}
	f := newFigure(c)
	if f.size == 0 {
		return wrong("all its joints are in one place")
	}
	v.figures = append(v.figures, f)
	return nil
}

// Frames is the number of frames of the clips.
func (s *Scene) Frames() int { return s.frames }

// Size is that of a picture in pixels.
func (s *Scene) Size() image.Point { return image.Pt(s.width*len(s.views), s.o.Height) }
