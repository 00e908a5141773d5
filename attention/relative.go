package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// relativeTile is the products of queries with the vectors of the relative places that a tile needs.
type relativeTile struct {
	dots, grad []float32 // [rows, width]
	low, n     int       // the rows of r in use
	width      int
}

// relativeWidth is the largest number of relative places in a tile of so many queries.
func (op *softmax) relativeWidth(rows int) int {
	places := op.in.Relative.Keys.Rows()
	if op.steady {
		return min(places, keyTile+rows-1)
	}
	return places
}

func (op *softmax) relativeWork(rows int, back bool) int {
	n := lineRoom(rows * op.relativeWidth(rows))
	if back {
		n *= 2
	}
	return n
}

func (r *relativeTile) cut(op *softmax, t *tile, rows int, back bool) {
	r.width = op.relativeWidth(rows)
	r.dots = t.lines(rows * r.width)
	if back {
		r.grad = t.lines(rows * r.width)
	}
}

// loadRelativeQueries writes the queries of the relative keys, scaled, to dst [n, d].
func (op *softmax) loadRelativeQueries(dst []float32, s *sequence, h, from, n int) {
	q := op.in.Relative.Query
	if q == nil {
		q = op.in.Query
	}
	if ld := op.Heads * op.d; n > 0 {
		simd.ScaleBlock(dst, op.d, q.Data()[(s.q+from)*ld+h*op.d:], ld, n, op.d, op.factor)
	}
}

// keys returns the vectors of the relative places from low on, and their stride.
func (r *relativeTile) keys(c *scorer) ([]float32, int) {
	ld := c.op.Heads * c.op.d
	return c.op.in.Relative.Keys.Data()[r.low*ld+c.h*c.op.d:], ld
}

// place returns the row of r for a difference of places.
func (r *RelativeKeys) place(difference int) int {
	return min(max(difference-r.Min, 0), r.Keys.Rows()-1)
}

// add adds the products to a tile of scores.
func (r *relativeTile) add(c *scorer, j, n, r0, r1 int) {
	op, rk := c.op, c.op.in.Relative
	sp := &op.memory.tiles[c.seq.tile+j/keyTile]
	r.low = rk.place(int(sp.low) - c.high)
	r.n = rk.place(int(sp.high)-c.low) - r.low + 1
	keys, ld := r.keys(c)
	simd.Gemm(false, true, r1-r0, r.n, op.d, c.relative[r0*op.d:], op.d, keys, ld, r.dots[r0*r.width:], r.width, false)
	index := op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n]
	for i := r0; i < r1; i++ {
		row, dots, place := c.s[i*keyTile:][:n], r.dots[i*r.width:][:r.n], int(c.places[i])
		if from, to, at := r.straight(c, int(index[0])-place, n); c.seq.dense {
			simd.AddConst(row[:from], row[:from], dots[0])
			simd.Add(row[from:to], row[from:to], dots[at:at+to-from])
			simd.AddConst(row[to:], row[to:], dots[r.n-1])
			continue
		}
		for k, x := range index {
			row[k] += dots[rk.place(int(x)-place)-r.low]
		}
	}
}

// straight returns which of n keys, whose places rise by one and the first of which is at the given difference, have
// vectors that lie one after the other, and where these begin. The keys before have the first vector in use, those
// behind the last.
func (r *relativeTile) straight(c *scorer, difference, n int) (from, to, at int) {
	rk := c.op.in.Relative
	first := difference - rk.Min // row of the first key, were there no ends
	from = min(max(-first, 0), n)
	if to = min(rk.Keys.Rows()-first, n); to <= from {
		return from, from, 0
	}
	return from, to, first + from - r.low
}

// back adds the gradients that come through the products of a tile, whose scores have the gradient ds, to those of the
// queries dq [rows, d] and of r [places, d].
func (r *relativeTile) back(c *scorer, ds, dq, dr []float32, j, n, r0, r1 int) {
	op, rk := c.op, c.op.in.Relative
	clear(r.grad[r0*r.width : r1*r.width])
	index := op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n]
	for i := r0; i < r1; i++ {
		grad, place, row := r.grad[i*r.width:][:r.n], int(c.places[i]), ds[i*keyTile:][:n]
		if from, to, at := r.straight(c, int(index[0])-place, n); c.seq.dense {
			grad[0] += float32(simd.Sum(row[:from]))
			simd.Add(grad[at:at+to-from], grad[at:at+to-from], row[from:to])
			grad[r.n-1] += float32(simd.Sum(row[to:]))
			continue
		}
		for k, g := range row {
			grad[rk.place(int(index[k])-place)-r.low] += g
		}
	}
	keys, ld := r.keys(c)
	grad := r.grad[r0*r.width:]
	simd.Gemm(false, false, r1-r0, op.d, r.n, grad, r.width, keys, ld, dq[r0*op.d:], op.d, true)
	simd.Gemm(true, false, r.n, op.d, r1-r0, grad, r.width, c.relative[r0*op.d:], op.d, dr[r.low*op.d:], op.d, true)
}
