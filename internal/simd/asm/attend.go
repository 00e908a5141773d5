package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileCols is the number of columns of a tile of scores: the bits of a word of its mask, and as many registers as a
// level can hold next to what an exponential needs.
const tileCols = 64

// attend writes the softmax of tiles of scores and its gradient, each without and with biases and masks. A row is read
// once, stays in registers, and is written once.
func attend(g *gen) {
	for _, bias := range []bool{false, true} {
		for _, masked := range []bool{false, true} {
			softmaxTile(g, bias, masked)
			softmaxTileGrad(g, bias, masked)
		}
	}
	rowDots(g)
	rangeBits(g)
	decayTile(g, false)
	decayTile(g, true)
}

// tileRows is the walk over the rows of a tile.
type tileRows struct {
	*gen
	s, bias, at, words, wstep reg.GPVirtual
	biased, masked            bool
	hidden                    vec // -Inf
	row                       reg.GPVirtual
}

// tileVariant returns the end of the name of a kernel.
func tileVariant(bias, masked bool) string {
	name := ""
	if bias {
		name += "Biased"
	}
	if masked {
		name += "Masked"
	}
	return name
}

const tileArgs = "s *float32, rows int, bias *float32, at *int32, words *uint64, wstep int"

func (g *gen) tileRows(bias, masked bool) *tileRows {
	t := &tileRows{gen: g, biased: bias, masked: masked, s: g.arg("s")}
	if bias {
		t.bias, t.at, t.row = g.arg("bias"), g.arg("at"), g.GP64()
	}
	if masked {
		t.words, t.wstep = g.arg("words"), g.arg("wstep")
		t.hidden = g.vec()
		g.set(konst(math.Float32bits(float32(math.Inf(-1)))), t.hidden)
	}
	return t
}

// begin finds the row's biases.
func (t *tileRows) begin() {
	if t.biased {
		t.MOVLQSX(operand.Mem{Base: t.at}, t.row)
		t.LEAQ(operand.Mem{Base: t.bias, Index: t.row, Scale: 4}, t.row)
	}
}

// load returns register v of the row, with its bias, and -Inf where the mask is not set.
func (t *tileRows) load(v int) (x vec, sel *mask) {
	x = t.vec()
	t.gen.load(t.gen.at(t.s, v), x, nil)
	if t.biased {
		t.add(x, x, t.gen.at(t.row, v))
	}
	if t.masked {
		sel = t.bits(operand.Mem{Base: t.words, Disp: v * t.lanes() / 8})
		t.pick(x, sel, x, t.hidden)
	}
	return x, sel
}

// bits returns the mask of the lanes whose bits are set.
func (g *gen) bits(m operand.Mem) *mask {
	if g.level == avx512 {
		k := g.K()
		g.KMOVW(m, k)
		return &mask{k: k}
	}
	lanes := g.table("bits", []uint32{1, 2, 4, 8, 16, 32, 64, 128})
	v := g.vec()
	g.VPBROADCASTB(m, v)
	g.VPAND(lanes, v, v)
	g.VPCMPEQD(lanes, v, v)
	return &mask{v: v}
}

// next goes to the next row.
func (t *tileRows) next() {
	t.ADDQ(operand.I32(4*tileCols), t.s)
	if t.biased {
		t.ADDQ(operand.U8(4), t.at)
	}
	if t.masked {
		t.ADDQ(t.wstep, t.words)
	}
}

// tree combines registers in pairs.
func tree(x []vec, combine func(dst, a vec, b readable), fresh func() vec) vec {
	for len(x) > 1 {
		var half []vec
		for i := 0; i+1 < len(x); i += 2 {
			y := fresh()
			combine(y, x[i], x[i+1])
			half = append(half, y)
		}
		x = half
	}
	return x[0]
}

// softmaxTile writes the step of a softmax that goes over tiles. The first loop leaves, for each row, the step of the
// maximum and the sum of the exponentials; the second, over all rows at once, joins them with what was before.
func softmaxTile(g *gen, bias, masked bool) {
	g.fn("softmaxTile"+tileVariant(bias, masked), "func("+tileArgs+", top, sum, change, part *float32)",
		"is a step of a softmax over tiles: see SoftmaxTile.")
	t := g.tileRows(bias, masked)
	top, change, part, left := g.arg("top"), g.arg("change"), g.arg("part"), g.arg("rows")
	g.Label("row")
	t.begin()
	x := make([]vec, tileCols/g.lanes())
	for v := range x {
		x[v], _ = t.load(v)
	}
	most := g.maxLanes(tree(x, g.max, g.vec))
	// The second source, the maximum so far, comes out where the first is NaN.
	g.VMAXSS(operand.Mem{Base: top}, most, most)
	step := g.XMM()
	g.VMOVSS(operand.Mem{Base: top}, step)
	g.VSUBSS(most, step, step)
	g.VMOVSS(step, operand.Mem{Base: change})
	g.VMOVSS(most, operand.Mem{Base: top})
	all := g.vec()
	g.VBROADCASTSS(most, all)
	total := g.vec()
	for v := range x {
		g.sub(x[v], x[v], all)
		e := g.expNegative(x[v])
		g.store(e, g.at(t.s, v), nil)
		if v == 0 {
			g.VMOVAPS(e, total)
		} else {
			g.add(total, total, e)
		}
	}
	g.VMOVSS(g.sumLanes(total), operand.Mem{Base: part})
	t.next()
	for _, p := range []reg.GPVirtual{top, change, part} {
		g.ADDQ(operand.U8(4), p)
	}
	g.DECQ(left)
	g.JNZ(operand.LabelRef("row"))

	sum, count := g.arg("sum"), g.arg("rows")
	change, part = g.arg("change"), g.arg("part")
	g.each(count, 1, func(index reg.GPVirtual, disp int, sel *mask) {
		place := func(base reg.GPVirtual) operand.Mem {
			return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
		}
		d, before, now := g.vec(), g.vec(), g.vec()
		g.load(place(change), d, sel)
		factor := g.expNegative(d)
		g.store(factor, place(change), sel)
		g.load(place(sum), before, sel)
		g.load(place(part), now, sel)
		g.fma(now, before, factor)
		g.store(now, place(sum), sel)
	})
	g.ret()
}

// rowDots writes the products of rows with a vector, four rows at a time, each from its beginning to its end, as memory
// is read fastest. Where fewer are left, the last one is repeated.
func rowDots(g *gen) {
	g.fn("rowDots", "func(s, x, a *float32, rows, cols int)", "sets s[r] to the product of row r of x with a; s has room for four at a time.")
	s, x, rows, width := g.arg("s"), g.arg("x"), g.arg("rows"), g.inBytes("cols")
	a, left, from, step := g.arg("a"), g.GP64(), g.GP64(), g.GP64()
	g.Label("quad")
	p := g.vecs(4)
	for i := range p {
		if i == 0 {
			g.MOVQ(x, from)
		} else {
			g.MOVQ(width, step)
			zero := g.GP64()
			g.XORQ(zero, zero)
			g.CMPQ(rows, operand.U8(i))
			g.CMOVQLE(zero, step)
			g.ADDQ(step, from)
		}
		g.zero(p[i])
		g.Load(g.Param("cols"), left)
		g.each(left, 4, func(index reg.GPVirtual, disp int, sel *mask) {
			y := g.vec()
			g.load(operand.Mem{Base: from, Index: index, Scale: 1, Disp: disp}, y, sel)
			if sel == nil {
				g.fma(p[i], y, operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp})
				return
			}
			z := g.vec()
			g.load(operand.Mem{Base: a, Index: index, Scale: 1, Disp: disp}, z, sel)
			g.fma(p[i], y, z)
		})
	}
	sums := g.headTree(p)
	if g.level == avx512 {
		g.addUpper256(sums)
	}
	g.addUpper128(sums)
	g.VMOVUPS(sums.AsX(), operand.Mem{Base: s})
	g.ADDQ(operand.U8(16), s)
	g.LEAQ(operand.Mem{Base: x, Index: width, Scale: 4}, x)
	g.SUBQ(operand.U8(4), rows)
	g.JG(operand.LabelRef("quad"))
	g.ret()
}

// rangeBits writes the comparison of the columns' numbers, which stay in registers, with a range for each row.
func rangeBits(g *gen) {
	g.fn("rangeBits", "func(words *uint64, rows int, index, low, high *int32)", "clears the bits of columns whose number is outside the row's range.")
	words, rows, index, low, high := g.arg("words"), g.arg("rows"), g.arg("index"), g.arg("low"), g.arg("high")
	numbers := g.vecs(tileCols / g.lanes())
	for v := range numbers {
		g.load(g.at(index, v), numbers[v], nil)
	}
	g.Label("row")
	from, to, bits := g.vec(), g.vec(), g.GP32()
	g.VPBROADCASTD(operand.Mem{Base: low}, from)
	g.VPBROADCASTD(operand.Mem{Base: high}, to)
	for v, x := range numbers {
		if g.level == avx512 {
			above, inside := g.K(), g.K()
			g.VPCMPD(operand.U8(5), from, x, above)       // not less
			g.VPCMPD(operand.U8(2), to, x, above, inside) // and at most
			g.KMOVW(inside, bits)
			g.ANDW(bits.As16(), operand.Mem{Base: words, Disp: 2 * v})
			continue
		}
		above, below := g.vec(), g.vec()
		g.VPCMPGTD(to, x, above)
		g.VPCMPGTD(x, from, below)
		g.VORPS(above, below, above)
		g.VMOVMSKPS(above, bits)
		g.NOTL(bits)
		g.ANDB(bits.As8(), operand.Mem{Base: words, Disp: v})
	}
	g.ADDQ(operand.U8(8), words)
	g.ADDQ(operand.U8(4), low)
	g.ADDQ(operand.U8(4), high)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// decayTile writes the scaling of positive scores, and of their derivatives.
func decayTile(g *gen, slopes bool) {
	name, args := "decayTile", "func(s *float32, rows int, factors *float32, at *int32)"
	if slopes {
		name, args = "decayTileSlopes", "func(s *float32, rows int, factors *float32, at *int32, slope *float32)"
	}
	g.fn(name, args, "multiplies positive scores by their factors.")
	s, left, factors, at, from := g.arg("s"), g.arg("rows"), g.arg("factors"), g.arg("at"), g.GP64()
	var slope reg.GPVirtual
	if slopes {
		slope = g.arg("slope")
	}
	zero, one := g.vec(), g.vec()
	g.zero(zero)
	g.set(f32(1), one)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: at}, from)
	g.LEAQ(operand.Mem{Base: factors, Index: from, Scale: 4}, from)
	for v := range tileCols / g.lanes() {
		x, f := g.vec(), g.vec()
		g.load(g.at(s, v), x, nil)
		g.load(g.at(from, v), f, nil)
		g.pick(f, g.cmp(greater, x, zero), f, one)
		g.mul(x, x, f)
		g.store(x, g.at(s, v), nil)
		if slopes {
			g.mul(f, f, g.at(slope, v))
			g.store(f, g.at(slope, v), nil)
		}
	}
	g.ADDQ(operand.I32(4*tileCols), s)
	g.ADDQ(operand.U8(4), at)
	if slopes {
		g.ADDQ(operand.I32(4*tileCols), slope)
	}
	g.DECQ(left)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}

// softmaxTileGrad writes the step back: a row's exponentials again, and what comes of the gradients of the weights.
func softmaxTileGrad(g *gen, bias, masked bool) {
	g.fn("softmaxTileGrad"+tileVariant(bias, masked), "func("+tileArgs+", ds, top, inv, dots *float32)",
		"is the gradient of a softmax over tiles: see SoftmaxTileGrad.")
	t := g.tileRows(bias, masked)
	ds, top, inv, dots, left := g.arg("ds"), g.arg("top"), g.arg("inv"), g.arg("dots"), g.arg("rows")
	g.Label("row")
	t.begin()
	most, scale, mean := g.vec(), g.vec(), g.vec()
	g.VBROADCASTSS(operand.Mem{Base: top}, most)
	g.VBROADCASTSS(operand.Mem{Base: inv}, scale)
	g.VBROADCASTSS(operand.Mem{Base: dots}, mean)
	for v := range tileCols / g.lanes() {
		x, sel := t.load(v)
		g.sub(x, x, most)
		p := g.expNegative(x)
		g.mul(p, p, scale)
		g.store(p, g.at(t.s, v), nil)
		d := g.vec()
		g.load(g.at(ds, v), d, nil)
		g.sub(d, d, mean)
		g.mul(d, d, p)
		if masked {
			g.keep(d, sel, d)
		}
		g.store(d, g.at(ds, v), nil)
	}
	t.next()
	g.ADDQ(operand.I32(4*tileCols), ds)
	for _, p := range []reg.GPVirtual{top, inv, dots} {
		g.ADDQ(operand.U8(4), p)
	}
	g.DECQ(left)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}
