package depict

import "math"

// orient turns a fragment so that it lies broad and its bonds have the directions
// that chemists are used to: multiples of 30 degrees, upright ones in rings.
func orient(ends [][]end, ringBond []bool, part []int, points []Point) {
	if len(part) < 2 {
		return
	}
	const step = math.Pi / 6
	// The turn that brings most bonds to multiples of 30 degrees: the mean of their
	// directions on a circle of 30 degrees.
	var sum Point
	var own []Point
	for _, i := range part {
		own = append(own, points[i])
		for _, e := range ends[i] {
			if e.atom > i {
				sum = sum.plus(direction(12 * points[e.atom].minus(points[i]).angle()))
			}
		}
	}
	base := 0.0
	if sum.norm() > 1e-6 {
		base = -sum.angle() / 12
	}
	best, most := base, math.Inf(-1)
	for k := range 12 {
		angle := base + float64(k)*step
		turned := make([]Point, len(own))
		for n, p := range own {
			turned[n] = p.turned(angle)
		}
		b := boxOf(turned)
		score := 4 * math.Log((b.width()+0.5)/(b.height()+0.5))
		// Rings stand on a corner, with upright bonds; of equals, what is written first
		// is to the left.
		level := 0
		for n, i := range part {
			for _, e := range ends[i] {
				if v := points[e.atom].turned(angle).minus(turned[n]); e.atom > i && ringBond[e.bond] && math.Abs(v.Y) < 0.1 {
					level++
				}
			}
		}
		score -= 0.5 * float64(level)
		score -= 1e-3 * (turned[0].X - b.low.X) / (1 + b.width())
		if score > most+1e-9 {
			best, most = angle, score
		}
	}
	for _, i := range part {
		points[i] = points[i].turned(best)
	}
}
