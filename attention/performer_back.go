package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Backward: with S the sum of a sequence, whose last column makes the denominator, o_i and γ_i = (do_i, -(do_i·o_i)) over
// the denominator of query i, and V_j = (v_j, 1),
//
//	dφ(q_i) = S γ_i,  dS = sum over i of φ(q_i) γ_iᵀ
//	dφ(k_j) = dS V_j, dv_j = the first columns of dSᵀ φ(k_j)
//	dx'     = sum over r of dφ_r (φ_r - Eps) (w_r - x')
//
// The padding has no gradient.
func (op *performer) Backward(tp *tensor.Tape) {
	op.g = op.y.OutGrad()
	op.dq, op.dk, op.dval = gradientOf(op.q, op.k, op.v), gradientOf(op.k, op.v), gradientOf(op.v)
	op.dsums = tp.Scratch(len(op.pieces) * op.Heads * op.size())
	op.takeWork(tp, performerTile*(2*op.d+2*op.m+2*(op.dv+1)))
	op.run(performerBackQuery, len(op.pieces))
	if op.dk.to != nil || op.dval.to != nil {
		op.run(performerBackJoin, len(op.offsets)-1)
		op.run(performerBackKey, len(op.pieces))
	}
	op.releaseWork(tp)
	tp.Release(op.dsums)
	op.release(tp)
	op.dsums, op.g, op.dq, op.dk, op.dval = nil, nil, gradient{}, gradient{}, gradient{}
}

// outGrads writes γ of n queries [n, value dim + 1].
func (op *performer) outGrads(gamma []float32, lo, n, h int) {
	w, ld := op.dv+1, op.Heads*op.dv
	for r := range n {
		at := (lo+r)*ld + h*op.dv
		inverse := op.inverse[(lo+r)*op.Heads+h]
		row := gamma[r*w : (r+1)*w]
		simd.Scale(row[:op.dv], op.g[at:at+op.dv], inverse)
		row[op.dv] = -float32(simd.Dot(row[:op.dv], op.y.Data()[at:at+op.dv]))
	}
}

// backQueries forms the gradients of a piece of queries and what they add to that of the sum.
func (op *performer) backQueries(t tile, i, h int) {
	p, w := op.pieces[i], op.dv+1
	x, dx := t.cut(performerTile*op.d), t.cut(performerTile*op.d)
	e, de := t.cut(performerTile*op.m), t.cut(performerTile*op.m)
	gamma := t.cut(performerTile * w)
	sum, dsum := op.sum(op.sums, op.first[p.sequence], h), op.sum(op.dsums, i, h)
	for lo := p.from; lo < p.to; lo += performerTile {
		n := min(performerTile, p.to-lo)
		op.queryFeatures(x, e, lo, n, h)
		op.outGrads(gamma, lo, n, h)
		if op.dq.to != nil {
			simd.Gemm(false, true, n, op.m, w, gamma, w, sum, w, de, op.m, false)
			op.inputGrads(op.dq, x, dx, e, de, lo, n, h)
		}
		simd.AddConst(e[:n*op.m], e[:n*op.m], float32(op.Eps))
		simd.Gemm(true, false, op.m, w, n, e, op.m, gamma, w, dsum, w, lo > p.from)
	}
}

// backKeys forms the gradients of a piece of keys and values.
func (op *performer) backKeys(t tile, i, h int) {
	p, w, ld := op.pieces[i], op.dv+1, op.Heads*op.dv
	x, dx := t.cut(performerTile*op.d), t.cut(performerTile*op.d)
	e, de := t.cut(performerTile*op.m), t.cut(performerTile*op.m)
	v, dv := t.cut(performerTile*w), t.cut(performerTile*w)
	dsum := op.sum(op.dsums, op.first[p.sequence], h)
	for lo := p.from; lo < p.to; lo += performerTile {
		n := min(performerTile, p.to-lo)
		op.keyFeatures(x, e, lo, n, i, h)
		if op.dk.to != nil {
			op.values(v, lo, n, h)
			simd.Gemm(false, true, n, op.m, w, v, w, dsum, w, de, op.m, false)
			op.inputGrads(op.dk, x, dx, e, de, lo, n, h)
		}
		if op.dval.to == nil {
			continue
		}
		simd.AddConst(e[:n*op.m], e[:n*op.m], float32(op.Eps))
		simd.Gemm(false, false, n, op.dv, op.m, e, op.m, dsum, w, dv, op.dv, false)
		for r := range n {
			op.dval.putScaled(op.dval.to[(lo+r)*ld+h*op.dv:][:op.dv], dv[r*op.dv:(r+1)*op.dv], 1)
		}
	}
}

// inputGrads adds to the gradients of n queries or keys what those of their features, de, make of them.
func (op *performer) inputGrads(g gradient, x, dx, e, de []float32, lo, n, h int) {
	ld := op.Heads * op.d
	simd.Mul(de[:n*op.m], de[:n*op.m], e[:n*op.m])
	simd.Gemm(false, false, n, op.d, op.m, de, op.m, op.rows(h), op.d, dx, op.d, false)
	for r := range n {
		row := dx[r*op.d : (r+1)*op.d]
		simd.AddScaled(row, x[r*op.d:(r+1)*op.d], -float32(simd.Sum(de[r*op.m:(r+1)*op.m])))
		g.putScaled(g.to[(lo+r)*ld+h*op.d:][:op.d], row, op.scale)
	}
}

// putScaled writes, or adds, a row times a factor.
func (g gradient) putScaled(to, row []float32, by float32) {
	if g.add {
		simd.AddScaled(to, row, by)
	} else {
		simd.Scale(to, row, by)
	}
}
