package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// adamw writes the optimiser's update. Nine registers hold the constants of the step; five more are at work.
func adamw(g *gen) {
	g.fn("adamW", "func(p, grad, m, v []float32, c *[9]float32)", "updates p, m and v from grad.")
	p, grad, m, v, c := g.slice("p"), g.slice("grad"), g.slice("m"), g.slice("v"), g.arg("c")
	// In the order the package declares beside AdamWStep.
	k := g.vecs(9)
	for i := range k {
		g.VBROADCASTSS(operand.Mem{Base: c, Disp: 4 * i}, k[i])
	}
	gradScale, decay, beta1, rest1, beta2, rest2, root2, eps, step := k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8]
	g.each(g.length("p"), 1, func(index reg.GPVirtual, disp int, sel *mask) {
		at := func(base reg.GPVirtual) operand.Mem {
			return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
		}
		x, first, second, t := g.vec(), g.vec(), g.vec(), g.vec()
		g.load(at(grad), x, sel)
		g.mul(x, x, gradScale)
		g.load(at(m), first, sel)
		g.mul(first, first, beta1)
		g.fma(first, x, rest1)
		g.store(first, at(m), sel)
		g.load(at(v), second, sel)
		g.mul(second, second, beta2)
		g.mul(t, rest2, x)
		g.fma(second, t, x)
		g.store(second, at(v), sel)
		g.VSQRTPS(second, second)
		g.div(second, second, root2)
		g.add(second, second, eps)
		g.mul(first, step, first)
		g.div(first, first, second)
		g.load(at(p), x, sel)
		g.mul(x, x, decay)
		g.add(x, x, first)
		g.store(x, at(p), sel)
	})
	g.ret()
}
