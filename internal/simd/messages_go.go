package simd

import "math"

func sumRowsAtGo(dst, x []float32, at []int32, w []float32, cols int) {
	dst = dst[:cols]
	for r, i := range at {
		row, f := x[int(i)*cols:][:cols], w[r]
		for c, v := range row {
			dst[c] += float32(f * v)
		}
	}
}

func sumReLUAtGo(dst, x, e []float32, xAt, eAt []int32, w []float32, cols int) {
	dst = dst[:cols]
	for r, i := range xAt {
		row, edge, f := x[int(i)*cols:][:cols], e[int(eAt[r])*cols:][:cols], w[r]
		for c, v := range row {
			t := v + edge[c]
			if t < 0 {
				t = 0
			}
			dst[c] += float32(f * t)
		}
	}
}

func sumReLUAtGradGo(dx, de, dw, x, e, dy []float32, eAt, deAt, dyAt []int32, w []float32, cols int, add uint32) {
	dx, x = dx[:cols], x[:cols]
	for r, i := range eAt {
		edge, dEdge, grad, f := e[int(i)*cols:][:cols], de[int(deAt[r])*cols:][:cols], dy[int(dyAt[r])*cols:][:cols], w[r]
		var dot float32
		for c, p := range grad {
			t, g := x[c]+edge[c], f*p
			if t <= 0 {
				t, g = 0, 0
			}
			dot += float32(t * p)
			dx[c] += g
			if add != 0 {
				g += dEdge[c]
			}
			dEdge[c] = g
		}
		dw[r] = dot
	}
}

func gateSumAtGo(num, den, z, d, e, b, c []float32, nodeAt, edgeAt []int32, w []float32, cols int) {
	num, den, d = num[:cols], den[:cols], d[:cols]
	for r, i := range nodeAt {
		node, edge, f := int(i)*cols, int(edgeAt[r])*cols, w[r]
		gate, other, value, own := z[edge:][:cols], e[node:][:cols], b[node:][:cols], c[edge:][:cols]
		for k := range gate {
			t := d[k] + other[k] + own[k]
			gate[k] = t
			s := f * float32(sigmoid64(float64(t)))
			num[k] += float32(s * value[k])
			den[k] += s
		}
	}
}

func gateSumAtGradGo(de, db, dw, dz, z, dzOut, b, u, mean []float32, zAt, dzAt, outAt, nodeAt []int32, w []float32, cols int) {
	de, db, b = de[:cols], db[:cols], b[:cols]
	for r, i := range zAt {
		node, f := int(nodeAt[r])*cols, w[r]
		gate, out, from := z[int(i)*cols:][:cols], dz[int(dzAt[r])*cols:][:cols], dzOut[int(outAt[r])*cols:][:cols]
		grad, quotient := u[node:][:cols], mean[node:][:cols]
		var sum float32
		for k := range out {
			s := sigmoid64(float64(gate[k]))
			su := float32(s) * grad[k]
			q := su * (b[k] - quotient[k])
			g := float32(f*q*float32(1-s)) + from[k]
			out[k] = g
			de[k] += g
			db[k] += float32(f * su)
			sum += q
		}
		dw[r] = sum
	}
}

func largestRowsGo(top, at, a []float32, rows, cols int, first uint32) {
	top, at = top[:cols], at[:cols]
	for r := range rows {
		here := math.Float32frombits(first + uint32(r))
		for c, v := range a[r*cols : (r+1)*cols] {
			if v > top[c] || v != v {
				top[c], at[c] = v, here
			}
		}
	}
}
