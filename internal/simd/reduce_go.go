package simd

import "math"

func sumGo(a []float32) float64 {
	var s0, s1, s2, s3 float64
	for ; len(a) >= 4; a = a[4:] {
		s0 += float64(a[0])
		s1 += float64(a[1])
		s2 += float64(a[2])
		s3 += float64(a[3])
	}
	for _, x := range a {
		s0 += float64(x)
	}
	return (s0 + s1) + (s2 + s3)
}

func sumSquaresGo(a []float32) float64 { return dotGo(a, a) }

// dotGo needs no guard against fused products: that of two float32 is exact in float64.
func dotGo(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float64(x[0]) * float64(y[0])
		s1 += float64(x[1]) * float64(y[1])
		s2 += float64(x[2]) * float64(y[2])
		s3 += float64(x[3]) * float64(y[3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i]) * float64(b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func maxGo(a []float32) float32 {
	m := float32(math.Inf(-1))
	for _, x := range a {
		m = max(m, x) // the builtin is NaN if either is
	}
	return m
}

func maxAbsGo(a []float32) float32 {
	var m float32
	for _, x := range a {
		m = max(m, float32(math.Abs(float64(x))))
	}
	return m
}

func allFiniteGo(a []float32) bool {
	const exponent = 0x7f800000
	for _, x := range a {
		if math.Float32bits(x)&exponent == exponent {
			return false
		}
	}
	return true
}
