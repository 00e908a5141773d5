package motion

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// counting is a clip whose coordinates tell frame and place: frame*100 + index.
func counting(frames int, fps float64) *Clip {
	c := &Clip{Name: "counting", FPS: fps, Skeleton: &Skeleton{Joints: []string{"hips", "head"}, Parents: []int{-1, 0}}}
	for f := range frames {
		for i := range 6 {
			c.Positions = append(c.Positions, float32(100*f+i))
		}
	}
	return c
}

// firsts are the frames that a counting clip kept.
func firsts(c *Clip) string {
	var list []float32
	for f := range c.Frames() {
		list = append(list, c.At(f, 0)[0]/100)
	}
	return fmt.Sprint(list)
}

func TestCutting(t *testing.T) {
	c := counting(7, 30)
	if c.Frames() != 7 || c.Joints() != 2 || math.Abs(c.Seconds()-7.0/30) > 1e-12 || c.At(3, 1) != [3]float32{303, 304, 305} {
		t.Errorf("%+v", c)
	}
	if got := firsts(c.Cut(2, 4)); got != "[2 3]" {
		t.Error(got)
	}
	if got := firsts(c.Every(3)); got != "[0 3 6]" || c.Every(3).FPS != 10 {
		t.Error(got)
	}
	var windows []string
	for _, w := range c.Windows(3, 2) {
		windows = append(windows, firsts(w))
	}
	if got := strings.Join(windows, " "); got != "[0 1 2] [2 3 4] [4 5 6]" {
		t.Error(got)
	}
	if len(c.Windows(8, 1)) != 0 || len(counting(0, 1).Windows(1, 1)) != 0 {
		t.Error("windows of a clip that is too short")
	}
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for range 200 {
		w, ok := c.Draw(5, r)
		if !ok {
			t.Fatal("too short")
		}
		seen[firsts(w)] = true
	}
	if len(seen) != 3 {
		t.Errorf("drawn windows %v, expected all of three", seen)
	}
	if _, ok := c.Draw(8, r); ok {
		t.Error("a window longer than the clip")
	}
	if cut := append(c.Cut(0, 1).Positions, -1); c.Positions[6] != 100 || len(cut) != 7 {
		t.Error("appending to a part changed the whole")
	}
	if d := c.Clone(); &d.Positions[0] == &c.Positions[0] {
		t.Error("a clone shares positions")
	}
}

func TestSelect(t *testing.T) {
	c := &Clip{Skeleton: SMPL(), Positions: make([]float32, 3*24*2)}
	for i := range c.Positions {
		c.Positions[i] = float32(i)
	}
	d := c.Select([]int{0, 7, 15, 20})
	if got := fmt.Sprint(d.Skeleton.Joints, d.Skeleton.Parents, d.At(1, 2)); got != "[pelvis l_ankle head l_wrist] [-1 0 0 0] [117 118 119]" {
		t.Error(got)
	}
	if d := c.Select([]int{7, 0}); fmt.Sprint(d.Skeleton.Parents) != "[-1 -1]" {
		t.Error("a child before its parent", d.Skeleton.Parents)
	}
	if !c.Select(c.Skeleton.DepthFirst()).Skeleton.Equal(c.Select(c.Skeleton.DepthFirst()).Skeleton) || c.Select(c.Skeleton.DepthFirst()).Validate() != nil {
		t.Error("depth first it is no clip")
	}
}

func TestResample(t *testing.T) {
	for _, c := range []struct {
		frames   int
		fps, new float64
		want     string
	}{
		{9, 120, 30, "[0 4 8]"}, {8, 120, 30, "[0 4]"}, {9, 1 / 0.0083333, 30, "[0 4 8]"}, {4, 30, 30, "[0 1 2 3]"}, {3, 20, 40, "[0 0.5 1 1.5 2]"},
		{4, 30, 20, "[0 1.5 3]"}, {5, 30, 20, "[0 1.5 3]"}, {1, 30, 25, "[0]"}, {0, 30, 25, "[]"}, {2, 3, 9, "[0 0.3333333 0.6666666 1]"},
	} {
		d, err := counting(c.frames, c.fps).Resample(c.new)
		if err != nil {
			t.Fatal(err)
		}
		if got := firsts(d); got != c.want || d.FPS != c.new {
			t.Errorf("%d frames from %v to %v: %s at %v, expected %s", c.frames, c.fps, c.new, got, d.FPS, c.want)
		}
	}
	for _, c := range []struct{ fps, new float64 }{{0, 30}, {30, 0}, {30, math.NaN()}, {30, -1}, {1e-9, 1e9}} {
		if _, err := counting(3, c.fps).Resample(c.new); err == nil {
			t.Errorf("from %v to %v: no error", c.fps, c.new)
		}
	}
}

// figure is a person of height 1.7 who walks from (5, 0, 7) and faces along an angle
// from +Z towards +X.
func figure(degrees float64) *Clip {
	c := &Clip{Name: "figure", FPS: 30, Unit: 1, Skeleton: &Skeleton{
		Joints:  []string{"hips", "head", "l_hip", "r_hip", "l_foot", "r_foot"},
		Parents: []int{-1, 0, 0, 0, 2, 3},
	}}
	turn := RotationY(degrees)
	for f := range 3 {
		for _, p := range [][3]float64{{0, 0.9, 0}, {0, 1.6, 0}, {0.1, 0.9, 0}, {-0.1, 0.9, 0}, {0.1, 0, 0.1}, {-0.1, 0, -0.1}} {
			p[2] += float64(f)
			p = turn.Apply(p)
			c.Positions = append(c.Positions, float32(p[0]+5), float32(p[1]+0.2), float32(p[2]+7))
		}
	}
	return c
}

func TestPreparation(t *testing.T) {
	for _, degrees := range []float64{0, 30, 90, 180, -120} {
		c := figure(degrees)
		before := c.Clone()
		d, err := Preparation{Face: true, Centre: CentreFirst, Floor: true}.Apply(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			f, j int
			p    [3]float32
		}{{0, 0, [3]float32{0, 0.9, 0}}, {0, 2, [3]float32{0.1, 0.9, 0}}, {2, 0, [3]float32{0, 0.9, 2}}, {2, 5, [3]float32{-0.1, 0, 1.9}}} {
			if got := d.At(want.f, want.j); distance(got[:], want.p[:]) > 1e-5 {
				t.Errorf("%v degrees: frame %d, joint %d: %v, expected %v", degrees, want.f, want.j, got, want.p)
			}
		}
		if MPJPE(before, c) != 0 {
			t.Error("the clip itself was changed")
		}
	}
	c := figure(0)
	for how, want := range map[Centring][3]float32{CentreNone: {5, 1.1, 9}, CentreFirst: {0, 1.1, 2}, CentreGround: {0, 1.1, 0}, CentreHips: {0, 0, 0}} {
		d, err := Preparation{Centre: how}.Apply(c)
		if got := d.At(2, 0); err != nil || distance(got[:], want[:]) > 1e-6 {
			t.Errorf("centring %d: %v, expected %v, error %v", how, got, want, err)
		}
	}
	d, err := Preparation{FPS: 15, Scale: true}.Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.7 + 0.1 + math.Sqrt(0.9*0.9+0.1*0.1)
	if height, err := c.Height(c.Skeleton.Landmarks()); err != nil || math.Abs(height-want) > 1e-6 || math.Abs(d.Unit-want) > 1e-6 || d.Frames() != 2 {
		t.Errorf("height %v, unit %v, expected %v; %d frames, error %v", height, d.Unit, want, d.Frames(), err)
	}
	if scaled, _ := d.Height(d.Skeleton.Landmarks()); math.Abs(scaled-1) > 1e-6 {
		t.Errorf("height after scaling: %v", scaled)
	}
	camera := c.Clone()
	camera.Axes = CameraAxes
	if up, _ := (Preparation{}).Apply(camera); up.Axes != YUp || up.At(0, 1) != [3]float32{5, -1.8, -7} {
		t.Errorf("upright: %v", up.At(0, 1))
	}
	if empty, err := (Preparation{Face: true, Scale: true, Centre: CentreHips}).Apply(c.Cut(0, 0)); err != nil || empty.Frames() != 0 {
		t.Error(err)
	}
}

func TestPreparationErrors(t *testing.T) {
	for want, f := range map[string]func(c *Clip) Preparation{
		"no joint is called head": func(c *Clip) Preparation {
			c.Skeleton.Joints[1] = "x"
			return Preparation{Scale: true}
		},
		"no joint is called foot or ankle": func(c *Clip) Preparation {
			c.Skeleton.Joints[4], c.Skeleton.Joints[5] = "x", "y"
			return Preparation{Scale: true}
		},
		"no joints are called left and right hip": func(c *Clip) Preparation {
			c.Skeleton.Joints[2] = "x"
			return Preparation{Face: true}
		},
		"left and right lie above each other": func(c *Clip) Preparation {
			copy(c.Positions[6:9], c.Positions[9:12])
			return Preparation{Face: true}
		},
		"does not hang together": func(c *Clip) Preparation {
			c.Skeleton.Parents[4] = -1
			return Preparation{Scale: true}
		},
		"landmark 99 is none of its 6 joints": func(c *Clip) Preparation { return Preparation{Landmarks: &Landmarks{Head: 99}} },
		"no joint is given as its hips":       func(c *Clip) Preparation { return Preparation{Landmarks: &Landmarks{Hips: -1}} },
		"its frame rate is not known":         func(c *Clip) Preparation { c.FPS = 0; return Preparation{FPS: 20} },
		`frame 1: joint "head": coordinate z is NaN`: func(c *Clip) Preparation {
			c.Positions[18+5] = float32(math.NaN())
			return Preparation{}
		},
		"its height is 0": func(c *Clip) Preparation { clear(c.Positions); return Preparation{Scale: true} },
		"no skeleton":     func(c *Clip) Preparation { c.Skeleton = nil; return Preparation{} },
	} {
		c := figure(0)
		p := f(c)
		_, err := p.Apply(c)
		var e *ClipError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), `motion: clip "figure": `) {
			t.Errorf("%v\nexpected %s", err, want)
		}
	}
}

func TestErrorOfPositions(t *testing.T) {
	a, b := counting(2, 30), counting(2, 30)
	b.Positions[3] += 3
	b.Positions[4] += 4
	if got := fmt.Sprint(MPJPE(a, b), JointErrors(a, b)); got != "1.25 [0 2.5]" {
		t.Error(got)
	}
	defer func() {
		if got := fmt.Sprint(recover()); got != "motion: MPJPE: [2 2 3] and [3 2 3], expected the same frames and joints" {
			t.Error(got)
		}
	}()
	MPJPE(a, counting(3, 30))
}

func TestMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var clips []*Clip
		for range rapid.IntRange(1, 3).Draw(t, "clips") {
			c := counting(rapid.IntRange(0, 4).Draw(t, "frames"), 30)
			for i := range c.Positions {
				c.Positions[i] = rapid.Float32Range(-1000, 1000).Draw(t, "p")
			}
			clips = append(clips, c)
		}
		m := MomentsOf(clips)
		for _, c := range clips {
			back := m.Restore(m.Standardise(c), c)
			if e := MPJPE(c, back); e > 1e-3 {
				t.Fatalf("restored %v away", e)
			}
		}
	})
	m := MomentsOf([]*Clip{counting(3, 30)})
	if m.Mean[1] != 101 || math.Abs(float64(m.Std[1])-100*math.Sqrt(2.0/3)) > 1e-4 {
		t.Errorf("%+v", m)
	}
	if m := MomentsOf([]*Clip{counting(1, 30)}); m.Std[0] != leastStd {
		t.Errorf("deviation of one frame %v", m.Std[0])
	}
}
