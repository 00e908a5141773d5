package simd

import "math"

// fma32 is x*y + z with the product exact: float64 holds it. The sum is rounded twice, which differs from one rounding
// about once in 2^29 times.
func fma32(x, y, z float32) float32 {
	return float32(float64(x)*float64(y) + float64(z))
}

func adamWGo(p, g, m, v []float32, c [adamConsts]float32) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i := range p {
		grad := g[i] * c[adamGradScale]
		m[i] = fma32(grad, c[adamRest1], float32(m[i]*c[adamBeta1]))
		v[i] = fma32(c[adamRest2]*grad, grad, float32(v[i]*c[adamBeta2]))
		denom := float32(float32(math.Sqrt(float64(v[i])))/c[adamRoot2]) + c[adamEps]
		p[i] = float32(p[i]*c[adamDecay]) + float32(c[adamStep]*m[i])/denom
	}
}
