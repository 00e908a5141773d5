package motion

import "math"

// Rotation is a turn in space as its matrix, row by row; it multiplies column
// vectors from the left. The zero value is no rotation: begin with [Identity].
type Rotation [9]float64

// Identity turns nothing.
func Identity() Rotation { return Rotation{1, 0, 0, 0, 1, 0, 0, 0, 1} }

// RotationX turns about x, from y towards z.
func RotationX(degrees float64) Rotation {
	s, c := sinCos(degrees)
	return Rotation{1, 0, 0, 0, c, -s, 0, s, c}
}

// RotationY turns about y, from z towards x.
func RotationY(degrees float64) Rotation {
	s, c := sinCos(degrees)
	return Rotation{c, 0, s, 0, 1, 0, -s, 0, c}
}

// RotationZ turns about z, from x towards y.
func RotationZ(degrees float64) Rotation {
	s, c := sinCos(degrees)
	return Rotation{c, -s, 0, s, c, 0, 0, 0, 1}
}

// sinCos takes whole turns off first, which is exact.
func sinCos(degrees float64) (s, c float64) {
	return math.Sincos(math.Mod(degrees, 360) * (math.Pi / 180))
}

// Mul is r after b: their matrix product.
func (r Rotation) Mul(b Rotation) Rotation {
	var p Rotation
	for i := 0; i < 9; i += 3 {
		for j := range 3 {
			p[i+j] = r[i]*b[j] + r[i+1]*b[3+j] + r[i+2]*b[6+j]
		}
	}
	return p
}

// Apply turns a vector.
func (r Rotation) Apply(v [3]float64) [3]float64 {
	return [3]float64{
		r[0]*v[0] + r[1]*v[1] + r[2]*v[2],
		r[3]*v[0] + r[4]*v[1] + r[5]*v[2],
		r[6]*v[0] + r[7]*v[1] + r[8]*v[2],
	}
}

// Inverse undoes r: its transpose.
func (r Rotation) Inverse() Rotation {
	return Rotation{r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]}
}

// SixD is the continuous form of Zhou, Barnes, Lu, Yang and Li ("On the Continuity of
// Rotation Representations in Neural Networks", 2019, section 4.2): the first column
// of the matrix, then the second.
func (r Rotation) SixD() [6]float64 {
	return [6]float64{r[0], r[3], r[6], r[1], r[4], r[7]}
}

// FromSixD makes a rotation of any six numbers by Gram and Schmidt's method (equation
// 15 there); ok is false where the two vectors are zero, or point the same way or
// against each other, or are not finite.
func FromSixD(v [6]float64) (r Rotation, ok bool) {
	a, okA := unit([3]float64{v[0], v[1], v[2]})
	b, okB := unit([3]float64{v[3], v[4], v[5]})
	if !okA || !okB {
		return Identity(), false
	}
	along := a[0]*b[0] + a[1]*b[1] + a[2]*b[2]
	for i := range b {
		b[i] -= along * a[i]
	}
	if math.Sqrt(b[0]*b[0]+b[1]*b[1]+b[2]*b[2]) < 1e-12 {
		return Identity(), false
	}
	b, _ = unit(b)
	return Rotation{
		a[0], b[0], a[1]*b[2] - a[2]*b[1],
		a[1], b[1], a[2]*b[0] - a[0]*b[2],
		a[2], b[2], a[0]*b[1] - a[1]*b[0],
	}, true
}

// unit scales a vector to length 1; ok is false for one that has no direction.
func unit(v [3]float64) (u [3]float64, ok bool) {
	most := math.Max(math.Abs(v[0]), math.Max(math.Abs(v[1]), math.Abs(v[2])))
	if !(most > 0) || math.IsInf(most, 0) {
		return v, false
	}
	for i := range v {
		v[i] /= most // nothing overflows below
	}
	length := math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2])
	return [3]float64{v[0] / length, v[1] / length, v[2] / length}, true
}
