package tensor

import (
	"sort"

	"github.com/graft-ml/graft/internal/simd"
)

// convPlan is the geometry of a convolution, forward or of one phase backward: which pixels of src the results, which are
// pixels of dst, are made of.
type convPlan struct {
	y, x     convAxis
	src, dst Grid
	starts   []int // [items+1], for grids of images of different sizes: the number of results before each image
}

// begin prepares the plan for its axes and grids. It keeps the memory of an earlier one.
func (p *convPlan) begin(y, x convAxis, src, dst Grid) {
	starts := p.starts[:0]
	*p = convPlan{y: y, x: x, src: src, dst: dst, starts: starts}
	if p.ragged() {
		p.starts = append(p.starts, 0)
		for b := range dst.items {
			s := dst.Size(b)
			p.starts = append(p.starts, p.starts[b]+y.count(s.Height)*x.count(s.Width))
		}
	}
}

// ragged reports whether images have to be looked for.
func (p *convPlan) ragged() bool { return p.dst.sizes != nil }

// results returns the number of results.
func (p *convPlan) results() int {
	if p.ragged() {
		return p.starts[p.dst.items]
	}
	return p.dst.items * p.y.count(p.dst.size.Height) * p.x.count(p.dst.size.Width)
}

// direct reports whether result r is pixel r of dst.
func (p *convPlan) direct() bool { return p.y.every == 1 && p.x.every == 1 }

// taps returns the number of pairs of taps.
func (p *convPlan) taps() int { return p.y.taps * p.x.taps }

// convRun is a run of results beside each other in one line of an image.
type convRun struct {
	item, y, x, n int
}

// runs goes through the results from at to end.
type convRuns struct {
	plan    *convPlan
	at, end int
}

// next returns the next run: to the end of the line at most.
func (r *convRuns) next() (run convRun, ok bool) {
	if r.at >= r.end {
		return run, false
	}
	p := r.plan
	start := 0
	if p.ragged() {
		run.item = sort.SearchInts(p.starts, r.at+1) - 1
		start = p.starts[run.item]
	} else {
		per := p.y.count(p.dst.size.Height) * p.x.count(p.dst.size.Width)
		run.item = r.at / per
		start = run.item * per
	}
	wide := p.x.count(p.dst.Size(run.item).Width)
	run.y, run.x = (r.at-start)/wide, (r.at-start)%wide
	run.n = min(wide-run.x, r.end-r.at)
	r.at += run.n
	return run, true
}

// convBlock is a block of taps: those of the lines y0 to y1 and the columns x0 to x1.
type convBlock struct{ y0, y1, x0, x1 int }

func (b convBlock) taps() int { return (b.y1 - b.y0) * (b.x1 - b.x0) }

// gather writes what the results lo to hi are made of to dst, a row each: for every tap of the block, line by line, the
// channels from to from+width of its source, zeros where that is outside the image. src has srcCols channels.
func (p *convPlan) gather(dst, src []float32, srcCols, from, width, lo, hi int, block convBlock) {
	cols := block.taps() * width
	rows := convRuns{p, lo, hi}
	for run, ok := rows.next(); ok; run, ok = rows.next() {
		size, first := p.src.Size(run.item), p.src.Offset(run.item)
		for end := run.x + run.n; run.x < end; run.x += run.n {
			a, z := p.x.valid(run.x, 0, size.Width)
			run.n = p.x.same(run.x, end, a, z, 0, size.Width)
			a, z = max(a, block.x0), min(z, block.x1)
			at := 0
			for j := block.y0; j < block.y1; j++ {
				y := run.y*p.y.mul + p.y.add + j*p.y.step
				line := convLine{dst: dst[at:], ldd: cols, n: run.n, taps: block.x1 - block.x0, width: width}
				if y >= 0 && y < size.Height && a < z {
					x := run.x*p.x.mul + p.x.add + a*p.x.step
					line.src, line.lds, line.lo, line.hi = src[(first+y*size.Width+x)*srcCols+from:], p.x.mul*srcCols, a-block.x0, z-block.x0
					line.apart = p.x.step * srcCols
				}
				line.write()
				at += (block.x1 - block.x0) * width
			}
			dst = dst[run.n*cols:]
		}
	}
}

// convLine is what some results read in one line of the image: for the taps lo to hi pixels of width channels, apart from
// each other; the other taps are outside.
type convLine struct {
	dst, src       []float32
	ldd, lds       int // from result to result
	n, taps, width int
	lo, hi, apart  int
}

func (l *convLine) write() {
	l.clear(0, l.lo)
	l.clear(l.hi, l.taps)
	if l.apart == l.width || l.hi-l.lo == 1 { // neighbours in memory
		if l.hi > l.lo {
			simd.GatherBlock(l.dst[l.lo*l.width:], l.ldd, l.src, l.lds, l.n, (l.hi-l.lo)*l.width)
		}
		return
	}
	for j := l.lo; j < l.hi; j++ {
		simd.GatherBlock(l.dst[j*l.width:], l.ldd, l.src[(j-l.lo)*l.apart:], l.lds, l.n, l.width)
	}
}

// clear writes zeros to the places of the taps lo to hi.
func (l *convLine) clear(lo, hi int) {
	if lo == hi {
		return
	}
	for r := range l.n {
		clear(l.dst[r*l.ldd+lo*l.width : r*l.ldd+hi*l.width])
	}
}
