package motion

import "math"

// Quaternion is a turn in space as W + X i + Y j + Z k. Of length 1 it is a rotation,
// the same as its negative.
type Quaternion struct{ W, X, Y, Z float64 }

// Quaternion is the quaternion of a rotation whose W is not negative, found from the
// largest of its four parts (Shepperd, "Quaternion from Rotation Matrix", 1978).
func (r Rotation) Quaternion() Quaternion {
	trace := r[0] + r[4] + r[8]
	var q Quaternion
	switch {
	case trace >= r[0] && trace >= r[4] && trace >= r[8]:
		q = Quaternion{1 + trace, r[7] - r[5], r[2] - r[6], r[3] - r[1]}
	case r[0] >= r[4] && r[0] >= r[8]:
		q = Quaternion{r[7] - r[5], 1 + r[0] - r[4] - r[8], r[1] + r[3], r[2] + r[6]}
	case r[4] >= r[8]:
		q = Quaternion{r[2] - r[6], r[1] + r[3], 1 + r[4] - r[0] - r[8], r[5] + r[7]}
	default:
		q = Quaternion{r[3] - r[1], r[2] + r[6], r[5] + r[7], 1 + r[8] - r[0] - r[4]}
	}
	q = q.Unit()
	if q.W < 0 {
		q = q.negated()
	}
	return q
}

// Rotation is the rotation of a quaternion of any length but 0.
func (q Quaternion) Rotation() Rotation {
	q = q.Unit()
	w, x, y, z := q.W, q.X, q.Y, q.Z
	return Rotation{
		1 - 2*(y*y+z*z), 2 * (x*y - w*z), 2 * (x*z + w*y),
		2 * (x*y + w*z), 1 - 2*(x*x+z*z), 2 * (y*z - w*x),
		2 * (x*z - w*y), 2 * (y*z + w*x), 1 - 2*(x*x+y*y),
	}
}

// Unit is q of length 1. That of a quaternion of length 0 is 1: it turns nothing.
func (q Quaternion) Unit() Quaternion {
	length := math.Sqrt(q.Dot(q))
	if !(length > 0) {
		return Quaternion{W: 1}
	}
	return Quaternion{q.W / length, q.X / length, q.Y / length, q.Z / length}
}

// Dot is the sum of the products of the four parts.
func (q Quaternion) Dot(p Quaternion) float64 { return q.W*p.W + q.X*p.X + q.Y*p.Y + q.Z*p.Z }

// Mul is q after p: their product.
func (q Quaternion) Mul(p Quaternion) Quaternion {
	return Quaternion{
		q.W*p.W - q.X*p.X - q.Y*p.Y - q.Z*p.Z,
		q.W*p.X + q.X*p.W + q.Y*p.Z - q.Z*p.Y,
		q.W*p.Y - q.X*p.Z + q.Y*p.W + q.Z*p.X,
		q.W*p.Z + q.X*p.Y - q.Y*p.X + q.Z*p.W,
	}
}

func (q Quaternion) negated() Quaternion { return Quaternion{-q.W, -q.X, -q.Y, -q.Z} }

// Near is q or its negative, whichever is nearer to p: with p from the frame before,
// a joint's quaternions do not jump.
func (q Quaternion) Near(p Quaternion) Quaternion {
	if q.Dot(p) < 0 {
		return q.negated()
	}
	return q
}

// Slerp goes from q (part 0) to p (part 1) the short way at constant speed
// (Shoemake, "Animating Rotation with Quaternion Curves", 1985). Both are of length 1.
func (q Quaternion) Slerp(p Quaternion, part float64) Quaternion {
	p = p.Near(q)
	angle := math.Acos(math.Min(1, q.Dot(p)))
	a, b := 1-part, part
	if angle > 1e-6 { // below, the straight line is the arc
		a, b = math.Sin(a*angle)/math.Sin(angle), math.Sin(b*angle)/math.Sin(angle)
	}
	return Quaternion{a*q.W + b*p.W, a*q.X + b*p.X, a*q.Y + b*p.Y, a*q.Z + b*p.Z}.Unit()
}
