package tokenizer

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/tensor"
)

// toy is a model of three joints that takes next to no time.
var toy = Config{Joints: 3, Widths: [2]int{4, 8}, Groups: 2, CodeWidth: 6, Codes: 10, DilationWidth: 16}

func mustModel(t testing.TB, c Config) *Model {
	t.Helper()
	m, err := New(c, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// swing is a clip of some frames in which joints go round in circles.
func swing(name string, frames, joints int) *motion.Clip {
	c := &motion.Clip{Name: name, FPS: 30, Unit: 0.001, Axes: motion.CameraAxes, Skeleton: &motion.Skeleton{}}
	for j := range joints {
		c.Skeleton.Joints = append(c.Skeleton.Joints, string(rune('a'+j)))
		c.Skeleton.Parents = append(c.Skeleton.Parents, j-1)
	}
	for f := range frames {
		for j := range joints {
			sin, cos := math.Sincos(float64(f)/7 + float64(j) + float64(len(name)))
			c.Positions = append(c.Positions, float32(100*sin), float32(80*cos), float32(1000+50*sin*cos))
		}
	}
	return c
}

// trained is a model that has seen a few batches, so that its codebook is in use.
func trained(t testing.TB, c Config, passes int) (*Model, *Data) {
	t.Helper()
	m := mustModel(t, c)
	clips := []*motion.Clip{swing("long", 60, c.Joints), swing("short", 20, c.Joints)}
	if err := m.SetMoments(MomentsOf(clips, c.Reference, 17)); err != nil {
		t.Fatal(err)
	}
	d, err := NewData(m, clips, DataOptions{Frames: 17, Stride: 3})
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	for s := range passes {
		b, err := d.Prepare([]int{s % d.Len(), (s + 5) % d.Len()})
		if err != nil {
			t.Fatal(err)
		}
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(s)})
		m.Forward(tp, b)
	}
	return m, d
}

func normal(seed uint64, shape ...int) *tensor.Tensor {
	x, r := tensor.New(shape...), rand.New(rand.NewPCG(seed, 2))
	for i := range x.Data() {
		x.Data()[i] = float32(r.NormFloat64())
	}
	return x
}
