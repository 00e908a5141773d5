package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

const (
	convPanel      = 64      // columns of a panel of the weight: what the kernels of products keep in registers
	convTileFloats = 1 << 14 // gathered numbers of a tile, about, where its rows are short: twice a first-level cache
	convTileRoom   = 1 << 16 // and where they are long: a part of the second-level cache
	convTileLeast  = 48      // rows of a tile, at least, that the weight is read for
	convTileMost   = 384     // rows of a tile, at most
	convPieces     = 4       // pieces that the work is cut into, at least, where the panels allow
)

// convTiles is the product of gathered pixels with the panels of a weight: of those of x forward, of those of the
// gradient of the result backward. Tiles of gathered pixels are made where they are used and kept nowhere.
type convTiles struct {
	plan             *convPlan
	src, dst         []float32
	srcCols, dstCols int       // channels of all groups
	groups           int       // of channels
	panels           []float32 // for each group its panels, see convPanels
	bias             []float32 // [dstCols]; nil for none
	add              bool      // to what dst holds
	rows             int       // of a tile
	split            int       // pieces that the panels of a tile are dealt out to
	lines            int       // lines of taps that are gathered at a time
	scratch          []float32
	size             int // of the scratch of one worker
}

// run does all tiles.
func (t *convTiles) run(tp *Tape) {
	results := t.plan.results()
	if results == 0 || t.dstCols == 0 {
		return
	}
	in, out := t.srcCols/t.groups, t.dstCols/t.groups
	line := max(t.plan.x.taps*in, 1)
	t.lines = max(min(convTileRoom/(line*convTileLeast), t.plan.y.taps), 1)
	rows := min(max(convTileFloats/(line*t.lines)/24*24, convTileLeast), convTileMost)
	tiles := max((results+rows/2)/rows, 1)
	t.rows = ((results+tiles-1)/tiles + 5) / 6 * 6
	tiles = parallel.Chunks(results, t.rows)
	t.split = max(min(parallel.Chunks(out, 2*convPanel), convPieces/tiles), 1)
	t.size = t.rows * line * t.lines
	if !t.plan.direct() {
		t.size += t.rows * out
	}
	t.scratch = tp.arena.take(parallel.Workers() * t.size)
	parallel.For(tiles*t.split, 1, t)
	tp.arena.give(t.scratch)
}

// Run does the piece lo.
func (t *convTiles) Run(worker, piece, _ int) {
	lo := piece / t.split * t.rows
	hi := min(lo+t.rows, t.plan.results())
	in, out := t.srcCols/t.groups, t.dstCols/t.groups
	scratch := t.scratch[worker*t.size:][:t.size]
	panels := parallel.Chunks(out, convPanel)
	part := piece % t.split
	from, end := part*panels/t.split*convPanel, min((part+1)*panels/t.split*convPanel, out)
	depth := t.plan.taps() * in
	for g := range t.groups {
		weights := t.panels[g*depth*panelCols(out):]
		if t.plan.direct() {
			t.product(t.dst[lo*t.dstCols+g*out:], t.dstCols, g, lo, hi, from, end, weights, scratch, t.add)
			continue
		}
		sums := scratch[:t.rows*out]
		if depth == 0 {
			clear(sums)
		}
		t.product(sums, out, g, lo, hi, from, end, weights, scratch[len(sums):], false)
		t.spread(sums, out, g*out, lo, hi, from, end)
	}
}

// product computes the columns from to end of group g for the results lo to hi.
func (t *convTiles) product(c []float32, ldc, g, lo, hi, from, end int, weights, tile []float32, add bool) {
	y, x := &t.plan.y, &t.plan.x
	in, out := t.srcCols/t.groups, t.dstCols/t.groups
	depth := t.plan.taps() * in
	for line := 0; line < y.taps && x.taps > 0; line += t.lines {
		block := convBlock{line, min(line+t.lines, y.taps), 0, x.taps}
		k := block.taps() * in
		t.plan.gather(tile, t.src, t.srcCols, g*in, in, lo, hi, block)
		for j := from; j < end; j += convPanel {
			n, ld := min(convPanel, out-j), panelCols(min(convPanel, out-j))
			b := weights[j*depth+line*x.taps*in*ld:]
			if line == 0 && t.bias != nil {
				simd.GemmBias(false, false, hi-lo, n, k, tile, k, b, ld, t.bias[g*out+j:], c[j:], ldc)
			} else {
				simd.Gemm(false, false, hi-lo, n, k, tile, k, b, ld, c[j:], ldc, add || line > 0)
			}
		}
	}
}

// spread brings the columns from to end of sums [rows, ld] to the pixels and the channels, from channel first on, that
// they belong to.
func (t *convTiles) spread(sums []float32, ld, first, lo, hi, from, end int) {
	p := t.plan
	runs := convRuns{p, lo, hi}
	for run, ok := runs.next(); ok; run, ok = runs.next() {
		size := p.dst.Size(run.item)
		row := p.dst.Offset(run.item) + (p.y.first+run.y*p.y.every)*size.Width + p.x.first + run.x*p.x.every
		dst, step := t.dst[row*t.dstCols+first+from:], p.x.every*t.dstCols
		if !t.add {
			simd.GatherBlock(dst, step, sums[from:], ld, run.n, end-from)
		}
		for r := 0; t.add && r < run.n; r++ {
			y := dst[r*step:][:end-from]
			simd.Add(y, y, sums[r*ld+from:][:end-from])
		}
		sums = sums[run.n*ld:]
	}
}
