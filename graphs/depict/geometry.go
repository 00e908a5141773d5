package depict

import (
	"math"
	"slices"
)

// Point is a place in the plane; y points upwards. Lengths of molecules are in
// bonds, those of graphs in edges: a typical one is 1.
type Point struct{ X, Y float64 }

func (p Point) plus(q Point) Point       { return Point{p.X + q.X, p.Y + q.Y} }
func (p Point) minus(q Point) Point      { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) times(f float64) Point    { return Point{p.X * f, p.Y * f} }
func (p Point) norm() float64            { return math.Hypot(p.X, p.Y) }
func (p Point) angle() float64           { return math.Atan2(p.Y, p.X) }
func (p Point) dot(q Point) float64      { return p.X*q.X + p.Y*q.Y }
func (p Point) cross(q Point) float64    { return p.X*q.Y - p.Y*q.X }
func (p Point) distance(q Point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }
func (p Point) normal() Point            { return Point{-p.Y, p.X} }
func direction(angle float64) Point      { return Point{math.Cos(angle), math.Sin(angle)} }
func (p Point) turned(angle float64) Point {
	d := direction(angle)
	return d.times(p.X).plus(d.normal().times(p.Y))
}

// unit has length 1; that of a zero vector points to the right.
func (p Point) unit() Point {
	if n := p.norm(); n > 1e-9 {
		return p.times(1 / n)
	}
	return Point{1, 0}
}

// mirrored reflects p in the line through a and b.
func (p Point) mirrored(a, b Point) Point {
	axis := b.minus(a).unit()
	v := p.minus(a)
	return a.plus(axis.times(2 * v.dot(axis))).minus(v)
}

// middle is the mean of some points.
func middle(points []Point) Point {
	var sum Point
	for _, p := range points {
		sum = sum.plus(p)
	}
	return sum.times(1 / float64(len(points)))
}

// polygon gives n corners of a regular polygon with sides of length 1 around the
// origin, counterclockwise.
func polygon(n int) []Point {
	corners := make([]Point, n)
	radius := 0.5 / math.Sin(math.Pi/float64(n))
	for k := range corners {
		corners[k] = direction(2 * math.Pi * float64(k) / float64(n)).times(radius)
	}
	return corners
}

// chord is the distance of two corners of that polygon which are k sides apart.
func chord(n, k int) float64 {
	return math.Sin(math.Pi*float64(k)/float64(n)) / math.Sin(math.Pi/float64(n))
}

// crosses tells whether the segments a-b and c-d cross inside both.
func crosses(a, b, c, d Point) bool {
	side := func(p, q, r Point) float64 { return q.minus(p).cross(r.minus(p)) }
	const tiny = 1e-9
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	return (s1 > tiny && s2 < -tiny || s1 < -tiny && s2 > tiny) && (s3 > tiny && s4 < -tiny || s3 < -tiny && s4 > tiny)
}

// toSegment is the distance of p from the segment a-b.
func (p Point) toSegment(a, b Point) float64 {
	v := b.minus(a)
	t := 0.0
	if l := v.dot(v); l > 0 {
		t = min(1, max(0, p.minus(a).dot(v)/l))
	}
	return p.distance(a.plus(v.times(t)))
}

// gap is a free sector around a point: from start counterclockwise.
type gap struct{ start, size float64 }

// slot is direction i of k that divide the gap evenly.
func (g gap) slot(i, k int) float64 { return g.start + g.size*float64(i+1)/float64(k+1) }

// widest gives the largest free sector between some directions, the first of
// equal ones; everything where there is no direction.
func widest(angles []float64) gap {
	if len(angles) == 0 {
		return gap{-math.Pi / 6, 2 * math.Pi}
	}
	sorted := make([]float64, len(angles))
	for i, a := range angles {
		sorted[i] = math.Mod(math.Mod(a, 2*math.Pi)+2*math.Pi, 2*math.Pi)
	}
	slices.Sort(sorted)
	best := gap{}
	for i, a := range sorted {
		next := sorted[0] + 2*math.Pi
		if i+1 < len(sorted) {
			next = sorted[i+1]
		}
		if next-a > best.size+1e-6 {
			best = gap{a, next - a}
		}
	}
	return best
}

// box is the smallest rectangle around some points.
type box struct{ low, high Point }

func boxOf(points []Point) box {
	b := box{Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}}
	for _, p := range points {
		b.low = Point{min(b.low.X, p.X), min(b.low.Y, p.Y)}
		b.high = Point{max(b.high.X, p.X), max(b.high.Y, p.Y)}
	}
	return b
}

func (b box) width() float64  { return b.high.X - b.low.X }
func (b box) height() float64 { return b.high.Y - b.low.Y }

// rigid is a motion of the plane: a rotation, after a reflection in the x axis if
// mirror, then a shift.
type rigid struct {
	mirror bool
	turn   float64
	shift  Point
}

func (r rigid) apply(p Point) Point {
	if r.mirror {
		p.Y = -p.Y
	}
	return p.turned(r.turn).plus(r.shift)
}

// fit gives the motion that brings from nearest to to, in the sense of least
// squares, and the root of the mean squared distance that remains (Kabsch 1976,
// in the plane).
func fit(from, to []Point, mirror bool) (rigid, float64) {
	r := rigid{mirror: mirror}
	cf, ct := middle(from), middle(to)
	var dot, cross float64
	for i := range from {
		a, b := from[i].minus(cf), to[i].minus(ct)
		if mirror {
			a.Y = -a.Y
		}
		dot += a.dot(b)
		cross += a.cross(b)
	}
	r.turn = math.Atan2(cross, dot)
	r.shift = ct.minus(r.apply(cf))
	sum := 0.0
	for i := range from {
		d := r.apply(from[i]).distance(to[i])
		sum += d * d
	}
	return r, math.Sqrt(sum / float64(len(from)))
}
