package simd

import "math"

// trigLimit is the magnitude from which on the vector kernels of sine and cosine lose digits.
const trigLimit = 1 << 18

// Sin sets dst = sin x, error 1.5 ulp, for arguments of any size.
func Sin(dst, x []float32) {
	sameLen("Sin", len(dst), len(x))
	active.sine(dst, x)
}

// Cos sets dst = cos x, error 1.5 ulp, for arguments of any size.
func Cos(dst, x []float32) {
	sameLen("Cos", len(dst), len(x))
	active.cosine(dst, x)
}

func (t *kernels) sine(dst, x []float32)   { t.wave(dst, x, t.sin, sinGo) }
func (t *kernels) cosine(dst, x []float32) { t.wave(dst, x, t.cos, cosGo) }

// wave has every element of x done by near or, where it is large, by far. Which of them does it depends on that element
// alone, so its bits do too.
func (t *kernels) wave(dst, x []float32, near, far func(dst, x []float32)) {
	if t.maxAbs(x) < trigLimit {
		near(dst, x)
		return
	}
	for lo := 0; lo < len(x); {
		f, isFar := near, large(x[lo])
		if isFar {
			f = far
		}
		hi := lo + 1
		for hi < len(x) && large(x[hi]) == isFar {
			hi++
		}
		f(dst[lo:hi], x[lo:hi])
		lo = hi
	}
}

func large(x float32) bool { return math.Abs(float64(x)) >= trigLimit }

func sinGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Sin(float64(v)))
	}
}

func cosGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Cos(float64(v)))
	}
}
