package tensor

import "github.com/graft-ml/graft/internal/simd"

// unary is an elementwise function with its derivative.
type unary struct {
	name string
	f    func(dst, x []float32)
	df   func(dst, at, dy []float32) // dst = derivative times dy; at is the input, or the output where ofOutput is set
	// ofOutput says that the derivative is a function of the output.
	ofOutput bool
}

var (
	reluFn       = unary{"ReLU", simd.ReLU, simd.ReLUGrad, false}
	geluFn       = unary{"GELU", simd.GELU, simd.GELUGrad, false}
	siluFn       = unary{"SiLU", simd.SiLU, simd.SiLUGrad, false}
	eluFn        = unary{"ELU", simd.ELU, simd.ELUGrad, false}
	tanhFn       = unary{"Tanh", simd.Tanh, simd.TanhGrad, true}
	sigmoidFn    = unary{"Sigmoid", simd.Sigmoid, simd.SigmoidGrad, true}
	expFn        = unary{"Exp", simd.Exp, func(dst, y, dy []float32) { simd.Mul(dst, y, dy) }, true}
	logFn        = unary{"Log", simd.Log, logGrad, false}
	log1pFn      = unary{"Log1p", simd.Log1p, log1pGrad, false}
	signedSqrtFn = unary{"SignedSqrt", simd.SignedSqrt, simd.SignedSqrtGrad, false}
	absFn        = unary{"Abs", simd.Abs, absGrad, false}
	sqrtFn       = unary{"Sqrt", simd.Sqrt, sqrtGrad, true}
	squareFn     = unary{"Square", square, squareGrad, false}
	sinFn        = unary{"Sin", simd.Sin, sinGrad, false}
	cosFn        = unary{"Cos", simd.Cos, cosGrad, false}
	softplusFn   = unary{"Softplus", simd.Softplus, softplusGrad, false}
	geluTanhFn   = unary{"GELUTanh", simd.GELUTanh, simd.GELUTanhGrad, false}
	squaredReLU  = unary{"SquaredReLU", reluSquare, reluSquareGrad, false}
)

func log1pGrad(dst, x, dy []float32) {
	for i, v := range x {
		dst[i] = dy[i] / (1 + v)
	}
}

func absGrad(dst, x, dy []float32) {
	for i, v := range x {
		switch {
		case v > 0:
			dst[i] = dy[i]
		case v < 0:
			dst[i] = -dy[i]
		default:
			dst[i] = v * dy[i] // 0 at 0, NaN for NaN
		}
	}
}

func logGrad(dst, x, dy []float32) { simd.Div(dst, dy, x) }

func sqrtGrad(dst, y, dy []float32) {
	simd.Div(dst, dy, y)
	simd.Scale(dst, dst, 0.5)
}

func square(dst, x []float32) { simd.Mul(dst, x, x) }

func squareGrad(dst, x, dy []float32) {
	simd.Mul(dst, x, dy)
	simd.Scale(dst, dst, 2)
}

func sinGrad(dst, x, dy []float32) {
	simd.Cos(dst, x)
	simd.Mul(dst, dst, dy)
}

func cosGrad(dst, x, dy []float32) {
	simd.Sin(dst, x)
	simd.Mul(dst, dst, dy)
	simd.Scale(dst, dst, -1)
}

func softplusGrad(dst, x, dy []float32) {
	simd.Sigmoid(dst, x)
	simd.Mul(dst, dst, dy)
}

func reluSquare(dst, x []float32) {
	simd.ReLU(dst, x)
	simd.Mul(dst, dst, dst)
}

func reluSquareGrad(dst, x, dy []float32) {
	simd.ReLU(dst, x)
	squareGrad(dst, dst, dy)
}

type unaryOp struct {
	fn   *unary
	x, y *Var
}

// ReLU returns max(x, 0); its derivative at 0 is 0.
func (tp *Tape) ReLU(x *Var) *Var { return tp.unary(&reluFn, x) }

// GELU returns x Φ(x) with the exact Gaussian integral Φ (Hendrycks and Gimpel 2016; PyTorch's default form).
func (tp *Tape) GELU(x *Var) *Var { return tp.unary(&geluFn, x) }

// GELUTanh returns 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))), the approximation of [Tape.GELU] in the code of GPT-2
// ("gelu_new").
func (tp *Tape) GELUTanh(x *Var) *Var { return tp.unary(&geluTanhFn, x) }

// SquaredReLU returns max(x, 0)² (So and others 2021, "Primer").
func (tp *Tape) SquaredReLU(x *Var) *Var { return tp.unary(&squaredReLU, x) }

// SiLU returns x sigmoid(x).
func (tp *Tape) SiLU(x *Var) *Var { return tp.unary(&siluFn, x) }

// ELU returns x for x > 0 and exp(x) - 1 elsewhere (Clevert and others 2015, alpha 1).
func (tp *Tape) ELU(x *Var) *Var { return tp.unary(&eluFn, x) }

// Tanh returns the hyperbolic tangent.
func (tp *Tape) Tanh(x *Var) *Var { return tp.unary(&tanhFn, x) }

// Sigmoid returns 1 / (1 + exp(-x)).
func (tp *Tape) Sigmoid(x *Var) *Var { return tp.unary(&sigmoidFn, x) }

// Exp returns e to the power of x.
func (tp *Tape) Exp(x *Var) *Var { return tp.unary(&expFn, x) }

// Softplus returns ln(1 + exp(x)), which overflows nowhere.
func (tp *Tape) Softplus(x *Var) *Var { return tp.unary(&softplusFn, x) }

// Log returns the natural logarithm: -Inf at 0, NaN below.
func (tp *Tape) Log(x *Var) *Var { return tp.unary(&logFn, x) }

// Log1p returns ln(1 + x).
func (tp *Tape) Log1p(x *Var) *Var { return tp.unary(&log1pFn, x) }

// Sqrt returns the square root: NaN below 0. Its derivative at 0 is infinite; see [Tape.SignedSqrt] for another choice.
func (tp *Tape) Sqrt(x *Var) *Var { return tp.unary(&sqrtFn, x) }

// Square returns x².
func (tp *Tape) Square(x *Var) *Var { return tp.unary(&squareFn, x) }

// Sin returns the sine of x in radians, accurate for x of any size.
func (tp *Tape) Sin(x *Var) *Var { return tp.unary(&sinFn, x) }

// Cos returns the cosine of x in radians, accurate for x of any size.
func (tp *Tape) Cos(x *Var) *Var { return tp.unary(&cosFn, x) }

// Abs returns |x|; its derivative at 0 is 0.
func (tp *Tape) Abs(x *Var) *Var { return tp.unary(&absFn, x) }

// SignedSqrt returns sign(x) sqrt|x|, GRIT's ρ (Ma and others 2023, equation 2). Its derivative 1/(2 sqrt|x|) is taken
// as 0 at 0, as in the official code.
func (tp *Tape) SignedSqrt(x *Var) *Var { return tp.unary(&signedSqrtFn, x) }

func (tp *Tape) unary(fn *unary, x *Var) *Var {
	op := spare[unaryOp](tp)
	*op = unaryOp{fn: fn, x: x, y: tp.Out(x.needs, x.Shape()...)}
	tp.mapElements(fn.f, op.y.Data(), x.Data())
	tp.Record(fn.name, op, op.y)
	return op.y
}

// Backward multiplies by the derivative.
func (op *unaryOp) Backward(tp *Tape) {
	if !op.x.needs {
		return
	}
	at := op.x
	if op.fn.ofOutput {
		at = op.y
	}
	dy := op.y.OutGrad()
	g, add := op.x.Accumulate()
	if !add {
		tp.zip(op.fn.df, g, at.Data(), dy)
		return
	}
	part := tp.arena.take(len(dy))
	tp.zip(op.fn.df, part, at.Data(), dy)
	tp.zip(simd.Add, g, g, part)
	tp.arena.give(part)
}
