package main

import "github.com/mmcloughlin/avo/operand"

// peak writes the register-only loop that FMAPeak times and the stream kernel Triad.
func peak(g *gen) {
	// Twelve chains hide the latency of four cycles of two units. Each converges to 2: x*0.5 + 1.
	const chains = 12
	g.fn("fmaPeak", "func(iters int) int64", "runs iters rounds of twelve independent multiply-adds and returns their operations.")
	iters := g.arg("iters")
	half, one, acc := g.vec(), g.vec(), g.vecs(chains)
	g.set(f32(0.5), half)
	g.set(f32(1), one)
	for _, v := range acc {
		g.zero(v)
	}
	count := g.GP64()
	g.MOVQ(iters, count)
	g.Label("loop")
	for _, v := range acc {
		g.VFMADD213PS(one, half, v)
	}
	g.DECQ(count)
	g.JNZ(operand.LabelRef("loop"))
	g.IMUL3Q(operand.I32(2*chains*g.lanes()), iters, iters)
	g.Store(iters, g.ReturnIndex(0))
	g.ret()
}
