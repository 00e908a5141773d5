package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// activation writes the activations. The transcendental ones keep their constants in memory, so that the longest, GELU,
// needs about ten registers.
func activation(g *gen) {
	unary := func(name, doc string, unroll int, body func(g *gen, x vec) vec) {
		mapping{name: name, sources: "x", doc: "sets dst = " + doc + ".", unroll: unroll, body: func(g *gen, x, _ []vec) vec {
			return body(g, x[0])
		}}.emit(g)
	}
	unary("exp", "e^x", 1, (*gen).exp)
	unary("log1p", "ln(1+x)", 1, (*gen).log1p)
	unary("tanh", "tanh x", 1, (*gen).tanh)
	unary("sigmoid", "1/(1+e^-x)", 1, (*gen).sigmoid)
	unary("erf", "erf x", 1, (*gen).erf)
	unary("gelu", "x Phi(x)", 1, func(g *gen, x vec) vec {
		x = g.above(x, -40) // Phi is 0 there; -Inf times 0 would be NaN
		phi := g.normal(x)
		g.mul(phi, phi, x)
		return phi
	})
	unary("relu", "max(x, 0)", 4, func(g *gen, x vec) vec {
		zero := g.vec()
		g.zero(zero)
		g.max(x, zero, x)
		return x
	})
	unary("silu", "x sigmoid(x)", 1, func(g *gen, x vec) vec {
		x = g.above(x, -1000)
		s := g.sigmoid(x)
		g.mul(s, s, x)
		return s
	})
	unary("geluTanh", "x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2", 1, func(g *gen, x vec) vec {
		x = g.above(x, -40) // the second factor is 0 there; -Inf times 0 would be NaN
		_, u := g.tanhArgument(x)
		s := g.sigmoid(u)
		g.mul(s, s, x)
		return s
	})
	unary("softplus", "ln(1+e^x)", 1, func(g *gen, x vec) vec {
		e, zero := g.vec(), g.vec()
		g.or(e, x, signBit)
		y := g.log1p(g.expNegative(e))
		g.zero(zero)
		g.max(x, zero, x)
		g.add(y, y, x)
		return y
	})
	unary("log", "ln x", 1, (*gen).log)
	unary("elu", "x where x > 0, else e^x - 1", 1, func(g *gen, x vec) vec {
		zero := g.vec()
		g.zero(zero)
		negative := g.vec()
		g.min(negative, zero, x)
		e := g.expm1Negative(negative)
		g.pick(e, g.cmp(greater, x, zero), x, e)
		return e
	})
	unary("signedSqrt", "sign(x) sqrt|x|", 2, func(g *gen, x vec) vec {
		sign := g.vec()
		g.and(sign, x, signBit)
		g.and(x, x, absBits)
		g.VSQRTPS(x, x)
		g.or(x, x, sign)
		return x
	})
	unary("abs", "|x|", 4, func(g *gen, x vec) vec {
		g.and(x, x, absBits)
		return x
	})
	unary("sqrt", "sqrt x", 2, func(g *gen, x vec) vec {
		g.VSQRTPS(x, x)
		return x
	})
}

// tanhArgument returns x^2 and 2 sqrt(2/pi) (x + 0.044715 x^3), twice what the tanh of GELU's approximation is taken of:
// (1 + tanh u) / 2 is the sigmoid of 2u.
func (g *gen) tanhArgument(x vec) (square, twice vec) {
	square, twice = g.vec(), g.vec()
	g.mul(square, x, x)
	g.set(f32(geluScale*geluCube), twice)
	g.horner(twice, square, f32(geluScale))
	g.mul(twice, twice, x)
	return square, twice
}

// The constants of the approximate GELU: 2 sqrt(2/pi), and the factor of the cube.
const (
	geluScale = 2 * math.Sqrt2 / sqrtPi
	sqrtPi    = 1.77245385090551602729816748334114518
	geluCube  = 0.044715
)

// normal returns the normal distribution function, (1 + erf(x/sqrt 2)) / 2.
func (g *gen) normal(x vec) vec {
	t := g.vec()
	g.mul(t, x, f32(math.Sqrt2/2))
	phi := g.erf(t)
	half := g.vec()
	g.set(f32(0.5), half)
	g.horner(phi, half, half)
	return phi
}

// log1pPoly coefficients: ln(1+m) = m + m^2 q(m) on |m| <= 1/3, error 2^-27.7.
var log1pPoly = []float64{-0.5, 0.333332151, -0.249997988, 0.20010449, -0.166804418, 0.140052274, -0.121848196, 0.139873952, -0.128895089}

// log1p finds k with (1+x) 2^-k in [2/3, 4/3) and m, that number less 1, without rounding 1+x first, so that small x keep
// their digits: m = x 2^-k + (2^-k - 1).
func (g *gen) log1p(x vec) vec {
	// e is k in the place of the exponent.
	e := g.vec()
	g.add(e, x, f32(1))
	g.integer(g.VPSUBD, e, e, f32(2.0/3))
	g.and(e, e, konst(0xff800000))
	// x 2^-k by its exponent, and 2^(2-k): 2^-k itself is subnormal for the largest x.
	m, quad := g.vec(), g.vec()
	g.VPSUBD(e, x, m)
	g.set(f32(4), quad)
	g.VPSUBD(e, quad, quad)
	quarter, rest := g.vec(), g.vec()
	g.set(f32(0.25), quarter)
	g.set(f32(-1), rest)
	g.fma(rest, quad, quarter)
	g.add(m, m, rest)
	k := g.vec()
	g.VPSRAD(operand.U8(23), e, k)
	g.VCVTDQ2PS(k, k)
	q := g.poly(m, log1pPoly...)
	square := g.vec()
	g.mul(square, m, m)
	g.horner(q, square, m)
	g.fma(q, k, f32(math.Ln2))
	g.logEnds(q, x, -1)
	return q
}

// logEnds puts the special values of a logarithm into q: +Inf gives +Inf, pole -Inf, what is below it or NaN gives NaN.
func (g *gen) logEnds(q, x vec, pole float64) {
	special := g.vec()
	g.set(infBits, special)
	g.pick(q, g.cmp(equal, x, special), special, q)
	g.xor(special, special, signBit)
	g.pick(q, g.cmp(equal, x, f32(pole)), special, q)
	g.set(nanBits, special)
	g.pick(q, g.cmp(notAtLeast, x, f32(pole)), special, q)
}

// log finds k with x 2^-k in [2/3, 4/3) and evaluates the polynomial of log1p at that number less 1, which is exact.
// Subnormal x are scaled first.
func (g *gen) log(x vec) vec {
	const scaled = 23
	y, shift := g.vec(), g.vec()
	small := g.cmp(less, x, f32(0x1p-126))
	g.mul(y, x, f32(1<<scaled))
	g.pick(y, small, y, x)
	g.set(f32(-scaled), shift)
	g.keep(shift, small, shift)
	e := g.vec()
	g.integer(g.VPSUBD, e, y, f32(2.0/3))
	g.and(e, e, konst(0xff800000))
	g.VPSUBD(e, y, y)
	g.add(y, y, f32(-1))
	k := g.vec()
	g.VPSRAD(operand.U8(23), e, k)
	g.VCVTDQ2PS(k, k)
	g.add(k, k, shift)
	q := g.poly(y, log1pPoly...)
	square := g.vec()
	g.mul(square, y, y)
	g.horner(q, square, y)
	g.fma(q, k, f32(math.Ln2))
	g.logEnds(q, x, 0)
	return q
}

// integer emits an integer instruction with a constant as its last operand.
func (g *gen) integer(plain func(...operand.Op), dst, a vec, c konst) {
	v := g.vec()
	g.set(c, v)
	plain(v, a, dst)
}
