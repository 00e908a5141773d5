package simd

import (
	"sync"
	"unsafe"
)

// eachPanel calls f for each panel of packed B: the memory of the panel, its first column, its columns and their number
// rounded up to registers.
func (bl *gemmBlock) eachPanel(f func(panel []float32, j, n, padded int)) {
	width := bl.lanes * bl.vecs
	for j := 0; j < bl.cols; j += width {
		n := min(width, bl.cols-j)
		padded := roundUp(n, bl.lanes)
		f(bl.panels[j*bl.k:j*bl.k+bl.k*padded], j, n, padded)
	}
}

// packRows packs a block of B that lies as [k, cols] in b. It reads whole rows, because pieces of
// long rows would each lie in another page.
func (bl *gemmBlock) packRows(b []float32, ldb int) {
	width := bl.lanes * bl.vecs
	for l := range bl.k {
		from := b[l*ldb : l*ldb+bl.cols]
		for j := 0; j < bl.cols; j += width {
			padded := roundUp(min(width, bl.cols-j), bl.lanes)
			row, from := bl.panels[j*bl.k+l*padded:][:padded], from[j:min(j+width, bl.cols)]
			// Copies of arrays are inlined; calls of memmove for a line or four would cost more than they move.
			for len(from) >= 16 {
				*(*[16]float32)(row) = *(*[16]float32)(from)
				row, from = row[16:], from[16:]
			}
			clear(row[copy(row, from):])
		}
	}
}

// packTransposed packs a block of B that lies as [cols, k] in b.
func (bl *gemmBlock) packTransposed(b []float32, ldb int) {
	bl.eachPanel(func(panel []float32, j, n, padded int) {
		k8, n8 := bl.k&^7, n&^7
		for i := 0; i < n8 && k8 > 0; i += 8 {
			transpose8xAVX2(&panel[i], padded*4, &b[(j+i)*ldb], ldb*4, k8/8)
		}
		for i := range n {
			from := k8
			if i >= n8 {
				from = 0
			}
			row := b[(j+i)*ldb:][:bl.k]
			for l := from; l < bl.k; l++ {
				panel[l*padded+i] = row[l]
			}
		}
		for l := 0; l < bl.k && n < padded; l++ {
			clear(panel[l*padded+n : (l+1)*padded])
		}
	})
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
