package simd

import "unsafe"

// tileFunc is a micro-kernel: it multiplies tiles of a fixed number of rows, one below the other, with one panel of B.
// Strides are in bytes: ars and acs those of op(A), down that from one tile's rows of A to the next's. At each k the
// kernel fetches what lies next bytes after its A, and ahead bytes further at each step.
type tileFunc func(tiles, k int, a *float32, ars, acs, down int, b *float32, bstep int, c, bias *float32, ldc, last, more, next, ahead int)

// gemmLevel is the blocked product of one level.
type gemmLevel struct {
	lanes int // float32 in a register
	vecs  int // registers in the widest tile's row
	// tile[v-1][r] is the kernel for r rows and v registers of columns, r up to 6 and tall[v-1].
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

// Sizes of blocks, in elements.
const (
	gemmDepth  = 256      // k of one block: a panel of B stays in the second-level cache, a tile's rows of A in the first
	gemmShort  = 160      // k of one block where A is transposed and not packed: its rows are touched tile after tile
	gemmCols   = 1024     // columns of B packed at a time
	gemmABlock = 24 << 10 // A that stays in the second-level cache while the panels of B pass
	gemmTall   = 12 * 340 // rows a kernel does in one call at most
	sixes      = 6        // columns in a panel of a transposed A
)

// gemm computes the product in blocks over columns, k and rows. The sums of later k blocks start from C, so blocking
// over k does not break the chain of an element.
func (g *gemmLevel) gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, bias []float32, accumulate bool) {
	if n <= gemmAVX2.lanes {
		g = gemmAVX2 // half of every wide register would be idle; the bits are the same
	}
	width := g.lanes * g.vecs
	// A transposed A is packed where many panels of B pass over it, or where its rows crowd into few sets of the cache.
	packA := transA && (n > 4*width || n > width && lda >= 512) && m >= sixes
	depth := gemmDepth
	if transA && !packA {
		depth = gemmShort
	}
	depth = min(depth, k)
	// Where a single panel passes, the height only bounds how long a kernel keeps the scheduler out.
	height := min(m, gemmTall)
	if n > width {
		height = max(gemmABlock/depth/12, 1) * 12
	}
	bl := gemmBlock{gemmLevel: g, ars: lda, acs: 1}
	if transA {
		bl.ars, bl.acs = 1, lda
	}
	packB := g.packsB(transB, m, n, ldb, b)
	if packB {
		s := getScratch(depth * roundUp(min(n, gemmCols), g.lanes))
		defer s.put()
		bl.panels = s.aligned
	}
	if packA {
		s := getScratch(depth * roundUp(min(m, height), sixes))
		defer s.put()
		bl.sixes = s.aligned
	}
	for j0 := 0; j0 < n; j0 += gemmCols {
		bl.cols = min(gemmCols, n-j0)
		for k0 := 0; k0 < k; k0 += depth {
			bl.k = min(depth, k-k0)
			bl.more, bl.bias = 0, nil
			switch {
			case accumulate || k0 > 0:
				bl.more = 1
			case bias != nil:
				bl.bias = bias[j0:]
			}
			switch {
			case !packB:
				bl.b, bl.ldb = b[k0*ldb+j0:], ldb
			case transB:
				bl.packTransposed(b[j0*ldb+k0:], ldb)
			default:
				bl.packRows(b[k0*ldb+j0:], ldb)
			}
			for i0 := 0; i0 < m; i0 += height {
				bl.rows(min(height, m-i0), a[i0*bl.ars+k0*bl.acs:], c[i0*ldc+j0:], ldc)
			}
		}
	}
}

// packsB reports whether B is copied into panels. Small products skip the copy where they can.
func (g *gemmLevel) packsB(transB bool, m, n, ldb int, b []float32) bool {
	width := g.lanes * g.vecs
	switch {
	case transB, !g.bMasked && n%g.lanes != 0:
		return true
	case m <= 4*sixes, m <= 128 && ldb <= 128:
		return false // a panel is read too few times
	}
	return n > width || ldb > 2*width || uintptr(unsafe.Pointer(&b[0]))%64 != 0 || ldb%g.lanes != 0
}

// gemmBlock is the part of a product that is under way: k of its terms, for cols columns.
type gemmBlock struct {
	*gemmLevel
	k, cols  int
	more     int       // sums start from C unless it is 0
	bias     []float32 // sums start from it unless it is nil
	ars, acs int       // strides of op(A)

	panels []float32 // packed B: panels of the widest tile's columns, each [k, width], the last one's width rounded up to registers
	b      []float32 // B where it was, if panels is nil
	ldb    int
	sixes  []float32 // room for packed A: panels of [k, 6]; nil if A stays where it is
}

// rows multiplies m rows of A with the block.
func (bl *gemmBlock) rows(m int, a, c []float32, ldc int) {
	whole := 0 // rows of packed A
	if bl.sixes != nil {
		if whole = m / sixes * sixes; whole > 0 {
			packSixAVX2(&bl.sixes[0], bl.k*sixes*4, &a[0], bl.acs*4, bl.k, whole/sixes)
		}
	}
	width := bl.lanes * bl.vecs
	for j := 0; j < bl.cols; j += width {
		cols := min(width, bl.cols-j)
		vecs := (cols + bl.lanes - 1) / bl.lanes
		last := cols - (vecs-1)*bl.lanes
		b, bstep := bl.panel(j, vecs)
		var bias *float32
		if bl.bias != nil {
			bias = &bl.bias[j]
		}
		kernels := &bl.tile[vecs-1]
		if whole > 0 {
			panel := bl.k * sixes * 4
			kernels[sixes](whole/sixes, bl.k, &bl.sixes[0], 4, sixes*4, panel, b, bstep, &c[j], bias, ldc*4, last, bl.more, panel, sixes*4)
		}
		next, ahead := 8*bl.acs*4, bl.acs*4 // of a transposed A the next rows, else the next tile
		for i := whole; i < m; {
			rows, tiles := bl.tall[vecs-1], 1
			if rows <= m-i {
				tiles = (m - i) / rows
			} else {
				rows = min(m-i, 6)
			}
			down := rows * bl.ars * 4
			if bl.acs == 1 {
				if next, ahead = down, 0; bl.ars < 2*bl.k {
					ahead = down / bl.k
				}
			}
			kernels[rows](tiles, bl.k, &a[i*bl.ars], bl.ars*4, bl.acs*4, down, b, bstep, &c[i*ldc+j], bias, ldc*4, last, bl.more, next, ahead)
			i += tiles * rows
		}
	}
}

// panel returns the first element of the columns of the block from j on, and the step to the next k in bytes.
func (bl *gemmBlock) panel(j, vecs int) (b *float32, step int) {
	if bl.panels != nil {
		return &bl.panels[j*bl.k], vecs * bl.lanes * 4
	}
	return &bl.b[j], bl.ldb * 4
}
