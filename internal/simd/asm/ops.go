package main

import "github.com/mmcloughlin/avo/operand"

// The methods of this file are one or a few instructions each. Destinations come first, as in Go's own copy; the last
// operand may be a register, memory of a register's width, or a konst.

type readable any

// op emits an instruction whose first operand, in the order of the assembler, may be a constant.
func (g *gen) op(plain, broadcast func(...operand.Op), src readable, rest ...operand.Op) {
	c, ok := src.(konst)
	switch {
	case !ok:
		plain(append([]operand.Op{src.(operand.Op)}, rest...)...)
	case g.level == avx512:
		broadcast(append([]operand.Op{g.mem(c, false)}, rest...)...)
	default:
		plain(append([]operand.Op{g.mem(c, true)}, rest...)...)
	}
}

func (g *gen) add(dst, a vec, b readable) { g.op(g.VADDPS, g.VADDPS_BCST, b, a, dst) }
func (g *gen) sub(dst, a vec, b readable) { g.op(g.VSUBPS, g.VSUBPS_BCST, b, a, dst) }
func (g *gen) mul(dst, a vec, b readable) { g.op(g.VMULPS, g.VMULPS_BCST, b, a, dst) }
func (g *gen) div(dst, a vec, b readable) { g.op(g.VDIVPS, g.VDIVPS_BCST, b, a, dst) }

// max and min give b where either is NaN or both are equal, so put the data last to let NaN pass.
func (g *gen) max(dst, a vec, b readable) { g.op(g.VMAXPS, g.VMAXPS_BCST, b, a, dst) }
func (g *gen) min(dst, a vec, b readable) { g.op(g.VMINPS, g.VMINPS_BCST, b, a, dst) }

func (g *gen) and(dst, a vec, b readable) { g.op(g.VANDPS, g.VANDPS_BCST, b, a, dst) }
func (g *gen) or(dst, a vec, b readable)  { g.op(g.VORPS, g.VORPS_BCST, b, a, dst) }
func (g *gen) xor(dst, a vec, b readable) { g.op(g.VXORPS, g.VXORPS_BCST, b, a, dst) }

// fma adds a*b to dst; fnma subtracts it.
func (g *gen) fma(dst, a vec, b readable)  { g.op(g.VFMADD231PS, g.VFMADD231PS_BCST, b, a, dst) }
func (g *gen) fnma(dst, a vec, b readable) { g.op(g.VFNMADD231PS, g.VFNMADD231PS_BCST, b, a, dst) }

// horner sets dst = dst*x + c, a step of a polynomial.
func (g *gen) horner(dst, x vec, c readable) { g.op(g.VFMADD213PS, g.VFMADD213PS_BCST, c, x, dst) }

// hornerNeg sets dst = c - dst*x.
func (g *gen) hornerNeg(dst, x vec, c readable) { g.op(g.VFNMADD213PS, g.VFNMADD213PS_BCST, c, x, dst) }

// poly returns the polynomial in x whose coefficients are given from the constant term up.
func (g *gen) poly(x vec, c ...float64) vec {
	p := g.vec()
	g.set(f32(c[len(c)-1]), p)
	for i := len(c) - 2; i >= 0; i-- {
		g.horner(p, x, f32(c[i]))
	}
	return p
}

// like copies a register to a new one.
func (g *gen) like(v vec) vec {
	w := g.vec()
	g.VMOVAPS(v, w)
	return w
}

// Predicates of cmp, those of VCMPPS. The negated ones are true for NaN, the others false.
const (
	equal        = operand.U8(0)
	less         = operand.U8(1)
	lessEqual    = operand.U8(2)
	unordered    = operand.U8(3)
	notEqual     = operand.U8(4)
	notLessEqual = operand.U8(6)
	notAtLeast   = operand.U8(9)
	greaterEqual = operand.U8(13)
	greater      = operand.U8(14)
)

// cmp compares lane by lane.
func (g *gen) cmp(predicate operand.U8, a vec, b readable) *mask {
	if g.level == avx512 {
		k := g.K()
		g.op(func(ops ...operand.Op) { g.VCMPPS(predicate, ops[0], ops[1], ops[2]) },
			func(ops ...operand.Op) { g.VCMPPS_BCST(predicate, ops[0], ops[1], ops[2]) }, b, a, k)
		return &mask{k: k}
	}
	v := g.vec()
	g.op(func(ops ...operand.Op) { g.VCMPPS(predicate, ops[0], ops[1], ops[2]) }, nil, b, a, v)
	return &mask{v: v}
}

// pick sets dst to yes in the lanes of the mask and to no in the others.
func (g *gen) pick(dst vec, m *mask, yes, no vec) {
	if g.level == avx512 {
		g.VBLENDMPS(yes, no, m.k, dst)
	} else {
		g.VBLENDVPS(m.v, yes, no, dst)
	}
}

// keep sets dst to x in the lanes of the mask and to 0 in the others.
func (g *gen) keep(dst vec, m *mask, x vec) {
	if g.level == avx512 {
		g.VMOVAPS_Z(x, m.k, dst)
	} else {
		g.VANDPS(m.v, x, dst)
	}
}

// anyLane jumps to the label if a lane of the mask is set.
func (g *gen) anyLane(m *mask, label string) {
	if g.level == avx512 {
		g.KORTESTW(m.k, m.k)
	} else {
		g.VPTEST(m.v, m.v)
	}
	g.JNZ(operand.LabelRef(label))
}

// round sets dst to x rounded to the nearest integer, ties to even.
func (g *gen) round(dst, x vec) {
	if g.level == avx512 {
		g.VRNDSCALEPS(operand.U8(8), x, dst)
	} else {
		g.VROUNDPS(operand.U8(8), x, dst)
	}
}

// scale sets dst = dst * 2^n for integers n from -252 to 254, rounding once where the result is subnormal.
func (g *gen) scale(dst, n vec) {
	if g.level == avx512 {
		g.VSCALEFPS(n, dst, dst)
		return
	}
	// In two steps, each a power of two that has a normal exponent.
	whole, half := g.vec(), g.vec()
	g.VCVTPS2DQ(n, whole)
	g.VPSRAD(operand.U8(1), whole, half)
	g.VPSUBD(half, whole, whole)
	for _, e := range []vec{half, whole} {
		g.VPADDD(g.mem(127, true), e, e)
		g.VPSLLD(operand.U8(23), e, e)
		g.VMULPS(e, dst, dst)
	}
}

// power sets dst = 2^n for integers n from -126 to 127.
func (g *gen) power(dst, n vec) {
	if g.level == avx512 {
		g.set(f32(1), dst)
		g.VSCALEFPS(n, dst, dst)
		return
	}
	g.VCVTPS2DQ(n, dst)
	g.VPADDD(g.mem(127, true), dst, dst)
	g.VPSLLD(operand.U8(23), dst, dst)
}
