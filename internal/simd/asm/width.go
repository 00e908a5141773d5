package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// This file and ops.go are the difference between the levels as far as most kernels see it: the width of a register,
// masks, and constants, which AVX-512 broadcasts from four bytes inside an instruction and AVX2 reads from memory at
// full width.

type vec = reg.VecVirtual

// lanes is the number of float32 in a register.
func (g *gen) lanes() int {
	if g.level == avx512 {
		return 16
	}
	return 8
}

// bytes is the size of a register.
func (g *gen) bytes() int { return 4 * g.lanes() }

// vec returns a new register.
func (g *gen) vec() vec {
	if g.level == avx512 {
		return g.ZMM()
	}
	return g.YMM()
}

func (g *gen) vecs(n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = g.vec()
	}
	return v
}

// zero sets v to 0.
func (g *gen) zero(v vec) {
	if g.level == avx512 {
		g.VPXORD(v, v, v)
	} else {
		g.VXORPS(v, v, v)
	}
}

// A mask selects lanes: an opmask register, or a vector of all-ones and all-zero lanes.
type mask struct {
	k reg.OpmaskVirtual
	v vec
}

// tailMask returns the mask of the first n lanes, n at most lanes().
func (g *gen) tailMask(n reg.GPVirtual) *mask {
	if g.level == avx512 {
		bits, one := g.GP64(), g.GP64()
		g.MOVQ(operand.I32(1), one)
		g.SHLXQ(n, one, bits)
		g.DECQ(bits)
		k := g.K()
		g.KMOVW(bits.As32(), k)
		return &mask{k: k}
	}
	// A window into eight lanes of ones and eight of zeros.
	table, ok := g.consts["lanes"]
	if !ok {
		table = g.StaticGlobal("lanes")
		g.DataAttributes(attr.NOPTR | attr.RODATA)
		for i := range 16 {
			bits := uint32(0)
			if i < 8 {
				bits = math.MaxUint32
			}
			g.AppendDatum(operand.U32(bits))
		}
		g.consts["lanes"] = table
	}
	at, v := g.GP64(), g.YMM()
	g.LEAQ(table.Offset(32), at)
	shift := g.GP64()
	g.MOVQ(n, shift)
	g.SHLQ(operand.U8(2), shift)
	g.SUBQ(shift, at)
	g.VMOVUPS(operand.Mem{Base: at}, v)
	return &mask{v: v}
}

// load reads a register from memory. With a mask only the selected lanes are read; the others become 0.
func (g *gen) load(m operand.Mem, dst vec, sel *mask) {
	switch {
	case sel == nil:
		g.VMOVUPS(m, dst)
	case g.level == avx512:
		g.VMOVUPS_Z(m, sel.k, dst)
	default:
		g.VMASKMOVPS(m, sel.v, dst)
	}
}

// store writes a register, or its selected lanes, to memory.
func (g *gen) store(src vec, m operand.Mem, sel *mask) {
	switch {
	case sel == nil:
		g.VMOVUPS(src, m)
	case g.level == avx512:
		g.VMOVUPS(src, sel.k, m)
	default:
		g.VMASKMOVPS(src, sel.v, m)
	}
}

// A konst is the bit pattern of a constant that an instruction may have as its first operand.
type konst uint32

func f32(x float64) konst { return konst(math.Float32bits(float32(x))) }

// Bit patterns kernels use.
const (
	signBit   konst = 0x80000000
	absBits   konst = 0x7fffffff
	infBits   konst = 0x7f800000
	maxFinite konst = 0x7f7fffff
	nanBits   konst = 0x7fc00000
)

// mem returns where the constant lies: four bytes, or a whole register's worth.
func (g *gen) mem(c konst, whole bool) operand.Mem {
	name := fmt.Sprintf("c%08x", uint32(c))
	copies := 1
	if whole {
		name += "x"
		copies = g.lanes()
	}
	m, ok := g.consts[name]
	if !ok {
		m = g.StaticGlobal(name)
		g.DataAttributes(attr.NOPTR | attr.RODATA)
		for range copies {
			g.AppendDatum(operand.U32(c))
		}
		g.consts[name] = m
	}
	return m
}

// set fills a register with a constant.
func (g *gen) set(c konst, dst vec) {
	g.VBROADCASTSS(g.mem(c, false), dst)
}

// scalar fills a new register with a float32 argument.
func (g *gen) scalar(name string) vec {
	v := g.vec()
	p, err := g.Param(name).Resolve()
	if err != nil {
		panic(err) // the kernel names an argument it has not declared
	}
	g.VBROADCASTSS(p.Addr, v)
	return v
}

// loadOr is load with the lanes outside the mask taken from other, which has the length of a register.
func (g *gen) loadOr(m operand.Mem, dst vec, sel *mask, other vec) {
	switch {
	case sel == nil:
		g.VMOVUPS(m, dst)
	case g.level == avx512:
		g.VMOVAPS(other, dst)
		g.VMOVUPS(m, sel.k, dst)
	default:
		g.VMASKMOVPS(m, sel.v, dst)
		g.VBLENDVPS(sel.v, dst, other, dst)
	}
}
