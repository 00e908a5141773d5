package simd

// Add sets dst = a + b.
func Add(dst, a, b []float32) {
	sameLen("Add", len(dst), len(a))
	sameLen("Add", len(dst), len(b))
	active.add(dst, a, b)
}

// Sub sets dst = a - b.
func Sub(dst, a, b []float32) {
	sameLen("Sub", len(dst), len(a))
	sameLen("Sub", len(dst), len(b))
	active.sub(dst, a, b)
}

// Mul sets dst = a * b.
func Mul(dst, a, b []float32) {
	sameLen("Mul", len(dst), len(a))
	sameLen("Mul", len(dst), len(b))
	active.mul(dst, a, b)
}

// Div sets dst = a / b.
func Div(dst, a, b []float32) {
	sameLen("Div", len(dst), len(a))
	sameLen("Div", len(dst), len(b))
	active.div(dst, a, b)
}

// MulAdd adds a * b to dst, fused into one rounding above level None.
func MulAdd(dst, a, b []float32) {
	sameLen("MulAdd", len(dst), len(a))
	sameLen("MulAdd", len(dst), len(b))
	active.mulAdd(dst, a, b)
}

// AddScaled adds s * a to dst, fused into one rounding above level None.
func AddScaled(dst, a []float32, s float32) {
	sameLen("AddScaled", len(dst), len(a))
	active.addScaled(dst, a, s)
}

// Scale sets dst = s * a.
func Scale(dst, a []float32, s float32) {
	sameLen("Scale", len(dst), len(a))
	active.scale(dst, a, s)
}

// AddConst sets dst = a + c.
func AddConst(dst, a []float32, c float32) {
	sameLen("AddConst", len(dst), len(a))
	active.addConst(dst, a, c)
}

// Fill sets every element of dst to v.
func Fill(dst []float32, v float32) { active.fill(dst, v) }

// Clamp sets dst = min(max(a, lo), hi); NaN stays NaN.
func Clamp(dst, a []float32, lo, hi float32) {
	sameLen("Clamp", len(dst), len(a))
	active.clamp(dst, a, lo, hi)
}

// ClampGrad sets dst = dy where lo <= x <= hi, both ends included, and 0 elsewhere (also where x is NaN).
func ClampGrad(dst, x, dy []float32, lo, hi float32) {
	sameLen("ClampGrad", len(dst), len(x))
	sameLen("ClampGrad", len(dst), len(dy))
	active.clampGrad(dst, x, dy, lo, hi)
}

// Triad sets dst = a + s * b: the STREAM kernel, whose speed is the memory's.
func Triad(dst, a, b []float32, s float32) {
	sameLen("Triad", len(dst), len(a))
	sameLen("Triad", len(dst), len(b))
	active.triad(dst, a, b, s)
}
