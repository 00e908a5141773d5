package simd

import "fmt"

// Matrices are row-major; rows lie next to each other unless a row stride is given.

// SoftmaxRows sets each row of dst to the softmax of that row of a, both [rows, cols] with row stride ld. A row of
// nothing but -Inf, one that is masked entirely, gives zeros.
func SoftmaxRows(dst, a []float32, rows, cols, ld int) {
	matrix("SoftmaxRows", "dst", len(dst), rows, cols, ld)
	matrix("SoftmaxRows", "a", len(a), rows, cols, ld)
	if rows > 0 && cols > 0 {
		active.softmaxRows(dst, a, rows, cols, ld)
	}
}

// AddRow sets dst[r, c] = a[r, c] + bias[c].
func AddRow(dst, a, bias []float32, rows, cols int) {
	matrix("AddRow", "dst", len(dst), rows, cols, cols)
	matrix("AddRow", "a", len(a), rows, cols, cols)
	atLeast("AddRow", "bias", len(bias), cols)
	if rows > 0 && cols > 0 {
		active.addRow(dst, a, bias, rows, cols)
	}
}

// ScaleShiftRows sets dst[r, c] = a[r, c] * scale[c] + shift[c].
func ScaleShiftRows(dst, a, scale, shift []float32, rows, cols int) {
	matrix("ScaleShiftRows", "dst", len(dst), rows, cols, cols)
	matrix("ScaleShiftRows", "a", len(a), rows, cols, cols)
	atLeast("ScaleShiftRows", "scale", len(scale), cols)
	atLeast("ScaleShiftRows", "shift", len(shift), cols)
	if rows > 0 && cols > 0 {
		active.scaleShiftRows(dst, a, scale, shift, rows, cols)
	}
}

// AffineRows2 sets dst[r, c] = a[r, c] * ca[c] + b[r, c] * cb[c] + cc[c].
func AffineRows2(dst, a, b, ca, cb, cc []float32, rows, cols int) {
	matrix("AffineRows2", "dst", len(dst), rows, cols, cols)
	matrix("AffineRows2", "a", len(a), rows, cols, cols)
	matrix("AffineRows2", "b", len(b), rows, cols, cols)
	atLeast("AffineRows2", "ca", len(ca), cols)
	atLeast("AffineRows2", "cb", len(cb), cols)
	atLeast("AffineRows2", "cc", len(cc), cols)
	if rows > 0 && cols > 0 {
		active.affineRows2(dst, a, b, ca, cb, cc, rows, cols)
	}
}

// ScaleRows sets dst[r, c] = a[r, c] * s[r].
func ScaleRows(dst, a, s []float32, rows, cols int) {
	matrix("ScaleRows", "dst", len(dst), rows, cols, cols)
	matrix("ScaleRows", "a", len(a), rows, cols, cols)
	atLeast("ScaleRows", "s", len(s), rows)
	if rows > 0 && cols > 0 {
		active.scaleRows(dst, a, s, rows, cols)
	}
}

// GatherRows sets row r of dst to row idx[r] of src; both have cols columns. An index outside src panics.
func GatherRows(dst, src []float32, idx []int32, cols int) {
	matrix("GatherRows", "dst", len(dst), len(idx), cols, cols)
	if cols == 0 {
		return
	}
	checkRows("GatherRows", "src", idx, len(src)/cols)
	// A copy of a row is the runtime's vectorised memmove; no level has anything faster.
	for r, i := range idx {
		copy(dst[r*cols:(r+1)*cols], src[int(i)*cols:(int(i)+1)*cols])
	}
}

// ScatterAddRows adds row r of src to row idx[r] of dst, for r in increasing order; both have cols columns. An index
// outside dst panics before anything is written.
func ScatterAddRows(dst, src []float32, idx []int32, cols int) {
	matrix("ScatterAddRows", "src", len(src), len(idx), cols, cols)
	if cols == 0 || len(idx) == 0 {
		return
	}
	checkRows("ScatterAddRows", "dst", idx, len(dst)/cols)
	active.scatterAddRows(dst, src, idx, cols)
}

func checkRows(op, name string, idx []int32, rows int) {
	for r, i := range idx {
		if i < 0 || int(i) >= rows {
			panic(fmt.Sprintf("simd: %s: idx[%d] is %d, but %s has %d rows", op, r, i, name, rows))
		}
	}
}
