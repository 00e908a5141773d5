package depict

// Layout gives each atom its place, in bond lengths: rings as regular polygons
// that share their common bonds, chains in zigzag, substituents of rings pointing
// outwards, fragments side by side. Where parts would lie on one another they are
// turned over, bent aside or, at last, moved out. The error is a *SizeError or a
// *StructureError.
//
// The steps are those of structure diagram generation as Helson describes it
// (Reviews in Computational Chemistry 13, 1999): perceive rings, lay out ring
// systems, assemble, resolve collisions, orient. The same structure always gets
// the same places.
func (s *Structure) Layout() ([]Point, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	points, _ := s.layout()
	return points, nil
}

// layout gives the places of a sound structure, and its rings.
func (s *Structure) layout() ([]Point, []ring) {
	ends := s.ends()
	rings := cycles(s, ends)
	ringBond := make([]bool, len(s.Bonds))
	for _, r := range rings {
		for _, b := range r.bonds {
			ringBond[b] = true
		}
	}
	a := newAssembly(s, ends, systemsOf(rings, ends))
	fragments := parts(len(s.Atoms), ends)
	for _, part := range fragments {
		a.fragment(part)
	}
	obeyMarks(s, ends, ringBond, a.points)
	for _, part := range fragments {
		untangle(s, ends, ringBond, part, a.points)
		orient(ends, ringBond, part, a.points)
	}
	pack(a.points, fragments, 1.6)
	return a.points, rings
}
