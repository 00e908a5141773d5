package simd

// The functions of this file are the sums of message passing over the edges of one node. The rows that an edge reads or
// writes are named by indices, one an edge, and the edges are taken in their order: a sum is one chain that starts from
// what its destination holds, so that a list of edges may be given in pieces. w[r] is the weight of edge r. A matrix has
// contiguous rows of cols columns; an index outside it panics before anything is written.

// SumRowsAt adds w[r] x[at[r]] to dst, [cols], for every edge r; each is fused into one rounding above level None.
func SumRowsAt(dst, x []float32, at []int32, w []float32, cols int) {
	atLeast("SumRowsAt", "dst", len(dst), cols)
	atLeast("SumRowsAt", "w", len(w), len(at))
	if len(at) > 0 && cols > 0 {
		checkRows("SumRowsAt", "x", at, len(x)/cols)
		active.sumRowsAt(dst, x, at, w, cols)
	}
}

// SumReLUAt adds w[r] max(x[xAt[r]] + e[eAt[r]], 0) to dst, [cols], for every edge r; NaN stays NaN.
func SumReLUAt(dst, x, e []float32, xAt, eAt []int32, w []float32, cols int) {
	atLeast("SumReLUAt", "dst", len(dst), cols)
	sameLen("SumReLUAt", len(xAt), len(eAt))
	atLeast("SumReLUAt", "w", len(w), len(xAt))
	if len(xAt) > 0 && cols > 0 {
		checkRows("SumReLUAt", "x", xAt, len(x)/cols)
		checkRows("SumReLUAt", "e", eAt, len(e)/cols)
		active.sumReLUAt(dst, x, e, xAt, eAt, w, cols)
	}
}

// SumReLUAtGrad is the gradient of [SumReLUAt] for the edges of one source x, [cols]. From dy, the gradients of the
// sums, it computes for every edge r
//
//	t = x + e[eAt[r]], p = dy[dyAt[r]]
//	g = w[r] p, or 0 where t <= 0
//	dx += g, de[deAt[r]] = g, dw[r] = sum over the columns of max(t, 0) p
//
// With add it adds to de instead. The order of the sum for dw depends on cols alone.
func SumReLUAtGrad(dx, de, dw, x, e, dy []float32, eAt, deAt, dyAt []int32, w []float32, cols int, add bool) {
	const op = "SumReLUAtGrad"
	n := len(eAt)
	atLeast(op, "dx", len(dx), cols)
	atLeast(op, "x", len(x), cols)
	atLeast(op, "dw", len(dw), n)
	atLeast(op, "w", len(w), n)
	sameLen(op, len(deAt), n)
	sameLen(op, len(dyAt), n)
	if n == 0 {
		return
	}
	if cols == 0 {
		clear(dw[:n])
		return
	}
	checkRows(op, "e", eAt, len(e)/cols)
	checkRows(op, "de", deAt, len(de)/cols)
	checkRows(op, "dy", dyAt, len(dy)/cols)
	active.sumReLUAtGrad(dx, de, dw, x, e, dy, eAt, deAt, dyAt, w, cols, addMask(add))
}

// GateSumAt is the sum of gated messages (Bresson and Laurent, "Residual Gated Graph ConvNets", 2017) for the edges that
// come to one node with row d, [cols]. For every edge r
//
//	z[edgeAt[r]] = d + e[nodeAt[r]] + c[edgeAt[r]]
//	s = w[r] sigmoid(z[edgeAt[r]])
//	num += s b[nodeAt[r]], den += s
//
// with num and den [cols].
func GateSumAt(num, den, z, d, e, b, c []float32, nodeAt, edgeAt []int32, w []float32, cols int) {
	const op = "GateSumAt"
	n := len(nodeAt)
	atLeast(op, "num", len(num), cols)
	atLeast(op, "den", len(den), cols)
	atLeast(op, "d", len(d), cols)
	atLeast(op, "w", len(w), n)
	sameLen(op, len(edgeAt), n)
	if n == 0 || cols == 0 {
		return
	}
	checkRows(op, "e", nodeAt, len(e)/cols)
	checkRows(op, "b", nodeAt, len(b)/cols)
	checkRows(op, "z", edgeAt, len(z)/cols)
	checkRows(op, "c", edgeAt, len(c)/cols)
	active.gateSumAt(num, den, z, d, e, b, c, nodeAt, edgeAt, w, cols)
}

// GateSumAtGrad is the gradient of [GateSumAt], and of the quotient num/den that follows it, for the edges that leave one
// node with row b, [cols]. u are the gradients of the quotients over den, mean the quotients, dzOut the gradients of z
// from elsewhere. For every edge r, with s the sigmoid of z[zAt[r]],
//
//	q = s u[nodeAt[r]] (b - mean[nodeAt[r]])
//	dz[dzAt[r]] = w[r] q (1 - s) + dzOut[outAt[r]]
//	de += dz[dzAt[r]], db += w[r] s u[nodeAt[r]], dw[r] = sum over the columns of q
//
// with de and db [cols]. The order of the sum for dw depends on cols alone.
func GateSumAtGrad(de, db, dw, dz, z, dzOut, b, u, mean []float32, zAt, dzAt, outAt, nodeAt []int32, w []float32, cols int) {
	const op = "GateSumAtGrad"
	n := len(zAt)
	atLeast(op, "de", len(de), cols)
	atLeast(op, "db", len(db), cols)
	atLeast(op, "b", len(b), cols)
	atLeast(op, "dw", len(dw), n)
	atLeast(op, "w", len(w), n)
	sameLen(op, len(dzAt), n)
	sameLen(op, len(outAt), n)
	sameLen(op, len(nodeAt), n)
	if n == 0 {
		return
	}
	if cols == 0 {
		clear(dw[:n])
		return
	}
	checkRows(op, "z", zAt, len(z)/cols)
	checkRows(op, "dz", dzAt, len(dz)/cols)
	checkRows(op, "dzOut", outAt, len(dzOut)/cols)
	checkRows(op, "u", nodeAt, len(u)/cols)
	checkRows(op, "mean", nodeAt, len(mean)/cols)
	active.gateSumAtGrad(de, db, dw, dz, z, dzOut, b, u, mean, zAt, dzAt, outAt, nodeAt, w, cols)
}

// LargestRows takes the rows of a, [rows, cols], into the maxima of its columns: where a[r, c] is larger than top[c], or
// NaN, top[c] becomes a[r, c] and at[c] the float32 whose bits are the integer first + r. So the first of equal elements
// stays.
func LargestRows(top, at, a []float32, rows, cols int, first uint32) {
	atLeast("LargestRows", "top", len(top), cols)
	atLeast("LargestRows", "at", len(at), cols)
	matrix("LargestRows", "a", len(a), rows, cols, cols)
	if rows > 0 && cols > 0 {
		active.largestRows(top, at, a, rows, cols, first)
	}
}

// addMask is what a kernel ands with the bits that it adds to: all ones to add, none to overwrite.
func addMask(add bool) uint32 {
	if add {
		return ^uint32(0)
	}
	return 0
}
