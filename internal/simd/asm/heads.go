package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// headVecs is how many registers of columns a kernel of weighted sums covers: sums in as many registers keep the
// multiply-adds busy, and AVX2 has registers for no more.
const headVecs = 4

// heads writes the kernels that sum over keys or over the columns of heads. A row of features is heads*dim columns, head
// after head; a row of weights is one element a head.
//
// Weighted sums take a row as it lies, up to four registers at a time, and spread the row's weights over its columns
// with a permutation, so that any width of a head costs the same. Dot products lay up to four heads, pairs or quads of
// narrow ones, in registers and add these up together; see headTree.
func heads(g *gen) {
	for vecs := 1; vecs <= headVecs; vecs++ {
		headSum(g, vecs)
	}
	for vecs := 1; vecs <= headVecs; vecs++ {
		headOuter(g, vecs, 1)
	}
	for vecs := 1; vecs <= headVecs; vecs++ {
		if g.level == avx512 || vecs < headVecs {
			headOuter(g, vecs, 2)
		}
	}
	headDots(g)
	keySoftmax(g)
}

// table returns constants that lie one after the other in memory.
func (g *gen) table(name string, values []uint32) operand.Mem {
	m, ok := g.consts[name]
	if !ok {
		m = g.StaticGlobal(name)
		g.DataAttributes(attr.NOPTR | attr.RODATA)
		for _, v := range values {
			g.AppendDatum(operand.U32(v))
		}
		g.consts[name] = m
	}
	return m
}

// whole emits body twice: without a mask for n that is a whole register, and with the mask of n lanes.
func (g *gen) whole(n reg.GPVirtual, body func(sel *mask)) {
	partial, done := g.newLabel("partial"), g.newLabel("done")
	g.CMPQ(n, operand.U8(g.lanes()))
	g.JNE(operand.LabelRef(partial))
	body(nil)
	g.JMP(operand.LabelRef(done))
	g.Label(partial)
	body(g.tailMask(n))
	g.Label(done)
}

// headColumns is the registers of columns that a kernel of weighted sums covers. Of several the last one ends with the
// last column and may begin before the one before it ends: what both hold, both compute, with the same result. That
// spares them masks, which make stores slow and loads of what lies beside them wait.
type headColumns struct {
	g     *gen
	vecs  int
	begin reg.GPVirtual // of the last of several registers
	sel   *mask         // of the only register; nil if it is whole
}

const headColumnsDoc = "last is the number of columns of one register, or where the last of several begins. Column c belongs to head\n" +
	"(c*recip)>>16 of count. Steps are in bytes."

// headColumns emits body, twice if columns may be fewer than a register, and ends the function. It is given the numbers of
// the heads that the lanes of each register belong to.
func (g *gen) headColumns(vecs int, body func(c headColumns, idx []vec)) {
	c := headColumns{g: g, vecs: vecs}
	numbers := make([]uint32, headVecs*g.lanes())
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	table := g.table("columns", numbers)
	last, first := g.arg("last"), g.GP64()
	g.LEAQ(table, first)
	c.begin = last
	recip, idx := g.scalar("recip"), g.vecs(vecs)
	c.each(first, func(v int, m operand.Mem) {
		g.VPMULLD(m, recip, idx[v])
		g.VPSRLD(operand.U8(16), idx[v], idx[v])
	})
	if vecs > 1 {
		body(c, idx)
	} else {
		g.whole(last, func(sel *mask) {
			c.sel = sel
			body(c, idx)
		})
	}
	g.ret()
}

// each calls f with the place of each register of columns of the row at base.
func (c headColumns) each(base reg.GPVirtual, f func(v int, m operand.Mem)) {
	for v := range c.vecs {
		f(v, c.at(base, v))
	}
}

func (c headColumns) at(base reg.GPVirtual, v int) operand.Mem {
	if v > 0 && v == c.vecs-1 {
		return operand.Mem{Base: base, Index: c.begin, Scale: 4}
	}
	return operand.Mem{Base: base, Disp: v * c.g.bytes()}
}

// rowsLoop emits a loop over the argument n, at least one row.
func (g *gen) rowsLoop(body func()) {
	n, row := g.arg("n"), g.newLabel("row")
	g.Label(row)
	body()
	g.DECQ(n)
	g.JNZ(operand.LabelRef(row))
}

func headSum(g *gen, vecs int) {
	g.fn(fmt.Sprintf("headSum%d", vecs), "func(dst, w *float32, wstep, count int, x *float32, xstep, last int, recip uint32, n int)",
		fmt.Sprintf("adds the rows of x, weighted head by head, to dst, for %d registers of columns;\n%s", vecs, headColumnsDoc))
	dst, w, wstep, x, xstep := g.arg("dst"), g.arg("w"), g.arg("wstep"), g.arg("x"), g.arg("xstep")
	some := g.tailMask(g.arg("count"))
	g.headColumns(vecs, func(c headColumns, idx []vec) {
		acc := g.vecs(vecs)
		c.each(dst, func(v int, m operand.Mem) { g.load(m, acc[v], c.sel) })
		g.rowsLoop(func() {
			weights, spread := g.vec(), g.vec()
			g.load(operand.Mem{Base: w}, weights, some)
			c.each(x, func(v int, m operand.Mem) {
				g.VPERMPS(weights, idx[v], spread)
				if c.sel == nil {
					g.fma(acc[v], spread, m)
				} else {
					part := g.vec()
					g.load(m, part, c.sel)
					g.fma(acc[v], spread, part)
				}
			})
			g.ADDQ(wstep, w)
			g.ADDQ(xstep, x)
		})
		c.each(dst, func(v int, m operand.Mem) { g.store(acc[v], m, c.sel) })
	})
}

// headOuter adds outer products of heads, one or two terms in one pass, in that order.
func headOuter(g *gen, vecs, terms int) {
	name, args, doc := "headOuter", "dst *float32, dstep int, w, x *float32", "adds x, weighted head by head, to the rows of dst"
	if terms == 2 {
		name, args, doc = "headOuterTwo", "dst *float32, dstep int, w, x, w2, x2 *float32", "adds x and x2, weighted head by head, to the rows of dst"
	}
	g.fn(fmt.Sprintf("%s%d", name, vecs), "func("+args+", wstep, count, last int, recip uint32, n int)",
		fmt.Sprintf("%s, for %d registers of columns;\n%s", doc, vecs, headColumnsDoc))
	dst, dstep, wstep := g.arg("dst"), g.arg("dstep"), g.arg("wstep")
	weights, values := []reg.GPVirtual{g.arg("w")}, []reg.GPVirtual{g.arg("x")}
	if terms == 2 {
		weights, values = append(weights, g.arg("w2")), append(values, g.arg("x2"))
	}
	some := g.tailMask(g.arg("count"))
	g.headColumns(vecs, func(c headColumns, idx []vec) {
		x := make([][]vec, terms)
		for t := range x {
			x[t] = g.vecs(vecs)
			c.each(values[t], func(v int, m operand.Mem) { g.load(m, x[t][v], c.sel) })
		}
		g.rowsLoop(func() {
			row, spread := g.vecs(terms), g.vec()
			for t := range row {
				g.load(operand.Mem{Base: weights[t]}, row[t], some)
			}
			sum := func(v int) vec {
				acc := g.vec()
				g.load(c.at(dst, v), acc, c.sel)
				for t := range row {
					g.VPERMPS(row[t], idx[v], spread)
					g.fma(acc, spread, x[t][v])
				}
				return acc
			}
			// The last register is read before and written after the one it may overlap.
			last := sum(vecs - 1)
			for v := range vecs - 1 {
				g.store(sum(v), c.at(dst, v), nil)
			}
			g.store(last, c.at(dst, vecs-1), c.sel)
			for _, w := range weights {
				g.ADDQ(wstep, w)
			}
			g.ADDQ(dstep, dst)
		})
	})
}
