package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// moments writes the column sums and the statistics of rows.
func moments(g *gen) {
	// Strips of four registers have four sums under way, with what a column needs in up to four more.
	colSum(g, "colSums", "dst, a", "adds the sums of the columns of a to dst.", 1, func(g *gen, acc vec, x, _ []vec) {
		g.add(acc, acc, x[0])
	})
	colSum(g, "colDots", "dst, a, b", "adds the inner products of the columns of a and b to dst.", 2, func(g *gen, acc vec, x, _ []vec) {
		g.fma(acc, x[0], x[1])
	})
	colSum(g, "colSquares", "dst, a, mean", "adds the squared distances of the columns of a from mean to dst.", 1, func(g *gen, acc vec, x, c []vec) {
		g.sub(x[0], x[0], c[0])
		g.fma(acc, x[0], x[0])
	})
	rowMoments(g)
}

// colSum writes a kernel that sums over the rows of one or two matrices; a third slice has an element a column.
func colSum(g *gen, name, slices, doc string, matrices int, body func(g *gen, acc vec, x, c []vec)) {
	g.fn(name, "func("+slices+" []float32, rows, cols int)", doc)
	dst, stride, count := g.slice("dst"), g.inBytes("cols"), g.arg("rows")
	bases, strides := []reg.GPVirtual{g.slice("a")}, []reg.GPVirtual{stride}
	if matrices == 2 {
		bases, strides = append(bases, g.slice("b")), append(strides, stride)
	}
	var mean reg.GPVirtual
	if name == "colSquares" {
		mean = g.slice("mean")
	}
	g.strips(g.arg("cols"), 4, func(v int, offset reg.GPVirtual, sel *mask) {
		acc, c := g.vecs(v), make([][]vec, v)
		for i := range acc {
			g.zero(acc[i])
		}
		if mean != nil {
			for i, x := range g.loadStrip(mean, offset, v, sel) {
				c[i] = []vec{x}
			}
		}
		g.rows(count, offset, bases, strides, func(at []reg.GPVirtual) {
			for i := range v {
				x := g.vecs(len(at))
				for j := range x {
					g.load(g.at(at[j], i), x[j], last(i, v, sel))
				}
				body(g, acc[i], x, c[i])
			}
		})
		for i, before := range g.loadStrip(dst, offset, v, sel) {
			g.add(before, before, acc[i])
			g.store(before, operand.Mem{Base: dst, Index: offset, Scale: 1, Disp: i * g.bytes()}, last(i, v, sel))
		}
	})
	g.ret()
}

// rowMoments writes the kernel for means and centred squares of rows. Both passes have four sums under way, which are
// added in pairs at the end, then the lanes in halves; a row alone gives the bits it has among others.
func rowMoments(g *gen) {
	g.fn("rowMoments", "func(mean, m2, a []float32, rows, cols int)", "sets mean and m2 to the mean and the centred sum of squares of each row of a.")
	mean, m2, a, count, cols := g.slice("mean"), g.slice("m2"), g.slice("a"), g.arg("rows"), g.arg("cols")
	stride := g.inBytes("cols")
	n := g.XMM()
	g.VCVTSI2SSQ(cols, g.zeroX(), n)
	acc := g.vecs(4)
	pass := func(body func(acc, x vec, sel *mask)) reg.VecVirtual {
		for _, v := range acc {
			g.zero(v)
		}
		left := g.GP64()
		g.MOVQ(cols, left)
		g.each(left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
			x := g.vec()
			g.load(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, x, sel)
			body(acc[disp/g.bytes()], x, sel)
		})
		g.add(acc[0], acc[0], acc[1])
		g.add(acc[2], acc[2], acc[3])
		g.add(acc[0], acc[0], acc[2])
		return g.sumLanes(acc[0])
	}
	g.Label("row")
	sum := pass(func(acc, x vec, _ *mask) { g.add(acc, acc, x) })
	g.VDIVSS(n, sum, sum)
	g.VMOVSS(sum, operand.Mem{Base: mean})
	mid := g.vec()
	g.VBROADCASTSS(sum, mid)
	squares := pass(func(acc, x vec, sel *mask) {
		g.sub(x, x, mid)
		if sel != nil {
			g.keep(x, sel, x)
		}
		g.fma(acc, x, x)
	})
	g.VMOVSS(squares, operand.Mem{Base: m2})
	g.ADDQ(stride, a)
	g.ADDQ(operand.U8(4), mean)
	g.ADDQ(operand.U8(4), m2)
	g.DECQ(count)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// zeroX returns a narrow register that holds 0.
func (g *gen) zeroX() vec {
	x := g.XMM()
	g.VXORPS(x, x, x)
	return x
}

// foldLanes combines the lanes of v, upper half with lower half, until one is left in a narrow register.
func (g *gen) foldLanes(v vec, combine func(a, b, dst vec)) vec {
	if g.level == avx512 {
		half := g.YMM()
		g.VEXTRACTF64X4(operand.U8(1), v, half)
		low := g.YMM()
		combine(v.AsY().(vec), half, low)
		v = low
	}
	x := g.XMM()
	g.VEXTRACTF128(operand.U8(1), v.AsY(), x)
	combine(v.AsX().(vec), x, x)
	y := g.XMM()
	g.VPERMILPD(operand.U8(1), x, y)
	combine(x, y, y)
	z := g.XMM()
	g.VMOVSHDUP(y, z)
	combine(y, z, z)
	return z
}

func (g *gen) sumLanes(v vec) vec {
	return g.foldLanes(v, func(a, b, dst vec) { g.VADDPS(b, a, dst) })
}

func (g *gen) maxLanes(v vec) vec {
	return g.foldLanes(v, func(a, b, dst vec) { g.VMAXPS(b, a, dst) })
}
