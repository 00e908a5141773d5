package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// The functions of this file do the small sums of one query over its n keys, for all heads at once. Rows of pair
// features are [heads*headDim], head after head; weights and scores are [n, heads].

// headDots writes s[r, h] = sum over c of a[h, c] x[r, h, c].
func headDots(s, x, a []float32, heads int) {
	if len(s) == 0 {
		return
	}
	n, width := len(s)/heads, len(a)
	dim := width / heads
	for r := 0; r < n; r++ {
		row, out := x[r*width:(r+1)*width], s[r*heads:(r+1)*heads]
		for h := range out {
			var t float32
			for c := h * dim; c < (h+1)*dim; c++ {
				t += float32(row[c] * a[c])
			}
			out[h] = t
		}
	}
}

// headSum adds sum over r of w[r, h] x[r, h, c] to dst[h, c]; rows of x are ld apart.
func headSum(dst, w, x []float32, heads, ld int) {
	n, width := len(w)/heads, len(dst)
	dim := width / heads
	for r := 0; r < n; r++ {
		row := x[r*ld : r*ld+width]
		for h := 0; h < heads; h++ {
			wh := w[r*heads+h]
			for c := h * dim; c < (h+1)*dim; c++ {
				dst[c] += float32(wh * row[c])
			}
		}
	}
}

// headOuter adds w[r, h] g[h, c] to dst[r, h, c]; rows of dst are ld apart.
func headOuter(dst, w, g []float32, heads, ld int) {
	n, width := len(w)/heads, len(g)
	dim := width / heads
	for r := 0; r < n; r++ {
		row := dst[r*ld : r*ld+width]
		for h := 0; h < heads; h++ {
			wh := w[r*heads+h]
			for c := h * dim; c < (h+1)*dim; c++ {
				row[c] += float32(wh * g[c])
			}
		}
	}
}

// headDotsAdd adds sum over c of g[h, c] x[r, h, c] to s[r, h]; rows of x are ld apart.
func headDotsAdd(s, x, g []float32, heads, ld int) {
	n, width := len(s)/heads, len(g)
	dim := width / heads
	for r := 0; r < n; r++ {
		row, out := x[r*ld:r*ld+width], s[r*heads:(r+1)*heads]
		for h := range out {
			var t float32
			for c := h * dim; c < (h+1)*dim; c++ {
				t += float32(row[c] * g[c])
			}
			out[h] += t
		}
	}
}

// softmaxEps is added to the denominator, as torch_geometric's softmax does.
const softmaxEps = 1e-16

// softmaxKeys turns scores [n, heads] into weights, in place: exp(s - max) / (sum + 1e-16) over the keys, head by head.
func softmaxKeys(s, scratch []float32, heads int) {
	top, sum := scratch[:heads], scratch[heads:2*heads]
	for h := range top {
		top[h] = float32(math.Inf(-1))
		sum[h] = 0
	}
	for at := 0; at < len(s); at += heads {
		for h, v := range s[at : at+heads] {
			if v > top[h] || v != v {
				top[h] = v
			}
		}
	}
	for at := 0; at < len(s); at += heads {
		row := s[at : at+heads]
		for h := range row {
			row[h] -= top[h]
		}
	}
	simd.Exp(s, s)
	for at := 0; at < len(s); at += heads {
		for h, v := range s[at : at+heads] {
			sum[h] += v
		}
	}
	for h := range sum {
		sum[h] = 1 / (sum[h] + softmaxEps)
	}
	for at := 0; at < len(s); at += heads {
		row := s[at : at+heads]
		for h := range row {
			row[h] *= sum[h]
		}
	}
}

// softmaxKeysBack turns gradients g of weights a into gradients of scores, in place: a (g - sum over keys of a g).
func softmaxKeysBack(g, a, scratch []float32, heads int) {
	dot := scratch[:heads]
	clear(dot)
	for at := 0; at < len(a); at += heads {
		for h, v := range a[at : at+heads] {
			dot[h] += float32(v * g[at+h])
		}
	}
	for at := 0; at < len(a); at += heads {
		for h, v := range a[at : at+heads] {
			g[at+h] = v * (g[at+h] - dot[h])
		}
	}
}
