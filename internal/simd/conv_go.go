package simd

func tapSumsGo(dst []float32, dstStep int, src []float32, srcStep int, at, wAt []int, w, bias []float32, n, cols int, add uint32) {
	for p := range n {
		y := dst[p*dstStep:][:cols]
		switch {
		case bias != nil:
			copy(y, bias)
		case add == 0:
			clear(y)
		}
		for t, a := range at {
			x, f := src[a+p*srcStep:][:cols], w[wAt[t]:][:cols]
			for c, v := range x {
				y[c] += float32(f[c] * v)
			}
		}
	}
}

func tapDotsGo(dw, dy []float32, dyStep int, x []float32, xStep int, at, wAt []int, n, cols int) {
	for t, a := range at {
		sum := dw[wAt[t]:][:cols]
		for p := range n {
			g, v := dy[p*dyStep:][:cols], x[a+p*xStep:][:cols]
			for c := range sum {
				sum[c] += float32(g[c] * v[c])
			}
		}
	}
}
