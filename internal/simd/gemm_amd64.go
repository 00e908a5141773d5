package simd

import (
	"sync"
	"unsafe"
)

// tileFunc is a micro-kernel: it multiplies tiles of a fixed number of rows, one below the other, with one panel of B.
type tileFunc func(tiles, k int, a *float32, ars, acs int, b *float32, bstep int, c *float32, ldc int, last int, more int)

// gemmLevel is the blocked product of one level.
type gemmLevel struct {
	lanes int // float32 in a register
	vecs  int // registers in the widest tile's row
	// tile[v-1][r] is the kernel for r rows and v registers of columns; that for the most rows comes first in tall.
	tile [4][13]tileFunc
	tall [4]int
	// bMasked says that the kernels read the last register of B under a mask, so that B may end with its last column.
	bMasked bool
}

var gemmAVX512 = &gemmLevel{lanes: 16, vecs: 4, bMasked: true, tall: [4]int{12, 12, 6, 6}, tile: [4][13]tileFunc{
	{1: gemm1x1AVX512, 2: gemm2x1AVX512, 3: gemm3x1AVX512, 4: gemm4x1AVX512, 5: gemm5x1AVX512, 6: gemm6x1AVX512, 12: gemm12x1AVX512},
	{1: gemm1x2AVX512, 2: gemm2x2AVX512, 3: gemm3x2AVX512, 4: gemm4x2AVX512, 5: gemm5x2AVX512, 6: gemm6x2AVX512, 12: gemm12x2AVX512},
	{1: gemm1x3AVX512, 2: gemm2x3AVX512, 3: gemm3x3AVX512, 4: gemm4x3AVX512, 5: gemm5x3AVX512, 6: gemm6x3AVX512},
	{1: gemm1x4AVX512, 2: gemm2x4AVX512, 3: gemm3x4AVX512, 4: gemm4x4AVX512, 5: gemm5x4AVX512, 6: gemm6x4AVX512},
}}

var gemmAVX2 = &gemmLevel{lanes: 8, vecs: 2, tall: [4]int{12, 6}, tile: [4][13]tileFunc{
	{1: gemm1x1AVX2, 2: gemm2x1AVX2, 3: gemm3x1AVX2, 4: gemm4x1AVX2, 5: gemm5x1AVX2, 6: gemm6x1AVX2, 12: gemm12x1AVX2},
	{1: gemm1x2AVX2, 2: gemm2x2AVX2, 3: gemm3x2AVX2, 4: gemm4x2AVX2, 5: gemm5x2AVX2, 6: gemm6x2AVX2},
}}

const (
	gemmDepth  = 256      // k of one block: a panel of B stays in the second-level cache, a tile's rows of A in the first
	gemmCols   = 1024     // columns of B packed at a time
	gemmABlock = 48 << 10 // elements of A that stay in the second-level cache while the panels of B pass
)

// gemm computes the product in blocks over columns, k and rows. The sums of later k blocks start from C, so blocking
// over k does not break the chain of an element.
func (g *gemmLevel) gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
	ars, acs := lda, 1
	if transA {
		ars, acs = 1, lda
	}
	depth := gemmDepth
	if k < depth {
		depth = k
	}
	pack := g.mustPack(transB, m, n, ldb, b)
	var scratch *gemmScratch
	if pack {
		scratch = getScratch(depth * roundUp(min(n, gemmCols), g.lanes))
		defer scratch.put()
	}
	for j0 := 0; j0 < n; j0 += gemmCols {
		cols := min(gemmCols, n-j0)
		for k0 := 0; k0 < k; k0 += depth {
			block := block{k: min(depth, k-k0), cols: cols, more: accumulate || k0 > 0}
			if pack {
				block.packed = scratch.aligned
				if transB {
					g.packTransposed(block.packed, b[j0*ldb+k0:], ldb, block.k, cols)
				} else {
					g.packRows(block.packed, b[k0*ldb+j0:], ldb, block.k, cols)
				}
			} else {
				block.b, block.ldb = b[k0*ldb+j0:], ldb
			}
			height := m
			if cols > g.lanes*g.vecs {
				height = max(gemmABlock/block.k/12*12, 12)
			}
			for i0 := 0; i0 < m; i0 += height {
				g.rows(&block, min(height, m-i0), a[i0*ars+k0*acs:], ars, acs, c[i0*ldc+j0:], ldc)
			}
		}
	}
}

// block is a part of op(B), [k, cols], packed in panels or where it was.
type block struct {
	k, cols int
	more    bool      // sums start from C
	packed  []float32 // panels of the widest tile's columns, each [k, width], the last one's width rounded up to registers
	b       []float32
	ldb     int
}

// rows multiplies m rows of A with the block.
func (g *gemmLevel) rows(bl *block, m int, a []float32, ars, acs int, c []float32, ldc int) {
	width := g.lanes * g.vecs
	more := 0
	if bl.more {
		more = 1
	}
	for j := 0; j < bl.cols; j += width {
		cols := min(width, bl.cols-j)
		vecs := (cols + g.lanes - 1) / g.lanes
		last := cols - (vecs-1)*g.lanes
		var b *float32
		var bstep int
		if bl.packed != nil {
			b, bstep = &bl.packed[j*bl.k], vecs*g.lanes*4
		} else {
			b, bstep = &bl.b[j], bl.ldb*4
		}
		tall := g.tall[vecs-1]
		for i := 0; i < m; {
			rows := tall
			if left := m - i; left < tall {
				rows = min(left, 6)
			}
			tiles := 1
			if rows >= 6 {
				tiles = (m - i) / rows
				if rows < tall {
					tiles = 1
				}
			}
			g.tile[vecs-1][rows](tiles, bl.k, &a[i*ars], ars*4, acs*4, b, bstep, &c[i*ldc+j], ldc*4, last, more)
			i += tiles * rows
		}
	}
}

// mustPack reports whether B is copied into panels. Small products skip the copy where they can.
func (g *gemmLevel) mustPack(transB bool, m, n, ldb int, b []float32) bool {
	width := g.lanes * g.vecs
	switch {
	case transB, !g.bMasked && n%g.lanes != 0:
		return true
	case m <= 4*g.tall[g.vecs-1]:
		return false // a panel is read too few times
	}
	return n > width || ldb > 2*width || uintptr(unsafe.Pointer(&b[0]))%64 != 0 || ldb%g.lanes != 0
}

// packRows copies [k, cols] of b to panels.
func (g *gemmLevel) packRows(dst, b []float32, ldb, k, cols int) {
	width := g.lanes * g.vecs
	for j := 0; j < cols; j += width {
		n := min(width, cols-j)
		padded := roundUp(n, g.lanes)
		panel := dst[j*k:]
		for l := range k {
			row := panel[l*padded : (l+1)*padded]
			clear(row[copy(row, b[l*ldb+j:l*ldb+j+n]):])
		}
	}
}

// packTransposed copies to panels what lies in b as [cols, k].
func (g *gemmLevel) packTransposed(dst, b []float32, ldb, k, cols int) {
	width := g.lanes * g.vecs
	for j := 0; j < cols; j += width {
		n := min(width, cols-j)
		padded := roundUp(n, g.lanes)
		panel := dst[j*k : j*k+k*padded]
		k8, n8 := k&^7, n&^7
		for jj := 0; jj < n8 && k8 > 0; jj += 8 {
			transpose8xAVX2(&panel[jj], padded*4, &b[(j+jj)*ldb], ldb*4, k8/8)
		}
		for jj := range n {
			from := k8
			if jj >= n8 {
				from = 0
			}
			row := b[(j+jj)*ldb:][:k]
			for l := from; l < k; l++ {
				panel[l*padded+jj] = row[l]
			}
		}
		for l := 0; l < k && n < padded; l++ {
			clear(panel[l*padded+n : (l+1)*padded])
		}
	}
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// gemmScratch is memory for packed panels that begins at a cache line.
type gemmScratch struct {
	aligned []float32
	pool    *sync.Pool
}

// Panels of the weights of small layers come from their own pool: a fresh large one costs more than their product.
const (
	scratchSmall = 64 * 64
	scratchLarge = gemmDepth * gemmCols
)

var (
	smallScratch = &sync.Pool{}
	largeScratch = &sync.Pool{}
)

func getScratch(size int) *gemmScratch {
	pool, capacity := largeScratch, scratchLarge
	if size <= scratchSmall {
		pool, capacity = smallScratch, scratchSmall
	}
	if s, ok := pool.Get().(*gemmScratch); ok {
		return s
	}
	all := make([]float32, capacity+15)
	skip := int(-uintptr(unsafe.Pointer(&all[0]))%64) / 4
	return &gemmScratch{all[skip : skip+capacity], pool}
}

func (s *gemmScratch) put() { s.pool.Put(s) }
