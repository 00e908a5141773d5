package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// conv writes the inner loops of depth-wise convolutions. Both keep their sums in registers and read a pixel as an operand
// of the multiplication, so that the loads of a round are hardly more than its multiply-adds.
func conv(g *gen) {
	tapSums(g)
	tapDots(g)
}

// tapSums takes six pixels at a time, then three, then one: the weights of a tap are read once for all of them.
func tapSums(g *gen) {
	g.fn("tapSums", "func(dst []float32, dstStep int, src []float32, srcStep int, at, wAt []int, w, bias []float32, n, cols int, add uint32)",
		"is described at TapSums; add is a mask for what dst holds.")
	widest := 4
	if g.level == avx2 {
		widest = 2
	}
	srcStep := g.inBytes("srcStep")
	step3, step5 := g.GP64(), g.GP64()
	g.LEAQ(operand.Mem{Base: srcStep, Index: srcStep, Scale: 2}, step3)
	g.LEAQ(operand.Mem{Base: srcStep, Index: srcStep, Scale: 4}, step5)
	pixel := func(base reg.GPVirtual, p int) operand.Mem {
		switch p {
		case 0:
			return operand.Mem{Base: base}
		case 3:
			return operand.Mem{Base: base, Index: step3, Scale: 1}
		case 5:
			return operand.Mem{Base: base, Index: step5, Scale: 1}
		}
		return operand.Mem{Base: base, Index: srcStep, Scale: uint8(p)}
	}
	zero := g.vec()
	g.zero(zero)
	g.strips(g.arg("cols"), widest, func(v int, offset reg.GPVirtual, sel *mask) {
		dst, src, n := g.slice("dst"), g.slice("src"), g.arg("n")
		g.ADDQ(offset, dst)
		g.ADDQ(offset, src)
		for _, pixels := range []int{6, 3, 1} {
			loop, less := g.newLabel("pixels"), g.newLabel("fewer")
			g.Label(loop)
			g.CMPQ(n, operand.U8(pixels))
			g.JL(operand.LabelRef(less))
			sums := g.startTaps(pixels, v, dst, offset, zero, sel)
			tap := g.GP64()
			g.XORQ(tap, tap)
			g.taps(tap, func() {
				w, x := g.tapAt("w", "wAt", tap, 0, offset), g.slice("at")
				g.MOVQ(operand.Mem{Base: x, Index: tap, Scale: 8}, x)
				g.LEAQ(operand.Mem{Base: src, Index: x, Scale: 4}, x)
				f := g.vecs(v)
				for i := range f {
					g.load(g.at(w, i), f[i], last(i, v, sel))
				}
				for p := range pixels {
					for i := range f {
						g.fmaLast(sums[p][i], f[i], pixel(x, p).Offset(i*g.bytes()), last(i, v, sel))
					}
				}
			})
			for p := range pixels {
				for i := range v {
					g.store(sums[p][i], g.at(dst, i), last(i, v, sel))
				}
				g.ADDQ(g.inBytes("dstStep"), dst)
			}
			by := g.GP64()
			g.IMUL3Q(operand.U8(pixels), srcStep, by)
			g.ADDQ(by, src)
			g.SUBQ(operand.U8(pixels), n)
			g.JMP(operand.LabelRef(loop))
			g.Label(less)
		}
	})
	g.ret()
}

// startTaps returns the registers that the sums of some pixels start from: the bias, what dst holds under the mask add, or
// zero. Biases are read as pixels that are no step apart.
func (g *gen) startTaps(pixels, v int, dst, offset reg.GPVirtual, zero vec, sel *mask) [][]vec {
	sums := make([][]vec, pixels)
	for p := range sums {
		sums[p] = g.vecs(v)
	}
	read, fresh, ready := g.newLabel("read"), g.newLabel("fresh"), g.newLabel("ready")
	from, step := g.slice("bias"), g.GP64()
	g.XORQ(step, step)
	g.ADDQ(offset, from)
	g.CMPQ(from, offset)
	g.JNE(operand.LabelRef(read))
	add := g.GP32()
	g.Load(g.Param("add"), add)
	g.TESTL(add, add)
	g.JZ(operand.LabelRef(fresh))
	g.MOVQ(dst, from)
	g.Load(g.Param("dstStep"), step)
	g.SHLQ(operand.U8(2), step)
	g.Label(read)
	for p := range sums {
		for i := range v {
			g.load(g.at(from, i), sums[p][i], last(i, v, sel))
		}
		g.ADDQ(step, from)
	}
	g.JMP(operand.LabelRef(ready))
	g.Label(fresh)
	for p := range sums {
		for i := range v {
			g.VMOVAPS(zero, sums[p][i])
		}
	}
	g.Label(ready)
	return sums
}

// taps emits a loop over the taps, whose number is the length of the argument at and may be 0, from the one that tap says.
func (g *gen) taps(tap reg.GPVirtual, body func()) {
	loop, done := g.newLabel("tap"), g.newLabel("over")
	g.Label(loop)
	count := g.length("at")
	g.CMPQ(tap, count)
	g.JGE(operand.LabelRef(done))
	body()
	g.INCQ(tap)
	g.JMP(operand.LabelRef(loop))
	g.Label(done)
}

// fmaLast adds a times what lies at m to sum; under a mask only the selected lanes are read.
func (g *gen) fmaLast(sum, a vec, m operand.Mem, sel *mask) {
	if sel == nil {
		g.fma(sum, a, m)
		return
	}
	x := g.vec()
	g.load(m, x, sel)
	g.fma(sum, a, x)
}

// tapDots takes three taps at a time, then one: a pixel of dy is read once for all of them.
func tapDots(g *gen) {
	g.fn("tapDots", "func(dw, dy []float32, dyStep int, x []float32, xStep int, at, wAt []int, n, cols int)", "is described at TapDots.")
	widest := 4
	if g.level == avx2 {
		widest = 2
	}
	g.strips(g.arg("cols"), widest, func(v int, offset reg.GPVirtual, sel *mask) {
		tap, count := g.GP64(), g.length("at")
		g.XORQ(tap, tap)
		for _, taps := range []int{3, 1} {
			loop, less := g.newLabel("taps"), g.newLabel("fewer")
			g.Label(loop)
			g.CMPQ(count, operand.U8(taps))
			g.JL(operand.LabelRef(less))
			var at []reg.GPVirtual
			var sums [][]vec
			for t := range taps {
				at = append(at, g.tapAt("x", "at", tap, t, offset))
				sums = append(sums, g.vecs(v))
				w := g.tapAt("dw", "wAt", tap, t, offset)
				for i := range v {
					g.load(g.at(w, i), sums[t][i], last(i, v, sel))
				}
			}
			dy, left := g.slice("dy"), g.arg("n")
			g.ADDQ(offset, dy)
			step, dyStep := g.inBytes("xStep"), g.inBytes("dyStep")
			round := g.newLabel("round")
			g.Label(round)
			d := g.vecs(v)
			for i := range d {
				g.load(g.at(dy, i), d[i], last(i, v, sel))
			}
			for t := range taps {
				for i := range d {
					g.fmaLast(sums[t][i], d[i], g.at(at[t], i), last(i, v, sel))
				}
				g.ADDQ(step, at[t])
			}
			g.ADDQ(dyStep, dy)
			g.DECQ(left)
			g.JNZ(operand.LabelRef(round))
			for t := range taps {
				w := g.tapAt("dw", "wAt", tap, t, offset)
				for i := range v {
					g.store(sums[t][i], g.at(w, i), last(i, v, sel))
				}
			}
			g.ADDQ(operand.U8(taps), tap)
			g.SUBQ(operand.U8(taps), count)
			g.JMP(operand.LabelRef(loop))
			g.Label(less)
		}
	})
	g.ret()
}

// tapAt returns the address in the named slice that the index of the tap t after the one at hand names.
func (g *gen) tapAt(name, index string, tap reg.GPVirtual, t int, offset reg.GPVirtual) reg.GPVirtual {
	base, at := g.slice(name), g.slice(index)
	g.MOVQ(operand.Mem{Base: at, Index: tap, Scale: 8, Disp: 8 * t}, at)
	g.LEAQ(operand.Mem{Base: base, Index: at, Scale: 4}, base)
	g.ADDQ(offset, base)
	return base
}
