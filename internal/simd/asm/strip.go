package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strips cuts the columns of a matrix into strips of whole registers, widest first, and emits the body for each width:
// the body walks the rows of its strip, v registers wide, with what belongs to a column kept in registers. offset is the
// strip's first column in bytes; the mask belongs to the strip's last register and is nil for a whole one. cols is used
// up.
//
// AVX-512 takes what is left beside the wide strips in one go; AVX2, whose masked stores are slow, takes whole registers
// one by one before it takes the rest under a mask.
func (g *gen) strips(cols reg.GPVirtual, widest int, body func(v int, offset reg.GPVirtual, sel *mask)) {
	offset := g.GP64()
	g.XORQ(offset, offset)
	done := g.newLabel("done")
	whole := func(v int) {
		loop, less := g.newLabel("strip"), g.newLabel("narrow")
		g.Label(loop)
		g.CMPQ(cols, operand.I32(v*g.lanes()))
		g.JL(operand.LabelRef(less))
		body(v, offset, nil)
		g.ADDQ(operand.I32(v*g.bytes()), offset)
		g.SUBQ(operand.I32(v*g.lanes()), cols)
		g.JMP(operand.LabelRef(loop))
		g.Label(less)
	}
	whole(widest)
	if g.level == avx2 && widest > 1 {
		whole(1)
	}
	g.TESTQ(cols, cols)
	g.JZ(operand.LabelRef(done))
	if g.level == avx2 {
		body(1, offset, g.tailMask(cols))
		g.Label(done)
		return
	}
	for v := 1; v <= widest; v++ {
		wider := fmt.Sprintf("%s_%d", done, v)
		if v < widest {
			g.CMPQ(cols, operand.I32(v*g.lanes()))
			g.JG(operand.LabelRef(wider))
		}
		if v > 1 {
			g.SUBQ(operand.I32((v-1)*g.lanes()), cols)
		}
		body(v, offset, g.tailMask(cols))
		if v < widest {
			g.JMP(operand.LabelRef(done))
			g.Label(wider)
		}
	}
	g.Label(done)
}

// at returns the memory of register v of a strip that begins at base.
func (g *gen) at(base reg.GPVirtual, v int) operand.Mem {
	return operand.Mem{Base: base, Disp: v * g.bytes()}
}

// last returns the mask for register i of v.
func last(i, v int, sel *mask) *mask {
	if i == v-1 {
		return sel
	}
	return nil
}

// loadStrip loads the v registers of a strip from base + offset.
func (g *gen) loadStrip(base, offset reg.GPVirtual, v int, sel *mask) []vec {
	x := g.vecs(v)
	for i := range x {
		g.load(operand.Mem{Base: base, Index: offset, Scale: 1, Disp: i * g.bytes()}, x[i], last(i, v, sel))
	}
	return x
}

// rows emits a loop over count rows. Each base is loaded with the address of the strip in the first row of its matrix
// and moved by its stride, in bytes, from row to row.
func (g *gen) rows(count reg.GPVirtual, offset reg.GPVirtual, bases []reg.GPVirtual, strides []reg.GPVirtual, body func(at []reg.GPVirtual)) {
	at := make([]reg.GPVirtual, len(bases))
	for i, b := range bases {
		at[i] = g.GP64()
		g.LEAQ(operand.Mem{Base: b, Index: offset, Scale: 1}, at[i])
	}
	left := g.GP64()
	g.MOVQ(count, left)
	loop := g.newLabel("row")
	g.Label(loop)
	body(at)
	for i := range at {
		g.ADDQ(strides[i], at[i])
	}
	g.DECQ(left)
	g.JNZ(operand.LabelRef(loop))
}

// inBytes returns a row stride argument, given in elements, in bytes.
func (g *gen) inBytes(name string) reg.GPVirtual {
	r := g.arg(name)
	g.SHLQ(operand.U8(2), r)
	return r
}
