package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// additiveBack is what the backward pass works with.
type additiveBack struct {
	g                   []float32 // the gradient of out
	dq, dk, dval, dfact gradient
	e                   []float32 // [tokens, heads * m], see Backward
	dsums, dmass        []float32 // [slots, heads, m2*dv] and [slots, heads, m]: sums over the queries after a chunk
}

// Backward: with g the gradient of o, w the key factor, p_ts = exp(k_s - z_t) and S_t the sum of p_ts w_s v_sᵀ over s <= t,
// channel by channel,
//
//	dq_t = S_t g_t
//	dv_s = sum over t >= s of (q_t p_ts w_s)·g_t
//	dw_s = sum over t >= s of q_t p_ts (v_s·g_t)
//	dk_s = w_s dw_s - sum over t >= s of p_ts e_t,  e_t = q_t dq_t
//
// the second term of dk being that of z. Where a channel has copies, the products w dw and q dq are summed over them.
// The sums over t are recurrences from the end of a sequence to its start.
func (op *additive) Backward(tp *tensor.Tape) {
	b := &op.additiveBack
	b.g = op.out.OutGrad()
	b.dq, b.dk = gradientOf(op.q, op.k, op.v, op.factor), gradientOf(op.k, op.v, op.factor)
	b.dval, b.dfact = gradientOf(op.v, op.factor), gradientOf(op.factor)
	slots := op.chunks.slots * op.Heads
	op.sums, b.dsums = tp.Scratch(slots*op.m2*op.dv), tp.Scratch(slots*op.m2*op.dv)
	b.dmass, b.e = tp.Scratch(slots*op.m), tp.Scratch(op.k.Rows()*op.Heads*op.m)
	op.takeWork(tp, op.backWork())
	op.formSums()
	op.run(additiveBackQuery, len(op.chunks.list)*op.Heads, 1)
	op.run(additiveBackCarry, op.chunks.items()*op.Heads, 1)
	op.run(additiveBackKey, len(op.chunks.list)*op.Heads, 1)
	for _, s := range [...][]float32{op.work, b.e, b.dmass, b.dsums, op.sums} {
		tp.Release(s)
	}
	op.releaseKept(tp)
	op.work, op.sums, op.additiveBack = nil, nil, additiveBack{}
}

func (op *additive) backWork() int {
	return causalChunk*causalChunk + causalChunk*4*op.m2 + op.m2*op.dv + op.m2 + 3*op.m
}

// backQuery computes the gradients of the queries of chunk i, head h, and what they give to the chunks before.
func (op *additive) backQuery(t tile, i, h int) {
	p, ld, rows, m2 := op.chunks.list[i], op.Heads*op.dv, op.chunks.list[i].rows(), op.m2
	a, dq, q, k := t.cut(rows*rows), t.cut(rows*m2), t.cut(rows*m2), t.cut(rows*m2)
	s, fall, diff := t.cut(m2*op.dv), t.cut(m2), t.cut(op.m)
	for lo, hi := p.lo, 0; lo < p.hi; lo = hi {
		hi = op.segment(diff, lo, p.hi, h)
		n, first, g := hi-lo, op.zRow(lo, h), at(op.g, lo, h, op.Heads, op.dv)
		within, before := q[:n*m2], dq[(lo-p.lo)*m2:]
		sum, ref := op.sumBefore(s, k, i, lo, h)
		if sum != nil {
			simd.Gemm(false, true, n, m2, op.dv, g, ld, sum, op.dv, before, m2, false)
		}
		op.keyRows(k, first, lo, n, h)
		lowerScores(a, g, ld, at(op.v.Data(), lo, h, op.Heads, op.dv), ld, n, op.dv)
		clear(within)
		lowerTimes(within, m2, a, k, m2, n, m2)
		for r := range n {
			row, w := before[r*m2:(r+1)*m2], within[r*m2:(r+1)*m2]
			if sum != nil {
				op.falls(fall, ref, lo+r, h)
				simd.Mul(row, row, fall)
			} else {
				clear(row)
			}
			op.falls(fall, first, lo+r, h)
			simd.MulAdd(row, w, fall)
		}
	}
	op.queryGradient(dq, p, h)
	if p.first {
		return
	}
	slot, ref := op.chunks.list[i-1].after, op.borderOf(i, h, false)
	op.queryRows(q, ref, p.lo, rows, h)
	simd.Gemm(true, false, m2, op.dv, rows, q, m2, at(op.g, p.lo, h, op.Heads, op.dv), ld, op.sum(op.dsums, slot, h), op.dv, false)
	mass := op.massIn(slot, h)
	clear(mass)
	for r := p.lo; r < p.hi; r++ {
		op.falls(fall, ref, r, h)
		simd.MulAdd(mass, op.eRow(r, h), fall[:op.m])
	}
}

// massIn returns the sum of e in a slot.
func (op *additive) massIn(slot, h int) []float32 { return op.dmass[(slot*op.Heads+h)*op.m:][:op.m] }

// eRow returns e of a token and head.
func (op *additive) eRow(row, h int) []float32 { return op.e[(row*op.Heads+h)*op.m:][:op.m] }

// queryGradient adds dq [rows, m2] to the gradient of the queries of a chunk, and writes e.
func (op *additive) queryGradient(dq []float32, p stretch, h int) {
	for r := p.lo; r < p.hi; r++ {
		row, q := dq[(r-p.lo)*op.m2:][:op.m2], at(op.q.Data(), r, h, op.Heads, op.m2)[:op.m2]
		e := op.eRow(r, h)
		simd.Mul(e, row[:op.m], q[:op.m])
		for c := op.m; c < op.m2; c += op.m {
			simd.MulAdd(e, row[c:c+op.m], q[c:c+op.m])
		}
		op.dq.put(row, r, h, op.Heads)
	}
}

// put writes or adds x to row r of head h.
func (g *gradient) put(x []float32, r, h, heads int) {
	if g.to == nil {
		return
	}
	dst := g.to[(r*heads+h)*len(x):][:len(x)]
	if g.add {
		simd.Add(dst, dst, x)
	} else {
		copy(dst, x)
	}
}

// backCarry adds to what the queries of every chunk give that of all chunks after it.
func (op *additive) backCarry(b, h int) {
	list, first := op.chunks.of(b), op.chunks.item[b]
	for n := len(list) - 3; n >= 0; n-- {
		slot, next := list[n].after, list[n+1].after
		from, to := op.borderOf(first+n+1, h, false), op.borderOf(first+n+1, h, true)
		op.addDecayed(op.sum(op.dsums, slot, h), op.sum(op.dsums, next, h), from, to, op.dv)
		mass, after := op.massIn(slot, h), op.massIn(next, h)
		for c := range mass {
			mass[c] += decay(from[c], to[c]) * after[c]
		}
	}
}

// sumAfter returns the sum over all queries from row hi of chunk i on, and the z that it is relative to; nil where there
// are none.
func (op *additive) sumAfter(s, q []float32, i, hi, h int) (sum, ref []float32) {
	p := op.chunks.list[i]
	if !p.last {
		sum, ref = op.sum(op.dsums, p.after, h), op.borderOf(i, h, true)
	}
	if hi == p.hi {
		return sum, ref
	}
	z := op.zRow(hi-1, h)
	op.queryRows(q, z, hi, p.hi-hi, h)
	simd.Gemm(true, false, op.m2, op.dv, p.hi-hi, q, op.m2, at(op.g, hi, h, op.Heads, op.dv), op.Heads*op.dv, s, op.dv, false)
	if sum != nil {
		op.addDecayed(s, sum, z, ref, op.dv)
	}
	return s, z
}

// backKey computes the gradients of keys, key factors and values of chunk i, head h.
func (op *additive) backKey(t tile, i, h int) {
	p, ld, rows, m2 := op.chunks.list[i], op.Heads*op.dv, op.chunks.list[i].rows(), op.m2
	a, dw, q, k, raw := t.cut(rows*rows), t.cut(rows*m2), t.cut(rows*m2), t.cut(rows*m2), t.cut(rows*m2)
	s, rest := t.cut(m2*op.dv), t
	for lo, hi := p.lo, 0; lo < p.hi; lo = hi {
		hi = op.segment(k[:op.m], lo, p.hi, h)
		n, first := hi-lo, op.zRow(lo, h)
		g, v, x := at(op.g, lo, h, op.Heads, op.dv), at(op.v.Data(), lo, h, op.Heads, op.dv), dw[(lo-p.lo)*m2:][:n*m2]
		var dv []float32
		if op.dval.to != nil {
			dv = at(op.dval.to, lo, h, op.Heads, op.dv)
		}
		if sum, ref := op.sumAfter(s, q, i, hi, h); sum != nil {
			op.keyRows(k, ref, lo, n, h)
			op.rawKeyRows(raw, ref, lo, n, h)
			simd.Gemm(false, true, n, m2, op.dv, v, ld, sum, op.dv, x, m2, false)
			simd.Mul(x, x, raw[:n*m2])
			if dv != nil {
				simd.Gemm(false, false, n, op.dv, m2, k, m2, sum, op.dv, dv, ld, op.dval.add)
			}
		} else {
			clear(x)
			if dv != nil && !op.dval.add {
				clearRows(dv, ld, n, op.dv)
			}
		}
		op.queryRows(q, first, lo, n, h)
		op.keyRows(k, first, lo, n, h)
		if dv != nil {
			lowerScores(a, q, m2, k, m2, n, m2)
			lowerTransposed(dv, ld, a, g, ld, n, op.dv)
		}
		op.rawKeyRows(raw, first, lo, n, h)
		lowerScores(a, g, ld, v, ld, n, op.dv)
		clear(k[:n*m2])
		lowerTransposed(k, m2, a, q, m2, n, m2)
		simd.MulAdd(x, k[:n*m2], raw[:n*m2])
	}
	op.keyGradient(rest, dw, i, h)
}

// keyGradient adds dw [rows, m2] to the gradient of the key factor of a chunk, and computes that of the keys.
func (op *additive) keyGradient(t tile, dw []float32, i, h int) {
	p := op.chunks.list[i]
	later, dk, f := t.cut(op.m), t.cut(op.m), t.cut(op.m)
	clear(later)
	for r := p.hi - 1; r >= p.lo; r-- {
		z, row := op.zRow(r, h), dw[(r-p.lo)*op.m2:][:op.m2]
		switch { // later: the sum of exp(z_r - z_t) e_t over t >= r
		case r+1 < p.hi:
			simd.Sub(f, z, op.zRow(r+1, h))
			simd.Exp(f, f)
			simd.Mul(later, later, f)
		case !p.last:
			simd.Sub(f, z, op.borderOf(i, h, true))
			simd.Exp(f, f)
			simd.Mul(later, op.massIn(p.after, h), f)
		}
		simd.Add(later, later, op.eRow(r, h))
		simd.Sub(f, at(op.k.Data(), r, h, op.Heads, op.m)[:op.m], z)
		simd.Exp(f, f)
		simd.Mul(dk, later, f)
		simd.Scale(dk, dk, -1)
		if op.factor == nil {
			simd.Add(dk, dk, row)
		} else {
			w := at(op.factor.Data(), r, h, op.Heads, op.m2)
			for c := 0; c < op.m2; c += op.m {
				simd.MulAdd(dk, row[c:c+op.m], w[c:c+op.m])
			}
			op.dfact.put(row, r, h, op.Heads)
		}
		op.dk.put(dk, r, h, op.Heads)
	}
}
