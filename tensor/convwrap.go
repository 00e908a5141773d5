package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// wrap surrounds images with their other ends, so that a convolution without padding takes them as tori.
type wrap struct {
	x, y     *Var
	in, out  Grid
	padding  Size
	backward bool
	g, dy    []float32
}

func (tp *Tape) wrap(x *Var, grid Grid, padding Size) (*Var, Grid) {
	out := grid.mapped("Conv", func(s Size) Size {
		if s.Height == 0 || s.Width == 0 {
			return s
		}
		return Size{s.Height + 2*padding.Height, s.Width + 2*padding.Width}
	})
	op := spare[wrap](tp)
	*op = wrap{x: x, in: grid, out: out, padding: padding, y: tp.Out(x.needs, out.Rows(), x.Cols())}
	parallel.For(grid.items, 1, op)
	tp.Record("Conv", op, op.y)
	return op.y, out
}

// Run does the images lo to hi.
func (op *wrap) Run(_, lo, hi int) {
	for b := lo; b < hi; b++ {
		to := op.out.Size(b)
		for i := range to.Height {
			op.line(b, i, to.Width)
		}
	}
}

// line copies, or adds back, line i of image b in stretches that follow each other in both images.
func (op *wrap) line(b, i, width int) {
	size, cols := op.in.Size(b), op.x.Cols()
	y := wrapped(i-op.padding.Height, size.Height)
	for j := 0; j < width; {
		x := wrapped(j-op.padding.Width, size.Width)
		n := min(size.Width-x, width-j)
		from, to := (op.in.Offset(b)+y*size.Width+x)*cols, (op.out.Offset(b)+i*width+j)*cols
		if op.backward {
			g := op.g[from:][:n*cols]
			simd.Add(g, g, op.dy[to:][:n*cols])
		} else {
			copy(op.y.Data()[to:][:n*cols], op.x.Data()[from:])
		}
		j += n
	}
}

// wrapped returns i on a circle of n.
func wrapped(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

// Backward adds the gradients of the copies of a pixel.
func (op *wrap) Backward(*Tape) {
	if op.x.needs {
		op.backward, op.g, op.dy = true, op.x.AccumulateZeroed(), op.y.OutGrad()
		parallel.For(op.in.items, 1, op)
	}
	*op = wrap{}
}
