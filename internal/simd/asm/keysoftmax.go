package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// keySoftmax writes the softmax over keys and its gradient. Scores are one row a key and one element a head.
//
// A lane of a register does one head, or, where heads divide a register, every second, fourth and so on row of one: then
// the array is taken as it lies, whole registers and a last partial one, and the lanes of a head are brought together
// after each pass.
func keySoftmax(g *gen) {
	keyForward(g)
	keyBackward(g)
}

// keyRows is a walk over arrays of scores: registers of lanes lanes, step bytes apart, then the last lanes, if any.
type keyRows struct {
	bases []reg.GPVirtual // of the arrays
	step  reg.GPVirtual
	lanes *mask // nil for whole registers
	last  *mask // nil if the walk has no end of its own
}

// each emits the walk; body gets the places of the arrays' lanes and their mask.
func (k *keyRows) each(g *gen, body func(at []operand.Mem, sel *mask)) {
	at := make([]operand.Mem, len(k.bases))
	moving := make([]reg.GPVirtual, len(k.bases))
	for i, b := range k.bases {
		moving[i] = g.GP64()
		g.MOVQ(b, moving[i])
		at[i] = operand.Mem{Base: moving[i]}
	}
	left := g.arg("rows")
	loop, end := g.newLabel("loop"), g.newLabel("end")
	g.TESTQ(left, left)
	g.JZ(operand.LabelRef(end))
	g.Label(loop)
	body(at, k.lanes)
	for _, m := range moving {
		g.ADDQ(k.step, m)
	}
	g.DECQ(left)
	g.JNZ(operand.LabelRef(loop))
	g.Label(end)
	if k.last == nil {
		return
	}
	left, end = g.arg("last"), g.newLabel("end")
	g.TESTQ(left, left)
	g.JZ(operand.LabelRef(end))
	body(at, k.last)
	g.Label(end)
}

// keyWalks emits body for whole registers with an end and for rows of fewer lanes.
func (g *gen) keyWalks(arrays []string, body func(k *keyRows)) {
	k := &keyRows{step: g.arg("step")}
	for _, a := range arrays {
		k.bases = append(k.bases, g.arg(a))
	}
	last := g.tailMask(g.arg("last"))
	g.whole(g.arg("lanes"), func(sel *mask) {
		k.lanes, k.last = sel, last
		if sel != nil {
			k.last = nil
		}
		body(k)
	})
	g.ret()
}

// together combines the lanes of a head, which are period apart, and leaves the result in all of them.
func (g *gen) together(v vec, combine func(dst, a vec, b readable)) {
	period, done, swapped := g.arg("period"), g.newLabel("together"), g.vec()
	for shift := g.lanes() / 2; shift > 0; shift /= 2 {
		g.CMPQ(period, operand.U8(shift))
		g.JG(operand.LabelRef(done))
		switch {
		case shift == 8:
			g.VSHUFF32X4(operand.U8(0x4e), v, v, swapped)
		case shift == 4 && g.level == avx512:
			g.VSHUFF32X4(operand.U8(0xb1), v, v, swapped)
		case shift == 4:
			g.VPERM2F128(operand.U8(1), v, v, swapped)
		case shift == 2:
			g.VPERMILPS(operand.U8(0x4e), v, swapped)
		default:
			g.VPERMILPS(operand.U8(0xb1), v, swapped)
		}
		combine(v, swapped, v)
	}
	g.Label(done)
}

const keyArgs = "step, lanes, rows, last, period int"

const keyDoc = "for rows times lanes elements, rows of them\nstep bytes apart, and, where lanes is a register, last more. Lanes period apart belong to one head."

func keyForward(g *gen) {
	g.fn("keySoftmax", "func(s *float32, "+keyArgs+", eps float32)", "is KeySoftmax "+keyDoc)
	eps := g.scalar("eps")
	g.keyWalks([]string{"s"}, func(k *keyRows) {
		// The exponentials of a head of nothing but -Inf are 0, which is that far below the lowest finite number too.
		top := g.vec()
		g.set(f32(-math.MaxFloat32), top)
		k.each(g, func(at []operand.Mem, sel *mask) {
			x := g.vec()
			g.loadOr(at[0], x, sel, top)
			g.max(top, x, top) // a NaN in x leaves top as it is
		})
		g.together(top, g.max)
		sum := g.vec()
		g.zero(sum)
		k.each(g, func(at []operand.Mem, sel *mask) {
			x := g.vec()
			g.load(at[0], x, sel)
			g.sub(x, x, top)
			x = g.expNegative(x)
			if sel != nil {
				g.keep(x, sel, x)
			}
			g.add(sum, sum, x)
			g.store(x, at[0], sel)
		})
		g.together(sum, g.add)
		sum = g.above(sum, 1) // it is but for a masked head, which must not give 0/0; NaN stays
		g.add(sum, sum, eps)
		scale := g.vec()
		g.set(f32(1), scale)
		g.div(scale, scale, sum)
		k.each(g, func(at []operand.Mem, sel *mask) {
			x := g.vec()
			g.load(at[0], x, sel)
			g.mul(x, x, scale)
			g.store(x, at[0], sel)
		})
	})
}

func keyBackward(g *gen) {
	g.fn("keySoftmaxGrad", "func(s, a *float32, "+keyArgs+")", "is KeySoftmaxGrad "+keyDoc)
	g.keyWalks([]string{"s", "a"}, func(k *keyRows) {
		dot := g.vec()
		g.zero(dot)
		k.each(g, func(at []operand.Mem, sel *mask) {
			grad, a := g.vec(), g.vec()
			g.load(at[0], grad, sel)
			g.load(at[1], a, sel)
			g.fma(dot, grad, a)
		})
		g.together(dot, g.add)
		k.each(g, func(at []operand.Mem, sel *mask) {
			grad, a := g.vec(), g.vec()
			g.load(at[0], grad, sel)
			g.load(at[1], a, sel)
			g.sub(grad, grad, dot)
			g.mul(grad, grad, a)
			g.store(grad, at[0], sel)
		})
	})
}
