package main

// elementwise writes the arithmetic kernels. They are bound by memory; each needs at most one register for each operand
// and scalar.
func elementwise(g *gen) {
	for _, m := range []mapping{
		{name: "add", sources: "a, b", doc: "sets dst = a + b.", body: func(g *gen, x, _ []vec) vec {
			g.add(x[0], x[0], x[1])
			return x[0]
		}},
		{name: "sub", sources: "a, b", doc: "sets dst = a - b.", body: func(g *gen, x, _ []vec) vec {
			g.sub(x[0], x[0], x[1])
			return x[0]
		}},
		{name: "mul", sources: "a, b", doc: "sets dst = a * b.", body: func(g *gen, x, _ []vec) vec {
			g.mul(x[0], x[0], x[1])
			return x[0]
		}},
		{name: "div", sources: "a, b", doc: "sets dst = a / b.", body: func(g *gen, x, _ []vec) vec {
			g.div(x[0], x[0], x[1])
			return x[0]
		}},
		{name: "mulAdd", sources: "a, b", doc: "adds a * b to dst.", update: true, body: func(g *gen, x, _ []vec) vec {
			g.fma(x[0], x[1], x[2])
			return x[0]
		}},
		{name: "addScaled", sources: "a", scalars: "s", doc: "adds s * a to dst.", update: true, body: func(g *gen, x, s []vec) vec {
			g.fma(x[0], x[1], s[0])
			return x[0]
		}},
		{name: "triad", sources: "a, b", scalars: "s", doc: "sets dst = a + s * b.", body: func(g *gen, x, s []vec) vec {
			g.fma(x[0], x[1], s[0])
			return x[0]
		}},
		{name: "scale", sources: "a", scalars: "s", doc: "sets dst = s * a.", body: func(g *gen, x, s []vec) vec {
			g.mul(x[0], s[0], x[0])
			return x[0]
		}},
		{name: "addConst", sources: "a", scalars: "s", doc: "sets dst = a + s.", body: func(g *gen, x, s []vec) vec {
			g.add(x[0], x[0], s[0])
			return x[0]
		}},
		{name: "fill", scalars: "v", doc: "sets dst to v.", body: func(_ *gen, _, s []vec) vec { return s[0] }},
		{name: "clamp", sources: "a", scalars: "lo, hi", doc: "sets dst = min(max(a, lo), hi).", body: func(g *gen, x, s []vec) vec {
			g.max(x[0], s[0], x[0])
			g.min(x[0], s[1], x[0])
			return x[0]
		}},
		{name: "clampGrad", sources: "x, dy", scalars: "lo, hi", doc: "sets dst to dy where lo <= x <= hi, else to 0.", body: func(g *gen, x, s []vec) vec {
			low, high := g.cmp(greaterEqual, x[0], s[0]), g.cmp(lessEqual, x[0], s[1])
			g.keep(x[1], low, x[1])
			g.keep(x[1], high, x[1])
			return x[1]
		}},
	} {
		m.unroll = 4
		m.emit(g)
	}
}
