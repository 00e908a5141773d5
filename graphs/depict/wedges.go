package depict

import "math"

// wedge is the mark of a bond at a stereo centre: its narrow end is at the centre.
type wedge struct {
	centre  int
	forward bool // towards who looks at the picture: filled; else hashed
}

// wedges chooses a bond of each stereo centre and tells which way it points, so
// that the places of the neighbours, with that bond out of the plane, have the
// turn that is known of the centre.
func (s *Structure) wedges(ends [][]end, ringBond []bool, points []Point) map[int]wedge {
	marks := map[int]wedge{}
	for i, a := range s.Atoms {
		n := len(ends[i])
		if a.Turn == 0 || n < 3 || n > 4 {
			continue
		}
		best, least := -1, math.Inf(1)
		for k, e := range ends[i] {
			if _, taken := marks[e.bond]; taken || s.Bonds[e.bond].Order != 1 {
				continue
			}
			cost := float64(len(ends[e.atom])) + 0.01*float64(k)
			if ringBond[e.bond] {
				cost += 20
			}
			if s.Atoms[e.atom].Turn != 0 {
				cost += 10
			}
			if cost < least {
				best, least = k, cost
			}
		}
		if best < 0 {
			continue // every bond is another centre's already
		}
		if volume := s.volume(i, ends, points, best); math.Abs(volume) > 1e-3 {
			// A negative volume is a clockwise turn.
			marks[ends[i][best].bond] = wedge{centre: i, forward: (volume < 0) == (a.Turn > 0)}
		}
	}
	return marks
}

// volume is that of the parallelepiped of the neighbours of an atom, in order,
// with one of them lifted out of the plane. A hydrogen that is not drawn comes
// last, opposite to the sum of the others.
func (s *Structure) volume(i int, ends [][]end, points []Point, lifted int) float64 {
	type vector struct{ x, y, z float64 }
	var v [4]vector
	for k, e := range ends[i] {
		d := points[e.atom].minus(points[i]).unit()
		v[k] = vector{d.X, d.Y, 0}
		if k == lifted {
			v[k].z = 1
		}
	}
	if len(ends[i]) == 3 {
		for _, u := range v[:3] {
			v[3].x, v[3].y, v[3].z = v[3].x-u.x, v[3].y-u.y, v[3].z-u.z
		}
	}
	minus := func(a, b vector) vector { return vector{a.x - b.x, a.y - b.y, a.z - b.z} }
	a, b, c := minus(v[0], v[3]), minus(v[1], v[3]), minus(v[2], v[3])
	return a.x*(b.y*c.z-b.z*c.y) - a.y*(b.x*c.z-b.z*c.x) + a.z*(b.x*c.y-b.y*c.x)
}
