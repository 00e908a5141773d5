package ela

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// means is the recorded operation of stripMeans.
type means struct {
	x, rows, columns   *tensor.Var
	a                  *arrangement
	backward           bool
	g, drows, dcolumns []float32
}

// stripMeans returns the means of x [pixels, channels] over each row of each map, [sum of heights, channels], and over each
// column, [sum of widths, channels].
func stripMeans(tp *tensor.Tape, x *tensor.Var, a *arrangement) (rows, columns *tensor.Var) {
	if x.Rows() != a.grid.Rows() {
		panic(fmt.Sprintf("ela: Gate: got %d pixels, want a row for each pixel of %v", x.Rows(), a.grid))
	}
	op, ok := tp.Spare().(*means)
	if !ok {
		op = new(means)
	}
	*op = means{x: x, a: a, rows: tp.Out(x.Needs(), a.rows.Rows(), x.Cols()), columns: tp.Out(x.Needs(), a.columns.Rows(), x.Cols())}
	parallel.For(a.grid.Items(), 1, op)
	tp.Record("Strip means", op, op.rows, op.columns)
	return op.rows, op.columns
}

// Run does the maps lo to hi.
func (op *means) Run(_, lo, hi int) {
	for b := lo; b < hi; b++ {
		if empty := op.a.rows.Size(b).Width == 0; !empty && op.backward {
			op.spread(b)
		} else if !empty {
			op.mean(b)
		}
	}
}

// strip returns the values of the strip of map b.
func strip(values []float32, strips tensor.Grid, b, channels int) []float32 {
	return values[strips.Offset(b)*channels : strips.Offset(b+1)*channels]
}

func (op *means) mean(b int) {
	c, size := op.x.Cols(), op.a.grid.Size(b)
	rows, columns := strip(op.rows.Data(), op.a.rows, b, c), strip(op.columns.Data(), op.a.columns, b, c)
	clear(rows)
	clear(columns)
	x := op.x.Data()[op.a.grid.Offset(b)*c:]
	for i := range size.Height {
		line := x[i*size.Width*c:][:size.Width*c]
		simd.ColSums(rows[i*c:][:c], line, size.Width, c)
		simd.Add(columns, columns, line)
	}
	simd.Scale(rows, rows, 1/float32(size.Width))
	simd.Scale(columns, columns, 1/float32(size.Height))
}

// spread: a pixel gets 1/width of the gradient of its row's mean, and 1/height of that of its column's.
func (op *means) spread(b int) {
	c, size := op.x.Cols(), op.a.grid.Size(b)
	rows, columns := strip(op.drows, op.a.rows, b, c), strip(op.dcolumns, op.a.columns, b, c)
	g := op.g[op.a.grid.Offset(b)*c:]
	for i := range size.Height {
		line := g[i*size.Width*c:][:size.Width*c]
		simd.AddScaled(line, columns, 1/float32(size.Height))
		for j := range size.Width {
			simd.AddScaled(line[j*c:][:c], rows[i*c:][:c], 1/float32(size.Width))
		}
	}
}

// Backward spreads the gradient of the means over the pixels.
func (op *means) Backward(*tensor.Tape) {
	if op.x.Needs() {
		op.backward, op.g, op.drows, op.dcolumns = true, op.x.AccumulateZeroed(), op.rows.OutGrad(), op.columns.OutGrad()
		parallel.For(op.a.grid.Items(), 1, op)
	}
	*op = means{}
}

// gated is the recorded operation of applyFactors.
type gated struct {
	x, rows, columns, y *tensor.Var
	a                   *arrangement
	backward            bool
	zeros               []float32 // [channels]
	room                []float32 // [workers, 2, widest line]
	widest              int       // pixels of the widest map, times channels
	dy                  []float32
	gx, grows, gcolumns []float32 // gx is nil where the map wants no gradient, the others where the factors want none
}

// applyFactors returns x [pixels, channels] times the factors of its rows and columns.
func applyFactors(tp *tensor.Tape, x, rows, columns *tensor.Var, a *arrangement) *tensor.Var {
	op, ok := tp.Spare().(*gated)
	if !ok {
		op = new(gated)
	}
	*op = gated{x: x, rows: rows, columns: columns, a: a, y: tp.Out(x.Needs() || rows.Needs() || columns.Needs(), x.Rows(), x.Cols())}
	for b := range a.grid.Items() {
		op.widest = max(op.widest, a.grid.Size(b).Width*x.Cols())
	}
	op.zeros = tp.Scratch(x.Cols())
	clear(op.zeros)
	parallel.For(a.grid.Items(), 1, op)
	tp.Release(op.zeros)
	op.zeros = nil
	tp.Record("Gate", op, op.y)
	return op.y
}

// Run does the maps lo to hi.
func (op *gated) Run(worker, lo, hi int) {
	for b := lo; b < hi; b++ {
		c, size := op.x.Cols(), op.a.grid.Size(b)
		n, first := size.Width*c, op.a.grid.Offset(b)*c
		for i := range size.Height {
			if n > 0 && op.backward {
				op.back(worker, b, i, first+i*n, n)
			} else if n > 0 {
				op.forward(b, i, first+i*n, n)
			}
		}
	}
}

// forward does line i of map b, n numbers from at on.
func (op *gated) forward(b, i, at, n int) {
	c := op.x.Cols()
	row, columns := strip(op.rows.Data(), op.a.rows, b, c)[i*c:][:c], strip(op.columns.Data(), op.a.columns, b, c)
	y := op.y.Data()[at:][:n]
	simd.Mul(y, op.x.Data()[at:][:n], columns)
	simd.ScaleShiftRows(y, y, row, op.zeros, n/c, c)
}

// back does the same: dx = dy row column, and the factors of a row get the sum over the line of dy x column, those of the
// columns dy x row.
func (op *gated) back(worker, b, i, at, n int) {
	c := op.x.Cols()
	row, columns := strip(op.rows.Data(), op.a.rows, b, c)[i*c:][:c], strip(op.columns.Data(), op.a.columns, b, c)
	dy := op.dy[at:][:n]
	first, second := op.room[2*worker*op.widest:][:n], op.room[(2*worker+1)*op.widest:][:n]
	if op.gx != nil {
		simd.Mul(first, dy, columns)
		simd.ScaleShiftRows(first, first, row, op.zeros, n/c, c)
		simd.Add(op.gx[at:][:n], op.gx[at:][:n], first)
	}
	if op.grows != nil {
		simd.Mul(first, dy, op.x.Data()[at:][:n])
		simd.ColDots(strip(op.grows, op.a.rows, b, c)[i*c:][:c], first, columns, n/c, c)
		simd.ScaleShiftRows(second, first, row, op.zeros, n/c, c)
		g := strip(op.gcolumns, op.a.columns, b, c)
		simd.Add(g, g, second)
	}
}

// Backward computes the gradients of map and factors.
func (op *gated) Backward(tp *tensor.Tape) {
	c := op.x.Cols()
	op.backward, op.dy = true, op.y.OutGrad()
	if op.x.Needs() {
		op.gx = op.x.AccumulateZeroed()
	}
	if op.rows.Needs() { // and so do the columns: all come of the map and of parameters
		op.grows, op.gcolumns = op.rows.AccumulateZeroed(), op.columns.AccumulateZeroed()
	}
	op.zeros, op.room = tp.Scratch(c), tp.Scratch(parallel.Workers()*2*op.widest)
	clear(op.zeros)
	parallel.For(op.a.grid.Items(), 1, op)
	tp.Release(op.room)
	tp.Release(op.zeros)
	*op = gated{}
}
