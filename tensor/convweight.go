package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

const (
	convGradRows  = 256     // results that are gathered at a time for the gradient of the weight, at most
	convGradSpan  = 4096    // results of one sum, about, where there are many
	convGradSums  = 8       // sums, at most, of the gradient of one weight
	convGradRoom  = 1 << 21 // numbers of all sums, at most, if there are more than one
	convGradDepth = 512     // terms, taps times channels, that are gathered for one result, about
)

// convGradient is the gradient of the weight: the product of gathered pixels, transposed, with the gradient of the result.
// It is cut by taps, which needs no sums of pieces, and, where there are many results, by these too.
type convGradient struct {
	plan             *convPlan
	src, dy          []float32
	srcCols, dstCols int
	groups           int
	sums             []float32 // [spans, groups, taps, in, out]
	span             int       // results of one sum
	blocks           int       // blocks of taps
	lines            bool      // blocks are lines of taps, not single ones
	rows             int
	scratch          []float32
	size             int
	panels           []float32
}

// run writes the gradient in the form of panels.
func (c *convGradient) run(tp *Tape) {
	y, x := &c.plan.y, &c.plan.x
	in, out := c.srcCols/c.groups, c.dstCols/c.groups
	results := c.plan.results()
	total := c.groups * c.plan.taps() * in * out
	spans := max(min(results/convGradSpan, convGradSums, convGradRoom/max(total, 1)), 1)
	c.span = max((results+spans-1)/spans, 1)
	spans = max(parallel.Chunks(results, c.span), 1)
	c.lines = x.taps*in <= convGradDepth && y.taps > 1
	c.blocks = c.plan.taps()
	block := in
	if c.lines {
		c.blocks, block = y.taps, x.taps*in
	}
	c.rows = min(max(convTileRoom/max(block, 1), convTileLeast), convGradRows)
	c.size = c.rows * block
	c.sums = tp.arena.take(spans * total)
	c.scratch = tp.arena.take(parallel.Workers() * c.size)
	parallel.For(spans*c.blocks, 1, c)
	tp.arena.give(c.scratch)
	for s := 1; s < spans; s++ {
		simd.Add(c.sums[:total], c.sums[:total], c.sums[s*total:][:total])
	}
	for g := range c.groups {
		c.toPanels(c.sums[g*total/c.groups:], c.panels[g*c.plan.taps()*in*panelCols(out):], c.plan.taps()*in, out)
	}
	tp.arena.give(c.sums)
}

// toPanels copies a matrix [depth, out] to panels.
func (c *convGradient) toPanels(from, to []float32, depth, out int) {
	for j := 0; j < out; j += convPanel {
		n := min(convPanel, out-j)
		simd.GatherBlock(to[j*depth:], panelCols(n), from[j:], out, depth, n)
	}
}

// Run does piece lo: a block of taps of a span of results.
func (c *convGradient) Run(worker, piece, _ int) {
	in, out := c.srcCols/c.groups, c.dstCols/c.groups
	span, b := piece/c.blocks, piece%c.blocks
	block := convBlock{b / c.plan.x.taps, b/c.plan.x.taps + 1, b % c.plan.x.taps, b%c.plan.x.taps + 1}
	if c.lines {
		block = convBlock{b, b + 1, 0, c.plan.x.taps}
	}
	k, all := block.taps()*in, c.plan.taps()*in*out
	tile := c.scratch[worker*c.size:][:c.size]
	from, end := span*c.span, min((span+1)*c.span, c.plan.results())
	for g := range c.groups {
		sums := c.sums[(span*c.groups+g)*all+(block.y0*c.plan.x.taps+block.x0)*in*out:][:k*out]
		if from >= end {
			clear(sums)
		}
		for lo := from; lo < end; lo += c.rows {
			hi := min(lo+c.rows, end)
			c.plan.gather(tile, c.src, c.srcCols, g*in, in, lo, hi, block)
			simd.Gemm(true, false, k, out, hi-lo, tile, k, c.dy[lo*c.dstCols+g*out:], c.dstCols, sums, out, lo > from)
		}
	}
}
