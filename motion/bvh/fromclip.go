package bvh

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/motion"
)

// unknownFPS is the frame rate of a clip that does not know its own.
const unknownFPS = 30

// FromClip makes a recording whose forward kinematics gives the positions of a clip
// back. Positions alone do not tell how bones are turned about themselves, nor that
// they keep their length (a decoded clip's do not quite), so nothing is fitted: every
// joint has three position channels and no rotation, and the numbers of a frame are
// its place relative to its parent. OFFSET is that of the first frame. Joints on
// which nothing hangs get an End Site of length 0, as many programs want one.
//
// Joints stand in the order of [motion.Skeleton.DepthFirst], so what comes back is
// c.Upright().Select(c.Skeleton.DepthFirst()): equal, as long as no coordinate is
// 2^28 times another of its chain. Blanks and braces in names become _, a missing
// name joint_ and a number. A clip that does not know its frame rate is written with
// 30 frames a second. The error is that of [motion.Clip.Validate].
func FromClip(c *motion.Clip) (*Recording, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.Upright()
	order := c.Skeleton.DepthFirst()
	leaves := 0
	children := c.Skeleton.Children()
	for _, list := range children {
		if len(list) == 0 {
			leaves++
		}
	}
	ends := len(order)+leaves <= motion.MostJoints // else there is no room for them
	r := &Recording{Name: c.Name, FrameTime: 1.0 / unknownFPS, Frames: c.Frames(), Values: make([]float64, 0, len(c.Positions))}
	if c.FPS > 0 {
		r.FrameTime = 1 / c.FPS
	}
	at := make([]int, c.Joints())
	for _, j := range order {
		n := Node{Name: wordOf(c.Skeleton.Joints[j], j), Parent: -1, Channels: []Channel{Xposition, Yposition, Zposition}}
		p := c.Skeleton.Parents[j]
		if p >= 0 {
			n.Parent = at[p]
		}
		if c.Frames() > 0 {
			n.Offset = relative(c.Frame(0), j, p)
		}
		at[j] = len(r.Nodes)
		r.Nodes = append(r.Nodes, n)
		if ends && len(children[j]) == 0 {
			r.Nodes = append(r.Nodes, Node{Name: n.Name + "_End", Parent: at[j], End: true})
		}
	}
	for f := range c.Frames() {
		frame := c.Frame(f)
		for _, j := range order {
			v := relative(frame, j, c.Skeleton.Parents[j])
			r.Values = append(r.Values, v[:]...)
		}
	}
	return r, nil
}

// relative is the place of a joint seen from its parent.
func relative(frame []float32, j, parent int) (v [3]float64) {
	for a := range v {
		v[a] = float64(frame[3*j+a])
		if parent >= 0 {
			v[a] -= float64(frame[3*parent+a])
		}
	}
	return v
}

// wordOf makes a name one word.
func wordOf(name string, number int) string {
	name = strings.Map(func(c rune) rune {
		if c != '\ufffd' && !isWord(string(c)) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	if len(name) > longestWord/2 {
		name = strings.ToValidUTF8(name[:longestWord/2], "")
	}
	if name == "" {
		name = fmt.Sprintf("joint_%d", number)
	}
	return name
}
