package tensor

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// gemm is one matrix product spread over the processors: by rows of the result, or, where the result is small and the
// sum long (the gradient of a weight), by pieces of the sum that are added in their order.
type gemm struct {
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	bias           []float32 // [n], added to every row; nil for none
	accumulate     bool
	partial        []float32 // one [m, n] result a piece of the sum; nil where rows are split
	blocks         int       // blocks of columns that each block of rows is cut into; 0 where only rows are split
	blockCols      int       // columns of a block
}

const (
	gemmGrainFlops = 1 << 19 // multiply-adds a piece of rows does, at least
	gemmPieces     = 24      // pieces of rows that a product is cut into, at most
	gemmLarge      = 1 << 18 // numbers in a second matrix that is costly to pack
	gemmPacked     = 1 << 16 // numbers in one that is costly to pack where it must be: a transposed one
	gemmTileRows   = 1024    // rows, and
	gemmTileCols   = 256     // columns, of a piece of a product with such a matrix, at most
	gemmLeastCols  = 64      // columns of such a piece, at least
	gemmSumRows    = 1024    // terms of a piece of a long sum
	gemmSumSize    = 1 << 16 // the largest result for which a long sum is split
	gemmBlockRows  = 24      // pieces are multiples of this, which the kernels' tiles divide
)

// matmul computes c = op(a) op(b), added to c where accumulate is set. All matrices are contiguous:
// a is [m, k] ([k, m] when transA), b is [k, n] ([n, k] when transB), c is [m, n].
func (tp *Tape) matmul(transA, transB bool, m, n, k int, a, b, c []float32, accumulate bool) {
	if m == 0 || n == 0 {
		return
	}
	tp.multiply(gemm{transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, accumulate: accumulate})
}

// multiply does the product g.
func (tp *Tape) multiply(product gemm) {
	g := &tp.gemm
	*g = product
	m, n, k := g.m, g.n, g.k
	if k >= 2*gemmSumRows && m*n <= gemmSumSize && g.bias == nil {
		g.sumPieces(tp)
	} else if g.blockCols = g.columnBlock(); g.blockCols > 0 {
		// Each piece packs the columns of the second matrix that it needs: with so many, pieces are cut by columns too. An
		// element has the same bits in any piece.
		g.blocks = parallel.Chunks(n, g.blockCols)
		parallel.For(parallel.Chunks(m, gemmTileRows)*g.blocks, 1, g)
	} else {
		// Each piece packs the second matrix for itself, so few large pieces cost less than many small ones; but a large
		// matrix is better read where it lies, which the kernels do for pieces of gemmBlockRows rows.
		grain := gemmGrainFlops / (n * max(k, 1))
		if n*k < gemmLarge {
			grain = max(grain, m/gemmPieces)
		}
		grain = (grain + gemmBlockRows) / gemmBlockRows * gemmBlockRows
		parallel.For(m, grain, g)
	}
	*g = gemm{}
}

// columnBlock returns the columns of a piece where pieces are cut by columns too, else 0.
func (g *gemm) columnBlock() int {
	switch {
	case g.m < 2*gemmBlockRows:
		return 0
	case g.n*g.k >= gemmLarge && g.n >= 4*gemmTileCols && (g.transB || simd.Active() != simd.AVX512):
		// AVX-512 reads four lines of a row at a time, and so does better where it need not pack.
		return gemmTileCols
	case g.transB && g.n*g.k >= gemmPacked && g.n >= 4*gemmLeastCols:
		return min(g.n/4/gemmLeastCols*gemmLeastCols, gemmTileCols)
	}
	return 0
}

// sumPieces computes the product piece by piece of the sum and adds the pieces in their order.
func (g *gemm) sumPieces(tp *Tape) {
	size := g.m * g.n
	pieces := parallel.Chunks(g.k, gemmSumRows)
	g.partial = tp.arena.take(pieces * size)
	parallel.For(g.k, gemmSumRows, g)
	first := 0
	if !g.accumulate {
		copy(g.c, g.partial[:size])
		first = 1
	}
	for p := first; p < pieces; p++ {
		simd.Add(g.c[:size], g.c[:size], g.partial[p*size:(p+1)*size])
	}
	tp.arena.give(g.partial)
}

// Run does rows, or terms, lo to hi; or the tile lo.
func (g *gemm) Run(_, lo, hi int) {
	lda, ldb := g.k, g.n
	if g.transA {
		lda = g.m
	}
	if g.transB {
		ldb = g.k
	}
	if g.blocks > 0 {
		row, col := lo/g.blocks*gemmTileRows, lo%g.blocks*g.blockCols
		g.tile(row, min(row+gemmTileRows, g.m), col, min(col+g.blockCols, g.n), lda, ldb)
		return
	}
	if g.partial != nil {
		a, b := g.a[lo:], g.b[lo*g.n:]
		if g.transA {
			a = g.a[lo*g.m:]
		}
		if g.transB {
			b = g.b[lo:]
		}
		p := lo / gemmSumRows * g.m * g.n
		simd.Gemm(g.transA, g.transB, g.m, g.n, hi-lo, a, lda, b, ldb, g.partial[p:p+g.m*g.n], g.n, false)
		return
	}
	g.tile(lo, hi, 0, g.n, lda, ldb)
}

// tile computes the rows lo to hi and the columns from to end of the result.
func (g *gemm) tile(lo, hi, from, end, lda, ldb int) {
	a, b, c := g.a[lo*g.k:], g.b[from:], g.c[lo*g.n+from:(hi-1)*g.n+end]
	if g.transA {
		a = g.a[lo:]
	}
	if g.transB {
		b = g.b[from*g.k:]
	}
	if g.bias != nil {
		simd.GemmBias(g.transA, g.transB, hi-lo, end-from, g.k, a, lda, b, ldb, g.bias[from:end], c, g.n)
		return
	}
	simd.Gemm(g.transA, g.transB, hi-lo, end-from, g.k, a, lda, b, ldb, c, g.n, g.accumulate)
}
