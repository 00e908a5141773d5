package motion

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/nearest"
)

// Axes tell where up is.
type Axes uint8

// The axes of clips.
const (
	YUp        Axes = iota // x left of a figure that faces z, y up: BVH, HumanML3D
	CameraAxes             // x right, y down, z away from the viewer: bodies from video
)

var axesNames = []string{"y-up", "camera"}

// String is "y-up" or "camera".
func (a Axes) String() string { return nearest.Name("Axes", int(a), axesNames) }

// Clip is a movement: the places of all joints in all frames.
type Clip struct {
	Name      string
	FPS       float64   // frames a second; 0 where nobody knows
	Unit      float64   // metres of the unit of length; 0 where nobody knows
	Axes      Axes      // where up is
	Skeleton  *Skeleton // names and parents of the joints
	Positions []float32 // [frames, joints, 3]
}

// Joints is the number of joints.
func (c *Clip) Joints() int { return c.Skeleton.Len() }

// Frames is the number of frames.
func (c *Clip) Frames() int {
	if c.Joints() == 0 {
		return 0
	}
	return len(c.Positions) / (3 * c.Joints())
}

// Seconds is how long the clip plays; 0 if its frame rate is not known.
func (c *Clip) Seconds() float64 {
	if c.FPS <= 0 {
		return 0
	}
	return float64(c.Frames()) / c.FPS
}

// At is the place of a joint in a frame.
func (c *Clip) At(frame, joint int) [3]float32 {
	return [3]float32(c.Frame(frame)[3*joint:])
}

// Frame gives the places of all joints in one frame, [joints, 3]: a part of
// Positions, not a copy.
func (c *Clip) Frame(frame int) []float32 {
	width := 3 * c.Joints()
	if frame < 0 || frame >= c.Frames() {
		panic(fmt.Sprintf("motion: Frame: frame %d of a clip of %d frames", frame, c.Frames()))
	}
	return c.Positions[frame*width : (frame+1)*width : (frame+1)*width]
}

// Validate reports what no clip can be: a skeleton that is none, positions that are
// no whole frames or not finite, a frame rate or unit below 0. The error is a
// [*ClipError].
func (c *Clip) Validate() error {
	wrong := func(frame int, joint, format string, values ...any) error {
		return &ClipError{Clip: c.Name, Frame: frame, Joint: joint, Reason: fmt.Sprintf(format, values...)}
	}
	if c.Skeleton == nil {
		return wrong(-1, "", "it has no skeleton")
	}
	if err := c.Skeleton.Validate(); err != nil {
		e := *err.(*ClipError)
		e.Clip = c.Name
		return &e
	}
	width := 3 * c.Joints()
	switch {
	case len(c.Positions)%width != 0:
		return wrong(-1, "", "%d coordinates are no whole frames of %d joints", len(c.Positions), c.Joints())
	case !(c.FPS >= 0) || math.IsInf(c.FPS, 0):
		return wrong(-1, "", "%g frames a second", c.FPS)
	case !(c.Unit >= 0) || math.IsInf(c.Unit, 0):
		return wrong(-1, "", "a unit of %g metres", c.Unit)
	case int(c.Axes) >= len(axesNames):
		return wrong(-1, "", "unknown axes %v", c.Axes)
	}
	for i, v := range c.Positions {
		if v-v != 0 { // NaN or infinite
			return wrong(i/width, c.Skeleton.Joints[i%width/3], "coordinate %c is %g, expected a finite number", 'x'+rune(i%3), v)
		}
	}
	return nil
}

// with is the clip with other positions.
func (c *Clip) with(positions []float32) *Clip {
	d := *c
	d.Positions = positions
	return &d
}

// Clone is a copy with positions of its own.
func (c *Clip) Clone() *Clip {
	return c.with(append(make([]float32, 0, len(c.Positions)), c.Positions...))
}

// Cut gives frames from up to, without to. The positions are those of c, not a copy.
func (c *Clip) Cut(from, to int) *Clip {
	if from < 0 || from > to || to > c.Frames() {
		panic(fmt.Sprintf("motion: Cut: frames %d up to %d of a clip of %d frames", from, to, c.Frames()))
	}
	width := 3 * c.Joints()
	return c.with(c.Positions[from*width : to*width : to*width])
}

// Windows cuts a clip into windows of a length that begin every stride frames; what
// is left at the end is in none. A clip shorter than length has no windows. The
// positions are those of c.
func (c *Clip) Windows(length, stride int) []*Clip {
	if length < 1 || stride < 1 {
		panic(fmt.Sprintf("motion: Windows: length %d, stride %d, expected at least 1", length, stride))
	}
	var list []*Clip
	for from := 0; from+length <= c.Frames(); from += stride {
		list = append(list, c.Cut(from, from+length))
	}
	return list
}

// Draw cuts a window of a length from a random place; ok is false where the clip is
// too short. The positions are those of c.
func (c *Clip) Draw(length int, r *rand.Rand) (window *Clip, ok bool) {
	if length < 1 {
		panic(fmt.Sprintf("motion: Draw: length %d, expected at least 1", length))
	}
	if c.Frames() < length {
		return nil, false
	}
	from := r.IntN(c.Frames() - length + 1)
	return c.Cut(from, from+length), true
}

// Select gives a clip of some joints, in that order. Each hangs on the nearest of
// its ancestors among those that stand before it.
func (c *Clip) Select(joints []int) *Clip {
	for _, j := range joints {
		if j < 0 || j >= c.Joints() {
			panic(fmt.Sprintf("motion: Select: joint %d of %d", j, c.Joints()))
		}
	}
	d := c.with(make([]float32, 0, 3*c.Frames()*len(joints)))
	d.Skeleton = c.Skeleton.selected(joints)
	for f := range c.Frames() {
		frame := c.Frame(f)
		for _, j := range joints {
			d.Positions = append(d.Positions, frame[3*j:3*j+3]...)
		}
	}
	return d
}

// Upright gives the clip in axes whose y points up: c itself if they do, else a copy
// turned by half a circle about x, which is exact.
func (c *Clip) Upright() *Clip {
	if c.Axes == YUp {
		return c
	}
	d := c.Clone()
	d.Axes = YUp
	for i := 0; i < len(d.Positions); i += 3 {
		d.Positions[i+1], d.Positions[i+2] = -d.Positions[i+1], -d.Positions[i+2]
	}
	return d
}
