package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pair writes the inner loops of pairwise attention. A strip of columns keeps q, and backward the sum for dq, in
// registers while it walks the keys; everything else is read and written once. The activation is a lower bound that is 0
// or nothing, so there is no branch in the loop.
func pair(g *gen) {
	pairForward(g)
	pairBackward(g)
}

// pairForward needs a register of q for each of the strip's and four more.
func pairForward(g *gen) {
	g.fn("pairForward", "func(eh, q, k, e []float32, n, d, ldk, lde, act int)", "is described at PairForward.")
	eh, q, k, e := g.slice("eh"), g.slice("q"), g.slice("k"), g.slice("e")
	n, d, ldk, lde := g.arg("n"), g.inBytes("d"), g.inBytes("ldk"), g.inBytes("lde")
	floor := g.activation(0, math.Inf(-1))
	cols := g.arg("d")
	g.strips(cols, 4, func(v int, offset reg.GPVirtual, sel *mask) {
		qs := g.loadStrip(q, offset, v, sel)
		g.rows(n, offset, []reg.GPVirtual{eh, k, e}, []reg.GPVirtual{d, ldk, lde}, func(at []reg.GPVirtual) {
			for i := range v {
				m := last(i, v, sel)
				t, ew, eb := g.vec(), g.vec(), g.vec()
				g.load(g.at(at[1], i), t, m)
				g.add(t, t, qs[i])
				g.load(g.at(at[2], i), ew, m)
				g.mul(t, t, ew)
				sign := g.vec()
				g.and(sign, t, signBit)
				g.and(t, t, absBits)
				g.VSQRTPS(t, t)
				g.or(t, t, sign)
				g.load(operand.Mem{Base: at[2], Index: d, Scale: 1, Disp: i * g.bytes()}, eb, m)
				g.add(t, t, eb)
				g.max(t, floor, t)
				g.store(t, g.at(at[0], i), m)
			}
		})
	})
	g.ret()
}

// activation returns a register of one of two values: yes for ReLU, no for the identity, as argument act says.
func (g *gen) activation(yes, no float64) vec {
	v, act := g.vec(), g.arg("act")
	done := g.newLabel("act")
	g.set(f32(no), v)
	g.TESTQ(act, act)
	g.JZ(operand.LabelRef(done))
	g.set(f32(yes), v)
	g.Label(done)
	return v
}

// pairBackward needs registers of q and of the sum of dq for each of the strip's and up to seven more.
func pairBackward(g *gen) {
	g.fn("pairBackward", "func(de, dq, dk, grad, eh, q, k, e []float32, n, d, ldk, lde, ldde, act int)", "is described at PairBackward.")
	// Gradients pass where eh is not at or below the floor; nothing is below NaN.
	floor := g.activation(0, math.NaN())
	zero := g.vec()
	g.zero(zero)
	n, d := g.arg("n"), g.inBytes("d")
	widest := 4
	if g.level == avx2 {
		widest = 2
	}
	g.strips(g.arg("d"), widest, func(v int, offset reg.GPVirtual, sel *mask) {
		qs, sums := g.loadStrip(g.slice("q"), offset, v, sel), g.loadStrip(g.slice("dq"), offset, v, sel)
		// The first four matrices have pointers of their own; grad and eh share an index, as do k and dk.
		de, grad, k, e := g.slice("de"), g.slice("grad"), g.slice("k"), g.slice("e")
		for _, p := range []reg.GPVirtual{de, grad, k, e} {
			g.ADDQ(offset, p)
		}
		eh, dk := g.GP64(), g.GP64()
		g.MOVQ(g.slice("eh"), eh)
		g.SUBQ(g.slice("grad"), eh) // eh lies this far from grad
		g.MOVQ(g.slice("dk"), dk)
		g.SUBQ(g.slice("k"), dk)
		left := g.GP64()
		g.MOVQ(n, left)
		loop := g.newLabel("row")
		g.Label(loop)
		for i := range v {
			m := last(i, v, sel)
			s, ew, t := g.vec(), g.vec(), g.vec()
			g.load(g.at(k, i), s, m)
			g.add(s, s, qs[i])
			g.load(g.at(e, i), ew, m)
			g.mul(t, s, ew)
			slope := g.rootSlope(t, zero)
			out, geb := g.vec(), g.vec()
			g.load(operand.Mem{Base: grad, Index: eh, Scale: 1, Disp: i * g.bytes()}, out, m)
			g.load(g.at(grad, i), geb, m)
			g.keep(geb, g.cmp(notLessEqual, out, floor), geb)
			g.store(geb, operand.Mem{Base: de, Index: d, Scale: 1, Disp: i * g.bytes()}, m)
			slope.apply(g, geb)
			g.mul(s, s, geb)
			g.store(s, g.at(de, i), m)
			g.fma(sums[i], geb, ew)
			before := g.vec()
			at := operand.Mem{Base: k, Index: dk, Scale: 1, Disp: i * g.bytes()}
			g.load(at, before, m)
			g.fma(before, geb, ew)
			g.store(before, at, m)
		}
		step := g.GP64()
		g.MOVQ(g.arg("ldde"), step)
		g.LEAQ(operand.Mem{Base: de, Index: step, Scale: 4}, de)
		g.ADDQ(d, grad)
		g.MOVQ(g.arg("ldk"), step)
		g.LEAQ(operand.Mem{Base: k, Index: step, Scale: 4}, k)
		g.MOVQ(g.arg("lde"), step)
		g.LEAQ(operand.Mem{Base: e, Index: step, Scale: 4}, e)
		g.DECQ(left)
		g.JNZ(operand.LabelRef(loop))
		dq := g.slice("dq")
		for i := range v {
			g.store(sums[i], operand.Mem{Base: dq, Index: offset, Scale: 1, Disp: i * g.bytes()}, last(i, v, sel))
		}
	})
	g.ret()
}

// A slope is 1/(2 sqrt|t|) in the lanes of its mask; elsewhere t is 0.
type slope struct {
	some  *mask
	value vec
}

// rootSlope computes the slope of the signed square root at t, which is used up. AVX-512 has an estimate of 1/sqrt good
// to 2^-14, also for subnormal numbers, which one step of Newton's method, y + y (1 - t y^2)/2, completes; AVX2's
// estimate is too coarse for one step, so it takes the root and divides.
func (g *gen) rootSlope(t, zero vec) slope {
	some := g.cmp(notEqual, t, zero)
	g.and(t, t, absBits)
	if g.level == avx2 {
		half := g.vec()
		g.VSQRTPS(t, t)
		g.set(f32(0.5), half)
		g.div(half, half, t)
		return slope{some, half}
	}
	y, h := g.vec(), g.vec()
	g.VRSQRT14PS(t, y)
	g.mul(h, y, f32(0.5))
	g.mul(y, y, t)
	g.hornerNeg(y, h, f32(0.5)) // (1 - t y^2)/2
	g.fma(h, h, y)
	return slope{some, h}
}

// apply multiplies x by the slope.
func (s slope) apply(g *gen, x vec) {
	g.mul(x, x, s.value)
	g.keep(x, s.some, x)
}
