package simd

// The portable column kernels walk the rows and keep the chain of each column in a small strip of accumulators.

const colStrip = 16

func colSumsGo(dst, a []float32, rows, cols int) {
	for c := 0; c < cols; c += colStrip {
		var strip [colStrip]float32
		acc := strip[:min(colStrip, cols-c)]
		for r := range rows {
			in := a[r*cols+c:][:len(acc)]
			for i, x := range in {
				acc[i] += x
			}
		}
		addGo(dst[c:c+len(acc)], dst[c:], acc)
	}
}

func colDotsGo(dst, a, b []float32, rows, cols int) {
	for c := 0; c < cols; c += colStrip {
		var strip [colStrip]float32
		acc := strip[:min(colStrip, cols-c)]
		for r := range rows {
			x, y := a[r*cols+c:][:len(acc)], b[r*cols+c:][:len(acc)]
			for i := range acc {
				acc[i] += float32(x[i] * y[i])
			}
		}
		addGo(dst[c:c+len(acc)], dst[c:], acc)
	}
}

func colSquaresGo(dst, a, mean []float32, rows, cols int) {
	for c := 0; c < cols; c += colStrip {
		var strip [colStrip]float32
		acc := strip[:min(colStrip, cols-c)]
		mid := mean[c:][:len(acc)]
		for r := range rows {
			in := a[r*cols+c:][:len(acc)]
			for i, x := range in {
				x -= mid[i]
				acc[i] += float32(x * x)
			}
		}
		addGo(dst[c:c+len(acc)], dst[c:], acc)
	}
}

func rowMomentsGo(mean, m2, a []float32, rows, cols int) {
	for r := range rows {
		in := a[r*cols : (r+1)*cols]
		mid := float32(sumGo(in) / float64(cols))
		var s0, s1 float32
		for i := 0; i+1 < len(in); i += 2 {
			x, y := in[i]-mid, in[i+1]-mid
			s0 += float32(x * x)
			s1 += float32(y * y)
		}
		if cols%2 == 1 {
			x := in[cols-1] - mid
			s0 += float32(x * x)
		}
		mean[r], m2[r] = mid, s0+s1
	}
}
