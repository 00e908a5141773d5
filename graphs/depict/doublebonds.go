package depict

// obeyMarks mirrors what hangs on double bonds until their sides are as marked:
// two substituents on one side, or on opposite ones. It leaves bonds of rings
// alone.
func obeyMarks(s *Structure, ends [][]end, ringBond []bool, points []Point) {
	for k, b := range s.Bonds {
		if b.Order != 2 || ringBond[k] {
			continue
		}
		x, up := marked(s, ends, b.From, k)
		y, other := marked(s, ends, b.To, k)
		if up == 0 || other == 0 {
			continue
		}
		axis := points[b.To].minus(points[b.From])
		same := axis.cross(points[x].minus(points[b.From]))*axis.cross(points[y].minus(points[b.From])) > 0
		if same == (up == other) {
			continue
		}
		from, to := points[b.From], points[b.To]
		for _, i := range beyond(ends, b.From, b.To) {
			points[i] = points[i].mirrored(from, to)
		}
	}
}

// marked gives a neighbour of an end of a double bond whose bond is marked, and on
// which side it is: 1 above, -1 below, 0 where no bond is marked.
func marked(s *Structure, ends [][]end, atom, double int) (neighbour, side int) {
	for _, e := range ends[atom] {
		if b := s.Bonds[e.bond]; e.bond != double && b.Mark != 0 {
			if b.From == atom {
				return e.atom, b.Mark
			}
			return e.atom, -b.Mark
		}
	}
	return -1, 0
}
