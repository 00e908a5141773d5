package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes the micro-kernels of the matrix product, one for each number of rows and registers of columns a tile may
// have, and the transposition that packs B.
//
// A kernel keeps its tile of C in registers while it walks k. At each k it reads vecs registers of B and, row by row,
// broadcasts one element of A and multiplies it into the row's sums. AVX-512 holds 6 x 4 sums, 4 of B and 2 of A in its
// 32 registers; AVX2 holds 6 x 2, 2 and 2 in its 16. Narrow tiles take twelve rows to keep both units busy.
//
// A kernel does many tiles, one below the other, in one call. What it does to an element of C is the same in every
// kernel: one chain of fused multiply-adds over k, from 0, from C or from the bias of its column.
func gemm(g *gen) {
	widest := 4
	if g.level == avx2 {
		widest = 2
	}
	for vecs := 1; vecs <= widest; vecs++ {
		for _, rows := range []int{1, 2, 3, 4, 5, 6, 12} {
			if rows == 12 && 12*vecs > 24/(4/widest) {
				continue
			}
			gemmTile(g, rows, vecs)
		}
	}
	if g.level == avx2 {
		transpose(g)
		packSix(g)
	}
}

func gemmTile(g *gen, rows, vecs int) {
	g.fn(fmt.Sprintf("gemm%dx%d", rows, vecs),
		"func(tiles, k int, a *float32, ars, acs, down int, b *float32, bstep int, c, bias *float32, ldc, last, more, next, ahead int)",
		fmt.Sprintf("multiplies tiles of %d rows and %d registers of columns; ars, acs, bstep and ldc are in bytes,\n"+
			"the last register has last columns. Sums start from bias unless it is nil, else from C unless more is 0.", rows, vecs))
	tiles := g.arg("tiles")
	ars, acs, bstep, ahead := g.arg("ars"), g.arg("acs"), g.arg("bstep"), g.arg("ahead")
	a, c := g.arg("a"), g.arg("c")
	tail := g.tailMask(g.arg("last"))

	// Rows 0 to 5 of a block of six are reached with the scales of ars, 3 ars and 5 ars.
	ars3, ars5 := g.GP64(), g.GP64()
	if rows > 3 {
		g.LEAQ(operand.Mem{Base: ars, Index: ars, Scale: 2}, ars3)
	}
	if rows > 5 {
		g.LEAQ(operand.Mem{Base: ars, Index: ars, Scale: 4}, ars5)
	}
	row := func(base reg.GPVirtual, i int) operand.Mem {
		switch i {
		case 0:
			return operand.Mem{Base: base}
		case 3:
			return operand.Mem{Base: base, Index: ars3, Scale: 1}
		case 5:
			return operand.Mem{Base: base, Index: ars5, Scale: 1}
		}
		return operand.Mem{Base: base, Index: ars, Scale: uint8(i)}
	}

	acc := make([][]vec, rows)
	for i := range acc {
		acc[i] = g.vecs(vecs)
	}
	sel := func(v int) *mask {
		if v == vecs-1 {
			return tail
		}
		return nil
	}
	// walk goes from row to row; eachRow does with the rows of the tile in C.
	walk := func(at, step reg.GPVirtual, f func(i int, at reg.GPVirtual)) {
		for i := range rows {
			f(i, at)
			if i < rows-1 {
				g.ADDQ(step, at)
			}
		}
	}
	eachRow := func(f func(i int, at reg.GPVirtual)) {
		at := g.GP64()
		g.MOVQ(c, at)
		walk(at, g.arg("ldc"), f)
	}

	g.Label("tile")
	eachRow(func(_ int, at reg.GPVirtual) {
		for line := 0; line < vecs*g.bytes(); line += 64 {
			g.PREFETCHT0(operand.Mem{Base: at, Disp: line})
		}
	})
	// Biases are read as rows that are no step apart.
	start, step := g.arg("bias"), g.GP64()
	g.XORQ(step, step)
	g.TESTQ(start, start)
	g.JNZ(operand.LabelRef("start"))
	more := g.arg("more")
	g.TESTQ(more, more)
	g.JZ(operand.LabelRef("fresh"))
	g.MOVQ(c, start)
	g.Load(g.Param("ldc"), step)
	g.Label("start")
	walk(start, step, func(i int, at reg.GPVirtual) {
		for v := range vecs {
			g.load(operand.Mem{Base: at, Disp: v * g.bytes()}, acc[i][v], sel(v))
		}
	})
	g.JMP(operand.LabelRef("ready"))
	g.Label("fresh")
	for i := range acc {
		for _, x := range acc[i] {
			g.zero(x)
		}
	}
	g.Label("ready")

	b, k := g.arg("b"), g.arg("k")
	bases := []reg.GPVirtual{g.GP64()}
	g.MOVQ(a, bases[0])
	if rows > 6 {
		bases = append(bases, g.GP64())
		g.LEAQ(operand.Mem{Base: a, Index: ars3, Scale: 2}, bases[1])
	}
	next := g.arg("next")
	g.ADDQ(a, next)
	g.Label("loop")
	g.PREFETCHT0(operand.Mem{Base: next})
	g.ADDQ(ahead, next)
	bv := g.vecs(vecs)
	for v := range bv {
		m := operand.Mem{Base: b, Disp: v * g.bytes()}
		if g.level == avx512 {
			g.load(m, bv[v], sel(v)) // B may end with its last column
		} else {
			g.load(m, bv[v], nil) // the caller pads B
		}
	}
	for i := range rows {
		x := g.vec()
		g.VBROADCASTSS(row(bases[i/6], i%6), x)
		for v := range bv {
			g.VFMADD231PS(bv[v], x, acc[i][v])
		}
	}
	g.ADDQ(bstep, b)
	for _, base := range bases {
		g.ADDQ(acs, base)
	}
	g.DECQ(k)
	g.JNZ(operand.LabelRef("loop"))

	if g.level == avx2 {
		// Masked stores are slow on some processors: whole tiles go without.
		last := g.arg("last")
		g.CMPQ(last, operand.U8(g.lanes()))
		g.JNE(operand.LabelRef("partial"))
		eachRow(func(i int, at reg.GPVirtual) {
			for v := range vecs {
				g.store(acc[i][v], operand.Mem{Base: at, Disp: v * g.bytes()}, nil)
			}
		})
		g.JMP(operand.LabelRef("next"))
		g.Label("partial")
	}
	eachRow(func(i int, at reg.GPVirtual) {
		for v := range vecs {
			g.store(acc[i][v], operand.Mem{Base: at, Disp: v * g.bytes()}, sel(v))
		}
	})
	g.Label("next")
	g.ADDQ(g.arg("down"), a)
	step = g.GP64()
	g.IMUL3Q(operand.U8(rows), g.arg("ldc"), step)
	g.ADDQ(step, c)
	g.DECQ(tiles)
	g.JNZ(operand.LabelRef("tile"))
	g.ret()
}

// transpose writes the kernel that packs a transposed B, 8 x 8 elements at a time. AVX-512 uses it too: packing is a
// small part of a product, and wider shuffles would gain little.
func transpose(g *gen) {
	g.fn("transpose8x", "func(dst *float32, dstStep int, src *float32, srcStep int, blocks int)",
		"transposes blocks of 8 x 8: row i of a block of src becomes column i of one of dst.\nBlocks follow each other in the rows of src and below each other in dst; steps are in bytes.")
	dst, dstStep := g.arg("dst"), g.arg("dstStep")
	src, srcStep, blocks := g.arg("src"), g.arg("srcStep"), g.arg("blocks")
	src3, dst3 := g.GP64(), g.GP64()
	g.LEAQ(operand.Mem{Base: srcStep, Index: srcStep, Scale: 2}, src3)
	g.LEAQ(operand.Mem{Base: dstStep, Index: dstStep, Scale: 2}, dst3)
	row := func(low, high, step, step3 reg.GPVirtual, i int) operand.Mem {
		base := low
		if i >= 4 {
			base = high
		}
		switch i % 4 {
		case 0:
			return operand.Mem{Base: base}
		case 3:
			return operand.Mem{Base: base, Index: step3, Scale: 1}
		}
		return operand.Mem{Base: base, Index: step, Scale: uint8(i % 4)}
	}
	srcHigh, dstHigh := g.GP64(), g.GP64()
	g.LEAQ(operand.Mem{Base: src, Index: srcStep, Scale: 4}, srcHigh)
	g.Label("loop")
	// Register i: row i%4 in both halves; the low half belongs to rows 0-3, the high half to rows 4-7; the first four
	// registers hold columns 0-3, the others columns 4-7.
	v := g.vecs(8)
	for i := range v {
		m := row(src, srcHigh, srcStep, src3, i%4).Offset(i / 4 * 16)
		h := row(src, srcHigh, srcStep, src3, i%4+4).Offset(i / 4 * 16)
		g.VMOVUPS(m, v[i].AsX())
		g.VINSERTF128(operand.U8(1), h, v[i], v[i])
	}
	g.LEAQ(operand.Mem{Base: dst, Index: dstStep, Scale: 4}, dstHigh)
	for half := range 2 {
		r := v[half*4:]
		ab, cd, ab2, cd2 := g.vec(), g.vec(), g.vec(), g.vec()
		g.VUNPCKLPS(r[1], r[0], ab)
		g.VUNPCKLPS(r[3], r[2], cd)
		g.VUNPCKHPS(r[1], r[0], ab2)
		g.VUNPCKHPS(r[3], r[2], cd2)
		for i, pair := range [][2]vec{{ab, cd}, {ab, cd}, {ab2, cd2}, {ab2, cd2}} {
			out := g.vec()
			imm := operand.U8(0x44)
			if i%2 == 1 {
				imm = 0xee
			}
			g.VSHUFPS(imm, pair[1], pair[0], out)
			g.VMOVUPS(out, row(dst, dstHigh, dstStep, dst3, half*4+i))
		}
	}
	g.ADDQ(operand.U8(32), src)
	g.ADDQ(operand.U8(32), srcHigh)
	g.LEAQ(operand.Mem{Base: dst, Index: dstStep, Scale: 8}, dst)
	g.DECQ(blocks)
	g.JNZ(operand.LabelRef("loop"))
	g.ret()
}

// packSix writes the kernel that packs a transposed A: tiles of six columns of src become panels of six.
func packSix(g *gen) {
	g.fn("packSix", "func(dst *float32, panel int, src *float32, srcStep int, k, tiles int)",
		"copies k rows of tiles*6 elements, srcStep bytes apart, to panels of [k, 6], panel bytes apart.")
	dst, panel, src, srcStep, k, tiles := g.arg("dst"), g.arg("panel"), g.arg("src"), g.arg("srcStep"), g.arg("k"), g.arg("tiles")
	s, d, t := g.GP64(), g.GP64(), g.GP64()
	four, two := g.XMM(), g.XMM()
	g.Label("row")
	g.MOVQ(src, s)
	g.MOVQ(dst, d)
	g.MOVQ(tiles, t)
	g.Label("tile")
	g.VMOVUPS(operand.Mem{Base: s}, four)
	g.VMOVSD(operand.Mem{Base: s, Disp: 16}, two)
	g.VMOVUPS(four, operand.Mem{Base: d})
	g.VMOVSD(two, operand.Mem{Base: d, Disp: 16})
	g.ADDQ(operand.U8(24), s)
	g.ADDQ(panel, d)
	g.DECQ(t)
	g.JNZ(operand.LabelRef("tile"))
	g.ADDQ(srcStep, src)
	g.ADDQ(operand.U8(24), dst)
	g.DECQ(k)
	g.JNZ(operand.LabelRef("row"))
	g.ret()
}
