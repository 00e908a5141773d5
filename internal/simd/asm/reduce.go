package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reduce writes the reductions. Four registers of sums are under way in the loop over four registers of input; they are
// added in pairs at the end. What is added to what depends on the length alone.
func reduce(g *gen) {
	floatSum(g, "sum", "a", "returns the sum of a in float64.", func(acc vec, x []vec) { g.VADDPD(x[0], acc, acc) })
	floatSum(g, "sumSquares", "a", "returns the sum of the squares of a in float64.", func(acc vec, x []vec) { g.VFMADD231PD(x[0], x[0], acc) })
	floatSum(g, "dot", "a, b", "returns the inner product of a and b in float64.", func(acc vec, x []vec) { g.VFMADD231PD(x[1], x[0], acc) })
	largest(g, "max", "returns the largest element of a, NaN if there is one.", math.Inf(-1), nil)
	largest(g, "maxAbs", "returns the largest |a|, NaN if there is one.", 0, func(x vec) { g.and(x, x, absBits) })
	allFinite(g)
}

// floatSum writes a sum in float64: both halves of each register are widened.
func floatSum(g *gen, name, slices, doc string, body func(acc vec, x []vec)) {
	g.fn(name, "func("+slices+" []float32) float64", doc)
	bases := []reg.GPVirtual{g.slice("a")}
	if slices != "a" {
		bases = append(bases, g.slice("b"))
	}
	acc := g.vecs(4)
	for _, v := range acc {
		g.zero(v)
	}
	g.each(g.length("a"), 2, func(index reg.GPVirtual, disp int, sel *mask) {
		for half := range 2 {
			var x []vec
			for _, b := range bases {
				x = append(x, g.widen(operand.Mem{Base: b, Index: index, Scale: 1, Disp: disp}, half, sel))
			}
			body(acc[disp/g.bytes()*2+half], x)
		}
	})
	g.VADDPD(acc[1], acc[0], acc[0])
	g.VADDPD(acc[3], acc[2], acc[2])
	g.VADDPD(acc[2], acc[0], acc[0])
	g.returns(g.sumDoubles(acc[0]))
}

// sumDoubles adds the float64 lanes of a register.
func (g *gen) sumDoubles(v vec) reg.VecVirtual {
	if g.level == avx512 {
		half, low := g.YMM(), g.YMM()
		g.VEXTRACTF64X4(operand.U8(1), v, half)
		g.VADDPD(half, v.AsY(), low)
		v = low
	}
	x, y := g.XMM(), g.XMM()
	g.VEXTRACTF128(operand.U8(1), v.AsY(), x)
	g.VADDPD(x, v.AsX(), x)
	g.VPERMILPD(operand.U8(1), x, y)
	g.VADDSD(y, x, x)
	return x
}

// widen returns half a register of float32 in memory as float64.
func (g *gen) widen(m operand.Mem, half int, sel *mask) vec {
	x := g.vec()
	if sel == nil {
		g.VCVTPS2PD(m.Offset(half*g.bytes()/2), x)
		return x
	}
	g.load(m, x, sel)
	g.widenHalf(x, x, half)
	return x
}

// widenHalf sets dst to half of the register x as float64.
func (g *gen) widenHalf(dst, x vec, half int) {
	switch {
	case g.level == avx512 && half == 1:
		y := g.YMM()
		g.VEXTRACTF64X4(operand.U8(1), x, y)
		g.VCVTPS2PD(y, dst)
	case g.level == avx512:
		g.VCVTPS2PD(x.AsY(), dst)
	case half == 1:
		y := g.XMM()
		g.VEXTRACTF128(operand.U8(1), x, y)
		g.VCVTPS2PD(y, dst)
	default:
		g.VCVTPS2PD(x.AsX(), dst)
	}
}

// largest writes a maximum. VMAXPS drops NaN, so what is unordered is remembered beside it.
func largest(g *gen, name, doc string, start float64, prepare func(x vec)) {
	g.fn(name, "func(a []float32) float32", doc)
	a := g.slice("a")
	acc := g.vecs(4)
	fill := g.vec()
	g.set(f32(start), fill)
	for _, v := range acc {
		g.VMOVAPS(fill, v)
	}
	// nans is NaN in the lanes that have met one: the sum of x*0 would be, but for infinities too.
	nans := g.vec()
	g.zero(nans)
	g.each(g.length("a"), 4, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.loadOr(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, x, sel, fill)
		if prepare != nil {
			prepare(x)
		}
		i := disp / g.bytes()
		g.max(acc[i], x, acc[i])
		g.remember(nans, g.cmp(unordered, x, x))
	})
	g.max(acc[0], acc[0], acc[1])
	g.max(acc[2], acc[2], acc[3])
	g.max(acc[0], acc[0], acc[2])
	zero := g.vec()
	g.zero(zero)
	g.anyLane(g.cmp(unordered, nans, zero), "nan")
	result := g.maxLanes(acc[0])
	g.returns(result)
	g.Label("nan")
	g.VMOVSS(g.mem(nanBits, false), result)
	g.returns(result)
}

// remember makes the lanes of the mask in v all ones, which is NaN.
func (g *gen) remember(v vec, m *mask) {
	if g.level == avx512 {
		g.VPTERNLOGD(operand.U8(0xff), v, v, m.k, v)
	} else {
		g.VORPS(m.v, v, v)
	}
}

// allFinite writes the check for NaN and infinities: x*0 is NaN for both and stays so in the sum. The sum is looked at
// after every block.
func allFinite(g *gen) {
	const block = 64 // registers
	g.fn("allFinite", "func(a []float32) bool", "reports whether a has neither NaN nor infinities.")
	a, n := g.slice("a"), g.length("a")
	zero, acc := g.vec(), g.vecs(4)
	g.zero(zero)
	for _, v := range acc {
		g.zero(v)
	}
	index, left := g.GP64(), g.GP64()
	g.XORQ(index, index)
	g.Label("block")
	g.MOVQ(operand.I32(block*g.lanes()), left)
	g.CMPQ(n, left)
	g.CMOVQLT(n, left)
	g.SUBQ(left, n)
	g.eachFrom(index, left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.load(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, x, sel)
		g.fma(acc[disp/g.bytes()], x, zero)
	})
	both := g.vec()
	g.add(both, acc[0], acc[1])
	g.add(both, both, acc[2])
	g.add(both, both, acc[3])
	g.anyLane(g.cmp(unordered, both, both), "bad")
	g.TESTQ(n, n)
	g.JNZ(operand.LabelRef("block"))
	yes := g.GP8()
	g.MOVB(operand.U8(1), yes)
	g.Store(yes, g.ReturnIndex(0))
	g.ret()
	g.Label("bad")
	no := g.GP8()
	g.MOVB(operand.U8(0), no)
	g.Store(no, g.ReturnIndex(0))
	g.ret()
}
