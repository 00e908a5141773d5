package depict

import (
	"cmp"
	"math"
	"slices"
)

// frame is rings with what their atoms want of one another.
type frame struct {
	rings   []ring
	atoms   []int // ascending
	springs []spring
	bonds   [][2]int // places in atoms
	near    [][]int  // by place: what it is bonded to
	hung    []bool   // by place: something hangs on the atom
}

func newFrame(rings []ring, ends [][]end) *frame {
	f := &frame{rings: rings, atoms: atomsOf(rings)}
	f.near, f.hung = make([][]int, len(f.atoms)), make([]bool, len(f.atoms))
	for _, r := range rings {
		for k, a := range r.atoms {
			x, y := f.place(a), f.place(r.atoms[(k+1)%len(r.atoms)])
			if !slices.Contains(f.near[x], y) {
				f.near[x], f.near[y] = append(f.near[x], y), append(f.near[y], x)
				f.bonds = append(f.bonds, [2]int{min(x, y), max(x, y)})
			}
		}
	}
	for k, a := range f.atoms {
		f.hung[k] = len(ends[a]) > len(f.near[k])
	}
	f.springs = f.wants()
	return f
}

// place is where an atom stands in atoms.
func (f *frame) place(atom int) int {
	k, _ := slices.BinarySearch(f.atoms, atom)
	return k
}

// wants makes the springs: bonds of length 1, regular small rings, large ones
// without folds, and no atom near another.
func (f *frame) wants() []spring {
	var springs []spring
	known := map[[2]int]bool{}
	add := func(a, b int, length, weight float64) {
		if a > b {
			a, b = b, a
		}
		if !known[[2]int{a, b}] {
			known[[2]int{a, b}] = true
			springs = append(springs, spring{a: a, b: b, length: length, weight: weight})
		}
	}
	for _, b := range f.bonds {
		add(b[0], b[1], 1, 10)
	}
	bySize := slices.Clone(f.rings)
	slices.SortStableFunc(bySize, func(a, b ring) int { return cmp.Compare(len(a.atoms), len(b.atoms)) })
	push := 1.3
	for _, r := range bySize {
		n := len(r.atoms)
		regular := 1.0
		if n <= 8 && slices.ContainsFunc(f.rings, func(o ring) bool {
			common, _ := shared(o, r)
			return common > 2 && common < n && len(o.atoms) <= 8
		}) {
			regular, push = 0.1, 0.9 // small rings that lie over one another cannot all be regular
		}
		for k, a := range r.atoms {
			for step := 2; step <= n/2; step++ {
				other := f.place(r.atoms[(k+step)%n])
				switch {
				case n <= 8:
					add(f.place(a), other, chord(n, step), regular)
				case step == 2:
					add(f.place(a), other, chord(min(n, 14), 2), 0.3)
				}
			}
		}
	}
	for b := range f.atoms {
		for a := range b {
			if !known[[2]int{a, b}] {
				springs = append(springs, spring{a: a, b: b, length: push, weight: 0.5, push: true})
			}
		}
	}
	return springs
}

// sweeps is how often each atom is moved when a frame settles: less where there
// are many, so that the largest take seconds.
func (f *frame) sweeps() int { return min(400, 40+4_000_000/max(1, len(f.springs))) }

// strained tells whether something is far from what it wants, or bonds cross.
func (f *frame) strained(points []Point) bool {
	return slices.ContainsFunc(f.springs, func(s spring) bool {
		d := points[s.a].distance(points[s.b]) - s.length
		return !s.push && s.weight >= 1 && math.Abs(d) > 0.01 || s.push && s.length+d < 0.7
	}) || f.crossings(points) > 0
}

// quality is the energy of the springs, with a price for what a reader stumbles
// over: bonds that cross, atoms on one another or on bonds, and substituents that
// have to point inwards.
func (f *frame) quality(points []Point) float64 {
	sum := energy(f.springs, points) + 2*float64(f.crossings(points))
	for i, p := range points {
		for j, q := range points[:i] {
			if d := p.distance(q); d < 0.6 && !slices.Contains(f.near[i], j) {
				sum += 10 * (0.6 - d)
			}
		}
		for _, b := range f.bonds {
			if i == b[0] || i == b[1] {
				continue
			}
			if d := p.toSegment(points[b[0]], points[b[1]]); d < 0.3 {
				sum += 5 * (0.3 - d)
			}
		}
		if !f.hung[i] {
			continue // nothing to point anywhere
		}
		var angles []float64
		for _, j := range f.near[i] {
			angles = append(angles, points[j].minus(p).angle())
		}
		out := direction(widest(angles).slot(0, 1))
		near, far := p.plus(out), p.plus(out.times(float64(len(points))))
		inwards := 0.0
		for _, b := range f.bonds {
			switch q, r := points[b[0]], points[b[1]]; {
			case i == b[0] || i == b[1]:
			case crosses(p, near, q, r):
				inwards = 4
			case crosses(p, far, q, r):
				inwards = max(inwards, 2)
			}
		}
		sum += inwards
	}
	return sum
}

// crossings counts pairs of bonds that cross.
func (f *frame) crossings(points []Point) int {
	n := 0
	for i, b := range f.bonds {
		for _, c := range f.bonds[:i] {
			if crosses(points[b[0]], points[b[1]], points[c[0]], points[c[1]]) {
				n++
			}
		}
	}
	return n
}
