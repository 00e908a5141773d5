package simd

import "sync"

// The portable product keeps a tile of goTile x goTile sums in registers. Both operands of a block of goDepth k are
// packed so that the tile reads goTile values of each per k, next to each other; edges are padded with zeros, whose
// sums are thrown away.
const (
	goTile  = 4
	goDepth = 256
	goCols  = 512 // columns of B packed at a time
)

// goScratch holds the packed operands of one product.
type goScratch struct {
	a [goDepth][goTile]float32
	b [goCols / goTile][goDepth][goTile]float32
}

var goScratches = sync.Pool{New: func() any { return new(goScratch) }}

func gemmGo(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, bias []float32, accumulate bool) {
	s := goScratches.Get().(*goScratch)
	defer goScratches.Put(s)
	// Strides of op(A) along its rows and columns, and those of op(B).
	ars, acs, brs, bcs := lda, 1, ldb, 1
	if transA {
		ars, acs = 1, lda
	}
	if transB {
		brs, bcs = 1, ldb
	}
	for j0 := 0; j0 < n; j0 += goCols {
		cols := min(goCols, n-j0)
		for k0 := 0; k0 < k; k0 += goDepth {
			depth := min(goDepth, k-k0)
			for j := 0; j < cols; j += goTile {
				packGo(s.b[j/goTile][:depth], b[(j0+j)*bcs+k0*brs:], bcs, brs, min(goTile, cols-j))
			}
			for i := 0; i < m; i += goTile {
				packGo(s.a[:depth], a[i*ars+k0*acs:], ars, acs, min(goTile, m-i))
				for j := 0; j < cols; j += goTile {
					var start []float32 // the first of the rows that sums start from, step apart
					step := 0
					switch {
					case accumulate || k0 > 0:
						start, step = c[i*ldc+j0+j:], ldc
					case bias != nil:
						start = bias[j0+j:]
					}
					tileGo(c[i*ldc+j0+j:], ldc, min(goTile, m-i), min(goTile, cols-j),
						s.a[:depth], s.b[j/goTile][:depth], start, step)
				}
			}
		}
	}
}

// packGo copies to dst, for each k, the lanes values of src that are stride apart; those of the next k are step further.
func packGo(dst [][goTile]float32, src []float32, stride, step, lanes int) {
	for k := range dst {
		dst[k] = [goTile]float32{}
		for i := range lanes {
			dst[k][i] = src[k*step+i*stride]
		}
	}
}

// tileGo computes one tile of C; the sums of the real rows and columns start from the rows at start, step apart, or from
// 0 if it is nil.
func tileGo(c []float32, ldc, rows, cols int, a, b [][goTile]float32, start []float32, step int) {
	var t [goTile][goTile]float32
	if start != nil {
		for i := range rows {
			copy(t[i][:cols], start[i*step:])
		}
	}
	// Two halves: eight sums and their operands fit in the sixteen registers of amd64, sixteen sums do not.
	for i := 0; i < goTile; i += 2 {
		r0, r1 := &t[i], &t[i+1]
		c00, c01, c02, c03 := r0[0], r0[1], r0[2], r0[3]
		c10, c11, c12, c13 := r1[0], r1[1], r1[2], r1[3]
		b := b[:len(a)]
		for k := range a {
			x, y := a[k][i&2], a[k][i&2+1]
			v := &b[k]
			c00 += float32(x * v[0])
			c01 += float32(x * v[1])
			c02 += float32(x * v[2])
			c03 += float32(x * v[3])
			c10 += float32(y * v[0])
			c11 += float32(y * v[1])
			c12 += float32(y * v[2])
			c13 += float32(y * v[3])
		}
		*r0 = [goTile]float32{c00, c01, c02, c03}
		*r1 = [goTile]float32{c10, c11, c12, c13}
	}
	for i := range rows {
		copy(c[i*ldc:i*ldc+cols], t[i][:])
	}
}
