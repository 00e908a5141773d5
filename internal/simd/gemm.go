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
	operands("Gemm", transA, transB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		for i := 0; i < m && !accumulate; i++ {
			clear(c[i*ldc : i*ldc+n])
		}
		return
	}
	active.gemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, nil, accumulate)
}

// GemmBias computes C = op(A) op(B) with bias, [n], added to every row: it is [Gemm] with sums that start from the bias
// of their column.
func GemmBias(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, bias, c []float32, ldc int) {
	operands("GemmBias", transA, transB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc)
	atLeast("GemmBias", "bias", len(bias), n)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		for i := range m {
			copy(c[i*ldc:i*ldc+n], bias)
		}
		return
	}
	active.gemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, bias, false)
}

// operands checks the operands of a product, whose slices have the given lengths.
func operands(op string, transA, transB bool, m, n, k, a, lda, b, ldb, c, ldc int) {
	if transA {
		matrix(op, "a", a, k, m, lda)
	} else {
		matrix(op, "a", a, m, k, lda)
	}
	if transB {
		matrix(op, "b", b, n, k, ldb)
	} else {
		matrix(op, "b", b, k, n, ldb)
	}
	matrix(op, "c", c, m, n, ldc)
}
