package tensor

import "math"

func elementwiseOperations() []operation {
	ops := []operation{
		binaryOperation("Add", (*Tape).Add, func(a, b float64) float64 { return a + b }, false),
		binaryOperation("Sub", (*Tape).Sub, func(a, b float64) float64 { return a - b }, false),
		binaryOperation("Mul", (*Tape).Mul, func(a, b float64) float64 { return a * b }, false),
		binaryOperation("Div", (*Tape).Div, func(a, b float64) float64 { return a / b }, true),
		{name: "Scale"}, {name: "AddConst"}, {name: "MulScalar"},
	}
	scale, add, by := &ops[4], &ops[5], &ops[6]
	const factor, shift = float32(-1.7), float32(0.3)
	for _, shape := range shapes {
		x := random(3, shape...)
		scale.samples = append(scale.samples, sample{name: shapeName(shape...), in: []*Tensor{x}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.Scale(in[0], factor) },
			ref:   mapped(func(v float64) float64 { return float64(factor) * v })})
		add.samples = append(add.samples, sample{name: shapeName(shape...), in: []*Tensor{x}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.AddConst(in[0], shift) },
			ref:   mapped(func(v float64) float64 { return v + float64(shift) })})
		by.samples = append(by.samples, sample{name: shapeName(shape...), in: []*Tensor{x, random(4, 1)}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.MulScalar(in[0], in[1]) },
			ref: func(in [][]float64) []float64 {
				return mapped(func(v float64) float64 { return v * in[1][0] })(in)
			}})
	}
	by.samples = append(by.samples, sample{name: "itself", in: []*Tensor{random(5)}, shape: []int{},
		apply: func(tp *Tape, in []*Var) *Var { return tp.MulScalar(in[0], in[0]) },
		ref:   mapped(func(v float64) float64 { return v * v })})
	by.faults = []fault{{"factor has shape [2], want one element", func(tp *Tape) { tp.MulScalar(on(tp, 3), on(tp, 2)) }}}
	return ops
}

// mapped is the reference of an elementwise function.
func mapped(f func(float64) float64) func(in [][]float64) []float64 {
	return func(in [][]float64) []float64 {
		y := make([]float64, len(in[0]))
		for i, v := range in[0] {
			y[i] = f(v)
		}
		return y
	}
}

func binaryOperation(name string, f func(tp *Tape, a, b *Var) *Var, ref func(a, b float64) float64, divides bool) operation {
	op := operation{name: name, faults: []fault{
		{"shapes [2x3] and [3x2] differ", func(tp *Tape) { f(tp, on(tp, 2, 3), on(tp, 3, 2)) }},
		{"shapes [6] and [2x3] differ", func(tp *Tape) { f(tp, on(tp, 6), on(tp, 2, 3)) }},
	}}
	for _, shape := range append(shapes, []int{7}, []int{2, 3, 5}) {
		second := random(2, shape...)
		if divides { // neither near 0 nor all of one sign
			second = between(2, 0.5, 2, shape...)
			for i := range second.data {
				second.data[i] *= float32(1 - 2*(i%2))
			}
		}
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...), second}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[1]) },
			ref: func(in [][]float64) []float64 {
				y := make([]float64, len(in[0]))
				for i := range y {
					y[i] = ref(in[0][i], in[1][i])
				}
				return y
			}})
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{between(6, 0.5, 2, 5, 7)}, shape: []int{5, 7},
		apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[0]) },
		ref:   mapped(func(v float64) float64 { return ref(v, v) })})
	return op
}

func activationOperations() []operation {
	zero := []float64{0}
	return []operation{
		unaryOperation("ReLU", (*Tape).ReLU, func(x float64) float64 { return math.Max(x, 0) }, zero, -3, 3),
		unaryOperation("GELU", (*Tape).GELU, func(x float64) float64 {
			if math.IsInf(x, -1) {
				return 0
			}
			return x / 2 * math.Erfc(-x/math.Sqrt2)
		}, nil, -6, 6),
		unaryOperation("GELUTanh", (*Tape).GELUTanh, func(x float64) float64 {
			if math.IsInf(x, -1) {
				return 0
			}
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}, nil, -6, 6),
		unaryOperation("SquaredReLU", (*Tape).SquaredReLU, func(x float64) float64 { return math.Pow(math.Max(x, 0), 2) }, zero, -3, 3),
		unaryOperation("Softplus", (*Tape).Softplus, func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, nil, -9, 9),
		unaryOperation("Log", (*Tape).Log, math.Log, nil, 0.1, 9),
		unaryOperation("Sqrt", (*Tape).Sqrt, math.Sqrt, nil, 0.1, 9),
		unaryOperation("Square", (*Tape).Square, func(x float64) float64 { return x * x }, nil, -3, 3),
		unaryOperation("Sin", (*Tape).Sin, math.Sin, nil, -20, 20),
		unaryOperation("Cos", (*Tape).Cos, math.Cos, nil, -20, 20),
		unaryOperation("SiLU", (*Tape).SiLU, func(x float64) float64 {
			if math.IsInf(x, -1) {
				return 0
			}
			return x / (1 + math.Exp(-x))
		}, nil, -9, 9),
		unaryOperation("ELU", (*Tape).ELU, func(x float64) float64 {
			if x > 0 {
				return x
			}
			return math.Expm1(x)
		}, zero, -9, 3),
		unaryOperation("Tanh", (*Tape).Tanh, math.Tanh, nil, -5, 5),
		unaryOperation("Sigmoid", (*Tape).Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, nil, -9, 9),
		unaryOperation("Exp", (*Tape).Exp, math.Exp, nil, -9, 3),
		unaryOperation("Log1p", (*Tape).Log1p, math.Log1p, nil, -0.9, 9),
		unaryOperation("Abs", (*Tape).Abs, math.Abs, zero, -3, 3),
		unaryOperation("SignedSqrt", (*Tape).SignedSqrt, func(x float64) float64 { return math.Copysign(math.Sqrt(math.Abs(x)), x) }, zero, -3, 3),
	}
}

// unaryOperation is the entry of a function of single numbers, tried on numbers from lo to hi.
func unaryOperation(name string, f func(tp *Tape, x *Var) *Var, ref func(float64) float64, kinks []float64, lo, hi float64) operation {
	op := operation{name: name}
	for _, shape := range append(shapes, []int{7}, []int{2, 3, 5}) {
		x := between(7, lo, hi, shape...)
		if x.Size() == 1 {
			x.data[0] = 0.5 // where no gradient is 0 for good
		}
		for i, v := range x.data {
			for _, k := range kinks {
				if math.Abs(float64(v)-k) < 0.01 {
					x.data[i] = float32(k + 0.02)
				}
			}
		}
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{x}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0]) }, ref: mapped(ref)})
	}
	return op
}
