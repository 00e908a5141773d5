package motion

import (
	"fmt"
	"math"
)

// MPJPE is the mean per joint position error between a clip and what was made of it:
// the mean distance over frames and joints, in the clips' unit of length. Clips must
// agree in frames and joints; it is 0 where there are no frames.
func MPJPE(a, b *Clip) float64 {
	checkAlike("MPJPE", a, b)
	total := 0.0
	for _, e := range JointErrors(a, b) {
		total += e
	}
	return total / float64(a.Joints())
}

// JointErrors is the mean distance over frames of each joint, [joints].
func JointErrors(a, b *Clip) []float64 {
	checkAlike("JointErrors", a, b)
	errors := make([]float64, a.Joints())
	for f := range a.Frames() {
		x, y := a.Frame(f), b.Frame(f)
		for j := range errors {
			errors[j] += distance(x[3*j:], y[3*j:])
		}
	}
	for j := range errors {
		errors[j] /= float64(max(1, a.Frames()))
	}
	return errors
}

func checkAlike(op string, a, b *Clip) {
	if a.Joints() != b.Joints() || a.Frames() != b.Frames() {
		panic(fmt.Sprintf("motion: %s: [%d %d 3] and [%d %d 3], expected the same frames and joints", op, a.Frames(), a.Joints(), b.Frames(), b.Joints()))
	}
}

// distance is that of two points.
func distance(a, b []float32) float64 {
	x, y, z := float64(a[0])-float64(b[0]), float64(a[1])-float64(b[1]), float64(a[2])-float64(b[2])
	return math.Sqrt(x*x + y*y + z*z)
}
