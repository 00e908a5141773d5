package depict

import "math"

// spring wants two points at a distance from one another.
type spring struct {
	a, b           int
	length, weight float64
	push           bool // wants at least that distance
}

// energy is the weighted sum of squared differences.
func (s spring) energy(points []Point) float64 {
	d := points[s.a].distance(points[s.b]) - s.length
	if s.push && d > 0 {
		return 0
	}
	return s.weight * d * d
}

func energy(springs []spring, points []Point) float64 {
	sum := 0.0
	for _, s := range springs {
		sum += s.energy(points)
	}
	return sum
}

// settle moves points to a minimum of the energy by localised stress majorisation
// (Gansner, Koren and North 2004, section 2.3): each point in turn goes where its
// springs, held at their present directions, want it. It ends after some sweeps,
// or when no point moves by more than still.
func settle(points []Point, springs []spring, sweeps int, still float64) {
	type pull struct {
		other          int
		length, weight float64
		push           bool
	}
	of := make([][]pull, len(points))
	for _, s := range springs {
		of[s.a] = append(of[s.a], pull{s.b, s.length, s.weight, s.push})
		of[s.b] = append(of[s.b], pull{s.a, s.length, s.weight, s.push})
	}
	for range sweeps {
		moved := 0.0
		for i, p := range points {
			var sum Point
			weight := 0.0
			for _, f := range of[i] {
				q := points[f.other]
				dx, dy := p.X-q.X, p.Y-q.Y
				d := math.Sqrt(dx*dx + dy*dy)
				if f.push && d >= f.length {
					continue
				}
				if d < 1e-9 { // apart in a direction that depends on the pair alone
					away := direction(float64(i)*2.4 + float64(f.other)*0.7)
					dx, dy, d = away.X, away.Y, 1
				}
				sum.X += f.weight * (q.X + f.length*dx/d)
				sum.Y += f.weight * (q.Y + f.length*dy/d)
				weight += f.weight
			}
			if weight == 0 {
				continue
			}
			next := sum.times(1 / weight)
			moved = max(moved, next.distance(p))
			points[i] = next
		}
		if moved < still {
			return
		}
	}
}
