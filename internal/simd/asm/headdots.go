package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// headDots writes the dot products of the heads of each row of x with those of a.
//
// Four registers of products are added up together: shuffles bring elements 0 and 2, then 0 and 1 of each quad of lanes
// side by side, so that three additions leave the sum of quad q of register v in lane 4q+v. A head of four columns is
// one quad, one of eight is two, any other is a register, into which wide heads are added up before.
func headDots(g *gen) {
	headDotsWide(g)
	headDotsQuads(g)
	if g.level == avx512 {
		headDotsEights(g)
	}
}

// headTree returns the sums of quads q of the registers p[v] in lanes 4q+v.
func (g *gen) headTree(p []vec) vec {
	half := g.vecs(2)
	for i := range half {
		low, high := g.vec(), g.vec()
		g.VUNPCKLPS(p[2*i+1], p[2*i], low)
		g.VUNPCKHPS(p[2*i+1], p[2*i], high)
		g.add(half[i], low, high)
	}
	low, high := g.vec(), g.vec()
	g.VSHUFPS(operand.U8(0x44), half[1], half[0], low)
	g.VSHUFPS(operand.U8(0xee), half[1], half[0], high)
	g.add(low, low, high)
	return low
}

// addUpper256 adds the upper half of a register of AVX-512 to the lower one.
func (g *gen) addUpper256(v vec) {
	upper := g.YMM()
	g.VEXTRACTF64X4(operand.U8(1), v, upper)
	g.VADDPS(upper, v.AsY(), v.AsY())
}

// addUpper128 adds the second quad of a register to the first.
func (g *gen) addUpper128(v vec) {
	upper := g.XMM()
	g.VEXTRACTF128(operand.U8(1), v.AsY(), upper)
	g.VADDPS(upper, v.AsX(), v.AsX())
}

// headDotsWide writes the kernel for heads of any width, four at a time.
func headDotsWide(g *gen) {
	g.fn("headDots", "func(s *float32, sstep, count, add int, x *float32, xstep int, a *float32, off1, off2, off3, full, last, n int)",
		"writes the dot products of count heads, at most four, of each row of x with those of a. Heads 1, 2 and 3\n"+
			"begin at off1, off2 and off3; a head is full bytes of whole registers and last columns more. add is count to add to s,\n"+
			"0 to overwrite it. Steps are in bytes.")
	s, sstep, x, xstep, full := g.arg("s"), g.arg("sstep"), g.arg("x"), g.arg("xstep"), g.arg("full")
	off := []reg.GPVirtual{nil, g.arg("off1"), g.arg("off2"), g.arg("off3")}
	at := func(base reg.GPVirtual, v int) operand.Mem {
		if v == 0 {
			return operand.Mem{Base: base}
		}
		return operand.Mem{Base: base, Index: off[v], Scale: 1}
	}
	tail, some, add := g.tailMask(g.arg("last")), g.tailMask(g.arg("count")), g.tailMask(g.arg("add"))
	end := g.arg("a")
	g.ADDQ(full, end)
	ends := g.vecs(4) // the last columns of a
	for v := range ends {
		g.load(at(end, v), ends[v], tail)
	}
	count := g.arg("count")
	g.rowsLoop(func() {
		p := g.vecs(4)
		from, left := g.GP64(), g.GP64()
		g.LEAQ(operand.Mem{Base: x, Index: full, Scale: 1}, from)
		for v := range p {
			g.load(at(from, v), p[v], tail)
			g.mul(p[v], p[v], ends[v])
		}
		// Wide heads go on from the end to the beginning.
		more, ready := g.newLabel("more"), g.newLabel("ready")
		g.CMPQ(from, x)
		g.JE(operand.LabelRef(ready))
		g.MOVQ(end, left)
		g.Label(more)
		g.SUBQ(operand.U8(g.bytes()), from)
		g.SUBQ(operand.U8(g.bytes()), left)
		for v := range p {
			part := g.vec()
			g.load(at(from, v), part, nil)
			g.fma(p[v], part, at(left, v))
		}
		g.CMPQ(from, x)
		g.JNE(operand.LabelRef(more))
		g.Label(ready)
		sums := g.headTree(p)
		if g.level == avx512 {
			g.addUpper256(sums)
		}
		g.addUpper128(sums)
		out, before := operand.Mem{Base: s}, g.XMM()
		if g.level == avx512 {
			g.VMOVUPS_Z(out, add.k, before)
		} else {
			g.VMASKMOVPS(out, add.v.AsX(), before)
		}
		g.VADDPS(before, sums.AsX(), sums.AsX())
		few, next := g.newLabel("few"), g.newLabel("next")
		g.CMPQ(count, operand.U8(4))
		g.JNE(operand.LabelRef(few))
		g.VMOVUPS(sums.AsX(), out)
		g.JMP(operand.LabelRef(next))
		g.Label(few)
		if g.level == avx512 {
			g.VMOVUPS(sums.AsX(), some.k, out)
		} else {
			g.VMASKMOVPS(sums.AsX(), some.v.AsX(), out)
		}
		g.Label(next)
		g.ADDQ(sstep, s)
		g.ADDQ(xstep, x)
	})
	g.ret()
}

// headDotsEights writes the kernel for heads of eight columns: eight heads at a time, two in each register.
func headDotsEights(g *gen) {
	g.fn("headDotsEights", "func(s *float32, sstep, add int, x *float32, xstep int, a *float32, n int)",
		"writes the dot products of eight heads of eight columns of each row of x with those of a.\n"+
			"add is 8 to add to s, 0 to overwrite it. Steps are in bytes.")
	// The first quad of head h goes to lane h, the second to lane 8+h.
	order := make([]uint32, 16)
	for h := range 8 {
		order[h] = uint32(h%2*8 + h/2)
		order[8+h] = order[h] + 4
	}
	headDotsPacked(g, "eights", order, func(sums vec, s operand.Mem, add *mask) {
		before := g.YMM()
		g.addUpper256(sums)
		g.VMOVUPS_Z(s, add.k, before)
		g.VADDPS(before, sums.AsY(), sums.AsY())
		g.VMOVUPS(sums.AsY(), s)
	})
}

// headDotsQuads writes the kernel for heads of four columns: as many heads at a time as a register has lanes.
func headDotsQuads(g *gen) {
	g.fn("headDotsQuads", "func(s *float32, sstep, add int, x *float32, xstep int, a *float32, n int)",
		"writes the dot products of a register of heads of four columns of each row of x with those of a.\n"+
			"add is the lanes of a register to add to s, 0 to overwrite it. Steps are in bytes.")
	// Register v holds the heads from quads*v on.
	quads := g.lanes() / 4
	order := make([]uint32, g.lanes())
	for h := range order {
		order[h] = uint32(h%quads*4 + h/quads)
	}
	headDotsPacked(g, "quads", order, func(sums vec, s operand.Mem, add *mask) {
		before := g.vec()
		g.load(s, before, add)
		g.add(sums, sums, before)
		g.store(sums, s, nil)
	})
}

// headDotsPacked emits the loop over rows whose heads fill four registers. order is where the sums of quads go, finish
// brings them to s.
func headDotsPacked(g *gen, name string, order []uint32, finish func(sums vec, s operand.Mem, add *mask)) {
	s, sstep, x, xstep, base := g.arg("s"), g.arg("sstep"), g.arg("x"), g.arg("xstep"), g.arg("a")
	add, place, a := g.tailMask(g.arg("add")), g.vec(), g.vecs(4)
	g.load(g.table(name, order), place, nil)
	for v := range a {
		g.load(operand.Mem{Base: base, Disp: v * g.bytes()}, a[v], nil)
	}
	g.rowsLoop(func() {
		p := g.vecs(4)
		for v := range p {
			g.mul(p[v], a[v], operand.Mem{Base: x, Disp: v * g.bytes()})
		}
		sums := g.headTree(p)
		g.VPERMPS(sums, place, sums)
		finish(sums, operand.Mem{Base: s}, add)
		g.ADDQ(sstep, s)
		g.ADDQ(xstep, x)
	})
	g.ret()
}
