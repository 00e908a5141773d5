package bvh

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/motion"
)

// Pose is where all nodes of a recording are in one frame.
type Pose struct {
	Places    [][3]float64      // [nodes]
	Rotations []motion.Rotation // [nodes], from the node's own axes to those of space
}

// Pose computes one frame by forward kinematics.
func (r *Recording) Pose(frame int) Pose {
	var p Pose
	r.PoseInto(frame, &p)
	return p
}

// PoseInto is [Recording.Pose] into memory that may have been used for another frame.
func (r *Recording) PoseInto(frame int, p *Pose) {
	if frame < 0 || frame >= r.Frames {
		panic(fmt.Sprintf("bvh: Pose: frame %d of a recording of %d frames", frame, r.Frames))
	}
	channels := r.Channels()
	r.forward(r.Values[frame*channels:(frame+1)*channels], p)
}

// Rest is the pose of all angles 0 and no position but OFFSET: the skeleton as it was
// built.
func (r *Recording) Rest() Pose {
	var p Pose
	p.grow(len(r.Nodes))
	for i := range r.Nodes {
		n := &r.Nodes[i]
		p.Places[i], p.Rotations[i] = n.Offset, motion.Identity()
		if n.Parent >= 0 {
			for a := range 3 {
				p.Places[i][a] += p.Places[n.Parent][a]
			}
		}
	}
	return p
}

func (p *Pose) grow(nodes int) {
	if cap(p.Places) < nodes || cap(p.Rotations) < nodes {
		p.Places, p.Rotations = make([][3]float64, nodes), make([]motion.Rotation, nodes)
	}
	p.Places, p.Rotations = p.Places[:nodes], p.Rotations[:nodes]
}

// forward places all nodes by the numbers of one frame.
func (r *Recording) forward(values []float64, p *Pose) {
	p.grow(len(r.Nodes))
	for i := range r.Nodes {
		n := &r.Nodes[i]
		t, turn := n.Offset, motion.Identity()
		for _, c := range n.Channels {
			if c.Rotates() {
				turn = turn.Mul(c.Axis().About(values[0]))
			} else {
				t[c.Axis()] = values[0]
			}
			values = values[1:]
		}
		if n.Parent < 0 {
			p.Places[i], p.Rotations[i] = t, turn
			continue
		}
		above := p.Rotations[n.Parent]
		t = above.Apply(t)
		for a := range 3 {
			p.Places[i][a] = p.Places[n.Parent][a] + t[a]
		}
		p.Rotations[i] = above.Mul(turn)
	}
}

// ClipOptions say how a recording becomes a clip.
type ClipOptions struct {
	EndSites  bool    // keep End Sites as joints
	SkipFirst bool    // drop frame 0, the T-pose that files of cgspeed begin with
	Unit      float64 // metres of the file's unit, which the format does not tell; 0 if not known
}

// mostCoordinates bounds a clip, 1 GiB of positions: few channels can move many joints.
const mostCoordinates = 1 << 28

// Clip computes the places of all joints in all frames, [frames, joints, 3]. They are
// computed in float64 and rounded once. What does not fit into float32, or into
// memory, is a [*motion.ClipError].
func (r *Recording) Clip(o ClipOptions) (*motion.Clip, error) {
	skeleton, nodes := r.skeleton(o.EndSites)
	first := 0
	if o.SkipFirst {
		first = min(1, r.Frames)
	}
	frames := r.Frames - first
	if int64(frames)*int64(3*len(nodes)) > mostCoordinates {
		return nil, &motion.ClipError{Clip: r.Name, Frame: -1, Reason: fmt.Sprintf("%d frames of %d joints are too many to hold, expected at most %d coordinates", frames, len(nodes), mostCoordinates),
			Hint: "cut the file into several"}
	}
	c := &motion.Clip{Name: r.Name, FPS: r.FPS(), Unit: o.Unit, Skeleton: skeleton, Positions: make([]float32, 0, 3*frames*len(nodes))}
	var p Pose
	for f := first; f < r.Frames; f++ {
		r.PoseInto(f, &p)
		for j, i := range nodes {
			for _, v := range p.Places[i] {
				x := float32(v)
				if math.IsNaN(v) || math.IsInf(float64(x), 0) {
					return nil, &motion.ClipError{Clip: r.Name, Frame: f, Joint: skeleton.Joints[j], Reason: fmt.Sprintf("a coordinate of %g is beyond float32", v)}
				}
				c.Positions = append(c.Positions, x)
			}
		}
	}
	return c, nil
}

// skeleton gives the joints of a clip, and which nodes they are.
func (r *Recording) skeleton(ends bool) (s *motion.Skeleton, nodes []int) {
	s = new(motion.Skeleton)
	at := make([]int, len(r.Nodes))
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if n.End && !ends {
			continue
		}
		parent := -1
		if n.Parent >= 0 {
			parent = at[n.Parent]
		}
		at[i] = len(nodes)
		nodes = append(nodes, i)
		s.Joints, s.Parents = append(s.Joints, n.Name), append(s.Parents, parent)
	}
	return s, nodes
}
