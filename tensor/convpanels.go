package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// The weight [out, in/groups, height, width] of a convolution is used in the form of panels: for each group, for each 64
// of its results, a matrix [taps, in/groups, 64] of contiguous rows, the last panel's rows rounded up to whole lines of the
// cache. So the products find the rows of a tile of their result beside each other, with the taps in the order in which
// pixels are gathered.

// panelCols returns the width of the panels of n columns.
func panelCols(n int) int { return (n + 15) / 16 * 16 }

// convPack brings a weight into panels, or the gradients in panels back.
type convPack struct {
	weight        []float32 // [groups*out, in, taps]
	panels        []float32
	groups        int
	out, in, taps int       // of a group
	back          bool      // adds the panels to the weight
	scratch       []float32 // two blocks a worker
}

const convPackRows = 128 // rows of a panel that are transposed at a time, about

func (c *convPack) run(tp *Tape) {
	if c.out*c.in*c.taps == 0 {
		return
	}
	c.scratch = tp.arena.take(parallel.Workers() * 2 * c.block())
	parallel.For(c.groups*parallel.Chunks(c.out, convPanel), 1, c)
	tp.arena.give(c.scratch)
}

// channels returns the number of channels that are transposed at a time.
func (c *convPack) channels() int { return min(max(convPackRows/c.taps, 1), c.in) }

func (c *convPack) block() int { return c.channels() * c.taps * convPanel }

// Run does panel lo.
func (c *convPack) Run(worker, panel, _ int) {
	panels := parallel.Chunks(c.out, convPanel)
	g, j := panel/panels, panel%panels*convPanel
	n := min(convPanel, c.out-j)
	ld := panelCols(n)
	depth := c.in * c.taps
	to := c.panels[g*depth*panelCols(c.out)+j*depth:][:depth*ld]
	from := c.weight[(g*c.out+j)*depth:]
	block := c.scratch[2*worker*c.block():][:2*c.block()]
	for first := 0; first < c.in; first += c.channels() {
		channels := min(c.channels(), c.in-first)
		rows := channels * c.taps // row r is tap r%taps of channel first + r/taps
		if !c.back {
			simd.Transpose(block, convPanel, from[first*c.taps:], depth, n, rows)
			for r := range rows {
				copy(to[(r%c.taps*c.in+first+r/c.taps)*ld:][:n], block[r*convPanel:])
			}
			continue
		}
		for r := range rows {
			copy(block[r*convPanel:][:n], to[(r%c.taps*c.in+first+r/c.taps)*ld:])
		}
		turned := block[c.block():]
		simd.Transpose(turned, rows, block, convPanel, rows, n)
		for o := range n {
			dw := from[o*depth+first*c.taps:][:rows]
			simd.Add(dw, dw, turned[o*rows:][:rows])
		}
	}
}

// convTurn makes, of the panels of a weight, those for the gradient of the input: for each phase and group, for each 64
// of the input's channels, a matrix [the phase's taps, out, 64].
type convTurn struct {
	from, to      []float32
	y, x          *convAxis // of the phase
	wide          int       // width of the kernel
	groups        int
	out, in, taps int // of a group; all taps
}

func (c *convTurn) run() { parallel.For(c.groups*parallel.Chunks(c.in, convPanel), 1, c) }

// Run does panel lo.
func (c *convTurn) Run(_, panel, _ int) {
	panels := parallel.Chunks(c.in, convPanel)
	g, i := panel/panels, panel%panels*convPanel
	n := min(convPanel, c.in-i)
	ld := panelCols(n)
	depth, all := c.y.taps*c.x.taps*c.out, c.in*c.taps
	to := c.to[g*depth*panelCols(c.in)+i*depth:]
	for k := range c.y.taps * c.x.taps {
		tap := (c.y.tap+k/c.x.taps*c.y.tapStep)*c.wide + c.x.tap + k%c.x.taps*c.x.tapStep
		for j := 0; j < c.out; j += convPanel {
			m := min(convPanel, c.out-j)
			from := c.from[g*all*panelCols(c.out)+j*all+(tap*c.in+i)*panelCols(m):]
			simd.Transpose(to[(k*c.out+j)*ld:], ld, from, panelCols(m), n, m)
		}
	}
}
