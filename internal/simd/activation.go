package simd

// The errors given below are the largest that the package's tests find against float64 at any level, in units in the
// last place of the result. Level None is correct to half a unit.

// Exp sets dst = e^x, error 1.0 ulp. Large x give +Inf, small ones a subnormal number or 0.
func Exp(dst, x []float32) {
	sameLen("Exp", len(dst), len(x))
	active.exp(dst, x)
}

// SumExp returns the sum of e^(a + shift), formed in float64 of terms that are rounded to float32. With minus the largest
// element for shift it is the norm of a softmax.
func SumExp(a []float32, shift float32) float64 { return active.sumExp(a, shift) }

// ScaledExp sets dst = s e^(a + shift). With what [SumExp] returned it makes a softmax.
func ScaledExp(dst, a []float32, shift, s float32) {
	sameLen("ScaledExp", len(dst), len(a))
	active.scaledExp(dst, a, shift, s)
}

// AddScaledExp adds s e^(a + shift) to dst.
func AddScaledExp(dst, a []float32, shift, s float32) {
	sameLen("AddScaledExp", len(dst), len(a))
	active.addScaledExp(dst, a, shift, s)
}

// Log sets dst = ln x, error 0.9 ulp: NaN below 0, -Inf at 0.
func Log(dst, x []float32) {
	sameLen("Log", len(dst), len(x))
	active.log(dst, x)
}

// Log1p sets dst = ln(1+x), error 1.5 ulp: NaN below -1, -Inf at -1.
func Log1p(dst, x []float32) {
	sameLen("Log1p", len(dst), len(x))
	active.log1p(dst, x)
}

// Tanh sets dst = tanh x, error 1.3 ulp.
func Tanh(dst, x []float32) {
	sameLen("Tanh", len(dst), len(x))
	active.tanh(dst, x)
}

// Sigmoid sets dst = 1 / (1 + e^-x), error 2.1 ulp.
func Sigmoid(dst, x []float32) {
	sameLen("Sigmoid", len(dst), len(x))
	active.sigmoid(dst, x)
}

// Erf sets dst = erf x, the error function; its error is 1.0 ulp.
func Erf(dst, x []float32) {
	sameLen("Erf", len(dst), len(x))
	active.erf(dst, x)
}

// GELU sets dst = x Phi(x) with the normal distribution function Phi, the exact form 0.5 x (1 + erf(x / sqrt 2)); it
// is 0 at -Inf. Its error is 1 ulp for positive x and, since the sum cancels, 4e-7 for negative ones.
func GELU(dst, x []float32) {
	sameLen("GELU", len(dst), len(x))
	active.gelu(dst, x)
}

// GELUTanh sets dst = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the approximation of [GELU] that GPT-2 was trained
// with; it is 0 at -Inf. Its error is 1.1 ulp for positive x and 4e-7 for negative ones.
func GELUTanh(dst, x []float32) {
	sameLen("GELUTanh", len(dst), len(x))
	active.geluTanh(dst, x)
}

// ReLU sets dst = max(x, 0); NaN stays NaN.
func ReLU(dst, x []float32) {
	sameLen("ReLU", len(dst), len(x))
	active.relu(dst, x)
}

// SiLU sets dst = x sigmoid(x), error 2.6 ulp; it is 0 at -Inf.
func SiLU(dst, x []float32) {
	sameLen("SiLU", len(dst), len(x))
	active.silu(dst, x)
}

// Softplus sets dst = ln(1 + e^x), error 1.7 ulp.
func Softplus(dst, x []float32) {
	sameLen("Softplus", len(dst), len(x))
	active.softplus(dst, x)
}

// ELU sets dst = x where x > 0 and e^x - 1 elsewhere, error 0.9 ulp.
func ELU(dst, x []float32) {
	sameLen("ELU", len(dst), len(x))
	active.elu(dst, x)
}

// SignedSqrt sets dst = sign(x) sqrt|x|, correctly rounded.
func SignedSqrt(dst, x []float32) {
	sameLen("SignedSqrt", len(dst), len(x))
	active.signedSqrt(dst, x)
}

// Abs sets dst = |x|.
func Abs(dst, x []float32) {
	sameLen("Abs", len(dst), len(x))
	active.abs(dst, x)
}

// Sqrt sets dst = sqrt x, correctly rounded; NaN below 0.
func Sqrt(dst, x []float32) {
	sameLen("Sqrt", len(dst), len(x))
	active.sqrt(dst, x)
}

// ReLUGrad sets dst = dy, and 0 where x <= 0.
func ReLUGrad(dst, x, dy []float32) {
	sameLen("ReLUGrad", len(dst), len(x))
	sameLen("ReLUGrad", len(dst), len(dy))
	active.reluGrad(dst, x, dy)
}

// GELUGrad sets dst = (Phi(x) + x phi(x)) dy, with the normal density phi.
func GELUGrad(dst, x, dy []float32) {
	sameLen("GELUGrad", len(dst), len(x))
	sameLen("GELUGrad", len(dst), len(dy))
	active.geluGrad(dst, x, dy)
}

// GELUTanhGrad sets dst to the derivative of [GELUTanh] times dy.
func GELUTanhGrad(dst, x, dy []float32) {
	sameLen("GELUTanhGrad", len(dst), len(x))
	sameLen("GELUTanhGrad", len(dst), len(dy))
	active.geluTanhGrad(dst, x, dy)
}

// SiLUGrad sets dst = s (1 + x (1 - s)) dy with s = sigmoid(x).
func SiLUGrad(dst, x, dy []float32) {
	sameLen("SiLUGrad", len(dst), len(x))
	sameLen("SiLUGrad", len(dst), len(dy))
	active.siluGrad(dst, x, dy)
}

// ELUGrad sets dst = dy where x > 0 and e^x dy elsewhere.
func ELUGrad(dst, x, dy []float32) {
	sameLen("ELUGrad", len(dst), len(x))
	sameLen("ELUGrad", len(dst), len(dy))
	active.eluGrad(dst, x, dy)
}

// TanhGrad sets dst = (1 - y^2) dy, where y is the output of [Tanh], not its input.
func TanhGrad(dst, y, dy []float32) {
	sameLen("TanhGrad", len(dst), len(y))
	sameLen("TanhGrad", len(dst), len(dy))
	active.tanhGrad(dst, y, dy)
}

// SigmoidGrad sets dst = y (1 - y) dy, where y is the output of [Sigmoid], not its input.
func SigmoidGrad(dst, y, dy []float32) {
	sameLen("SigmoidGrad", len(dst), len(y))
	sameLen("SigmoidGrad", len(dst), len(dy))
	active.sigmoidGrad(dst, y, dy)
}

// SignedSqrtGrad sets dst = dy / (2 sqrt|x|), and 0 where x is 0.
func SignedSqrtGrad(dst, x, dy []float32) {
	sameLen("SignedSqrtGrad", len(dst), len(x))
	sameLen("SignedSqrtGrad", len(dst), len(dy))
	active.signedSqrtGrad(dst, x, dy)
}
