package simd

import "math"

func headDotsGo(s, x, a []float32, n, heads, dim, ldx int, add bool) {
	for r := range n {
		out := s[r*heads : (r+1)*heads]
		for h := range out {
			row, other := x[r*ldx+h*dim:][:dim], a[h*dim:][:dim]
			var t float32
			for c, v := range row {
				t += float32(v * other[c])
			}
			if add {
				t += out[h]
			}
			out[h] = t
		}
	}
}

func headSumGo(dst, w, x []float32, n, heads, dim, ldx int) {
	for r := range n {
		for h, v := range w[r*heads : (r+1)*heads] {
			out, row := dst[h*dim:][:dim], x[r*ldx+h*dim:][:dim]
			for c := range out {
				out[c] += float32(v * row[c])
			}
		}
	}
}

func headOuterGo(dst, w, g []float32, n, heads, dim, ldd int) {
	for r := range n {
		for h, v := range w[r*heads : (r+1)*heads] {
			out, grad := dst[r*ldd+h*dim:][:dim], g[h*dim:][:dim]
			for c := range out {
				out[c] += float32(v * grad[c])
			}
		}
	}
}

func headOuter2Go(dst, w1, g1, w2, g2 []float32, n, heads, dim, ldd int) {
	headOuterGo(dst, w1, g1, n, heads, dim, ldd)
	headOuterGo(dst, w2, g2, n, heads, dim, ldd)
}

func keySoftmaxGo(s []float32, n, heads int, eps float32) {
	s = s[:n*heads]
	for h := range heads {
		top := -math.MaxFloat32 // above -Inf, so that a masked head has no Inf - Inf
		for at := h; at < len(s); at += heads {
			if v := float64(s[at]); v > top {
				top = v
			}
		}
		var sum float64
		for at := h; at < len(s); at += heads {
			e := math.Exp(float64(s[at]) - top)
			sum += e
			s[at] = float32(e)
		}
		if sum == 0 {
			continue // zeros already; 0/0 if eps is 0
		}
		scale := float32(1 / (sum + float64(eps)))
		for at := h; at < len(s); at += heads {
			s[at] *= scale
		}
	}
}

func keySoftmaxGradGo(g, a []float32, n, heads int) {
	g, a = g[:n*heads], a[:n*heads]
	for h := range heads {
		var dot float32
		for at := h; at < len(a); at += heads {
			dot += float32(a[at] * g[at])
		}
		for at := h; at < len(a); at += heads {
			g[at] = a[at] * (g[at] - dot)
		}
	}
}
