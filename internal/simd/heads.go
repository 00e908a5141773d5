package simd

// The functions of this file are the sums of multi-head attention for one query over its n keys, all heads at once. A
// row of features, such as one row of x, is [heads, dim] laid out head after head, heads*dim elements; rows are ldx
// apart. Weights and scores, w and s, are [n, heads].

// HeadDots sets s[r, h] to the sum over c of x[r, h, c] a[h, c], or adds it if add is true. The order of a sum depends
// on dim alone.
func HeadDots(s, x, a []float32, n, heads, dim, ldx int, add bool) {
	matrix("HeadDots", "s", len(s), n, heads, heads)
	matrix("HeadDots", "x", len(x), n, heads*dim, ldx)
	atLeast("HeadDots", "a", len(a), heads*dim)
	switch {
	case n == 0 || heads == 0:
	case dim > 0:
		active.headDots(s, x, a, n, heads, dim, ldx, add)
	case !add:
		clear(s[:n*heads])
	}
}

// HeadSum adds to dst[h, c] the sum over r of w[r, h] x[r, h, c]: one chain in row order that starts from dst.
func HeadSum(dst, w, x []float32, n, heads, dim, ldx int) {
	atLeast("HeadSum", "dst", len(dst), heads*dim)
	matrix("HeadSum", "w", len(w), n, heads, heads)
	matrix("HeadSum", "x", len(x), n, heads*dim, ldx)
	if n > 0 && heads > 0 && dim > 0 {
		active.headSum(dst, w, x, n, heads, dim, ldx)
	}
}

// HeadOuter adds w[r, h] g[h, c] to dst[r, h, c]; rows of dst are ldd apart.
func HeadOuter(dst, w, g []float32, n, heads, dim, ldd int) {
	matrix("HeadOuter", "dst", len(dst), n, heads*dim, ldd)
	matrix("HeadOuter", "w", len(w), n, heads, heads)
	atLeast("HeadOuter", "g", len(g), heads*dim)
	if n > 0 && heads > 0 && dim > 0 {
		active.headOuter(dst, w, g, n, heads, dim, ldd)
	}
}

// HeadOuter2 adds w1[r, h] g1[h, c], then w2[r, h] g2[h, c], to dst[r, h, c] in one pass; rows of dst are ldd apart. The
// result has the bits of two calls of [HeadOuter].
func HeadOuter2(dst, w1, g1, w2, g2 []float32, n, heads, dim, ldd int) {
	matrix("HeadOuter2", "dst", len(dst), n, heads*dim, ldd)
	matrix("HeadOuter2", "w1", len(w1), n, heads, heads)
	atLeast("HeadOuter2", "g1", len(g1), heads*dim)
	matrix("HeadOuter2", "w2", len(w2), n, heads, heads)
	atLeast("HeadOuter2", "g2", len(g2), heads*dim)
	if n > 0 && heads > 0 && dim > 0 {
		active.headOuter2(dst, w1, g1, w2, g2, n, heads, dim, ldd)
	}
}

// KeySoftmax turns scores into weights, in place: s[r, h] becomes exp(s[r, h] - top[h]) / (sum + eps), where top and sum
// are the maximum and the sum of exponentials of head h over the n keys. A head whose scores are all -Inf gets zeros;
// one with a NaN or +Inf among its scores gets NaN. The exponentials are within 2 units in the last place.
func KeySoftmax(s []float32, n, heads int, eps float32) {
	matrix("KeySoftmax", "s", len(s), n, heads, heads)
	if n > 0 && heads > 0 {
		active.keySoftmax(s, n, heads, eps)
	}
}

// KeySoftmaxGrad turns gradients g of the weights a that [KeySoftmax] gave into gradients of the scores, in place:
// g[r, h] becomes a[r, h] (g[r, h] - sum over keys of a g).
func KeySoftmaxGrad(g, a []float32, n, heads int) {
	matrix("KeySoftmaxGrad", "g", len(g), n, heads, heads)
	matrix("KeySoftmaxGrad", "a", len(a), n, heads, heads)
	if n > 0 && heads > 0 {
		active.keySoftmaxGrad(g, a, n, heads)
	}
}
