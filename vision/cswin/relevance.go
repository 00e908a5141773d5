package cswin

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// Relevance returns a map of every image over the tokens of the first stage, by attention rollout as vision.Model has it
// (Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020, section 4): in every block half of a token
// comes from itself, by the residual connection, and half from the tokens of its stripes, by the mean of the weights of all
// heads. Between two stages a token comes in equal parts from those under the kernel of the convolution. The map is what
// the mean over the last tokens comes from.
//
// Rollout follows weights alone, and not what values, LePE and feed-forward parts make of them. The error is always nil.
func (m *Model) Relevance(b *vision.Batch) ([]vision.Relevance, error) {
	if b.Items() == 0 {
		return nil, nil
	}
	if b.Channels() != m.Config.Channels {
		panic(fmt.Sprintf("cswin: Relevance: images of %d channels, want %d", b.Channels(), m.Config.Channels))
	}
	a := m.arrange(b.Grid)
	seen := make([][]blockWeights, len(m.Stages)) // of the blocks of every stage
	tp := tensor.NewTape()
	grid, x := a.pixels, tp.Const(b.Pixels)
	for n, s := range m.Stages {
		at := a.stages[n]
		at.look = func(of *Attention, out attention.WindowsOutput) {
			seen[n] = append(seen[n], blockWeights{of.op.Parts, out.Weights})
		}
		x, grid = s.apply(tp, x, grid, &at), at.grid
	}
	share := meanShares(a.stages[len(a.stages)-1].grid)
	for n := len(m.Stages) - 1; n >= 0; n-- {
		for k := len(seen[n]) - 1; k >= 0; k-- {
			share = seen[n][k].back(share, a.stages[n].grid)
		}
		if n > 0 {
			share = m.Stages[n].Down.back(share, a.stages[n].grid, a.stages[n-1].grid)
		}
	}
	return m.maps(share, b.Grid, a.stages[0].grid), nil
}

// meanShares returns the same share of an image for all its tokens.
func meanShares(grid tensor.Grid) []float64 {
	share := make([]float64, grid.Rows())
	for b := range grid.Items() {
		n := grid.Offset(b+1) - grid.Offset(b)
		for i := range n {
			share[grid.Offset(b)+i] = 1 / float64(n)
		}
	}
	return share
}

// blockWeights is the attention weights of a block.
type blockWeights struct {
	parts   []attention.WindowHeads
	weights []*tensor.Tensor
}

// back returns where the shares of the tokens after a block come from.
func (w blockWeights) back(share []float64, grid tensor.Grid) []float64 {
	next := make([]float64, len(share))
	heads := 0
	for i, s := range share {
		next[i] = s / 2
	}
	for _, p := range w.parts {
		heads += p.Heads
	}
	for p, part := range w.parts {
		rest, factor := w.weights[p].Data(), 0.5/float64(heads)
		eachWindow(grid, part.Window, func(rows []int) {
			for _, i := range rows {
				for _, j := range rows {
					sum := 0.0
					for _, x := range rest[:part.Heads] {
						sum += float64(x)
					}
					next[j] += share[i] * sum * factor
					rest = rest[part.Heads:]
				}
			}
		})
	}
	return next
}

// eachWindow calls f with the rows of every window, in the order of [attention.WindowsOutput].
func eachWindow(grid tensor.Grid, window tensor.Size, f func(rows []int)) {
	var rows []int
	for b := range grid.Items() {
		size, h, w := grid.Size(b), window.Height, window.Width
		if h == 0 {
			h = size.Height
		}
		if w == 0 {
			w = size.Width
		}
		for y := 0; y < size.Height; y += h {
			for x := 0; x < size.Width; x += w {
				rows = rows[:0]
				for v := y; v < min(y+h, size.Height); v++ {
					for u := x; u < min(x+w, size.Width); u++ {
						rows = append(rows, grid.Offset(b)+v*size.Width+u)
					}
				}
				f(rows)
			}
		}
	}
}

// back returns where the shares of tokens on grid to come from among those on grid from.
func (d *Downsampling) back(share []float64, to, from tensor.Grid) []float64 {
	next := make([]float64, from.Rows())
	f := d.form
	within := func(i, n int) (lo, hi int) {
		lo = i*f.stride - f.padding
		return max(lo, 0), min(lo+f.kernel, n)
	}
	for b := range to.Items() {
		small, large := to.Size(b), from.Size(b)
		for i := range small.Height {
			y0, y1 := within(i, large.Height)
			for j := range small.Width {
				x0, x1 := within(j, large.Width)
				part := share[to.Offset(b)+i*small.Width+j] / float64((y1-y0)*(x1-x0))
				for y := y0; y < y1; y++ {
					for x := x0; x < x1; x++ {
						next[from.Offset(b)+y*large.Width+x] += part
					}
				}
			}
		}
	}
	return next
}

// maps cuts the shares into those of the images.
func (m *Model) maps(share []float64, pixels, grid tensor.Grid) []vision.Relevance {
	maps := make([]vision.Relevance, grid.Items())
	for b := range maps {
		lo, hi := grid.Offset(b), grid.Offset(b+1)
		values := make([]float32, hi-lo)
		for i, s := range share[lo:hi] {
			values[i] = float32(s)
		}
		stride := m.Config.PatchStride
		maps[b] = vision.Relevance{Grid: grid.Size(b), Cell: tensor.Size{Height: stride, Width: stride}, Values: values}
	}
	return maps
}
