package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// rowGrain is the number of rows that reductions over rows take at a time. It fixes their order of summation, so it
// must not depend on the machine.
const rowGrain = 256

// colReduce is a reduction over rows: each piece of rowGrain rows is reduced by itself, then the pieces in their order.
type colReduce struct {
	a, b       []float32
	rows, cols int
	partial    []float32 // [pieces, cols]
	second     []float32 // [pieces, cols], for moments
	kind       colKind
}

type colKind int

const (
	kindSums colKind = iota
	kindDots
	kindMoments
)

// Run reduces rows lo to hi into the place of their piece.
func (r *colReduce) Run(_, lo, hi int) {
	c := r.cols
	at := lo / rowGrain * c
	dst, a := r.partial[at:at+c], r.a[lo*c:hi*c]
	switch r.kind {
	case kindSums:
		clear(dst)
		simd.ColSums(dst, a, hi-lo, c)
	case kindDots:
		clear(dst)
		simd.ColDots(dst, a, r.b[lo*c:hi*c], hi-lo, c)
	case kindMoments:
		simd.ColMoments(dst, r.second[at:at+c], a, hi-lo, c)
	}
}

// colSums adds to dst [cols] the column sums of a [rows, cols].
func (tp *Tape) colSums(dst, a []float32, rows, cols int) {
	tp.colAdd(dst, a, nil, rows, cols, kindSums)
}

// colDots adds to dst [cols] the column sums of a*b.
func (tp *Tape) colDots(dst, a, b []float32, rows, cols int) {
	tp.colAdd(dst, a, b, rows, cols, kindDots)
}

func (tp *Tape) colAdd(dst, a, b []float32, rows, cols int, kind colKind) {
	if rows == 0 || cols == 0 {
		return
	}
	pieces := parallel.Chunks(rows, rowGrain)
	r := &tp.cols
	*r = colReduce{a: a, b: b, rows: rows, cols: cols, partial: tp.arena.take(pieces * cols), kind: kind}
	parallel.For(rows, rowGrain, r)
	for p := 0; p < pieces; p++ {
		simd.Add(dst[:cols], dst[:cols], r.partial[p*cols:(p+1)*cols])
	}
	tp.arena.give(r.partial)
	*r = colReduce{}
}

// colMoments writes the mean and the biased variance of the columns of a [rows, cols], rows > 0.
func (tp *Tape) colMoments(mean, variance, a []float32, rows, cols int) {
	pieces := parallel.Chunks(rows, rowGrain)
	r := &tp.cols
	*r = colReduce{a: a, rows: rows, cols: cols, kind: kindMoments,
		partial: tp.arena.take(pieces * cols), second: tp.arena.take(pieces * cols)}
	parallel.For(rows, rowGrain, r)
	for c := range cols {
		var m Moments
		for p := range pieces {
			m.Join(min(rows-p*rowGrain, rowGrain), r.partial[p*cols+c], r.second[p*cols+c])
		}
		mean[c], variance[c] = float32(m.Mean), float32(m.Variance())
	}
	tp.arena.give(r.second)
	tp.arena.give(r.partial)
	*r = colReduce{}
}
