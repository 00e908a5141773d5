package motion

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/npy"
)

func TestArrays(t *testing.T) {
	for joints, want := range map[int]struct {
		skeleton  *Skeleton
		fps, unit float64
	}{
		22: {SMPL22(), 20, 1},
		24: {SMPL(), 0, 0},
		2:  {&Skeleton{[]string{"joint0", "joint1"}, []int{-1, -1}}, 0, 0},
	} {
		for _, frames := range []int{0, 1, 3} {
			positions := make([]float32, frames*joints*3)
			for i := range positions {
				positions[i] = float32(i)
			}
			var b bytes.Buffer
			if err := WriteArray(&b, &Clip{Skeleton: want.skeleton, Positions: positions}); err != nil {
				t.Fatal(err)
			}
			c, err := ReadArray("x.npy", &b)
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != "x.npy" || c.Axes != YUp || c.FPS != want.fps || c.Unit != want.unit || !c.Skeleton.Equal(want.skeleton) || !slices.Equal(c.Positions, positions) {
				t.Errorf("%d joints: %+v", joints, c)
			}
		}
	}
	if err := WriteArray(new(bytes.Buffer), &Clip{}); err == nil {
		t.Error("a clip without skeleton was written")
	}
}

func TestBadArrays(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for want, c := range map[string]struct {
		shape  []int
		values []float32
	}{
		"x.npy: an array of shape [1 263] has features of HumanML3D, no positions; take the file of this name from its folder new_joints": {[]int{1, 263}, make([]float32, 263)},
		"x.npy: an array of shape [2 3], expected [frames, joints, 3] with at most 4095 joints":                                           {[]int{2, 3}, make([]float32, 6)},
		"x.npy: an array of shape [1 2 4], expected":                                                                                      {[]int{1, 2, 4}, make([]float32, 8)},
		"x.npy: an array of shape [3 0 3], expected":                                                                                      {[]int{3, 0, 3}, nil},
		"x.npy: an array of shape [0 4096 3], expected":                                                                                   {[]int{0, 4096, 3}, nil},
		`x.npy: frame 0: joint "joint1": coordinate y is NaN`:                                                                             {[]int{1, 2, 3}, []float32{0, 0, 0, 0, nan, 0}},
	} {
		var b bytes.Buffer
		if err := npy.Write(&b, c.shape, c.values); err != nil {
			t.Fatal(err)
		}
		_, err := ReadArray("x.npy", &b)
		var f *FileError
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nexpected %s", err, want)
		}
	}
	if _, err := ReadArray("x.npy", strings.NewReader("hello, world")); err == nil || err.Error() != "motion: x.npy: it is no array of NumPy" {
		t.Error(err)
	}
}
