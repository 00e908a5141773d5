package simd

// colChunk is how many rows a column sum adds in one chain of float32 before the chain's result is added to the total:
// long columns lose less to rounding that way. It also keeps the rows between the two passes of ColMoments near.
const colChunk = 64

// ColSums adds the sums of the columns of a, [rows, cols], to dst.
func ColSums(dst, a []float32, rows, cols int) {
	atLeast("ColSums", "dst", len(dst), cols)
	matrix("ColSums", "a", len(a), rows, cols, cols)
	active.colSumsChunked(dst, a, rows, cols)
}

// ColDots adds the inner products of the columns of a with those of b, both [rows, cols], to dst.
func ColDots(dst, a, b []float32, rows, cols int) {
	atLeast("ColDots", "dst", len(dst), cols)
	matrix("ColDots", "a", len(a), rows, cols, cols)
	matrix("ColDots", "b", len(b), rows, cols, cols)
	active.colDotsChunked(dst, a, b, rows, cols)
}

// ColMoments sets mean to the mean of each column of a, [rows, cols], and m2 to the sum of the squared distances from
// that mean; without rows both are 0. It reads a twice, so a tile that stays in cache is best.
func ColMoments(mean, m2, a []float32, rows, cols int) {
	atLeast("ColMoments", "mean", len(mean), cols)
	atLeast("ColMoments", "m2", len(m2), cols)
	matrix("ColMoments", "a", len(a), rows, cols, cols)
	active.colMoments(mean, m2, a, rows, cols)
}

// RowMoments sets mean to the mean of each row of a, [rows, cols], and m2 to the sum of the squared distances from that
// mean; without columns both are 0.
func RowMoments(mean, m2, a []float32, rows, cols int) {
	atLeast("RowMoments", "mean", len(mean), rows)
	atLeast("RowMoments", "m2", len(m2), rows)
	matrix("RowMoments", "a", len(a), rows, cols, cols)
	if cols == 0 {
		clear(mean[:rows])
		clear(m2[:rows])
		return
	}
	if rows > 0 {
		active.rowMoments(mean, m2, a, rows, cols)
	}
}

func (t *kernels) colSumsChunked(dst, a []float32, rows, cols int) {
	if cols == 0 {
		return
	}
	for r := 0; r < rows; r += colChunk {
		t.colSums(dst, a[r*cols:], min(colChunk, rows-r), cols)
	}
}

func (t *kernels) colDotsChunked(dst, a, b []float32, rows, cols int) {
	if cols == 0 {
		return
	}
	for r := 0; r < rows; r += colChunk {
		t.colDots(dst, a[r*cols:], b[r*cols:], min(colChunk, rows-r), cols)
	}
}

func (t *kernels) colMoments(mean, m2, a []float32, rows, cols int) {
	mean, m2 = mean[:cols], m2[:cols]
	clear(mean)
	clear(m2)
	if rows == 0 || cols == 0 {
		return
	}
	t.colSumsChunked(mean, a, rows, cols)
	for c := range mean {
		mean[c] /= float32(rows)
	}
	for r := 0; r < rows; r += colChunk {
		t.colSquares(m2, a[r*cols:], mean, min(colChunk, rows-r), cols)
	}
}
