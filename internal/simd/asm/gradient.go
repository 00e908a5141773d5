package main

import "math"

// gradient writes the derivatives of the activations times dy. GELU's needs most registers, about twelve.
func gradient(g *gen) {
	grad := func(name, x, doc string, unroll int, body func(g *gen, x, dy vec) vec) {
		mapping{name: name, sources: x + ", dy", doc: "sets dst = " + doc + ".", unroll: unroll, body: func(g *gen, v, _ []vec) vec {
			return body(g, v[0], v[1])
		}}.emit(g)
	}
	grad("reluGrad", "x", "dy, 0 where x <= 0", 4, func(g *gen, x, dy vec) vec {
		zero := g.vec()
		g.zero(zero)
		g.keep(dy, g.cmp(notLessEqual, x, zero), dy)
		return dy
	})
	grad("geluGrad", "x", "(Phi(x) + x phi(x)) dy", 1, func(g *gen, x, dy vec) vec {
		x = g.within(x, -40, 40)
		phi := g.normal(x)
		density := g.vec()
		g.mul(density, x, x)
		g.mul(density, density, f32(-0.5))
		density = g.expNegative(density)
		g.mul(density, density, f32(1/math.Sqrt(2*math.Pi)))
		g.fma(phi, x, density)
		g.mul(phi, phi, dy)
		return phi
	})
	grad("geluTanhGrad", "x", "s (1 + x (1 - s) u') dy with s = sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3)", 1, func(g *gen, x, dy vec) vec {
		x = g.within(x, -40, 40)
		slope, u := g.tanhArgument(x)
		s, rest := g.sigmoids(u)
		three := g.vec()
		g.set(f32(3*geluScale*geluCube), three)
		g.horner(slope, three, f32(geluScale))
		g.mul(slope, slope, x)
		g.horner(rest, slope, f32(1))
		g.mul(s, s, rest)
		g.mul(s, s, dy)
		return s
	})
	grad("siluGrad", "x", "s (1 + x (1 - s)) dy with s = sigmoid(x)", 1, func(g *gen, x, dy vec) vec {
		x = g.within(x, -1000, 1000)
		s, rest := g.sigmoids(x)
		g.horner(rest, x, f32(1))
		g.mul(s, s, rest)
		g.mul(s, s, dy)
		return s
	})
	grad("eluGrad", "x", "dy where x > 0, else e^x dy", 1, func(g *gen, x, dy vec) vec {
		zero := g.vec()
		g.zero(zero)
		e := g.vec()
		g.min(e, zero, x)
		e = g.expNegative(e) // 1 for positive x
		g.mul(e, e, dy)
		return e
	})
	grad("tanhGrad", "y", "(1 - y^2) dy", 4, func(g *gen, y, dy vec) vec {
		g.hornerNeg(y, y, f32(1))
		g.mul(y, y, dy)
		return y
	})
	grad("sigmoidGrad", "y", "y (1 - y) dy", 4, func(g *gen, y, dy vec) vec {
		rest := g.vec()
		g.set(f32(1), rest)
		g.sub(rest, rest, y)
		g.mul(y, y, rest)
		g.mul(y, y, dy)
		return y
	})
	grad("signedSqrtGrad", "x", "dy / (2 sqrt|x|), 0 where x is 0", 1, func(g *gen, x, dy vec) vec {
		zero, slope := g.vec(), g.vec()
		g.zero(zero)
		some := g.cmp(notEqual, x, zero)
		g.and(x, x, absBits)
		g.VSQRTPS(x, x)
		g.set(f32(0.5), slope)
		g.div(slope, slope, x)
		g.mul(dy, dy, slope)
		g.keep(dy, some, dy)
		return dy
	})
}
