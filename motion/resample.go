package motion

import (
	"fmt"
	"math"
)

// Every keeps frames 0, step, 2 step and so on.
func (c *Clip) Every(step int) *Clip {
	if step < 1 {
		panic(fmt.Sprintf("motion: Every: step %d, expected at least 1", step))
	}
	n := (c.Frames() + step - 1) / step
	d := c.with(make([]float32, 0, 3*n*c.Joints()))
	for f := 0; f < c.Frames(); f += step {
		d.Positions = append(d.Positions, c.Frame(f)...)
	}
	d.FPS = c.FPS / float64(step)
	return d
}

// A rate so near to a whole multiple of another is taken for it: files give the
// time of a frame with six digits or fewer.
const sameRate = 1e-3

// Resample gives the clip at another frame rate, from its first frame on to the last
// time that is not after its last frame. Where the old rate is a whole multiple of
// the new one (to a thousandth) frames are left out, otherwise the places of joints
// are interpolated along straight lines. A clip that does not know its rate is a
// [*ClipError].
func (c *Clip) Resample(fps float64) (*Clip, error) {
	if !(fps > 0) || math.IsInf(fps, 0) {
		return nil, &ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("cannot be played at %g frames a second, expected a number above 0", fps)}
	}
	if c.FPS <= 0 {
		return nil, &ClipError{Clip: c.Name, Frame: -1, Reason: "its frame rate is not known", Hint: "set FPS first, which a CSV or safetensors file can tell, or ask for no other rate"}
	}
	step := c.FPS / fps
	if whole := math.Round(step); whole >= 1 && math.Abs(step-whole) <= sameRate*whole {
		d := c.Every(int(whole))
		d.FPS = fps
		return d, nil
	}
	frames := 0
	if c.Frames() > 0 {
		last := math.Floor(float64(c.Frames()-1)/step + 1e-9)
		if last*float64(3*c.Joints()) > mostCoordinates {
			return nil, &ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("would have %.0f frames at %g frames a second", last+1, fps), Hint: "ask for a lower rate"}
		}
		frames = int(last) + 1
	}
	width := 3 * c.Joints()
	d := c.with(make([]float32, frames*width))
	d.FPS = fps
	for f := range frames {
		at := min(float64(f)*step, float64(c.Frames()-1))
		before := int(at)
		part := at - float64(before)
		a, b := c.Frame(before), c.Frame(min(before+1, c.Frames()-1))
		out := d.Frame(f)
		for i := range out {
			out[i] = float32((1-part)*float64(a[i]) + part*float64(b[i]))
		}
	}
	return d, nil
}

// mostCoordinates bounds what a clip is made longer to: 1 GiB of positions.
const mostCoordinates = 1 << 28
