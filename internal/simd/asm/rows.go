package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowMap is an elementwise kernel on matrices of contiguous rows with vectors that hold one value a column.
type rowMap struct {
	name     string
	matrices string // comma-separated arguments, dst excluded
	vectors  string // comma-separated arguments that have an element a column
	doc      string
	// body returns the new value of dst from the registers of the matrices, which it may overwrite, and of the vectors.
	body func(g *gen, x, c []vec) vec
}

// rows writes the kernels on matrix rows. Strips are four registers wide; the vectors take up to twelve registers,
// AVX2 has room for strips of two then.
func rows(g *gen) {
	for _, m := range []rowMap{
		{"addRow", "a", "bias", "sets dst[r, c] = a[r, c] + bias[c].", func(g *gen, x, c []vec) vec {
			g.add(x[0], x[0], c[0])
			return x[0]
		}},
		{"scaleShiftRows", "a", "scale, shift", "sets dst[r, c] = a[r, c]*scale[c] + shift[c].", func(g *gen, x, c []vec) vec {
			g.horner(x[0], c[0], c[1])
			return x[0]
		}},
		{"affineRows2", "a, b", "ca, cb, cc", "sets dst[r, c] = a[r, c]*ca[c] + b[r, c]*cb[c] + cc[c].", func(g *gen, x, c []vec) vec {
			g.horner(x[1], c[1], c[2])
			g.fma(x[1], x[0], c[0])
			return x[1]
		}},
	} {
		m.emit(g)
	}
	scaleRows(g)
	scatterAddRows(g)
}

func (m rowMap) emit(g *gen) {
	matrices := append([]string{"dst"}, strings.Split(m.matrices, ", ")...)
	vectors := strings.Split(m.vectors, ", ")
	g.fn(m.name, "func("+strings.Join(matrices, ", ")+", "+m.vectors+" []float32, rows, cols int)", m.doc)
	var bases, strides, columns []reg.GPVirtual
	stride := g.inBytes("cols")
	for _, name := range matrices {
		bases, strides = append(bases, g.slice(name)), append(strides, stride)
	}
	for _, name := range vectors {
		columns = append(columns, g.slice(name))
	}
	widest := 4
	if g.level == avx2 && len(vectors) > 2 {
		widest = 2
	}
	count := g.arg("rows")
	g.strips(g.arg("cols"), widest, func(v int, offset reg.GPVirtual, sel *mask) {
		c := make([][]vec, v)
		for _, base := range columns {
			for i, x := range g.loadStrip(base, offset, v, sel) {
				c[i] = append(c[i], x)
			}
		}
		g.rows(count, offset, bases, strides, func(at []reg.GPVirtual) {
			for i := range v {
				x := g.vecs(len(at) - 1)
				for j := range x {
					g.load(g.at(at[j+1], i), x[j], last(i, v, sel))
				}
				g.store(m.body(g, x, c[i]), g.at(at[0], i), last(i, v, sel))
			}
		})
	})
	g.ret()
}

// scaleRows writes the kernel that has one factor a row.
func scaleRows(g *gen) {
	g.fn("scaleRows", "func(dst, a, s []float32, rows, cols int)", "sets dst[r, c] = a[r, c] * s[r].")
	dst, a, s, count, cols := g.slice("dst"), g.slice("a"), g.slice("s"), g.arg("rows"), g.arg("cols")
	factor, left := g.vec(), g.GP64()
	index := g.GP64() // runs through all rows, which are contiguous
	g.XORQ(index, index)
	g.Label("row")
	g.VBROADCASTSS(operand.Mem{Base: s}, factor)
	g.MOVQ(cols, left)
	g.eachFrom(index, left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
		x := g.vec()
		g.load(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, x, sel)
		g.mul(x, x, factor)
		g.store(x, operand.Mem{Base: dst, Index: index, Scale: 1, Disp: disp}, sel)
	})
	// The index stands at the last whole register; the rest was done under a mask.
	g.LEAQ(operand.Mem{Base: index, Index: left, Scale: 4}, index)
	g.ADDQ(operand.U8(4), s)
	g.DECQ(count)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// scatterAddRows writes the kernel that adds rows to the rows an index names.
func scatterAddRows(g *gen) {
	g.fn("scatterAddRows", "func(dst, src []float32, idx []int32, cols int)", "adds row r of src to row idx[r] of dst.")
	dst, src, idx, count, cols := g.slice("dst"), g.slice("src"), g.slice("idx"), g.length("idx"), g.arg("cols")
	to, left, index, stride := g.GP64(), g.GP64(), g.GP64(), g.inBytes("cols")
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: idx}, to)
	g.IMULQ(stride, to)
	g.ADDQ(dst, to)
	g.MOVQ(cols, left)
	g.XORQ(index, index)
	g.eachFrom(index, left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
		x, y := g.vec(), g.vec()
		m := operand.Mem{Base: to, Index: index, Scale: 1, Disp: disp}
		g.load(m, x, sel)
		g.load(operand.Mem{Base: src, Index: index, Scale: 1, Disp: disp}, y, sel)
		g.add(x, x, y)
		g.store(x, m, sel)
	})
	g.ADDQ(stride, src)
	g.ADDQ(operand.U8(4), idx)
	g.DECQ(count)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}
