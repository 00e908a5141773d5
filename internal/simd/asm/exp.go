package main

import "math"

// The functions here put a transcendental function of a register in a new register, leaving the argument alone. They
// reduce the argument, evaluate a polynomial fitted with Remez's algorithm to least relative error of the function and
// rounded to float32 coefficient by coefficient, and put the result together. Errors given are those of the polynomial.

// expPoly coefficients: e^r = 1 + r + r^2 q(r) on |r| <= ln(2)/2, error 2^-28.2.
var expPoly = []float64{0.49999994, 0.166665211, 0.0416682772, 0.00836868677, 0.00138198223}

// reduce returns n, the integer nearest to x/ln 2, and r = x - n ln 2.
func (g *gen) reduce(x vec) (n, r vec) {
	n = g.vec()
	g.mul(n, x, f32(math.Log2E))
	g.round(n, n)
	// ln 2 in two parts; n times the first is exact.
	const high = 0x1.62e4p-1
	r = g.like(x)
	g.fnma(r, n, f32(high))
	g.fnma(r, n, f32(math.Ln2-high))
	return n, r
}

// expm1Reduced returns e^r - 1 for a reduced r.
func (g *gen) expm1Reduced(r vec) vec {
	q := g.poly(r, expPoly...)
	square := g.vec()
	g.mul(square, r, r)
	g.horner(q, square, r)
	return q
}

// expNear returns e^x for x in [-104, 89.5].
func (g *gen) expNear(x vec) vec {
	n, r := g.reduce(x)
	p := g.expm1Reduced(r)
	g.add(p, p, f32(1))
	g.scale(p, n)
	return p
}

// within returns x limited to [lo, hi]; NaN stays.
func (g *gen) within(x vec, lo, hi float64) vec {
	y := g.vec()
	g.set(f32(lo), y)
	g.max(y, y, x)
	limit := g.vec()
	g.set(f32(hi), limit)
	g.min(y, limit, y)
	return y
}

// above returns x, at least lo; NaN stays.
func (g *gen) above(x vec, lo float64) vec {
	y := g.vec()
	g.set(f32(lo), y)
	g.max(y, y, x)
	return y
}

// below returns x, at most hi; NaN stays.
func (g *gen) below(x vec, hi float64) vec {
	y := g.vec()
	g.set(f32(hi), y)
	g.min(y, y, x)
	return y
}

// Beyond these e^x is 0 and +Inf in float32.
const (
	expLow  = -104
	expHigh = 89
)

func (g *gen) exp(x vec) vec { return g.expNear(g.within(x, expLow, expHigh)) }

// expNegative is exp for x <= 0.
func (g *gen) expNegative(x vec) vec { return g.expNear(g.above(x, expLow)) }

// expm1Negative returns e^x - 1 for x <= 0, of full relative accuracy near 0.
func (g *gen) expm1Negative(x vec) vec {
	n, r := g.reduce(g.above(x, -80))
	p := g.expm1Reduced(r)
	// 2^n (1+p) - 1 = 2^n p + (2^n - 1)
	power, rest := g.vec(), g.vec()
	g.power(power, n)
	g.add(rest, power, f32(-1))
	g.horner(p, power, rest)
	return p
}

// sigmoid returns 1/(1+e^-x) as 1/(1+e) or e/(1+e) with e = e^-|x|, which loses nothing for large negative x.
func (g *gen) sigmoid(x vec) vec {
	e := g.vec()
	g.or(e, x, signBit)
	e = g.expNegative(e)
	below, num, zero := g.vec(), g.vec(), g.vec()
	g.set(f32(1), num)
	g.add(below, e, f32(1))
	g.zero(zero)
	g.pick(num, g.cmp(less, x, zero), e, num)
	g.div(num, num, below)
	return num
}

// sigmoids returns sigmoid(x) and 1 - sigmoid(x), both of full relative accuracy.
func (g *gen) sigmoids(x vec) (s, rest vec) {
	e, high, zero := g.vec(), g.vec(), g.vec()
	g.or(e, x, signBit)
	e = g.expNegative(e)
	sum := g.vec()
	g.add(sum, e, f32(1))
	g.set(f32(1), high)
	g.div(high, high, sum)
	g.mul(e, e, high)
	g.zero(zero)
	negative := g.cmp(less, x, zero)
	s, rest = g.vec(), g.vec()
	g.pick(s, negative, e, high)
	g.pick(rest, negative, high, e)
	return s, rest
}

// tanhPoly coefficients: tanh y = y + y y^2 p(y^2) on |y| <= 0.6, error 2^-28.4.
var tanhPoly = []float64{-0.333332986, 0.133319363, -0.0537847169, 0.0207986254, -0.00589796668}

// tanh uses its polynomial below 0.6 and 1 - 2/(e^2y + 1) above, where no digits cancel.
func (g *gen) tanh(x vec) vec {
	y := g.vec()
	g.and(y, x, absBits)
	square := g.vec()
	g.mul(square, x, x)
	p := g.poly(square, tanhPoly...)
	g.mul(p, p, square)
	g.horner(p, x, x)
	twice := g.vec()
	g.add(twice, y, y)
	e := g.expNear(g.below(twice, 20)) // tanh 10 is 1
	g.add(e, e, f32(1))
	two := g.vec()
	g.set(f32(2), two)
	g.div(two, two, e)
	g.set(f32(1), e)
	g.sub(e, e, two)
	sign := g.vec()
	g.and(sign, x, signBit)
	g.or(e, e, sign)
	g.pick(e, g.cmp(less, y, f32(0.6)), p, e)
	return e
}

// erfPoly coefficients: erf y = y + y p(y^2) on |y| <= 1, error 2^-29.4.
var erfPoly = []float64{0.128379166, -0.37612626, 0.112835787, -0.0268533472, 0.0051871622, -0.00079978531, 7.80690316e-05}

// erfcPoly coefficients: ln erfc y = -g(y) on [0.98, 3.95]; the error of 1 - e^-g is 2^-29.6.
var erfcPoly = []float64{0.000300438696, 1.12725139, 0.637883246, 0.10332717, -0.0219403263, 0.00297241169, -0.000188820151}

// erf uses its polynomial up to 1 and 1 - e^-g(y) above; erf 3.95 is 1 in float32.
func (g *gen) erf(x vec) vec {
	y := g.vec()
	g.and(y, x, absBits)
	far := g.poly(g.below(y, 3.95), erfcPoly...)
	g.xor(far, far, signBit)
	far = g.expNear(far)
	one := g.vec()
	g.set(f32(1), one)
	g.sub(far, one, far)
	sign := g.vec()
	g.and(sign, x, signBit)
	g.or(far, far, sign)
	square := g.vec()
	g.mul(square, x, x)
	p := g.poly(square, erfPoly...)
	g.horner(p, x, x)
	g.pick(far, g.cmp(less, y, f32(1)), p, far)
	return far
}
