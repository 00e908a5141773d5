package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// random writes Philox4x32-10 and the dropout mask made of it.
//
// A lane of 64 bits holds one word of one block in its lower half; the upper half is whatever the last product left
// there, which the 32-bit multiplication does not read. A register of each of the four words makes lanes()/2 blocks at a
// time. The keys of all ten rounds are computed beforehand, into a table of the caller: twenty 64-bit words.
func random(g *gen) {
	g.fn("randomBits", "func(dst []uint32, keys *[20]uint64, counter uint64)",
		"fills dst, whole groups of blocks, with Philox words from block counter on.")
	groups := g.philoxGroups()
	g.Label("loop")
	for half, words := range groups.next() {
		g.VMOVUPS(words, g.at(groups.dst, half))
	}
	groups.again()
	g.ret()

	g.fn("dropoutMask", "func(dst []float32, keys *[20]uint64, counter uint64, threshold uint32, keep float32)",
		"fills dst, whole groups of blocks, with 0 where the Philox word is below threshold and keep elsewhere.")
	keep := g.scalar("keep")
	threshold := g.vec()
	word, narrow := g.GP32(), g.XMM()
	g.Load(g.Param("threshold"), word)
	g.VMOVD(word, narrow)
	g.VPBROADCASTD(narrow, threshold)
	if g.level == avx2 {
		// Only signed integers can be compared: move both ranges.
		g.xor(threshold, threshold, signBit)
	}
	groups = g.philoxGroups()
	g.Label("loop")
	for half, words := range groups.next() {
		mask := g.vec()
		if g.level == avx512 {
			k := g.K()
			const notLess = operand.U8(5)
			g.VPCMPUD(notLess, threshold, words, k)
			g.VMOVAPS_Z(keep, k, mask)
		} else {
			g.xor(words, words, signBit)
			g.VPCMPGTD(words, threshold, mask)
			g.VANDNPS(keep, mask, mask)
		}
		g.VMOVUPS(mask, g.at(groups.dst, half))
	}
	groups.again()
	g.ret()
}

// philoxGroup is a loop that makes two registers of words a round.
type philoxGroup struct {
	g           *gen
	dst, left   reg.GPVirtual
	keys        reg.GPVirtual
	counters    vec // the block numbers of the lanes
	step        vec // what they grow by
	low, m0, m1 vec // the lower half of each lane; the multipliers
}

// philoxGroups loads the arguments dst, keys and counter.
func (g *gen) philoxGroups() *philoxGroup {
	p := &philoxGroup{g: g, dst: g.slice("dst"), left: g.length("dst"), keys: g.arg("keys")}
	g.SHRQ(operand.U8(map[level]int{avx512: 5, avx2: 4}[g.level]), p.left) // groups of two registers
	blocks := g.lanes() / 2
	// The order of blocks in lanes is such that interleaving the words in 128-bit pieces puts them in memory's order.
	order, ok := g.consts["blocks"]
	if !ok {
		order = g.StaticGlobal("blocks")
		g.DataAttributes(attr.NOPTR | attr.RODATA)
		for lane := range blocks {
			g.AppendDatum(operand.U64(lane/2 + lane%2*blocks/2))
		}
		g.consts["blocks"] = order
	}
	p.counters, p.step, p.low, p.m0, p.m1 = g.vec(), g.vec(), g.vec(), g.vec(), g.vec()
	from, err := g.Param("counter").Resolve()
	if err != nil {
		panic(err)
	}
	g.VPBROADCASTQ(from.Addr, p.counters)
	offsets := g.vec()
	g.VMOVUPS(order, offsets)
	g.VPADDQ(offsets, p.counters, p.counters)
	quad := func(value uint64, name string) vec {
		m, ok := g.consts[name]
		if !ok {
			m = g.StaticGlobal(name)
			g.DataAttributes(attr.NOPTR | attr.RODATA)
			g.AppendDatum(operand.U64(value))
			g.consts[name] = m
		}
		v := g.vec()
		g.VPBROADCASTQ(m, v)
		return v
	}
	p.step = quad(uint64(blocks), "step")
	p.low = quad(0xffffffff, "low")
	p.m0, p.m1 = quad(0xD2511F53, "mul0"), quad(0xCD9E8D57, "mul1")
	return p
}

// next returns the words of the next group, in memory's order.
func (p *philoxGroup) next() [2]vec {
	g := p.g
	c := g.vecs(4)
	g.VMOVAPS(p.counters, c[0])
	g.VPSRLQ(operand.U8(32), p.counters, c[1])
	g.zero(c[2])
	g.zero(c[3])
	g.VPADDQ(p.step, p.counters, p.counters)
	for round := range 10 {
		lo0, lo1, hi0, hi1 := g.vec(), g.vec(), g.vec(), g.vec()
		g.VPMULUDQ(c[0], p.m0, lo0)
		g.VPMULUDQ(c[2], p.m1, lo1)
		g.VPSRLQ(operand.U8(32), lo0, hi0)
		g.VPSRLQ(operand.U8(32), lo1, hi1)
		for i, hi := range []vec{hi1, hi0} {
			key := operand.Mem{Base: p.keys, Disp: 8 * (2*round + i)}
			if g.level == avx512 {
				g.VPTERNLOGQ_BCST(operand.U8(0x96), key, c[2*i+1], hi) // exclusive or of three
				continue
			}
			k := g.vec()
			g.VPBROADCASTQ(key, k)
			g.VXORPS(c[2*i+1], hi, hi)
			g.VXORPS(k, hi, hi)
		}
		c = []vec{hi1, lo1, hi0, lo0}
	}
	// Words 0 and 1 of a block into one lane, 2 and 3 into another, then both side by side.
	for i := 0; i < 4; i += 2 {
		g.VANDPS(p.low, c[i], c[i])
		g.VPSLLQ(operand.U8(32), c[i+1], c[i+1])
		g.VORPS(c[i+1], c[i], c[i])
	}
	first, second := g.vec(), g.vec()
	g.VPUNPCKLQDQ(c[2], c[0], first)
	g.VPUNPCKHQDQ(c[2], c[0], second)
	return [2]vec{first, second}
}

// again ends the loop.
func (p *philoxGroup) again() {
	p.g.ADDQ(operand.I32(2*p.g.bytes()), p.dst)
	p.g.DECQ(p.left)
	p.g.JNZ(operand.LabelRef("loop"))
}
