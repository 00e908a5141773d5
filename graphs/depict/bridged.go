package depict

import (
	"cmp"
	"math"
	"slices"
)

// bridged lays out rings that share more than a bond. No rule gives a good picture
// of all: it tries some, lets each settle, and keeps the best.
func (f *frame) bridged() []Point {
	var best []Point
	least := math.Inf(1)
	try := func(points []Point) {
		settle(points, f.springs, f.sweeps(), 1e-4)
		f.bend(points)
		if q := f.quality(points); q < least-1e-9 {
			best, least = points, q
		}
	}
	// As if the rings shared bonds only.
	var units []unit
	for _, r := range f.rings {
		units = append(units, unit{r.atoms, polygon(len(r.atoms))})
	}
	try(join(units, f.atoms))
	// With a ring on the outside, the others within: all of them taken together, or
	// two, or one of the largest.
	if around := perimeter(f.rings); around != nil {
		try(f.within(around))
	}
	bySize := slices.Clone(f.rings)
	slices.SortStableFunc(bySize, func(a, b ring) int { return cmp.Compare(len(b.atoms), len(a.atoms)) })
	for _, r := range bySize[:min(4, len(bySize))] {
		try(f.within(r.atoms))
	}
	if len(f.rings) <= 6 {
		for i, r := range f.rings {
			for _, o := range f.rings[:i] {
				if around := perimeter([]ring{o, r}); around != nil {
					try(f.within(around))
				}
			}
		}
	}
	return best
}

// bend moves atoms between two bonds that lie in a line, where no corner shows that
// there is an atom.
func (f *frame) bend(points []Point) {
	for i, n := range f.near {
		if len(n) != 2 {
			continue
		}
		a, b := points[n[0]], points[n[1]]
		if points[i].toSegment(a, b) > 0.12*a.distance(b) {
			continue
		}
		off := b.minus(a).unit().normal().times(0.35)
		centre := middle([]Point{a, b})
		room := func(p Point) float64 {
			least := math.Inf(1)
			for j, q := range points {
				if j != i {
					least = min(least, p.distance(q))
				}
			}
			return least
		}
		points[i] = centre.plus(off)
		if other := centre.minus(off); room(other) > room(points[i])+1e-6 {
			points[i] = other
		}
	}
}

// perimeter is the sum of all rings, bonds of two of them cancelling, if that is
// one ring: the outline of a planar drawing.
func perimeter(rings []ring) []int {
	odd := map[int]bool{}
	next := map[int][]int{}
	for _, r := range rings {
		for _, b := range r.bonds {
			odd[b] = !odd[b]
		}
	}
	start, size := -1, 0
	done := map[int]bool{}
	for _, r := range rings {
		for k, b := range r.bonds {
			if odd[b] && !done[b] {
				done[b] = true
				x, y := r.atoms[k], r.atoms[(k+1)%len(r.atoms)]
				next[x], next[y] = append(next[x], y), append(next[y], x)
				start = x
				size++
			}
		}
	}
	if start < 0 {
		return nil
	}
	around := []int{start}
	for before, at := -1, start; ; {
		if len(next[at]) != 2 {
			return nil
		}
		to := next[at][0]
		if to == before {
			to = next[at][1]
		}
		if to == start {
			break
		}
		around = append(around, to)
		before, at = at, to
	}
	if len(around) != size {
		return nil
	}
	return around
}

// within draws one ring as a polygon and every other atom at the middle of its
// neighbours (Tutte 1963), which crosses no bonds of a planar skeleton.
func (f *frame) within(around []int) []Point {
	points, fixed := make([]Point, len(f.atoms)), make([]bool, len(f.atoms))
	// Room for all of them: the area that so many atoms take.
	scale := math.Max(1, math.Sqrt(float64(len(f.atoms))/float64(len(around)))/1.2)
	for k, p := range polygon(len(around)) {
		i := f.place(around[k])
		points[i], fixed[i] = p.times(scale), true
	}
	for range 200 {
		for i := range points {
			if fixed[i] {
				continue
			}
			var sum Point
			for _, j := range f.near[i] {
				sum = sum.plus(points[j])
			}
			points[i] = sum.times(1 / float64(len(f.near[i])))
		}
	}
	for i := range points { // off the lines on which nothing could bend
		if !fixed[i] {
			points[i] = points[i].plus(direction(1 + 2.4*float64(i)).times(0.05))
		}
	}
	return points
}
