package depict

import (
	"cmp"
	"math"
	"slices"
)

// What parts of a picture cost that come too near.
const (
	roomAtoms  = 0.9  // distance of atoms that are not bonded
	roomBond   = 0.4  // distance of an atom from a bond of others
	priceCross = 4.0  // of two bonds that cross
	priceTurn  = 0.25 // of a bond that is bent aside by 30 degrees
	priceReach = 2.0  // of a bond that is stretched by its half
)

// tangle is a fragment in which some parts may lie on one another.
type tangle struct {
	s        *Structure
	ends     [][]end
	ringBond []bool
	points   []Point
	bonds    []int     // of the fragment
	part     []int     // its atoms
	bent     []float64 // by how much a bond was bent aside, in units of 30 degrees
	moved    []bool    // of the atoms: those of the move that is tried
	cells    map[cell][]int
	bonded   map[[2]int]bool
	work     int // atoms that were looked at or moved on trial
}

// mostWork bounds the trials, so that no fragment takes more than seconds.
const mostWork = 1_000_000

// cell is a square of the plane with sides of 2.
type cell struct{ x, y int }

func cellOf(p Point) cell { return cell{int(math.Floor(p.X / 2)), int(math.Floor(p.Y / 2))} }

// move shifts all atoms beyond a bond.
type move struct {
	from, to int // atoms of the bond; what moves is to, and all beyond it
	bond     int
	apply    func(Point) Point
	bend     float64 // added to bent
	price    float64
}

// untangle takes collisions out of a fragment, the worst first: some part between
// the two that collide is turned over, bent aside or moved out, whichever costs
// least, until nothing gets better.
func untangle(s *Structure, ends [][]end, ringBond []bool, part []int, points []Point) {
	t := &tangle{s: s, ends: ends, ringBond: ringBond, points: points, part: part, bent: make([]float64, len(s.Bonds)),
		moved: make([]bool, len(s.Atoms)), bonded: make(map[[2]int]bool, len(s.Bonds))}
	for _, i := range part {
		for _, e := range ends[i] {
			if e.atom > i {
				t.bonds = append(t.bonds, e.bond)
				t.bonded[[2]int{i, e.atom}] = true
			}
		}
	}
	hopeless := map[[2]int]bool{}
	for range 40 + len(part) {
		t.index()
		found := t.collisions()
		improved := false
		for _, c := range found {
			if hopeless[c.atoms] || t.work > mostWork {
				continue
			}
			if best, gain := t.remedy(c.atoms); gain > 1e-6 {
				t.do(best)
				improved = true
				break
			}
			hopeless[c.atoms] = true
		}
		if !improved {
			return
		}
	}
}

// index puts atoms into cells.
func (t *tangle) index() {
	t.cells = make(map[cell][]int, len(t.part))
	for _, i := range t.part {
		c := cellOf(t.points[i])
		t.cells[c] = append(t.cells[c], i)
	}
}

// near calls f with the atoms in the cells around p: all within a distance of 2.
func (t *tangle) near(p Point, f func(int)) {
	c := cellOf(p)
	for x := c.x - 1; x <= c.x+1; x++ {
		for y := c.y - 1; y <= c.y+1; y++ {
			for _, j := range t.cells[cell{x, y}] {
				f(j)
			}
		}
	}
}

// collision is two atoms whose surroundings collide.
type collision struct {
	atoms [2]int
	cost  float64
}

// collisions lists what collides, the costliest first.
func (t *tangle) collisions() []collision {
	costs := map[[2]int]float64{}
	for _, i := range t.part {
		t.around(i, t.points[i], func(j int) bool { return j > i }, func(j int, cost float64) {
			costs[[2]int{min(i, j), max(i, j)}] += cost
		})
	}
	list := make([]collision, 0, len(costs))
	for atoms, cost := range costs {
		list = append(list, collision{atoms, cost})
	}
	slices.SortFunc(list, func(a, b collision) int {
		return cmp.Or(cmp.Compare(b.cost, a.cost), slices.Compare(a.atoms[:], b.atoms[:]))
	})
	return list
}

// around prices what atom i at p, and its bonds to atoms of higher number on its
// own side, have to do with the atoms near it: f gets each atom and its price.
// Other tells which atoms count.
func (t *tangle) around(i int, p Point, other func(int) bool, f func(j int, cost float64)) {
	t.near(p, func(j int) {
		if !other(j) || j == i {
			return
		}
		q := t.points[j]
		bonded := t.bonded[[2]int{min(i, j), max(i, j)}]
		if d := p.distance(q); d < roomAtoms && !bonded {
			f(j, 10*(1-d/roomAtoms)*(1-d/roomAtoms))
		}
		// Bonds of j against the atom, and against the bonds of the atom.
		for _, e := range t.ends[j] {
			if e.atom == i {
				continue
			}
			r := t.points[e.atom]
			if !bonded && !t.bonded[[2]int{min(i, e.atom), max(i, e.atom)}] {
				if d := p.toSegment(q, r); d < roomBond && p.distance(q) > d+1e-9 {
					f(j, 2*(1-d/roomBond))
				}
			}
			for _, o := range t.ends[i] {
				if o.atom == j || o.atom == e.atom || t.moved[o.atom] != t.moved[i] {
					continue
				}
				if crosses(p, t.points[o.atom], q, r) && !(t.ringBond[o.bond] && t.ringBond[e.bond]) {
					f(j, priceCross/4)
				}
			}
		}
	})
}

// cost prices the moved atoms against all others.
func (t *tangle) cost(atoms []int) float64 {
	sum := 0.0
	for _, i := range atoms {
		t.around(i, t.points[i], func(j int) bool { return !t.moved[j] }, func(_ int, cost float64) { sum += cost })
	}
	return sum
}

// remedy finds the move that gains most for a collision.
func (t *tangle) remedy(atoms [2]int) (best move, gain float64) {
	way := t.way(atoms[0], atoms[1])
	t.work += len(t.part)
	for k := 1; k < len(way); k++ {
		a, b := way[k-1].atom, way[k].atom
		bond := way[k].bond
		if t.ringBond[bond] {
			continue
		}
		for _, side := range [][2]int{{a, b}, {b, a}} {
			atoms := beyond(t.ends, side[0], side[1])
			if 2*len(atoms) > len(t.part)+1 {
				continue // the smaller side moves
			}
			for _, m := range t.moves(side[0], side[1], bond) {
				if g := t.gain(m, atoms); g > gain+1e-9 {
					best, gain = m, g
				}
			}
		}
	}
	return best, gain
}

// way is the shortest path between two atoms, with the bond that leads to each.
func (t *tangle) way(from, to int) []end {
	came := map[int]end{from: {-1, -1}}
	queue := []int{from}
	for k := 0; k < len(queue); k++ {
		for _, e := range t.ends[queue[k]] {
			if _, seen := came[e.atom]; !seen {
				came[e.atom] = end{queue[k], e.bond}
				queue = append(queue, e.atom)
			}
		}
	}
	var path []end
	for at := to; at >= 0; at = came[at].atom {
		path = append(path, end{at, came[at].bond})
	}
	slices.Reverse(path)
	return path
}

// moves lists what can be done with the part beyond a bond.
func (t *tangle) moves(from, to, bond int) []move {
	p, q := t.points[from], t.points[to]
	var list []move
	if b := t.s.Bonds[bond]; b.Order != 2 { // a double bond keeps its sides
		list = append(list, move{from: from, to: to, bond: bond, price: 0.01, apply: func(x Point) Point { return x.mirrored(p, q) }})
	}
	for _, turn := range []float64{-2, -1, -0.5, 0.5, 1, 2} {
		angle := turn * math.Pi / 6
		price := priceTurn * (math.Abs(t.bent[bond]+turn) - math.Abs(t.bent[bond]))
		about := func(centre Point) func(Point) Point {
			return func(x Point) Point { return centre.plus(x.minus(centre).turned(angle)) }
		}
		list = append(list, move{from: from, to: to, bond: bond, bend: turn, price: price + 0.02, apply: about(p)})
		if len(t.ends[to]) > 1 {
			list = append(list, move{from: from, to: to, bond: bond, bend: turn, price: price + 0.02, apply: about(q)})
		}
	}
	for _, further := range []float64{0.25, 0.5, 1} {
		shift := q.minus(p).unit().times(further)
		length := q.distance(p)
		if length+further > 2.1 {
			continue
		}
		list = append(list, move{from: from, to: to, bond: bond, price: priceReach * 2 * further, apply: func(x Point) Point { return x.plus(shift) }})
	}
	return list
}

// gain is what a move of the atoms saves.
func (t *tangle) gain(m move, atoms []int) float64 {
	for _, i := range atoms {
		t.moved[i] = true
	}
	t.work += len(atoms)
	before := t.cost(atoms) + t.squeeze(m)
	old := make([]Point, len(atoms))
	for k, i := range atoms {
		old[k] = t.points[i]
		t.points[i] = m.apply(t.points[i])
	}
	after := t.cost(atoms) + t.squeeze(m)
	for k, i := range atoms {
		t.points[i] = old[k]
		t.moved[i] = false
	}
	return before - after - m.price
}

// squeeze prices narrow angles beside the bond of a move.
func (t *tangle) squeeze(m move) float64 {
	sum := 0.0
	for _, at := range [][2]int{{m.from, m.to}, {m.to, m.from}} {
		v := t.points[at[1]].minus(t.points[at[0]]).unit()
		for _, e := range t.ends[at[0]] {
			if e.atom == at[1] {
				continue
			}
			w := t.points[e.atom].minus(t.points[at[0]]).unit()
			if angle := math.Acos(min(1, max(-1, v.dot(w)))); angle < 1.2 {
				sum += 3 * (1.2 - angle)
			}
		}
	}
	return sum
}

func (t *tangle) do(m move) {
	for _, i := range beyond(t.ends, m.from, m.to) {
		t.points[i] = m.apply(t.points[i])
	}
	t.bent[m.bond] += m.bend
}
