package simd

import "math"

// The portable activations are computed in float64 and rounded once.

func expGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

func sumExpGo(a []float32, shift float32) float64 {
	var sum float64
	for _, v := range a {
		sum += float64(float32(math.Exp(float64(v + shift))))
	}
	return sum
}

func scaledExpGo(dst, a []float32, shift, s float32) {
	for i, v := range a {
		dst[i] = s * float32(math.Exp(float64(v+shift)))
	}
}

func addScaledExpGo(dst, a []float32, shift, s float32) {
	for i, v := range a {
		dst[i] += float32(s * float32(math.Exp(float64(v+shift))))
	}
}

func logGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Log(float64(v)))
	}
}

func log1pGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Log1p(float64(v)))
	}
}

func tanhGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func sigmoidGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(sigmoid64(float64(v)))
	}
}

func erfGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Erf(float64(v)))
	}
}

// geluLow replaces smaller x in GELU, whose limit at -Inf is 0 where the formula has Inf * 0.
const geluLow = -40

// normal64 is the normal distribution function.
func normal64(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func geluGo(dst, x []float32) {
	for i, v := range x {
		if v < geluLow {
			v = geluLow
		}
		dst[i] = float32(float64(v) * normal64(float64(v)))
	}
}

// geluTanhArgument is twice what the approximate GELU takes the tanh of, and its derivative.
func geluTanhArgument(x float64) (u, slope float64) {
	const scale, cube = 1.59576912160573071176, 0.044715 // 2 sqrt(2/pi)
	return scale * x * (1 + cube*x*x), scale * (1 + 3*cube*x*x)
}

func geluTanhGo(dst, x []float32) {
	for i, v := range x {
		if v < geluLow {
			v = geluLow
		}
		u, _ := geluTanhArgument(float64(v))
		dst[i] = float32(float64(v) * sigmoid64(u))
	}
}

func softplusGo(dst, x []float32) {
	for i, v := range x {
		t := float64(v)
		dst[i] = float32(math.Max(t, 0) + math.Log1p(math.Exp(-math.Abs(t))))
	}
}

func reluGo(dst, x []float32) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// siluLow replaces smaller x in SiLU, whose limit at -Inf is 0 where the formula has Inf * 0.
const siluLow = -1000

func siluGo(dst, x []float32) {
	for i, v := range x {
		if v < siluLow {
			v = siluLow
		}
		dst[i] = float32(float64(v) * sigmoid64(float64(v)))
	}
}

func eluGo(dst, x []float32) {
	for i, v := range x {
		if v > 0 {
			dst[i] = v
		} else {
			dst[i] = float32(math.Expm1(float64(v)))
		}
	}
}

func signedSqrt(x float32) float32 {
	return float32(math.Copysign(math.Sqrt(math.Abs(float64(x))), float64(x)))
}

func signedSqrtGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = signedSqrt(v)
	}
}

func absGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Abs(float64(v)))
	}
}

func sqrtGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Sqrt(float64(v)))
	}
}

func reluGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		g := dy[i]
		if v <= 0 {
			g = 0
		}
		dst[i] = g
	}
}

func geluGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		t := math.Min(math.Max(float64(v), geluLow), -geluLow)
		density := math.Exp(-0.5*t*t) / math.Sqrt(2*math.Pi)
		dst[i] = float32(normal64(t)+t*density) * dy[i]
	}
}

func geluTanhGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		t := math.Min(math.Max(float64(v), geluLow), -geluLow)
		u, slope := geluTanhArgument(t)
		s := sigmoid64(u)
		dst[i] = float32(s*(1+t*slope/(1+math.Exp(u)))) * dy[i]
	}
}

func siluGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		t := math.Min(math.Max(float64(v), siluLow), -siluLow)
		s := sigmoid64(t)
		dst[i] = float32(s*(1+t*(1-s))) * dy[i]
	}
}

func eluGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		if v > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = float32(math.Exp(float64(v))) * dy[i]
		}
	}
}

func tanhGradGo(dst, y, dy []float32) {
	y, dy = y[:len(dst)], dy[:len(dst)]
	for i, v := range y {
		dst[i] = (1 - float32(v*v)) * dy[i]
	}
}

func sigmoidGradGo(dst, y, dy []float32) {
	y, dy = y[:len(dst)], dy[:len(dst)]
	for i, v := range y {
		dst[i] = float32(v*(1-v)) * dy[i]
	}
}

func signedSqrtGradGo(dst, x, dy []float32) {
	x, dy = x[:len(dst)], dy[:len(dst)]
	for i, v := range x {
		dst[i] = rootGrad(v, dy[i])
	}
}

// rootGrad is dy times the derivative of the signed square root at x, 0 at 0 whatever dy is.
func rootGrad(x, dy float32) float32 {
	if x == 0 {
		return 0
	}
	return dy * float32(0.5/math.Sqrt(math.Abs(float64(x))))
}
