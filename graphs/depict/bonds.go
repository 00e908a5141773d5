package depict

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Sizes of bonds, in bonds.
const (
	stroke   = 0.052 // width of a line
	apart    = 0.17  // distance of the lines of a multiple bond
	wideEnd  = 0.2   // of a wedge
	hashes   = 7     // lines of a hashed wedge
	circleIn = 0.62  // radius of the circle of an aromatic ring, of that of its inscribed circle
)

// sketch is a molecule with places, ready to be drawn.
type sketch struct {
	s        *Structure
	ends     [][]end
	points   []Point // in bonds
	rings    []ring
	ringBond []bool
	labels   []*label // nil where none is shown
	circled  []bool   // of the rings: aromatic, drawn as a circle
	plain    []bool   // of the bonds: of a circled ring, one line only
	wedges   map[int]wedge
	bond     float64 // length of a bond in points
}

func newSketch(s *Structure, o MoleculeOptions, length float64) *sketch {
	points, rings := s.layout()
	k := &sketch{s: s, ends: s.ends(), points: points, rings: rings, bond: length, ringBond: make([]bool, len(s.Bonds)),
		labels: make([]*label, len(s.Atoms)), circled: make([]bool, len(rings)), plain: make([]bool, len(s.Bonds))}
	for n, r := range rings {
		aromatic, unknown := true, false
		for _, b := range r.bonds {
			k.ringBond[b] = true
			aromatic = aromatic && (s.Bonds[b].Aromatic || s.Bonds[b].Order == 0)
			unknown = unknown || s.Bonds[b].Order == 0
		}
		k.circled[n] = aromatic && len(r.atoms) <= 8 && (o.Circles || unknown)
		if k.circled[n] {
			for _, b := range r.bonds {
				k.plain[b] = true
			}
		}
	}
	for i, a := range s.Atoms {
		if s.shown(i, k.ends) {
			var angles []float64
			for _, e := range k.ends[i] {
				angles = append(angles, points[e.atom].minus(points[i]).angle())
			}
			l := newLabel(a, angles)
			k.labels[i] = &l
		}
	}
	k.wedges = s.wedges(k.ends, k.ringBond, points)
	return k
}

// extent is the rectangle that atoms and labels take, in bonds.
func (k *sketch) extent() box {
	all := slices.Clone(k.points)
	for i, l := range k.labels {
		if l == nil {
			continue
		}
		for _, p := range l.pieces {
			b := p.box()
			all = append(all, k.points[i].plus(b.low), k.points[i].plus(b.high))
		}
	}
	return boxOf(all)
}

// paint draws bonds, then labels; low is the corner of the extent.
func (k *sketch) paint(p pen, low Point) {
	at := func(q Point) Point { return q.minus(low).times(k.bond) }
	for n := range k.s.Bonds {
		k.paintBond(p, at, n)
	}
	for i := range k.s.Atoms {
		if k.labels[i] == nil && len(k.ends[i]) > 1 {
			p.circle(at(k.points[i]), stroke/2*k.bond, carbonInk, 0, nil) // rounds the corner
		}
	}
	for n, r := range k.rings {
		if k.circled[n] {
			centre := k.centre(r)
			inner := math.Inf(1)
			for j := range r.atoms {
				inner = min(inner, centre.toSegment(k.points[r.atoms[j]], k.points[r.atoms[(j+1)%len(r.atoms)]]))
			}
			p.circle(at(centre), circleIn*inner*k.bond, nil, stroke*k.bond, carbonInk)
		}
	}
	for i, l := range k.labels {
		if l == nil {
			continue
		}
		for _, piece := range l.pieces { // no line of another bond through a letter
			b := piece.box()
			const room = labelRoom / 2
			low, high := k.points[i].plus(b.low), k.points[i].plus(b.high)
			p.fill(color.White, at(Point{low.X - room, low.Y - room}), at(Point{high.X + room, low.Y - room}),
				at(Point{high.X + room, high.Y + room}), at(Point{low.X - room, high.Y + room}))
		}
	}
	for i, l := range k.labels {
		if l == nil {
			continue
		}
		for _, piece := range l.pieces {
			p.text(piece.text, at(k.points[i].plus(piece.at)), piece.size*k.bond, 0, inkOf(k.s.Atoms[i].Symbol))
		}
	}
}

func (k *sketch) centre(r ring) Point {
	corners := make([]Point, len(r.atoms))
	for n, i := range r.atoms {
		corners[n] = k.points[i]
	}
	return middle(corners)
}

// ends of a bond's line: where labels allow it to begin and to end.
func (k *sketch) line(b Bond) (from, to Point, ok bool) {
	p, q := k.points[b.From], k.points[b.To]
	d := q.minus(p)
	length := d.norm()
	if length < 1e-6 {
		return p, q, false
	}
	d = d.times(1 / length)
	start, stop := 0.0, length
	if l := k.labels[b.From]; l != nil {
		start = l.trim(d)
	}
	if l := k.labels[b.To]; l != nil {
		stop -= l.trim(d.times(-1))
	}
	if stop-start < 0.08 { // a label covers the bond: show at least a bit of it
		mid := min(max((start+stop)/2, 0.04), length-0.04)
		start, stop = mid-0.04, mid+0.04
	}
	return p.plus(d.times(start)), p.plus(d.times(stop)), true
}

func (k *sketch) paintBond(p pen, at func(Point) Point, n int) {
	b := k.s.Bonds[n]
	from, to, ok := k.line(b)
	if !ok {
		return
	}
	width := stroke * k.bond
	draw := func(dashed bool, a, b Point) {
		var dashes []vg.Length
		if dashed {
			dashes = []vg.Length{vg.Length(0.09 * k.bond), vg.Length(0.07 * k.bond)}
		}
		p.line(width, carbonInk, dashes, at(a), at(b))
	}
	normal := to.minus(from).unit().normal()
	shifted := func(by float64) { draw(false, from.plus(normal.times(by)), to.plus(normal.times(by))) }
	if w, marked := k.wedges[n]; marked && b.Order == 1 {
		k.paintWedge(p, at, w, b, from, to)
		return
	}
	switch {
	case k.plain[n] || b.Order == 1:
		draw(false, from, to)
	case b.Order == 2 || b.Order == 0:
		side := k.inner(n)
		if side == 0 {
			shifted(apart / 2)
			shifted(-apart / 2)
			return
		}
		draw(false, from, to)
		a, c := k.innerLine(b, from, to, side)
		draw(b.Order == 0, a, c)
	case b.Order == 3:
		for _, by := range []float64{-apart, 0, apart} {
			shifted(by)
		}
	default:
		for _, by := range []float64{-0.75, -0.25, 0.25, 0.75} {
			shifted(by * 1.4 * apart)
		}
	}
}

func (k *sketch) paintWedge(p pen, at func(Point) Point, w wedge, b Bond, from, to Point) {
	if w.centre == b.To {
		from, to = to, from
	}
	normal := to.minus(from).unit().normal().times(wideEnd / 2)
	if w.forward {
		p.fill(carbonInk, at(from), at(to.plus(normal)), at(to.minus(normal)))
		return
	}
	for n := 1; n <= hashes; n++ {
		f := float64(n) / hashes
		q := from.plus(to.minus(from).times(f))
		p.line(stroke*k.bond, carbonInk, nil, at(q.plus(normal.times(f))), at(q.minus(normal.times(f))))
	}
}

// inner tells on which side of a double bond its second line is: 1 to the left of
// From-To, -1 to the right, 0 for one line on each side.
func (k *sketch) inner(n int) float64 {
	b := k.s.Bonds[n]
	axis := k.points[b.To].minus(k.points[b.From])
	best, most := -1, -1.0
	for i, r := range k.rings {
		if !slices.Contains(r.bonds, n) {
			continue
		}
		// The ring with most double bonds, the smallest of such.
		score := -float64(len(r.atoms))
		if len(r.atoms) <= 8 {
			for _, o := range r.bonds {
				if k.s.Bonds[o].Order != 1 {
					score += 10
				}
			}
		}
		if best < 0 || score > most {
			best, most = i, score
		}
	}
	if best >= 0 {
		return math.Copysign(1, axis.cross(k.centre(k.rings[best]).minus(k.points[b.From])))
	}
	left, right := 0, 0
	for _, pair := range [][2]int{{b.From, b.To}, {b.To, b.From}} {
		at, other := pair[0], pair[1]
		if len(k.ends[at]) == 1 && (k.s.Atoms[at].Symbol != "C" || len(k.ends[other]) != 2) {
			return 0
		}
		if k.labels[at] != nil && k.s.Atoms[at].Symbol == "C" {
			return 0 // the middle of a straight line
		}
		for _, e := range k.ends[at] {
			if e.bond == n {
				continue
			}
			switch side := axis.unit().cross(k.points[e.atom].minus(k.points[b.From])); {
			case side > 0.1:
				left++
			case side < -0.1:
				right++
			}
		}
	}
	if left+right == 0 {
		return 0
	}
	if left >= right {
		return 1
	}
	return -1
}

// innerLine is the second line of a double bond, on one side of it, cut where the
// neighbours' bonds would meet it.
func (k *sketch) innerLine(b Bond, from, to Point, side float64) (Point, Point) {
	d := to.minus(from)
	length := d.norm()
	d = d.unit()
	shift := d.normal().times(side * apart)
	cut := func(at, other int) float64 {
		if k.labels[at] != nil {
			return 0
		}
		most := 0.0
		v := k.points[other].minus(k.points[at]).unit()
		for _, e := range k.ends[at] {
			if e.atom == other {
				continue
			}
			w := k.points[e.atom].minus(k.points[at]).unit()
			if shift.dot(w) <= 1e-6 {
				continue // on the other side
			}
			angle := math.Acos(min(1, max(-1, v.dot(w))))
			most = max(most, apart/math.Tan(max(angle, 0.6)/2))
		}
		return most
	}
	start, stop := cut(b.From, b.To), cut(b.To, b.From)
	if start+stop > 0.7*length {
		start, stop = 0.3*length, 0.3*length
	}
	return from.plus(d.times(start)).plus(shift), to.minus(d.times(stop)).plus(shift)
}
