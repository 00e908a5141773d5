package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rotate writes the rotations of pairs of channels. Cosine and sine have factors of their own, so that one kernel
// scales, and turns back.
func rotate(g *gen) {
	rotateHalves(g)
	rotateNeighbours(g)
	scaleBlock(g)
	scaleBlockRows(g)
}

const rotateArgs = "func(dst *float32, dstStep int, src *float32, srcStep int, cos, sin *float32, step, rows, pairs int, c, s float32)"

// rotateHalves turns channel p with channel p + pairs.
func rotateHalves(g *gen) {
	g.fn("rotateHalves", rotateArgs, "turns the pairs (p, p+pairs) of the rows of src; steps are in bytes.")
	dst, src, cos, sin := g.arg("dst"), g.arg("src"), g.arg("cos"), g.arg("sin")
	half := g.inBytes("pairs")
	dst2, src2 := g.GP64(), g.GP64()
	fc, fs := g.scalar("c"), g.scalar("s")
	rows, left := g.arg("rows"), g.GP64()
	g.Label("row")
	g.LEAQ(operand.Mem{Base: dst, Index: half, Scale: 1}, dst2)
	g.LEAQ(operand.Mem{Base: src, Index: half, Scale: 1}, src2)
	g.Load(g.Param("pairs"), left)
	g.each(left, 1, func(index reg.GPVirtual, disp int, sel *mask) {
		place := func(base reg.GPVirtual) operand.Mem {
			return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
		}
		u, v, c, s := g.vec(), g.vec(), g.vec(), g.vec()
		g.load(place(src), u, sel)
		g.load(place(src2), v, sel)
		g.load(place(cos), c, sel)
		g.load(place(sin), s, sel)
		g.mul(c, c, fc)
		g.mul(s, s, fs)
		x, y := g.vec(), g.vec()
		g.mul(x, u, c)
		g.fnma(x, v, s)
		g.mul(y, v, c)
		g.fma(y, u, s)
		g.store(x, place(dst), sel)
		g.store(y, place(dst2), sel)
	})
	g.nextTurned(dst, src, cos, sin)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

func (g *gen) nextTurned(dst, src, cos, sin reg.GPVirtual) {
	g.ADDQ(g.arg("dstStep"), dst)
	g.ADDQ(g.arg("srcStep"), src)
	step := g.arg("step")
	g.ADDQ(step, cos)
	g.ADDQ(step, sin)
}

// rotateNeighbours turns channel 2p with channel 2p + 1. A register holds half as many pairs as lanes; their cosines and
// sines are read once and spread. The rest of a row, fewer pairs, is done one by one.
func rotateNeighbours(g *gen) {
	g.fn("rotateNeighbours", rotateArgs, "turns the pairs (2p, 2p+1) of the rows of src; steps are in bytes.")
	dst, src, cos, sin := g.arg("dst"), g.arg("src"), g.arg("cos"), g.arg("sin")
	fc, fs := g.scalar("c"), g.scalar("s")
	var twice []uint32
	for i := range g.lanes() {
		twice = append(twice, uint32(i/2))
	}
	spread := g.vec()
	g.VMOVUPS(g.table("twice", twice), spread)
	rows, left := g.arg("rows"), g.GP64()
	per := g.lanes() / 2
	g.Label("row")
	g.Load(g.Param("pairs"), left)
	at, angle := g.GP64(), g.GP64()
	g.XORQ(at, at)
	g.XORQ(angle, angle)
	g.SUBQ(operand.U8(per), left)
	g.JL(operand.LabelRef("few"))
	g.Label("many")
	x, c, s, y := g.vec(), g.vec(), g.vec(), g.vec()
	g.load(operand.Mem{Base: src, Index: at, Scale: 1}, x, nil)
	for _, p := range []struct {
		to     vec
		from   reg.GPVirtual
		factor vec
	}{{c, cos, fc}, {s, sin, fs}} {
		m := operand.Mem{Base: p.from, Index: angle, Scale: 1}
		if g.level == avx512 {
			g.VMOVUPS(m, p.to.AsY())
		} else {
			g.VMOVUPS(m, p.to.AsX())
		}
		g.VPERMPS(p.to, spread, p.to)
		g.mul(p.to, p.to, p.factor)
	}
	g.VPERMILPS(operand.U8(0xb1), x, y)
	g.mul(y, y, s)
	g.VFMADDSUB213PS(y, c, x) // even lanes u cos - v sin, odd ones v cos + u sin
	g.store(x, operand.Mem{Base: dst, Index: at, Scale: 1}, nil)
	g.ADDQ(operand.I32(g.bytes()), at)
	g.ADDQ(operand.I32(g.bytes()/2), angle)
	g.SUBQ(operand.U8(per), left)
	g.JGE(operand.LabelRef("many"))
	g.Label("few")
	g.ADDQ(operand.U8(per), left)
	g.JZ(operand.LabelRef("done"))
	g.Label("one")
	u, v, cx, sx, a := g.XMM(), g.XMM(), g.XMM(), g.XMM(), g.XMM()
	g.VMOVSS(operand.Mem{Base: src, Index: at, Scale: 1}, u)
	g.VMOVSS(operand.Mem{Base: src, Index: at, Scale: 1, Disp: 4}, v)
	g.VMOVSS(operand.Mem{Base: cos, Index: angle, Scale: 1}, cx)
	g.VMOVSS(operand.Mem{Base: sin, Index: angle, Scale: 1}, sx)
	g.VMULSS(fc.AsX(), cx, cx)
	g.VMULSS(fs.AsX(), sx, sx)
	g.VMULSS(sx, v, a)
	b := g.XMM()
	g.VMULSS(sx, u, b)
	g.VFMSUB213SS(a, cx, u)
	g.VFMADD213SS(b, cx, v)
	g.VMOVSS(u, operand.Mem{Base: dst, Index: at, Scale: 1})
	g.VMOVSS(v, operand.Mem{Base: dst, Index: at, Scale: 1, Disp: 4})
	g.ADDQ(operand.U8(8), at)
	g.ADDQ(operand.U8(4), angle)
	g.DECQ(left)
	g.JNZ(operand.LabelRef("one"))
	g.Label("done")
	g.nextTurned(dst, src, cos, sin)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// scaleBlock writes the copy of a block of a matrix, times a number.
func scaleBlock(g *gen) {
	g.fn("scaleBlock", "func(dst *float32, dstStep int, src *float32, srcStep int, rows, cols int, s float32)",
		"sets dst = s * src for rows that are steps apart, in bytes.")
	dst, dstStep, src, srcStep := g.arg("dst"), g.arg("dstStep"), g.arg("src"), g.arg("srcStep")
	rows, left, s := g.arg("rows"), g.GP64(), g.scalar("s")
	// What lies beside the block, the next head in the same rows, is as a rule what is wanted next.
	width, beside := g.inBytes("cols"), g.GP64()
	g.Label("row")
	g.Load(g.Param("cols"), left)
	g.LEAQ(operand.Mem{Base: src, Index: width, Scale: 1}, beside)
	g.each(left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
		if disp%64 == 0 {
			g.PREFETCHT1(operand.Mem{Base: beside, Index: index, Scale: 1, Disp: disp})
		}
		x := g.vec()
		g.load(operand.Mem{Base: src, Index: index, Scale: 1, Disp: disp}, x, sel)
		g.mul(x, x, s)
		g.store(x, operand.Mem{Base: dst, Index: index, Scale: 1, Disp: disp}, sel)
	})
	g.ADDQ(dstStep, dst)
	g.ADDQ(srcStep, src)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// scaleBlockRows writes the same with a number for every row. Rows whose number is 1 are passed over where they stay in
// place.
func scaleBlockRows(g *gen) {
	g.fn("scaleBlockRows", "func(dst *float32, dstStep int, src *float32, srcStep int, s *float32, rows, cols int)",
		"sets dst = s[row] * src for rows that are steps apart, in bytes.")
	dst, dstStep, src, srcStep := g.arg("dst"), g.arg("dstStep"), g.arg("src"), g.arg("srcStep")
	s, rows, left, factor := g.arg("s"), g.arg("rows"), g.GP64(), g.vec()
	g.Label("row")
	g.CMPQ(dst, src)
	g.JNE(operand.LabelRef("scale"))
	g.CMPL(operand.Mem{Base: s}, operand.I32(int32(f32(1))))
	g.JE(operand.LabelRef("next"))
	g.Label("scale")
	g.VBROADCASTSS(operand.Mem{Base: s}, factor)
	g.Load(g.Param("cols"), left)
	g.each(left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.load(operand.Mem{Base: src, Index: index, Scale: 1, Disp: disp}, x, sel)
		g.mul(x, x, factor)
		g.store(x, operand.Mem{Base: dst, Index: index, Scale: 1, Disp: disp}, sel)
	})
	g.Label("next")
	g.ADDQ(dstStep, dst)
	g.ADDQ(srcStep, src)
	g.ADDQ(operand.U8(4), s)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}
