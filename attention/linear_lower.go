package attention

import "github.com/graft-ml/graft/internal/simd"

// The functions of this file are the products of a causal chunk: a is [n, n], rows n apart, and only what lies on and
// below its diagonal counts: column s <= row t. They go by blocks of rows, which saves most of what lies above.

const lowerBlock = 32

// lowerScores sets a to q kᵀ on and below the diagonal, and to 0 above it.
func lowerScores(a, q []float32, ldq int, k []float32, ldk, n, m int) {
	for r := 0; r < n; r += lowerBlock {
		e := min(r+lowerBlock, n)
		simd.Gemm(false, true, e-r, e, m, q[r*ldq:], ldq, k, ldk, a[r*n:], n, false)
	}
	for r := range n {
		clear(a[r*n+r+1 : (r+1)*n])
	}
}

// lowerTimes adds a v to c. A row of c does not see later rows of v, not even a NaN among them.
func lowerTimes(c []float32, ldc int, a, v []float32, ldv, n, width int) {
	block := lowerBlock
	if !finiteRows(v, ldv, n, width) {
		block = 1 // 0 times NaN is NaN
	}
	for r := 0; r < n; r += block {
		e := min(r+block, n)
		simd.Gemm(false, false, e-r, width, e, a[r*n:], n, v, ldv, c[r*ldc:], ldc, true)
	}
}

// lowerTransposed adds aᵀ g to c.
func lowerTransposed(c []float32, ldc int, a, g []float32, ldg, n, width int) {
	for r := 0; r < n; r += lowerBlock {
		e := min(r+lowerBlock, n)
		simd.Gemm(true, false, e-r, width, n-r, a[r*n+r:], n, g[r*ldg:], ldg, c[r*ldc:], ldc, true)
	}
}

// finiteRows reports whether n rows of x hold neither NaN nor an infinity.
func finiteRows(x []float32, ldx, n, width int) bool {
	for r := range n {
		if !simd.AllFinite(x[r*ldx : r*ldx+width]) {
			return false
		}
	}
	return true
}

// clearRows sets n rows of x to 0.
func clearRows(x []float32, ldx, n, width int) {
	for r := range n {
		clear(x[r*ldx : r*ldx+width])
	}
}
