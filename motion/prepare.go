package motion

import (
	"fmt"
	"math"
)

// Centring says what is moved to the origin.
type Centring uint8

// The ways to centre a clip, all on the hips.
const (
	CentreNone   Centring = iota // nothing is moved
	CentreFirst                  // the point on the ground below the hips in the first frame
	CentreGround                 // the same in every frame: the figure walks on the spot
	CentreHips                   // the hips themselves in every frame
)

// Preparation makes clips alike before they are learned from. The zero value
// changes nothing but the axes, which are [YUp] afterwards. What is asked is done in
// the order of the fields.
type Preparation struct {
	FPS    float64  // frame rate; 0 keeps it
	Face   bool     // turn the clip about the vertical so that the figure of the first frame faces +Z
	Centre Centring // move the figure to the origin
	Floor  bool     // move the lowest place of any joint to height 0
	Scale  bool     // divide all lengths by the skeleton's height, see [Clip.Height]
	// Landmarks are the joints to go by; nil finds them by their names.
	Landmarks *Landmarks
}

// Apply gives the prepared clip, a copy. A joint that is needed and not found, and a
// body without height or direction, is a [*ClipError].
func (p Preparation) Apply(c *Clip) (*Clip, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	marks := c.Skeleton.Landmarks()
	if p.Landmarks != nil {
		marks = *p.Landmarks
	}
	if err := marks.check(c); err != nil {
		return nil, err
	}
	d := c.Upright().Clone()
	if p.FPS != 0 {
		var err error
		if d, err = d.Resample(p.FPS); err != nil {
			return nil, err
		}
	}
	if d.Frames() == 0 {
		return d, nil
	}
	if p.Face {
		if err := d.face(marks); err != nil {
			return nil, err
		}
	}
	d.centre(p.Centre, marks.Hips)
	if p.Floor {
		d.floor()
	}
	if p.Scale {
		height, err := d.Height(marks)
		if err != nil {
			return nil, err
		}
		for i := range d.Positions {
			d.Positions[i] = float32(float64(d.Positions[i]) / height)
		}
		d.Unit *= height
	}
	return d, nil
}

// check reports a landmark that is no joint of the clip.
func (l Landmarks) check(c *Clip) error {
	for _, j := range []int{l.Hips, l.Head, l.LeftHip, l.RightHip, l.LeftShoulder, l.RightShoulder, l.LeftFoot, l.RightFoot} {
		if j < -1 || j >= c.Joints() {
			return &ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("landmark %d is none of its %d joints", j, c.Joints())}
		}
	}
	if l.Hips < 0 {
		return &ClipError{Clip: c.Name, Frame: -1, Reason: "no joint is given as its hips"}
	}
	return nil
}

// Height is the height of the body whatever its pose: the lengths of the bones from
// the head to a foot, added up, in the mean over the feet that are known and over
// frames. The error, a [*ClipError], says which joint was not found.
func (c *Clip) Height(marks Landmarks) (float64, error) {
	missing := func(what string) error {
		return &ClipError{Clip: c.Name, Frame: -1, Reason: "no joint is called " + what + ", and without it the height is not known",
			Hint: "give the Landmarks, or do not scale"}
	}
	if marks.Head < 0 {
		return 0, missing("head")
	}
	lengths := c.BoneLengths()
	total, feet := 0.0, 0
	for _, foot := range []int{marks.LeftFoot, marks.RightFoot} {
		if foot < 0 {
			continue
		}
		bones, ok := c.Skeleton.Path(marks.Head, foot)
		if !ok {
			return 0, &ClipError{Clip: c.Name, Frame: -1, Joint: c.Skeleton.Joints[foot], Reason: "does not hang together with the head"}
		}
		for _, j := range bones {
			total += lengths[j]
		}
		feet++
	}
	if feet == 0 {
		return 0, missing("foot or ankle")
	}
	if !(total > 0) {
		return 0, &ClipError{Clip: c.Name, Frame: -1, Reason: "its height is 0"}
	}
	return total / float64(feet), nil
}

// BoneLengths is the distance of each joint from its parent, in the mean over frames;
// 0 for roots.
func (c *Clip) BoneLengths() []float64 {
	lengths := make([]float64, c.Joints())
	for f := range c.Frames() {
		frame := c.Frame(f)
		for j, p := range c.Skeleton.Parents {
			if p >= 0 {
				lengths[j] += distance(frame[3*j:], frame[3*p:])
			}
		}
	}
	for j := range lengths {
		lengths[j] /= float64(max(1, c.Frames()))
	}
	return lengths
}

// centre moves the hips, or the point below them, to the origin.
func (c *Clip) centre(how Centring, hips int) {
	if how == CentreNone {
		return
	}
	origin := c.At(0, hips)
	for f := range c.Frames() {
		if how != CentreFirst {
			origin = c.At(f, hips)
		}
		frame := c.Frame(f)
		for i := 0; i < len(frame); i += 3 {
			frame[i] -= origin[0]
			frame[i+2] -= origin[2]
			if how == CentreHips {
				frame[i+1] -= origin[1]
			}
		}
	}
}

// floor moves the lowest place to height 0.
func (c *Clip) floor() {
	lowest := float32(math.Inf(1))
	for i := 1; i < len(c.Positions); i += 3 {
		lowest = min(lowest, c.Positions[i])
	}
	for i := 1; i < len(c.Positions); i += 3 {
		c.Positions[i] -= lowest
	}
}

// face turns the clip about the vertical axis through the hips of the first frame.
// Where the body faces: up x (right minus left), added over hips and shoulders, as
// HumanML3D does it.
func (c *Clip) face(marks Landmarks) error {
	if marks.LeftHip < 0 || marks.RightHip < 0 {
		return &ClipError{Clip: c.Name, Frame: -1, Reason: "no joints are called left and right hip, and without them nobody knows where it faces",
			Hint: "give the Landmarks, or do not turn it"}
	}
	var x, z float64 // from left to right
	across := func(left, right int) {
		if left >= 0 && right >= 0 {
			l, r := c.At(0, left), c.At(0, right)
			x += float64(r[0]) - float64(l[0])
			z += float64(r[2]) - float64(l[2])
		}
	}
	across(marks.LeftHip, marks.RightHip)
	across(marks.LeftShoulder, marks.RightShoulder)
	length := math.Hypot(x, z)
	if !(length > 0) {
		return &ClipError{Clip: c.Name, Frame: 0, Reason: "left and right lie above each other: nobody knows where it faces", Hint: "do not turn it, or begin with another frame"}
	}
	// The body faces (z, -x), which is (sin, cos) of the angle from +Z towards +X.
	turn := RotationY(-math.Atan2(z, -x) * 180 / math.Pi)
	hips := c.At(0, marks.Hips)
	for i := 0; i < len(c.Positions); i += 3 {
		p := c.Positions[i : i+3]
		v := turn.Apply([3]float64{float64(p[0]) - float64(hips[0]), 0, float64(p[2]) - float64(hips[2])})
		p[0], p[2] = float32(v[0]+float64(hips[0])), float32(v[2]+float64(hips[2]))
	}
	return nil
}
