package simd

// Gemm computes C = op(A) op(B), or adds the product to C if accumulate is true. C is [m, n] with row stride ldc; op(A)
// is [m, k]: A itself, or with transA the transpose of A, which is then stored as [k, m]; op(B) is [k, n], or with
// transB the transpose of a B stored as [n, k]. lda and ldb are the row strides of what is stored. C must not overlap A
// or B.
//
// Every element of C is one chain of multiply-adds over k in increasing order that starts from 0, or from the element
// itself if accumulate is true; above level None each is fused into one rounding. So an element's bits depend on its
// row of op(A), its column of op(B) and k alone, not on m, n or where in C it lies.
func Gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, accumulate bool) {
	if transA {
		matrix("Gemm", "a", len(a), k, m, lda)
	} else {
		matrix("Gemm", "a", len(a), m, k, lda)
	}
	if transB {
		matrix("Gemm", "b", len(b), n, k, ldb)
	} else {
		matrix("Gemm", "b", len(b), k, n, ldb)
	}
	matrix("Gemm", "c", len(c), m, n, ldc)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		for i := 0; i < m && !accumulate; i++ {
			clear(c[i*ldc : i*ldc+n])
		}
		return
	}
	active.gemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, accumulate)
}
