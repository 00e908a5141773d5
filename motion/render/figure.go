package render

import (
	"math"

	"github.com/graft-ml/graft/motion"
)

// view is a panel made ready.
type view struct {
	title   string
	figures []*figure
}

// figure is a clip made ready to be drawn: y points up.
type figure struct {
	clip   *motion.Clip
	bones  []bone
	drawn  []bool // whether a joint is
	heads  []int  // bones that end in a head: drawn as a circle
	hips   int
	size   float64 // height of the body, in the clip's unit
	ground float64 // lowest height of any joint in any frame
}

// bone is a line from a joint to its parent.
type bone struct {
	joint, parent int
	side          motion.Side
	width         float64 // its radius, in parts of the body's height
}

// Radii of bones in parts of the body's height.
const (
	trunkRadius = 0.013
	limbRadius  = 0.011
	tipRadius   = 0.0055 // of fingers and toes, far down the tree
	headRadius  = 0.062
)

func newFigure(c *motion.Clip) *figure {
	c = c.Upright()
	s := c.Skeleton
	marks := s.Landmarks()
	f := &figure{clip: c, drawn: make([]bool, c.Joints()), hips: marks.Hips}
	for j := range f.drawn {
		f.drawn[j] = true
	}
	above := map[int]bool{}
	for p := s.Parents[marks.Hips]; p >= 0; p = s.Parents[p] {
		f.drawn[p], above[p] = false, true
	}
	within := make([]bool, c.Joints()) // eyes and the like, inside the circle
	sides := s.Sides()
	crowded := f.crowded()
	for j, p := range s.Parents {
		if p >= 0 {
			within[j] = p == marks.Head || within[p]
		}
		if p < 0 || above[p] || within[j] {
			continue
		}
		b := bone{j, p, sides[j], limbRadius}
		switch {
		case crowded[j]:
			b.width = tipRadius
		case sides[j] == motion.Middle:
			b.width = trunkRadius
		}
		f.bones = append(f.bones, b)
		if j == marks.Head {
			f.heads = append(f.heads, j)
		}
	}
	f.measure(marks)
	return f
}

// crowded tells which joints hang where a joint of a side splits into several, such
// as fingers: they are drawn thin.
func (f *figure) crowded() []bool {
	s := f.clip.Skeleton
	crowded := make([]bool, s.Len())
	sides := s.Sides()
	children := s.Children()
	for j, p := range s.Parents {
		if p >= 0 && (crowded[p] || sides[p] != motion.Middle && len(children[p]) > 2) {
			crowded[j] = true
		}
	}
	return crowded
}

// measure finds height and ground.
func (f *figure) measure(marks motion.Landmarks) {
	low, high := f.bounds(1)
	f.ground = low
	height, err := f.clip.Height(marks)
	if err != nil { // nobody knows what is head and foot: the largest extent of a frame
		for frame := range f.clip.Frames() {
			for a := range 3 {
				l, h := f.frameBounds(frame, a)
				height = math.Max(height, h-l)
			}
		}
	}
	if height == 0 {
		height = high - low
	}
	f.size = height
}

// bounds are the least and largest coordinate along an axis of all drawn joints in all
// frames.
func (f *figure) bounds(axis int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for frame := range f.clip.Frames() {
		l, h := f.frameBounds(frame, axis)
		low, high = math.Min(low, l), math.Max(high, h)
	}
	return low, high
}

func (f *figure) frameBounds(frame, axis int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	places := f.clip.Frame(frame)
	for j, drawn := range f.drawn {
		if drawn {
			v := float64(places[3*j+axis])
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	return low, high
}

// at is the place of a joint.
func (f *figure) at(frame, joint int) [3]float64 {
	p := f.clip.At(frame, joint)
	return [3]float64{float64(p[0]), float64(p[1]), float64(p[2])}
}

// head is where the circle of a head is: around the joint, a little further from the
// neck.
func (f *figure) head(frame, joint int) [3]float64 {
	p := f.at(frame, joint)
	neck := f.at(frame, f.clip.Skeleton.Parents[joint])
	length := math.Sqrt((p[0]-neck[0])*(p[0]-neck[0]) + (p[1]-neck[1])*(p[1]-neck[1]) + (p[2]-neck[2])*(p[2]-neck[2]))
	if length == 0 {
		return p
	}
	for a := range p {
		p[a] += 0.5 * headRadius * f.size * (p[a] - neck[a]) / length
	}
	return p
}
