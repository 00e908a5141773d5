package bvh

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/motion"
	"pgregory.net/rapid"
)

// goldenRecording builds the recording that a golden file describes: five frames of a
// real file, with its hierarchy.
func goldenRecording(t *testing.T, c *golden.Case) *Recording {
	t.Helper()
	var names []string
	var channels [][2]string
	c.JSON(t, "node_names", &names)
	c.JSON(t, "channel_names", &channels)
	parents, starts, counts := c.Ints("parents"), c.Ints("channel_start"), c.Ints("channel_count")
	offsets := c.Float64s("offsets")
	r := &Recording{Name: c.Name, FrameTime: 1.0 / 30, Frames: len(c.Ints("frames")), Values: c.Float64s("channels")}
	for i, name := range names {
		n := Node{Name: name, Parent: int(parents[i]), End: starts[i] < 0, Offset: [3]float64(offsets[3*i:])}
		for k := range counts[i] {
			at := channels[starts[i]+k]
			channel, err := parseChannel(at[1])
			if err != nil || at[0] != name {
				t.Fatalf("channel %v of node %q: %v", at, name, err)
			}
			n.Channels = append(n.Channels, channel)
		}
		r.Nodes = append(r.Nodes, n)
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGolden compares with an independent float64 implementation of the same rules
// (derived figures; two of the three were cross-checked on a public library, see the
// README beside the files).
func TestGolden(t *testing.T) {
	for _, c := range golden.Files(t, "motion", "") {
		t.Run(c.Name, func(t *testing.T) {
			r := goldenRecording(t, c)
			var places, rotations []float64
			for f := range r.Frames {
				p := r.Pose(f)
				for i := range r.Nodes {
					places = append(places, p.Places[i][:]...)
					rotations = append(rotations, p.Rotations[i][:]...)
				}
			}
			c.CompareFloat64s(t, "global_pos", places, 1e-12)
			c.CompareFloat64s(t, "global_rot", rotations, 1e-12)
			clip, err := r.Clip(ClipOptions{EndSites: true})
			if err != nil {
				t.Fatal(err)
			}
			c.CompareFlat(t, "global_pos_f32", clip.Positions, 1e-7) // one rounding
			joints, err := r.Clip(ClipOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var kept []int
			for i := range r.Nodes {
				if !r.Nodes[i].End {
					kept = append(kept, i)
				}
			}
			if want := clip.Select(kept); !want.Skeleton.Equal(joints.Skeleton) || motion.MPJPE(want, joints) != 0 {
				t.Error("the clip without End Sites is another one")
			}
			checkBones(t, r)
		})
	}
}

// checkBones compares the distance of every node from its parent with its OFFSET. A
// node whose position channels move it away from that (the hips) is left out.
func checkBones(t *testing.T, r *Recording) {
	t.Helper()
	for f := range r.Frames {
		p := r.Pose(f)
		values := r.Values[f*r.Channels() : (f+1)*r.Channels()]
		for i := range r.Nodes {
			n := &r.Nodes[i]
			moved := 0.0
			for k, c := range n.Channels {
				if !c.Rotates() {
					moved = math.Max(moved, math.Abs(values[k]-n.Offset[c.Axis()]))
				}
			}
			values = values[len(n.Channels):]
			if n.Parent < 0 || moved > 1e-4 {
				if n.Parent >= 0 && n.Name != "Hips" {
					t.Errorf("frame %d: %q is %g away from its OFFSET", f, n.Name, moved)
				}
				continue
			}
			var length, rest float64
			for a := range 3 {
				d := p.Places[i][a] - p.Places[n.Parent][a]
				length += d * d
				rest += n.Offset[a] * n.Offset[a]
			}
			if d := math.Abs(math.Sqrt(length) - math.Sqrt(rest)); d > 1e-9+moved {
				t.Errorf("frame %d: bone of %q is %g longer or shorter than its OFFSET", f, n.Name, d)
			}
		}
	}
}

// drawRecording makes a valid recording.
func drawRecording(t *rapid.T, positions bool) *Recording {
	r := &Recording{Name: "drawn", FrameTime: rapid.SampledFrom([]float64{0, 1.0 / 120, 0.0333333}).Draw(t, "time"), Frames: rapid.IntRange(0, 3).Draw(t, "frames")}
	open := []int{}
	for i := range rapid.IntRange(1, 12).Draw(t, "nodes") {
		parent := -1
		if len(open) > 0 && rapid.IntRange(0, 9).Draw(t, "root") > 0 {
			open = open[:rapid.IntRange(1, len(open)).Draw(t, "depth")]
			parent = open[len(open)-1]
		} else {
			open = open[:0]
		}
		n := Node{Parent: parent, Name: rapid.StringMatching(`[A-Za-z:]{1,5}`).Draw(t, "name")}
		for a := range n.Offset {
			n.Offset[a] = rapid.Float64Range(-50, 50).Draw(t, "offset")
		}
		if parent >= 0 && rapid.IntRange(0, 4).Draw(t, "end") == 0 {
			n.End, n.Name = true, r.Nodes[parent].Name+"_End"
			r.Nodes = append(r.Nodes, n)
			continue
		}
		all := []Channel{Xrotation, Yrotation, Zrotation}
		if positions {
			all = append(all, Xposition, Yposition, Zposition)
		}
		n.Channels = rapid.Permutation(all).Draw(t, "channels")[:rapid.IntRange(0, len(all)).Draw(t, "n")]
		r.Nodes = append(r.Nodes, n)
		open = append(open, i)
	}
	if r.Channels() == 0 {
		r.Frames = 0
	}
	for range r.Frames * r.Channels() {
		r.Values = append(r.Values, rapid.Float64Range(-1000, 1000).Draw(t, "value"))
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBonesKeepTheirLength(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { checkBones(t, drawRecording(rt, false)) })
}

func TestRest(t *testing.T) {
	r := &Recording{Nodes: []Node{{Name: "a", Parent: -1, Offset: [3]float64{1, 2, 3}}, {Name: "b", Parent: 0, Offset: [3]float64{0, 10, 0}}}}
	if p := r.Rest(); p.Places[1] != [3]float64{1, 12, 3} || p.Rotations[1] != motion.Identity() {
		t.Errorf("rest pose %v", p)
	}
}

func TestClipOptions(t *testing.T) {
	r := &Recording{Name: "x", FrameTime: 0.0083333, Frames: 3, Values: []float64{0, 1, 2},
		Nodes: []Node{{Name: "a", Parent: -1, Channels: []Channel{Yposition}}, {Name: "a_End", Parent: 0, End: true, Offset: [3]float64{0, 1, 0}}}}
	c, err := r.Clip(ClipOptions{EndSites: true, SkipFirst: true, Unit: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	if c.Frames() != 2 || c.Joints() != 2 || c.FPS != 120 || c.Unit != 0.01 || c.At(1, 1) != [3]float32{0, 3, 0} {
		t.Errorf("clip %+v", c)
	}
	for dt, want := range map[float64]float64{0: 0, 0.0333333: 30, 0.03333: 30, .0083333: 120, 1 / 29.97: 29.97, 0.041708: 1 / 0.041708, 5e-324: 0} {
		r.FrameTime = dt
		if got := r.FPS(); math.Abs(got-want) > 1e-9 {
			t.Errorf("FPS of frame time %g is %g, expected %g", dt, got, want)
		}
	}
	r.Values[2] = 1e300
	if _, err := r.Clip(ClipOptions{}); err == nil || err.Error() != `motion: clip "x": frame 2: joint "a": a coordinate of 1e+300 is beyond float32` {
		t.Errorf("error %v", err)
	}
	r.Frames, r.Values = 1<<28, nil
	if _, err := r.Clip(ClipOptions{}); err == nil {
		t.Error("a clip of 2^28 frames was made")
	}
}

func TestPoseIntoAllocatesNothing(t *testing.T) {
	r := &Recording{Frames: 1, Values: []float64{10, 20}, Nodes: []Node{{Name: "a", Parent: -1, Channels: []Channel{Xrotation, Yrotation}}, {Name: "b", Parent: 0}}}
	var p Pose
	r.PoseInto(0, &p)
	if n := testing.AllocsPerRun(10, func() { r.PoseInto(0, &p) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestChannelNames(t *testing.T) {
	text, _ := json.Marshal([]string{Zrotation.String(), Xposition.String(), Channel(9).String()})
	if string(text) != `["Zrotation","Xposition","Channel(9)"]` {
		t.Error(string(text))
	}
}
