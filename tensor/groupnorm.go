package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

type groupNorm struct {
	x, w, b, y   *Var
	grid         Grid
	groups       int
	eps          float64
	pieces       []normPiece // of at most rowGrain rows, in order
	mean, invStd []float32   // [items, groups]
	hat          []float32   // [items, groups]: x̂ = hat (x - mean), 0 for a group without variance
	moments      []float32   // [pieces, 2, cols]: forward mean and squares, backward sums of dy and of dy x̂
	scale, shift []float32   // [items, cols]; backward those of dy and the constant
	ofX          []float32   // [items, cols]
	xhat         []float32   // [workers, rowGrain, cols]
	dy, g        []float32
	add          bool
	phase        int
}

// normPiece is rows lo to hi of one item.
type normPiece struct{ item, lo, hi int }

const (
	groupMoments = iota
	groupNormalise
	groupSums
	groupInput
)

// GroupNorm returns w (x - mean) / sqrt(var + eps) + b for the images of grid, x [rows, channels], with mean and biased
// variance over the pixels of an image and the channels of a group (Wu and He 2018). Groups are neighbouring channels, as
// many in each; w and b are [channels]. A group without variance gives b.
func (tp *Tape) GroupNorm(x, w, b *Var, grid Grid, groups int, eps float64) *Var {
	mustWidth("GroupNorm", x, w)
	mustWidth("GroupNorm", x, b)
	mustGrid("GroupNorm", x, grid)
	cols := x.Cols()
	if groups <= 0 || cols%groups != 0 {
		panic(fmt.Sprintf("tensor: GroupNorm: %d groups do not divide the width of %s", groups, shapeString(x.Shape())))
	}
	op := spare[groupNorm](tp)
	pieces := op.pieces[:0]
	for i := range grid.items {
		for lo, end := grid.Offset(i), grid.Offset(i+1); lo < end; lo += rowGrain {
			pieces = append(pieces, normPiece{i, lo, min(lo+rowGrain, end)})
		}
	}
	*op = groupNorm{x: x, w: w, b: b, y: tp.Out(x.needs || w.needs || b.needs, x.Shape()...), grid: grid, groups: groups, eps: eps,
		pieces: pieces, mean: tp.arena.take(grid.items * groups), invStd: tp.arena.take(grid.items * groups),
		hat: tp.arena.take(grid.items * groups), moments: tp.arena.take(len(pieces) * 2 * cols), scale: tp.arena.take(grid.items * cols), shift: tp.arena.take(grid.items * cols)}
	op.run(groupMoments)
	op.join()
	op.run(groupNormalise)
	for _, s := range [][]float32{op.shift, op.scale, op.moments} {
		tp.arena.give(s)
	}
	tp.Record("GroupNorm", op, op.y)
	return op.y
}

func (op *groupNorm) run(phase int) {
	op.phase = phase
	parallel.For(len(op.pieces), 1, op)
}

// part returns the two rows of sums of piece p.
func (op *groupNorm) part(p int) (first, second []float32) {
	cols := op.x.Cols()
	return op.moments[2*p*cols:][:cols], op.moments[(2*p+1)*cols:][:cols]
}

// join makes the statistics of images and groups from those of pieces and channels.
func (op *groupNorm) join() {
	cols, width := op.x.Cols(), op.x.Cols()/op.groups
	w, b := op.w.Data(), op.b.Data()
	for p := 0; p < len(op.pieces); {
		end := op.itemEnd(p)
		item := op.pieces[p].item
		for g := range op.groups {
			var m Moments
			for q := p; q < end; q++ {
				mean, squares := op.part(q)
				rows := op.pieces[q].hi - op.pieces[q].lo
				for c := g * width; c < (g+1)*width; c++ {
					m.Join(rows, mean[c], squares[c])
				}
			}
			at, mean, variance := item*op.groups+g, float32(m.Mean), float32(m.Variance())
			op.mean[at] = mean
			for c := g * width; c < (g+1)*width; c++ {
				op.scale[item*cols+c], op.shift[item*cols+c], op.invStd[at] = ScaleShift(mean, variance, w[c], b[c], op.eps, true)
			}
			if op.hat[at] = op.invStd[at]; variance == 0 {
				op.hat[at] = 0
			}
		}
		p = end
	}
}

// itemEnd returns the first piece after those of the image of piece p.
func (op *groupNorm) itemEnd(p int) int {
	end := p + 1
	for end < len(op.pieces) && op.pieces[end].item == op.pieces[p].item {
		end++
	}
	return end
}

// Run does piece lo of the phase at hand.
func (op *groupNorm) Run(worker, p, _ int) {
	piece, cols := op.pieces[p], op.x.Cols()
	a, z, n := piece.lo*cols, piece.hi*cols, piece.hi-piece.lo
	x, at := op.x.Data()[a:z], piece.item*cols
	switch op.phase {
	case groupMoments:
		mean, squares := op.part(p)
		simd.ColMoments(mean, squares, x, n, cols)
	case groupNormalise:
		simd.ScaleShiftRows(op.y.Data()[a:z], x, op.scale[at:at+cols], op.shift[at:at+cols], n, cols)
	case groupSums:
		xhat := op.xhat[worker*rowGrain*cols:][:n*cols]
		simd.ScaleShiftRows(xhat, x, op.scale[at:at+cols], op.shift[at:at+cols], n, cols)
		sums, dots := op.part(p)
		clear(sums)
		clear(dots)
		simd.ColSums(sums, op.dy[a:z], n, cols)
		simd.ColDots(dots, op.dy[a:z], xhat, n, cols)
	case groupInput:
		dst := op.g[a:z]
		if op.add {
			dst = op.xhat[worker*rowGrain*cols:][:n*cols]
		}
		simd.AffineRows2(dst, op.dy[a:z], x, op.scale[at:at+cols], op.ofX[at:at+cols], op.shift[at:at+cols], n, cols)
		if op.add {
			simd.Add(op.g[a:z], op.g[a:z], dst)
		}
	}
}

// Backward: with x̂ the normalised input, db = sum dy and dw = sum dy x̂ over all images, and within an image and a group of
// n numbers dx = (w dy - mean(w dy) - x̂ mean(w dy x̂)) / std.
func (op *groupNorm) Backward(tp *Tape) {
	cols, items := op.x.Cols(), op.grid.items
	op.dy = op.y.OutGrad()
	op.scale, op.shift, op.ofX = tp.arena.take(items*cols), tp.arena.take(items*cols), tp.arena.take(items*cols)
	op.moments = tp.arena.take(len(op.pieces) * 2 * cols)
	op.xhat = tp.arena.take(parallel.Workers() * rowGrain * cols)
	for i := range op.scale {
		at := i/cols*op.groups + i%cols/(cols/op.groups)
		op.scale[i], op.shift[i] = op.hat[at], -op.mean[at]*op.hat[at]
	}
	op.run(groupSums)
	for _, v := range []*Var{op.w, op.b} {
		if v.needs {
			op.addSums(v)
		}
	}
	if op.x.needs {
		op.coefficients()
		op.g, op.add = op.x.Accumulate()
		op.run(groupInput)
	}
	for _, s := range [][]float32{op.xhat, op.moments, op.ofX, op.shift, op.scale, op.hat, op.invStd, op.mean} {
		tp.arena.give(s)
	}
	*op = groupNorm{pieces: op.pieces[:0]}
}

// addSums adds the sums of all pieces to the gradient of weight or bias.
func (op *groupNorm) addSums(v *Var) {
	g := v.AccumulateZeroed()
	for p := range op.pieces {
		sums, dots := op.part(p)
		if v == op.w {
			sums = dots
		}
		simd.Add(g, g, sums)
	}
}

// coefficients writes dx = scale dy + ofX x + shift for the channels of every image.
func (op *groupNorm) coefficients() {
	cols, width := op.x.Cols(), op.x.Cols()/op.groups
	w := op.w.Data()
	for p := 0; p < len(op.pieces); {
		end, item := op.itemEnd(p), op.pieces[p].item
		rows := op.grid.Offset(item+1) - op.grid.Offset(item)
		for g := range op.groups {
			var sum, dot float64
			for c := g * width; c < (g+1)*width; c++ {
				for q := p; q < end; q++ {
					sums, dots := op.part(q)
					sum += float64(w[c]) * float64(sums[c])
					dot += float64(w[c]) * float64(dots[c])
				}
			}
			at := item*op.groups + g
			one, ofX, rest := NormGradient(1, op.mean[at], op.invStd[at], sum, dot, rows*width)
			for c := g * width; c < (g+1)*width; c++ {
				op.scale[item*cols+c], op.ofX[item*cols+c], op.shift[item*cols+c] = one*w[c], ofX, rest
			}
		}
		p = end
	}
}
