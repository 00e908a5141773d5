package motion

import (
	"fmt"
	"math"
)

// Axis is one of the axes of space.
type Axis uint8

// The axes.
const (
	X Axis = iota
	Y
	Z
)

// String is "X", "Y" or "Z".
func (a Axis) String() string {
	if a > Z {
		return fmt.Sprintf("Axis(%d)", uint8(a))
	}
	return string('X' + rune(a))
}

// About turns about the axis.
func (a Axis) About(degrees float64) Rotation {
	switch a {
	case X:
		return RotationX(degrees)
	case Y:
		return RotationY(degrees)
	case Z:
		return RotationZ(degrees)
	}
	panic(fmt.Sprintf("motion: About: %v, expected X, Y or Z", a))
}

// FromEuler is the product of three turns, the first leftmost: about the first axis,
// then about the second as it was turned with the body, then about the third.
func FromEuler(axes [3]Axis, degrees [3]float64) Rotation {
	return axes[0].About(degrees[0]).Mul(axes[1].About(degrees[1])).Mul(axes[2].About(degrees[2]))
}

// Euler gives three angles in degrees that [FromEuler] makes the same rotation of.
// Neighbouring axes must differ, otherwise it panics. The first and third are in
// (-180, 180]; the second is in [-90, 90], or in [0, 180] where the first axis is
// the third too. Where the second angle leaves only the sum or difference of the
// others determined, the third is 0.
func (r Rotation) Euler(axes [3]Axis) [3]float64 {
	i, j, last := int(axes[0]), int(axes[1]), int(axes[2])
	if i > 2 || j > 2 || last > 2 || i == j || j == last {
		panic(fmt.Sprintf("motion: Euler: axes %v, %v, %v, expected neighbours that differ", axes[0], axes[1], axes[2]))
	}
	k := 3 - i - j // the axis that is neither the first nor the second
	sign := 1.0
	if (i+1)%3 != j {
		sign = -1
	}
	at := func(row, col int) float64 { return r[3*row+col] }
	var a, b, c float64
	if i == last {
		s := math.Hypot(at(j, i), at(k, i))
		b = math.Atan2(s, at(i, i))
		if s < degenerate {
			a = math.Atan2(sign*at(k, j), at(j, j))
		} else {
			a = math.Atan2(at(j, i), -sign*at(k, i))
			c = math.Atan2(at(i, j), sign*at(i, k))
		}
	} else {
		cos := math.Hypot(at(i, i), at(i, j))
		b = math.Atan2(sign*at(i, k), cos)
		if cos < degenerate {
			a = math.Atan2(sign*at(k, j), at(j, j))
		} else {
			a = math.Atan2(-sign*at(j, k), at(k, k))
			c = math.Atan2(-sign*at(i, j), at(i, i))
		}
	}
	const degree = 180 / math.Pi
	return [3]float64{a*degree + 0, b*degree + 0, c*degree + 0} // + 0: never -0
}

// degenerate is the sine or cosine below which two of three axes count as one.
const degenerate = 1e-9
