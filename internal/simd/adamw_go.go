package simd

import "math"

// fma32 is x*y + z with the product exact: float64 holds it. The sum is rounded twice, which differs from one rounding
// about once in 2^29 times.
func fma32(x, y, z float32) float32 {
	return float32(float64(x)*float64(y) + float64(z))
}

func adamWGo(p, g, m, v []float32, c *adamWConsts) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i := range p {
		grad := g[i] * c.gradScale
		m[i] = fma32(grad, c.rest1, float32(m[i]*c.beta1))
		v[i] = fma32(c.rest2*grad, grad, float32(v[i]*c.beta2))
		denom := float32(float32(math.Sqrt(float64(v[i])))/c.root2) + c.eps
		p[i] = float32(p[i]*c.decay) + float32(c.step*m[i])/denom
	}
}
