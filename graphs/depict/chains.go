package depict

import (
	"cmp"
	"math"
	"slices"
)

// assembly puts the atoms of one fragment in their places, from a start outwards:
// ring systems as they are, chains in zigzag.
type assembly struct {
	s       *Structure
	ends    [][]end
	systems []*system
	of      []*system // of each atom; nil in chains
	points  []Point
	placed  []bool
	parent  []int // the atom from which one was placed; -1: none
	size    map[end]int
	queue   []int
}

func newAssembly(s *Structure, ends [][]end, systems []*system) *assembly {
	a := &assembly{s: s, ends: ends, systems: systems, of: make([]*system, len(s.Atoms)), points: make([]Point, len(s.Atoms)),
		placed: make([]bool, len(s.Atoms)), parent: make([]int, len(s.Atoms)), size: map[end]int{}}
	for _, sys := range systems {
		for _, i := range sys.atoms {
			a.of[i] = sys
		}
	}
	for i := range a.parent {
		a.parent[i] = -1
	}
	return a
}

// fragment places the connected part with the given atoms.
func (a *assembly) fragment(part []int) {
	var largest *system
	for _, i := range part {
		if s := a.of[i]; s != nil && (largest == nil || len(s.atoms) > len(largest.atoms)) {
			largest = s
		}
	}
	if largest != nil {
		a.putSystem(largest, rigid{})
	} else {
		a.put(a.farthest(a.farthest(part[0])), Point{}, -1)
	}
	for len(a.queue) > 0 {
		i := a.queue[0]
		a.queue = a.queue[1:]
		a.branch(i)
	}
}

func (a *assembly) put(i int, p Point, parent int) {
	a.points[i], a.placed[i], a.parent[i] = p, true, parent
	a.queue = append(a.queue, i)
}

func (a *assembly) putSystem(s *system, r rigid) {
	for k, i := range s.atoms {
		a.put(i, r.apply(s.points[k]), -1)
	}
}

// farthest gives the last atom of a search breadth first: the end of a longest way.
func (a *assembly) farthest(from int) int {
	seen := map[int]bool{from: true}
	queue := []int{from}
	for k := 0; k < len(queue); k++ {
		for _, e := range a.ends[queue[k]] {
			if !seen[e.atom] {
				seen[e.atom] = true
				queue = append(queue, e.atom)
			}
		}
	}
	return queue[len(queue)-1]
}

// weight counts the atoms behind a bond that is in no ring.
func (a *assembly) weight(from int, to end) int {
	key := end{from, to.bond}
	if n, known := a.size[key]; known {
		return n
	}
	n := len(beyond(a.ends, from, to.atom))
	a.size[key] = n
	return n
}

// beyond lists the atoms that are reached from to without passing from.
func beyond(ends [][]end, from, to int) []int {
	seen := map[int]bool{from: true, to: true}
	list := []int{to}
	for k := 0; k < len(list); k++ {
		for _, e := range ends[list[k]] {
			if !seen[e.atom] {
				seen[e.atom] = true
				list = append(list, e.atom)
			}
		}
	}
	return list
}

// branch places what hangs on atom i, larger parts first.
func (a *assembly) branch(i int) {
	var next []end
	var angles []float64
	for _, e := range a.ends[i] {
		if a.placed[e.atom] {
			angles = append(angles, a.points[e.atom].minus(a.points[i]).angle())
		} else {
			next = append(next, e)
		}
	}
	if len(next) == 0 {
		return
	}
	slices.SortStableFunc(next, func(x, y end) int { return cmp.Compare(a.weight(i, y), a.weight(i, x)) })
	for k, angle := range a.directions(i, next, angles) {
		a.hang(i, next[k], angle)
	}
}

// directions says where the bonds of i to next go, the largest part first; angles
// are those of the bonds to what is placed.
func (a *assembly) directions(i int, next []end, angles []float64) []float64 {
	k := len(next)
	if len(angles) != 1 {
		g := widest(angles)
		if len(angles) == 0 { // the start: a first bond rises by 30 degrees
			g.start = -5 * math.Pi / 6
			if k > 1 { // all around
				g.size, g.start = 2*math.Pi*float64(k+1)/float64(k), math.Pi/6-2*math.Pi/float64(k)
			}
		}
		list := make([]float64, k)
		for n := range list {
			list[n] = g.slot(n, k)
		}
		return list
	}
	back := angles[0]
	if k == 1 && a.straight(i) {
		return []float64{back + math.Pi}
	}
	turn := a.turn(i, back) // +1 or -1: the side to which the chain goes on
	third := 2 * math.Pi / 3 * turn
	switch k {
	case 1:
		return []float64{back + third}
	case 2:
		return []float64{back + third, back - third}
	case 3:
		if heavy := a.weight(i, next[0]); heavy > 1 && a.weight(i, next[1]) == 1 && a.continues(i) {
			// The chain keeps its zigzag; two ends share the other side.
			return []float64{back + third, back - third*2/3, back - third*4/3}
		}
		return []float64{back + math.Pi, back + math.Pi/2, back - math.Pi/2}
	}
	list := make([]float64, k)
	for n := range list {
		list[n] = back + 2*math.Pi*float64(n+1)/float64(k+1)
	}
	return list
}

// continues tells whether there is more than one atom behind the one from which i
// was placed.
func (a *assembly) continues(i int) bool {
	p := a.parent[i]
	return p >= 0 && len(a.ends[p]) > 1
}

// straight tells whether the two bonds of an atom lie in a line: one is triple, or
// both are double.
func (a *assembly) straight(i int) bool {
	double := 0
	for _, e := range a.ends[i] {
		switch b := a.s.Bonds[e.bond]; {
		case b.Order >= 3:
			return true
		case b.Order == 2:
			double++
		}
	}
	return double >= 2
}

// turn chooses the side on which a chain goes on at i: away from where the atom
// before came from, or else where there is more room.
func (a *assembly) turn(i int, back float64) float64 {
	p := a.parent[i]
	if p >= 0 && a.of[p] == nil && a.parent[p] >= 0 {
		g := a.points[a.parent[p]]
		if side := a.points[p].minus(a.points[i]).cross(g.minus(a.points[i])); math.Abs(side) > 0.1 {
			return -math.Copysign(1, side)
		}
	}
	crowd := func(angle float64) float64 {
		at := a.points[i].plus(direction(angle).times(1.2))
		sum := 0.0
		for j, q := range a.points {
			if d := q.distance(at); a.placed[j] && d < 3 {
				sum += 1 / (0.1 + d)
			}
		}
		return sum
	}
	if crowd(back-2*math.Pi/3) < crowd(back+2*math.Pi/3)-1e-6 {
		return -1
	}
	return 1
}

// hang places the atom at the end of a bond, with its ring system if it has one.
func (a *assembly) hang(i int, to end, angle float64) {
	at := a.points[i].plus(direction(angle))
	s := a.of[to.atom]
	if s == nil {
		a.put(to.atom, at, i)
		return
	}
	var angles []float64
	outside := 0
	for _, e := range a.ends[to.atom] {
		if a.of[e.atom] == s && inRing(s, e.bond) {
			angles = append(angles, s.at(e.atom).minus(s.at(to.atom)).angle())
		} else {
			outside++
		}
	}
	out := widest(angles).slot(0, outside)
	var best rigid
	least := math.Inf(1)
	for _, mirror := range []bool{false, true} {
		own := out
		if mirror {
			own = -own
		}
		r := rigid{mirror: mirror, turn: angle + math.Pi - own}
		r.shift = at.minus(r.apply(s.at(to.atom)))
		cost := 0.0
		for _, p := range s.points {
			for j, q := range a.points {
				if d := r.apply(p).distance(q); a.placed[j] && d < 2 {
					cost += (2 - d) * (2 - d)
				}
			}
		}
		if cost < least-1e-6 {
			best, least = r, cost
		}
	}
	a.putSystem(s, best)
	a.parent[to.atom] = i
}

func inRing(s *system, bond int) bool {
	return slices.ContainsFunc(s.rings, func(r ring) bool { return slices.Contains(r.bonds, bond) })
}
