package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// trig writes sine and cosine. Arguments must be below 2^18: see quarters.
func trig(g *gen) {
	mapping{name: "sin", sources: "x", doc: "sets dst = sin x, |x| < 2^18.", unroll: 1, body: func(g *gen, x, _ []vec) vec {
		return g.wave(x[0], false)
	}}.emit(g)
	mapping{name: "cos", sources: "x", doc: "sets dst = cos x, |x| < 2^18.", unroll: 1, body: func(g *gen, x, _ []vec) vec {
		return g.wave(x[0], true)
	}}.emit(g)
}

// sinPoly coefficients: sin r = r + r z p(z) with z = r^2, on |r| <= 0.82; error 2^-27.4.
var sinPoly = []float64{-0.166666508, 0.00833192468, -0.000194841472}

// cosPoly coefficients: cos r = 1 - z/2 + z^2 q(z) with z = r^2, on |r| <= 0.82; error 2^-32.
var cosPoly = []float64{0.0416666381, -0.00138869591, 2.43936502e-05}

// quarters returns n, an integer near 2x/pi, and r = x - n pi/2 to full relative accuracy (Cody and Waite 1980, with
// fused steps). pi/2 is in three parts of 24 bits. The first step is exact: both of its terms are multiples of 2^-24,
// and their difference is below 1. For |x| < 2^18, n is off the nearest integer by less than 0.02 in the middle between
// two, so that |r| < 0.82, and what the three parts leave of n pi/2 is below 2e-18.
func (g *gen) quarters(x vec) (n, r vec) {
	n = g.vec()
	g.mul(n, x, f32(2/math.Pi))
	g.round(n, n)
	r = g.like(x)
	for _, part := range []float64{0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50} {
		g.fnma(r, n, f32(part))
	}
	return n, r
}

// wave returns sin x, or cos x, which is the sine a quarter of a turn further on.
func (g *gen) wave(x vec, cosine bool) vec {
	n, r := g.quarters(x)
	z := g.vec()
	g.mul(z, r, r)
	s := g.poly(z, sinPoly...)
	g.mul(s, s, z)
	g.horner(s, r, r)
	c := g.poly(z, cosPoly...)
	g.horner(c, z, f32(-0.5))
	g.horner(c, z, f32(1))

	// An odd number of quarters exchanges the two; every second pair turns the sign.
	half, zero, sign := g.vec(), g.vec(), g.vec()
	g.VCVTPS2DQ(n, sign)
	if cosine {
		g.integer(g.VPADDD, sign, sign, konst(1))
		s, c = c, s
	}
	g.VPSLLD(operand.U8(30), sign, sign)
	g.and(sign, sign, signBit)
	g.mul(half, n, f32(0.5))
	g.round(half, half)
	g.fnma(n, half, f32(2))
	g.zero(zero)
	g.pick(s, g.cmp(notEqual, n, zero), c, s)
	g.xor(s, s, sign)
	return s
}
