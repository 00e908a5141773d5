package depict

import (
	"math"
	"slices"
)

// system is rings that hang together by common atoms, with places of its own.
type system struct {
	*frame
	points []Point
}

// at is the place of an atom of the system.
func (s *system) at(atom int) Point {
	k, _ := slices.BinarySearch(s.atoms, atom)
	return s.points[k]
}

// unit is a part of a system that is placed as one: a ring, or rings that share
// more than a bond.
type unit struct {
	atoms  []int
	points []Point
}

// systemsOf groups rings by common atoms and lays out each group.
func systemsOf(rings []ring, ends [][]end) []*system {
	var all []*system
	for _, group := range grouped(rings, func(common int, _ bool) bool { return common > 0 }) {
		s := &system{frame: newFrame(group, ends)}
		s.place(ends)
		all = append(all, s)
	}
	return all
}

// grouped joins rings by a rule about the number of common atoms and whether those
// are bonded, as two are that share a side.
func grouped(rings []ring, joined func(common int, bonded bool) bool) [][]ring {
	group := make([]int, len(rings))
	for i := range group {
		group[i] = i
	}
	for i := range rings {
		for j := range i {
			common, bonded := shared(rings[i], rings[j])
			if from, to := group[i], group[j]; from != to && joined(common, bonded) {
				from, to = max(from, to), min(from, to)
				for k := range group {
					if group[k] == from {
						group[k] = to
					}
				}
			}
		}
	}
	var all [][]ring
	for g := range rings {
		var list []ring
		for k, r := range rings {
			if group[k] == g {
				list = append(list, r)
			}
		}
		if list != nil {
			all = append(all, list)
		}
	}
	return all
}

func shared(a, b ring) (common int, bonded bool) {
	for _, x := range a.atoms {
		if slices.Contains(b.atoms, x) {
			common++
		}
	}
	return common, slices.ContainsFunc(a.bonds, func(x int) bool { return slices.Contains(b.bonds, x) })
}

func atomsOf(rings []ring) []int {
	var atoms []int
	for _, r := range rings {
		atoms = append(atoms, r.atoms...)
	}
	slices.Sort(atoms)
	return slices.Compact(atoms)
}

// place lays out the units and joins them, the one with most neighbours first.
// Where that leaves collisions or bent bonds it lets the atoms settle, and where
// that does not help it takes all rings for bridged.
func (s *system) place(ends [][]end) {
	var units []unit
	for _, group := range grouped(s.rings, func(common int, bonded bool) bool { return common > 2 || common == 2 && !bonded }) {
		u := unit{atoms: group[0].atoms}
		if len(group) == 1 {
			u.points = polygon(len(u.atoms))
		} else {
			f := newFrame(group, ends)
			u.atoms, u.points = f.atoms, f.bridged()
		}
		units = append(units, u)
	}
	s.points = join(units, s.atoms)
	if !s.strained(s.points) {
		return
	}
	relaxed := slices.Clone(s.points)
	settle(relaxed, s.springs, s.sweeps(), 1e-4)
	candidates := [][]Point{relaxed}
	if len(units) > 1 {
		candidates = append(candidates, s.bridged())
	}
	for _, c := range candidates {
		if s.quality(c) < s.quality(s.points)-1e-9 {
			s.points = c
		}
	}
}

// join puts units together: each where most of its atoms are already, on the side
// that is free. It gives the places of the atoms.
func join(units []unit, atoms []int) []Point {
	points, placed := make([]Point, len(atoms)), make([]bool, len(atoms))
	index := make(map[int]int, len(atoms))
	for k, a := range atoms {
		index[a] = k
	}
	put := func(u unit, r rigid) {
		for k, a := range u.atoms {
			if i := index[a]; !placed[i] {
				points[i], placed[i] = r.apply(u.points[k]), true
			}
		}
	}
	left := slices.Clone(units)
	first := central(left)
	put(left[first], rigid{})
	left = slices.Delete(left, first, first+1)
	for len(left) > 0 {
		best, most := 0, -1
		for k, u := range left {
			n := 0
			for _, a := range u.atoms {
				if placed[index[a]] {
					n++
				}
			}
			if n > most {
				best, most = k, n
			}
		}
		u := left[best]
		left = slices.Delete(left, best, best+1)
		put(u, attach(u, index, points, placed))
	}
	return points
}

// central is the unit that shares atoms with most others.
func central(units []unit) int {
	of := map[int][]int{} // units by atom
	for k, u := range units {
		for _, a := range u.atoms {
			of[a] = append(of[a], k)
		}
	}
	best, most := 0, -1
	for k, u := range units {
		near := map[int]bool{}
		for _, a := range u.atoms {
			for _, other := range of[a] {
				near[other] = true
			}
		}
		if len(near) > most {
			best, most = k, len(near)
		}
	}
	return best
}

// attach finds the motion that brings a unit to its atoms which are placed.
func attach(u unit, index map[int]int, points []Point, placed []bool) rigid {
	var from, to, fixed []Point
	for k, a := range u.atoms {
		if i := index[a]; placed[i] {
			from, to = append(from, u.points[k]), append(to, points[i])
		}
	}
	for i, p := range points {
		if placed[i] {
			fixed = append(fixed, p)
		}
	}
	if len(from) == 1 { // a common atom alone: into the free sector
		at := to[0]
		var angles []float64
		for _, p := range fixed {
			if d := p.distance(at); d > 0.1 && d < 1.2 {
				angles = append(angles, p.minus(at).angle())
			}
		}
		out := middle(u.points).minus(from[0]).unit()
		r := rigid{turn: widest(angles).slot(0, 1) - out.angle()}
		r.shift = at.minus(r.apply(from[0]))
		return r
	}
	var best rigid
	least := math.Inf(1)
	for _, mirror := range []bool{false, true} {
		r, rest := fit(from, to, mirror)
		cost := 20 * rest
		for k, a := range u.atoms {
			if placed[index[a]] {
				continue
			}
			p := r.apply(u.points[k])
			for _, q := range fixed {
				if d := p.distance(q); d < 0.9 {
					cost += 1 - d
				}
			}
		}
		if cost < least-1e-9 {
			best, least = r, cost
		}
	}
	return best
}
