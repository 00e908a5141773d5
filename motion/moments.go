package motion

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/safetensors"
)

// Moments are the mean and standard deviation of every coordinate of every joint,
// which a network's input is standardised with.
type Moments struct {
	Mean, Std []float32 // [joints, 3]
}

// leastStd stands for a deviation of nothing, so that what never moves becomes 0.
const leastStd = 1e-6

// MomentsOf takes mean and population deviation over all frames of the clips, which
// must have the same number of joints. Without frames means are 0, deviations 1.
func MomentsOf(clips []*Clip) Moments {
	if len(clips) == 0 {
		panic("motion: MomentsOf: no clips")
	}
	width := 3 * clips[0].Joints()
	sum := make([]float64, width)
	frames := 0
	each := func(add func(i int, v float64)) {
		for _, c := range clips {
			for i, v := range c.Positions {
				add(i%width, float64(v))
			}
		}
	}
	for _, c := range clips {
		if 3*c.Joints() != width {
			panic(fmt.Sprintf("motion: MomentsOf: clip %q has %d joints, the first %d", c.Name, c.Joints(), width/3))
		}
		frames += c.Frames()
	}
	m := Moments{Mean: make([]float32, width), Std: make([]float32, width)}
	if frames == 0 {
		for i := range m.Std {
			m.Std[i] = 1
		}
		return m
	}
	each(func(i int, v float64) { sum[i] += v })
	mean := make([]float64, width)
	for i := range mean {
		mean[i] = sum[i] / float64(frames)
		m.Mean[i], sum[i] = float32(mean[i]), 0
	}
	each(func(i int, v float64) { sum[i] += (v - mean[i]) * (v - mean[i]) })
	for i := range sum {
		m.Std[i] = float32(math.Max(leastStd, math.Sqrt(sum[i]/float64(frames))))
	}
	return m
}

// Joints is the number of joints that the moments are of.
func (m Moments) Joints() int { return len(m.Mean) / 3 }

// Standardise gives (position - mean) / std for every coordinate, [frames, joints, 3].
func (m Moments) Standardise(c *Clip) []float32 {
	m.check("Standardise", c.Joints())
	out := make([]float32, len(c.Positions))
	for i, v := range c.Positions {
		k := i % len(m.Mean)
		out[i] = (v - m.Mean[k]) / m.Std[k]
	}
	return out
}

// Restore gives value * std + mean for every standardised coordinate, as a clip like
// c but for its positions.
func (m Moments) Restore(values []float32, c *Clip) *Clip {
	m.check("Restore", c.Joints())
	if len(values)%len(m.Mean) != 0 {
		panic(fmt.Sprintf("motion: Restore: %d values, expected whole frames of %d joints", len(values), m.Joints()))
	}
	d := c.with(make([]float32, len(values)))
	for i, v := range values {
		k := i % len(m.Mean)
		d.Positions[i] = v*m.Std[k] + m.Mean[k]
	}
	return d
}

func (m Moments) check(op string, joints int) {
	if len(m.Mean) != 3*joints || len(m.Std) != 3*joints {
		panic(fmt.Sprintf("motion: %s: moments of %d joints, a clip of %d", op, m.Joints(), joints))
	}
}

// Tensors are the tensors mean and std [joints, 3], as they are kept in files.
func (m Moments) Tensors() []safetensors.Tensor {
	return []safetensors.Tensor{
		safetensors.FromFloat32("mean", m.Mean, m.Joints(), 3),
		safetensors.FromFloat32("std", m.Std, m.Joints(), 3),
	}
}

// ReadMoments reads the tensors mean and std of a file, [joints, 3] or flat. name is
// the file's, for errors.
func ReadMoments(name string, f *safetensors.File) (Moments, error) {
	var m Moments
	var err error
	if m.Mean, _, err = f.Float32("mean"); err != nil {
		return m, err
	}
	if m.Std, _, err = f.Float32("std"); err != nil {
		return m, err
	}
	if len(m.Mean) == 0 || len(m.Mean)%3 != 0 || len(m.Std) != len(m.Mean) {
		return m, &FileError{File: name, Reason: fmt.Sprintf("%d means and %d deviations, expected three of each joint", len(m.Mean), len(m.Std))}
	}
	for i := range m.Mean {
		if m.Mean[i]-m.Mean[i] != 0 || !(m.Std[i] > 0) || math.IsInf(float64(m.Std[i]), 0) {
			return m, &FileError{File: name, Reason: fmt.Sprintf("joint %d: mean %g, deviation %g, expected finite numbers and a deviation above 0", i/3, m.Mean[i], m.Std[i])}
		}
	}
	return m, nil
}
