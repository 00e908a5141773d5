package simd

import "fmt"

// The functions of this file are the inner loops of convolutions. A tap, a place of the convolution's kernel, is
// given by two indices in elements: at is the place of the pixel that it meets for the first result, wAt that of its
// weights.

// TapSums computes n pixels of a depth-wise convolution, each of cols channels. Result p lies at dst[p*dstStep:], and is
//
//	start + sum over the taps t of w[wAt[t] + c] src[at[t] + p*srcStep + c]
//
// in the order of the taps, one chain for every channel c. It starts from bias, [cols], unless that is nil, else from what
// dst holds if add is true, else from 0.
func TapSums(dst []float32, dstStep int, src []float32, srcStep int, at, wAt []int, w, bias []float32, n, cols int, add bool) {
	const op = "TapSums"
	matrix(op, "dst", len(dst), n, cols, dstStep)
	if bias != nil {
		atLeast(op, "bias", len(bias), cols)
	}
	checkTaps(op, at, wAt, len(src), srcStep, len(w), n, cols)
	if n > 0 && cols > 0 {
		active.tapSums(dst, dstStep, src, srcStep, at, wAt, w, bias, n, cols, addMask(add))
	}
}

// TapDots is the gradient of the weights in [TapSums]: for every tap t and channel c it adds to dw[wAt[t] + c] the sum over
// the n pixels, in their order, of
//
//	dy[p*dyStep + c] x[at[t] + p*xStep + c]
func TapDots(dw, dy []float32, dyStep int, x []float32, xStep int, at, wAt []int, n, cols int) {
	const op = "TapDots"
	matrix(op, "dy", len(dy), n, cols, dyStep)
	checkTaps(op, at, wAt, len(x), xStep, len(dw), n, cols)
	if n > 0 && cols > 0 && len(at) > 0 {
		active.tapDots(dw, dy, dyStep, x, xStep, at, wAt, n, cols)
	}
}

// GatherBlock copies rows of cols elements, lds apart in src and ldd in dst. Unlike those of [ScaleBlock], rows of src may
// overlap, as the pixels under a convolution's kernel do.
func GatherBlock(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	matrix("GatherBlock", "dst", len(dst), rows, cols, ldd)
	matrix("GatherBlock", "src", len(src)-max(rows-1, 0)*lds, min(rows, 1), cols, cols)
	if lds < 0 {
		panic(fmt.Sprintf("simd: GatherBlock: src has row stride %d, expected at least 0", lds))
	}
	if rows > 0 && cols > 0 {
		active.scaleBlock(&dst[0], ldd*4, &src[0], lds*4, rows, cols, 1)
	}
}

// checkTaps checks that the pixels of every tap lie in a slice of src elements and its weights in one of w.
func checkTaps(op string, at, wAt []int, src, step, w, n, cols int) {
	sameLen(op, len(at), len(wAt))
	reach := max(n-1, 0)*step + cols
	for t, a := range at {
		if b := wAt[t]; a < 0 || step < 0 || a+reach > src || b < 0 || b+cols > w {
			panic(fmt.Sprintf("simd: %s: a tap meets %d pixels from %d, %d apart, with weights from %d, expected places within %d and %d elements",
				op, n, a, step, b, src, w))
		}
	}
}
