package bvh

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/motion"
)

// Channel is what one number of a frame moves.
type Channel uint8

// The channels: a coordinate in the file's unit, or an angle in degrees.
const (
	Xposition Channel = iota
	Yposition
	Zposition
	Xrotation
	Yrotation
	Zrotation
)

var channelNames = []string{"Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation"}

// String is the channel's name in files.
func (c Channel) String() string { return nearest.Name("Channel", int(c), channelNames) }

// Rotates tells whether the number is an angle.
func (c Channel) Rotates() bool { return c >= Xrotation }

// Axis is the axis along or about which the channel moves.
func (c Channel) Axis() motion.Axis { return motion.Axis(c % 3) }

// mostChannels is what a joint may have.
const mostChannels = 6

// Node is a joint, or an End Site: the tip of a chain, which has no channels.
type Node struct {
	Name     string // that of an End Site is its parent's and "_End"
	Parent   int    // the node that it hangs on, which stands before it; -1 for a ROOT
	End      bool   // an End Site
	Offset   [3]float64
	Channels []Channel // in the order of the file
}

// Recording is what a BVH file holds.
type Recording struct {
	Name      string  // the file's, without folder and ending; may be empty
	Nodes     []Node  // depth first, End Sites included
	FrameTime float64 // seconds; 0 where the file says so
	Frames    int
	Values    []float64 // [frames, channels]: node by node, channel by channel
}

// Channels is the number of channels of all nodes.
func (r *Recording) Channels() int {
	n := 0
	for i := range r.Nodes {
		n += len(r.Nodes[i].Channels)
	}
	return n
}

// sameRate is how far 1/FrameTime may be from a whole number, in parts of it, that is
// taken for the frame rate: files write the time with as few as four digits.
const sameRate = 2e-4

// FPS is the frame rate, 0 if the file says that a frame takes no time. A rate very
// near to a whole number is that: 0.0083333 seconds are 120 frames a second.
func (r *Recording) FPS() float64 {
	if r.FrameTime <= 0 {
		return 0
	}
	fps := 1 / r.FrameTime
	if whole := math.Round(fps); whole >= 1 && math.Abs(fps-whole) <= sameRate*whole {
		return whole
	}
	if math.IsInf(fps, 0) {
		return 0
	}
	return fps
}

// Validate reports what no BVH file can be: nodes out of order, End Sites with
// children or channels, names that are no single word, numbers that are not finite
// or not as many as frames and channels want. The error is a [*motion.FileError].
func (r *Recording) Validate() error {
	wrong := func(format string, values ...any) error {
		return &motion.FileError{File: r.Name, Reason: fmt.Sprintf(format, values...)}
	}
	switch {
	case len(r.Nodes) == 0:
		return wrong("there are no joints")
	case len(r.Nodes) > motion.MostJoints:
		return wrong("%d joints and End Sites, expected at most %d", len(r.Nodes), motion.MostJoints)
	case !(r.FrameTime >= 0) || math.IsInf(r.FrameTime, 0):
		return wrong("a frame takes %g seconds", r.FrameTime)
	}
	var open []int // the nodes above the one before
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if reason := n.check(); reason != "" {
			return wrong("node %d (%q): %s", i, n.Name, reason)
		}
		for len(open) > 0 && open[len(open)-1] != n.Parent {
			open = open[:len(open)-1]
		}
		switch {
		case n.Parent < -1 || n.Parent >= i || n.Parent >= 0 && len(open) == 0:
			return wrong("node %d (%q) hangs on node %d: nodes stand depth first, children behind their parents", i, n.Name, n.Parent)
		case n.Parent >= 0 && r.Nodes[n.Parent].End:
			return wrong("node %d (%q) hangs on an End Site", i, n.Name)
		}
		open = append(open, i)
	}
	channels := r.Channels()
	switch {
	case r.Frames < 0 || channels > 0 && (len(r.Values)%channels != 0 || len(r.Values)/channels != r.Frames):
		return wrong("%d numbers, expected %d frames of %d channels", len(r.Values), r.Frames, channels)
	case channels == 0 && (r.Frames > 0 || len(r.Values) > 0):
		return wrong("%d frames of joints without channels", r.Frames)
	}
	for k, v := range r.Values {
		if v-v != 0 {
			return wrong("%s is %g, expected a finite number", r.place(k), v)
		}
	}
	return nil
}

// check says what is wrong with a node by itself.
func (n *Node) check() string {
	switch {
	case n.End && len(n.Channels) > 0:
		return "an End Site has no channels"
	case n.End && n.Parent < 0:
		return "an End Site hangs on a joint"
	case len(n.Channels) > mostChannels:
		return fmt.Sprintf("%d channels, expected at most %d", len(n.Channels), mostChannels)
	case !n.End && !isWord(n.Name):
		return "the name is not one word of UTF-8 without braces"
	}
	seen := 0
	for _, c := range n.Channels {
		if int(c) >= len(channelNames) {
			return fmt.Sprintf("unknown channel %v", c)
		}
		if !c.Rotates() && seen&(1<<c) != 0 {
			return fmt.Sprintf("channel %v stands twice", c)
		}
		seen |= 1 << c
	}
	for _, v := range n.Offset {
		if v-v != 0 {
			return fmt.Sprintf("OFFSET %g, expected finite numbers", n.Offset)
		}
	}
	return ""
}

// isWord tells whether a name is one word in a file.
func isWord(name string) bool {
	return name != "" && len(name) <= longestWord && utf8.ValidString(name) && !strings.HasPrefix(name, "\ufeff") && !strings.ContainsFunc(name, func(c rune) bool {
		return c == '{' || c == '}' || c <= ' ' || unicode.IsSpace(c)
	})
}

// place says which number value k of a recording is.
func (r *Recording) place(k int) string {
	channels := r.Channels()
	frame, rest := k/channels, k%channels
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if rest < len(n.Channels) {
			return fmt.Sprintf("frame %d, joint %q: %v", frame, n.Name, n.Channels[rest])
		}
		rest -= len(n.Channels)
	}
	return fmt.Sprintf("frame %d", frame)
}
