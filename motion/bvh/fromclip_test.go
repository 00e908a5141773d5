package bvh

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/motion"
	"pgregory.net/rapid"
)

// drawClip makes a clip over a random forest, joints in any order that puts parents
// first.
func drawClip(t *rapid.T) *motion.Clip {
	n := rapid.IntRange(1, 12).Draw(t, "joints")
	c := &motion.Clip{Name: "drawn", FPS: rapid.SampledFrom([]float64{0, 30, 120, 23.976}).Draw(t, "fps"), Skeleton: &motion.Skeleton{}}
	if rapid.Bool().Draw(t, "camera") {
		c.Axes = motion.CameraAxes
	}
	for j := range n {
		c.Skeleton.Joints = append(c.Skeleton.Joints, rapid.SampledFrom([]string{"a", "", "b c", "ä{", "l_hip"}).Draw(t, "name"))
		c.Skeleton.Parents = append(c.Skeleton.Parents, rapid.IntRange(-1, j-1).Draw(t, "parent"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "frames") * n * 3 {
		c.Positions = append(c.Positions, rapid.Float32Range(-5000, 5000).Draw(t, "p"))
	}
	return c
}

// TestFromClip writes positions as a file, reads it, and wants the positions back.
func TestFromClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClip(t)
		r, err := FromClip(c)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		back, err := Read("drawn", &b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := back.Clip(ClipOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := c.Upright().Select(c.Skeleton.DepthFirst())
		if !slices.Equal(got.Skeleton.Parents, want.Skeleton.Parents) {
			t.Fatalf("parents %v, expected %v", got.Skeleton.Parents, want.Skeleton.Parents)
		}
		for i, v := range want.Positions {
			// A drawn coordinate may be very much smaller than its parent's.
			if d := math.Abs(float64(v - got.Positions[i])); d > 1e-9 {
				t.Fatalf("coordinate %d: %v, expected %v", i, got.Positions[i], v)
			}
		}
		if c.FPS > 0 && math.Abs(got.FPS-c.FPS) > 1e-9 || c.FPS == 0 && got.FPS != 30 {
			t.Fatalf("%v frames a second, expected %v", got.FPS, c.FPS)
		}
	})
}

func TestFromClipNames(t *testing.T) {
	c := &motion.Clip{Skeleton: &motion.Skeleton{Joints: []string{"", "a b{", "\xff", "\ufeffx"}, Parents: []int{-1, 0, 0, 0}}}
	r, err := FromClip(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range r.Nodes {
		if !r.Nodes[i].End {
			names = append(names, r.Nodes[i].Name)
		}
	}
	if want := []string{"joint_0", "a_b_", "_", "_x"}; !slices.Equal(names, want) {
		t.Errorf("names %q, expected %q", names, want)
	}
	c.Positions = []float32{float32(math.NaN())}
	if _, err := FromClip(c); err == nil {
		t.Error("a clip of part of a frame was taken")
	}
}
