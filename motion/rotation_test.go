package motion

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near compares rotations entry by entry.
func near(a, b Rotation, tol float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tol) {
			return false
		}
	}
	return true
}

func drawEuler(t *rapid.T) ([3]Axis, [3]float64) {
	first := rapid.IntRange(0, 2).Draw(t, "first")
	second := (first + rapid.IntRange(1, 2).Draw(t, "second")) % 3
	third := (second + rapid.IntRange(1, 2).Draw(t, "third")) % 3
	var angles [3]float64
	for i := range angles {
		if rapid.Bool().Draw(t, "quarter") {
			angles[i] = 90 * float64(rapid.IntRange(-5, 5).Draw(t, "quarters"))
		} else {
			angles[i] = rapid.Float64Range(-400, 400).Draw(t, "angle")
		}
	}
	return [3]Axis{Axis(first), Axis(second), Axis(third)}, angles
}

func TestRotationForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		axes, angles := drawEuler(t)
		r := FromEuler(axes, angles)
		if !near(r.Mul(r.Inverse()), Identity(), 1e-12) {
			t.Fatalf("%v is no rotation", r)
		}
		if back := FromEuler(axes, r.Euler(axes)); !near(r, back, 1e-8) {
			t.Fatalf("Euler angles %v about %v: %v, expected %v", r.Euler(axes), axes, back, r)
		}
		q := r.Quaternion()
		if back := q.Rotation(); !near(r, back, 1e-12) || q.W < 0 || math.Abs(q.Dot(q)-1) > 1e-12 {
			t.Fatalf("quaternion %v: %v, expected %v", q, back, r)
		}
		if back, ok := FromSixD(r.SixD()); !ok || !near(r, back, 1e-12) {
			t.Fatalf("6D form %v: %v, expected %v", r.SixD(), back, r)
		}
		axes, angles = drawEuler(t)
		b := FromEuler(axes, angles)
		p := b.Quaternion()
		if !near(q.Mul(p).Rotation(), r.Mul(b), 1e-12) {
			t.Fatal("the product of quaternions is not that of matrices")
		}
		v := [3]float64{1, -2, 3}
		if got, want := r.Mul(b).Apply(v), r.Apply(b.Apply(v)); math.Abs(got[0]-want[0])+math.Abs(got[1]-want[1])+math.Abs(got[2]-want[2]) > 1e-12 {
			t.Fatal("Mul is not one after the other")
		}
		for part, want := range map[float64]Rotation{0: r, 1: b} {
			if !near(q.Slerp(p, part).Rotation(), want, 1e-7) {
				t.Fatalf("Slerp at %v: %v, expected %v", part, q.Slerp(p, part).Rotation(), want)
			}
		}
		middle := q.Slerp(p, 0.5)
		if a, b := math.Abs(middle.Dot(q)), math.Abs(middle.Dot(p)); math.Abs(a-b) > 1e-7 {
			t.Fatalf("half the way is %v from one end and %v from the other", a, b)
		}
	})
}

// TestDirections holds to the signs of the format's notes: x to y, y to z, z to x.
func TestDirections(t *testing.T) {
	for _, c := range []struct {
		axis Axis
		from [3]float64
		to   string
	}{{Z, [3]float64{1, 0, 0}, "[0 1 0]"}, {X, [3]float64{0, 1, 0}, "[0 0 1]"}, {Y, [3]float64{0, 0, 1}, "[1 0 0]"}} {
		v := c.axis.About(90).Apply(c.from)
		for i := range v {
			v[i] = math.Round(v[i]*1e9)/1e9 + 0
		}
		if got := fmt.Sprint(v); got != c.to {
			t.Errorf("%v takes %v to %s, expected %s", c.axis, c.from, got, c.to)
		}
	}
	if RotationX(90+360*1e6) != RotationX(90) {
		t.Error("whole turns make a difference")
	}
	if Axis(7).String() != "Axis(7)" || Y.String() != "Y" {
		t.Error("names of axes")
	}
}

func TestSixDOfAnything(t *testing.T) {
	if r, ok := FromSixD([6]float64{0, 5, 0, 1e300, 7, 0}); !ok || !near(r, Rotation{0, 1, 0, 1, 0, 0, 0, 0, -1}, 1e-12) {
		t.Errorf("%v %v", r, ok)
	}
	for _, v := range [][6]float64{{}, {1, 2, 3, 2, 4, 6}, {1, 2, 3, -1, -2, -3}, {math.NaN(), 1, 1, 1, 2, 3}, {math.Inf(1), 1, 1, 1, 2, 3}} {
		if r, ok := FromSixD(v); ok {
			t.Errorf("%v gave %v", v, r)
		}
	}
}

func TestQuaternionsDoNotJump(t *testing.T) {
	before := RotationX(-10).Quaternion()
	for degrees := 0.0; degrees < 800; degrees += 10 {
		q := RotationX(degrees).Quaternion().Near(before)
		if q.Dot(before) < 0.99 {
			t.Fatalf("at %v degrees the quaternion jumps from %v to %v", degrees, before, q)
		}
		before = q
	}
	if (Quaternion{}).Unit() != (Quaternion{W: 1}) {
		t.Error("the zero quaternion")
	}
}

func TestEulerPanics(t *testing.T) {
	for _, f := range []func(){func() { Identity().Euler([3]Axis{X, X, Y}) }, func() { Identity().Euler([3]Axis{X, 5, Y}) }, func() { Axis(3).About(1) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		}()
	}
}
