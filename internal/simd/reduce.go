package simd

// Reductions add in an order that depends on the number of elements and the level alone, never on alignment.

// Sum returns the sum of a, added in float64.
func Sum(a []float32) float64 { return active.sum(a) }

// SumSquares returns the sum of the squares of a; squares and sum are float64.
func SumSquares(a []float32) float64 { return active.sumSquares(a) }

// Dot returns the inner product of a and b; products and sum are float64.
func Dot(a, b []float32) float64 {
	sameLen("Dot", len(a), len(b))
	return active.dot(a, b)
}

// Max returns the largest element, NaN if any element is NaN, -Inf for no elements.
func Max(a []float32) float32 { return active.max(a) }

// MaxAbs returns the largest |a|, NaN if any element is NaN, 0 for no elements.
func MaxAbs(a []float32) float32 { return active.maxAbs(a) }

// AllFinite reports whether a holds neither NaN nor an infinity.
func AllFinite(a []float32) bool { return active.allFinite(a) }
