package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// softmax writes the row softmax: the largest score, then exponentials and their sum, then the division. Lanes beyond
// the row count as -Inf. A row of nothing but -Inf takes the lowest finite number for its largest, which makes all
// exponentials 0, and 1 for its sum. NaN reaches the sum through its exponential, and from there the whole row.
func softmax(g *gen) {
	sumExp(g)
	mapping{name: "scaledExp", sources: "a", scalars: "shift, s", doc: "sets dst = s * e^(a + shift).", unroll: 1, body: func(g *gen, x, s []vec) vec {
		g.add(x[0], x[0], s[0])
		e := g.exp(x[0])
		g.mul(e, e, s[1])
		return e
	}}.emit(g)
	mapping{name: "addScaledExp", sources: "a", scalars: "shift, s", doc: "adds s * e^(a + shift) to dst.", unroll: 1, update: true, body: func(g *gen, x, s []vec) vec {
		g.add(x[1], x[1], s[0])
		g.fma(x[0], g.exp(x[1]), s[1])
		return x[0]
	}}.emit(g)
	g.fn("softmaxRows", "func(dst, a []float32, rows, cols, ld int)", "sets each row of dst to the softmax of that row of a.")
	dst, a, count, cols, stride := g.slice("dst"), g.slice("a"), g.arg("rows"), g.arg("cols"), g.inBytes("ld")
	left := g.GP64()
	top, total, lowest, rest := g.vec(), g.vec(), g.vec(), g.vec()
	from := func(index reg.GPVirtual, disp int) operand.Mem {
		return operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}
	}
	to := func(index reg.GPVirtual, disp int) operand.Mem {
		return operand.Mem{Base: dst, Index: index, Scale: 1, Disp: disp}
	}
	g.set(konst(math.Float32bits(float32(math.Inf(-1)))), lowest)

	g.Label("row")
	g.set(f32(-math.MaxFloat32), top)
	g.MOVQ(cols, left)
	g.each(left, 1, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.loadOr(from(index, disp), x, sel, lowest)
		g.max(top, x, top) // a NaN in x leaves top as it is
	})
	g.VBROADCASTSS(g.maxLanes(top), top)

	g.zero(total)
	g.MOVQ(cols, left)
	g.each(left, 1, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.loadOr(from(index, disp), x, sel, lowest)
		g.sub(x, x, top)
		e := g.expNegative(x)
		g.add(total, total, e)
		if sel == nil {
			g.store(e, to(index, disp), nil)
		} else {
			g.VMOVAPS(e, rest) // stored once, below: masked stores are slow on some processors
		}
	})
	sum, one := g.sumLanes(total), g.XMM()
	g.VMOVSS(g.mem(f32(1), false), one)
	g.VMAXSS(sum, one, sum) // at least 1 but for a masked row; NaN stays
	g.VDIVSS(sum, one, sum)
	g.VBROADCASTSS(sum, total)

	g.MOVQ(cols, left)
	g.each(left, 1, func(index reg.GPVirtual, disp int, sel *mask) {
		x := rest
		if sel == nil {
			x = g.vec()
			g.load(to(index, disp), x, nil)
		}
		g.mul(x, x, total)
		g.store(x, to(index, disp), sel)
	})
	g.ADDQ(stride, a)
	g.ADDQ(stride, dst)
	g.DECQ(count)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// sumExp writes a sum of exponentials, which is formed in float64 so that long rows keep their digits.
func sumExp(g *gen) {
	g.fn("sumExp", "func(a []float32, shift float32) float64", "returns the sum of e^(a + shift) in float64.")
	a, shift := g.slice("a"), g.scalar("shift")
	acc := g.vecs(2)
	for _, v := range acc {
		g.zero(v)
	}
	g.each(g.length("a"), 1, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.load(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, x, sel)
		g.add(x, x, shift)
		e := g.exp(x)
		if sel != nil {
			g.keep(e, sel, e)
		}
		for half, v := range acc {
			part := g.vec()
			g.widenHalf(part, e, half)
			g.VADDPD(part, v, v)
		}
	})
	g.VADDPD(acc[1], acc[0], acc[0])
	g.returns(g.sumDoubles(acc[0]))
}
