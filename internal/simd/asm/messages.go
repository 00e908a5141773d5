package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// messages writes the sums of message passing over the edges of one node, whose rows are named by indices. Plain sums keep
// a strip of columns in registers while they walk the edges; kernels that do more for an element keep their sums in
// memory, which the first-level cache serves beside the arithmetic, and so read every row from end to end.
func messages(g *gen) {
	sumRowsAt(g)
	sumReLUAt(g)
	sumReLUAtGrad(g)
	gateSumAt(g)
	gateSumAtGrad(g)
	largestRows(g)
}

// edges emits a loop over the edges whose number is the length of a slice argument, at least one. r is their number.
func (g *gen) edges(name string, body func(r reg.GPVirtual)) {
	r, loop := g.GP64(), g.newLabel("edge")
	g.XORQ(r, r)
	g.Label(loop)
	body(r)
	g.INCQ(r)
	count := g.length(name)
	g.CMPQ(r, count)
	g.JL(operand.LabelRef(loop))
}

// rowAt returns the address of the row of a matrix that element r of an index argument names.
func (g *gen) rowAt(matrix, index string, r reg.GPVirtual) reg.GPVirtual {
	row, stride := g.slice(index), g.inBytes("cols")
	g.MOVLQSX(operand.Mem{Base: row, Index: r, Scale: 4}, row)
	g.IMULQ(stride, row)
	g.ADDQ(g.slice(matrix), row)
	return row
}

// weight returns a register filled with element r of the argument w.
func (g *gen) weight(r reg.GPVirtual) vec {
	w := g.vec()
	g.VBROADCASTSS(operand.Mem{Base: g.slice("w"), Index: r, Scale: 4}, w)
	return w
}

// sumStrips emits a sum over edges of one destination: body adds the term of an edge to the register of sums, from the
// places of its rows.
func (g *gen) sumStrips(edges string, rows [][2]string, body func(sum, w vec, at []operand.Mem, sel *mask)) {
	dst := g.slice("dst")
	g.strips(g.arg("cols"), 8, func(v int, offset reg.GPVirtual, sel *mask) {
		sums := g.loadStrip(dst, offset, v, sel)
		g.edges(edges, func(r reg.GPVirtual) {
			var bases []reg.GPVirtual
			for _, row := range rows {
				base := g.rowAt(row[0], row[1], r)
				g.ADDQ(offset, base)
				bases = append(bases, base)
			}
			w := g.weight(r)
			for i := range v {
				var at []operand.Mem
				for _, base := range bases {
					at = append(at, g.at(base, i))
				}
				body(sums[i], w, at, last(i, v, sel))
			}
		})
		for i := range v {
			g.store(sums[i], operand.Mem{Base: dst, Index: offset, Scale: 1, Disp: i * g.bytes()}, last(i, v, sel))
		}
	})
	g.ret()
}

func sumRowsAt(g *gen) {
	g.fn("sumRowsAt", "func(dst, x []float32, at []int32, w []float32, cols int)", "adds w[r] x[at[r]] to dst.")
	g.sumStrips("at", [][2]string{{"x", "at"}}, func(sum, w vec, at []operand.Mem, sel *mask) {
		if sel == nil {
			g.fma(sum, w, at[0])
			return
		}
		x := g.vec()
		g.load(at[0], x, sel)
		g.fma(sum, w, x)
	})
}

func sumReLUAt(g *gen) {
	g.fn("sumReLUAt", "func(dst, x, e []float32, xAt, eAt []int32, w []float32, cols int)", "adds w[r] max(x[xAt[r]] + e[eAt[r]], 0) to dst.")
	zero := g.vec()
	g.zero(zero)
	g.sumStrips("xAt", [][2]string{{"x", "xAt"}, {"e", "eAt"}}, func(sum, w vec, at []operand.Mem, sel *mask) {
		t := g.vec()
		g.load(at[0], t, sel)
		if sel == nil {
			g.add(t, t, at[1])
		} else {
			e := g.vec()
			g.load(at[1], e, sel)
			g.add(t, t, e)
		}
		g.max(t, zero, t)
		g.fma(sum, w, t)
	})
}

// columns emits a loop over the columns of the rows at hand. body reads and writes registers of columns by the functions
// it is given.
func (g *gen) columns(unroll int, body func(read func(reg.GPVirtual) vec, write func(vec, reg.GPVirtual))) {
	g.each(g.arg("cols"), unroll, func(index reg.GPVirtual, disp int, sel *mask) {
		at := func(base reg.GPVirtual) operand.Mem {
			return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
		}
		body(func(base reg.GPVirtual) vec {
			x := g.vec()
			g.load(at(base), x, sel)
			return x
		}, func(x vec, base reg.GPVirtual) { g.store(x, at(base), sel) })
	})
}

// storeSum stores the sum of the lanes of v as element r of the argument dw.
func (g *gen) storeSum(v vec, r reg.GPVirtual) {
	if g.level == avx512 {
		g.addUpper256(v)
	}
	g.addUpper128(v)
	x := v.AsX()
	g.VHADDPS(x, x, x)
	g.VHADDPS(x, x, x)
	g.VMOVSS(x, operand.Mem{Base: g.slice("dw"), Index: r, Scale: 4})
}

func sumReLUAtGrad(g *gen) {
	g.fn("sumReLUAtGrad", "func(dx, de, dw, x, e, dy []float32, eAt, deAt, dyAt []int32, w []float32, cols int, add uint32)",
		"is described at SumReLUAtGrad; add is a mask for what is added to de.")
	dx, x := g.slice("dx"), g.slice("x")
	zero, keep := g.vec(), g.scalar("add")
	g.zero(zero)
	g.edges("eAt", func(r reg.GPVirtual) {
		e, de, dy := g.rowAt("e", "eAt", r), g.rowAt("de", "deAt", r), g.rowAt("dy", "dyAt", r)
		w, dot := g.weight(r), g.vec()
		g.zero(dot)
		g.columns(2, func(read func(reg.GPVirtual) vec, write func(vec, reg.GPVirtual)) {
			t, p := read(x), read(dy)
			g.add(t, t, read(e))
			grad := g.vec()
			g.mul(grad, p, w)
			g.keep(grad, g.cmp(notLessEqual, t, zero), grad)
			g.max(t, zero, t)
			g.fma(dot, t, p)
			sum := read(dx)
			g.add(sum, sum, grad)
			write(sum, dx)
			before := read(de)
			g.and(before, before, keep)
			g.add(grad, grad, before)
			write(grad, de)
		})
		g.storeSum(dot, r)
	})
	g.ret()
}

func gateSumAt(g *gen) {
	g.fn("gateSumAt", "func(num, den, z, d, e, b, c []float32, nodeAt, edgeAt []int32, w []float32, cols int)", "is described at GateSumAt.")
	num, den, d := g.slice("num"), g.slice("den"), g.slice("d")
	g.edges("nodeAt", func(r reg.GPVirtual) {
		e, b, c, z := g.rowAt("e", "nodeAt", r), g.rowAt("b", "nodeAt", r), g.rowAt("c", "edgeAt", r), g.rowAt("z", "edgeAt", r)
		w := g.weight(r)
		g.columns(1, func(read func(reg.GPVirtual) vec, write func(vec, reg.GPVirtual)) {
			t := read(d)
			g.add(t, t, read(e))
			g.add(t, t, read(c))
			write(t, z)
			s := g.sigmoid(t)
			g.mul(s, s, w)
			sum := read(num)
			g.fma(sum, s, read(b))
			write(sum, num)
			below := read(den)
			g.add(below, below, s)
			write(below, den)
		})
	})
	g.ret()
}

func gateSumAtGrad(g *gen) {
	g.fn("gateSumAtGrad", "func(de, db, dw, dz, z, dzOut, b, u, mean []float32, zAt, dzAt, outAt, nodeAt []int32, w []float32, cols int)",
		"is described at GateSumAtGrad.")
	de, db, b := g.slice("de"), g.slice("db"), g.slice("b")
	g.edges("zAt", func(r reg.GPVirtual) {
		z, dz, out := g.rowAt("z", "zAt", r), g.rowAt("dz", "dzAt", r), g.rowAt("dzOut", "outAt", r)
		u, mean := g.rowAt("u", "nodeAt", r), g.rowAt("mean", "nodeAt", r)
		w, dot := g.weight(r), g.vec()
		g.zero(dot)
		g.columns(1, func(read func(reg.GPVirtual) vec, write func(vec, reg.GPVirtual)) {
			s, rest := g.sigmoids(read(z))
			g.mul(s, s, read(u))
			q := read(b)
			g.sub(q, q, read(mean))
			g.mul(q, q, s)
			g.add(dot, dot, q)
			g.mul(q, q, rest)
			grad := read(out)
			g.fma(grad, q, w)
			write(grad, dz)
			sum := read(de)
			g.add(sum, sum, grad)
			write(sum, de)
			value := read(db)
			g.fma(value, s, w)
			write(value, db)
		})
		g.storeSum(dot, r)
	})
	g.ret()
}

// largestRows keeps maxima and places of a strip in registers.
func largestRows(g *gen) {
	g.fn("largestRows", "func(top, at, a []float32, rows, cols int, first uint32)", "is described at LargestRows.")
	top, at, a, count, stride := g.slice("top"), g.slice("at"), g.slice("a"), g.arg("rows"), g.inBytes("cols")
	one := g.vec()
	g.set(konst(1), one)
	g.strips(g.arg("cols"), 4, func(v int, offset reg.GPVirtual, sel *mask) {
		tops, places, here := g.loadStrip(top, offset, v, sel), g.loadStrip(at, offset, v, sel), g.scalar("first")
		g.rows(count, offset, []reg.GPVirtual{a}, []reg.GPVirtual{stride}, func(row []reg.GPVirtual) {
			for i := range v {
				x := g.vec()
				g.load(g.at(row[0], i), x, last(i, v, sel))
				m := g.either(g.cmp(greater, x, tops[i]), g.cmp(unordered, x, x))
				g.pick(tops[i], m, x, tops[i])
				g.pick(places[i], m, here, places[i])
			}
			g.VPADDD(one, here, here)
		})
		for i := range v {
			g.store(tops[i], operand.Mem{Base: top, Index: offset, Scale: 1, Disp: i * g.bytes()}, last(i, v, sel))
			g.store(places[i], operand.Mem{Base: at, Index: offset, Scale: 1, Disp: i * g.bytes()}, last(i, v, sel))
		}
	})
	g.ret()
}

// either returns the lanes of either mask, in the first.
func (g *gen) either(a, b *mask) *mask {
	if g.level == avx512 {
		g.KORW(b.k, a.k, a.k)
	} else {
		g.VORPS(b.v, a.v, a.v)
	}
	return a
}
