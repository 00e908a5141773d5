package simd

func pairForwardGo(eh, q, k, e []float32, n, d, ldk, lde, act int) {
	q = q[:d]
	for r := range n {
		out, key := eh[r*d:(r+1)*d], k[r*ldk:][:d]
		ew, eb := e[r*lde:][:d], e[r*lde+d:][:d]
		for c := range out {
			y := signedSqrt((q[c]+key[c])*ew[c]) + eb[c]
			if act == PairReLU && y < 0 {
				y = 0
			}
			out[c] = y
		}
	}
}

func pairBackwardGo(de, dq, dk, g, eh, q, k, e []float32, n, d, ldk, lde, ldde, act int) {
	q, dq = q[:d], dq[:d]
	for r := range n {
		grad, out := g[r*d:(r+1)*d], eh[r*d:(r+1)*d]
		key, dkey := k[r*ldk:][:d], dk[r*ldk:][:d]
		ew := e[r*lde:][:d]
		dew, deb := de[r*ldde:][:d], de[r*ldde+d:][:d]
		for c := range grad {
			s := q[c] + key[c]
			geb := grad[c]
			if act == PairReLU && out[c] <= 0 {
				geb = 0
			}
			gt := rootGrad(s*ew[c], geb)
			dew[c], deb[c] = gt*s, geb
			dq[c] += float32(gt * ew[c])
			dkey[c] += float32(gt * ew[c])
		}
	}
}
