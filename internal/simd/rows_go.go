package simd

import "math"

func softmaxRowsGo(dst, a []float32, rows, cols, ld int) {
	for r := range rows {
		in, out := a[r*ld:r*ld+cols], dst[r*ld:r*ld+cols]
		top := float64(maxGo(in))
		if math.IsInf(top, -1) {
			top = 0 // a masked row: all e^-Inf, no Inf - Inf
		}
		var sum float64
		for i, x := range in {
			e := math.Exp(float64(x) - top)
			sum += e
			out[i] = float32(e)
		}
		if sum == 0 {
			sum = 1
		}
		scaleGo(out, out, float32(1/sum))
	}
}

func addRowGo(dst, a, bias []float32, rows, cols int) {
	for r := range rows {
		addGo(dst[r*cols:(r+1)*cols], a[r*cols:], bias)
	}
}

func scaleShiftRowsGo(dst, a, scale, shift []float32, rows, cols int) {
	scale, shift = scale[:cols], shift[:cols]
	for r := range rows {
		out, in := dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols]
		for c := range out {
			out[c] = float32(in[c]*scale[c]) + shift[c]
		}
	}
}

func affineRows2Go(dst, a, b, ca, cb, cc []float32, rows, cols int) {
	ca, cb, cc = ca[:cols], cb[:cols], cc[:cols]
	for r := range rows {
		out, x, y := dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols], b[r*cols:(r+1)*cols]
		for c := range out {
			out[c] = float32(x[c]*ca[c]) + (float32(y[c]*cb[c]) + cc[c])
		}
	}
}

func scaleRowsGo(dst, a, s []float32, rows, cols int) {
	for r := range rows {
		scaleGo(dst[r*cols:(r+1)*cols], a[r*cols:], s[r])
	}
}

func scatterAddRowsGo(dst, src []float32, idx []int32, cols int) {
	for r, i := range idx {
		row := dst[int(i)*cols : (int(i)+1)*cols]
		addGo(row, row, src[r*cols:])
	}
}
