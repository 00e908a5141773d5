package attention

import (
	"slices"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Backward: with the numerator s_tᵀ q_t and the denominator z_t·q_t of query t, whose gradients are γ_t = dn_t and
// e_t = -(dn_t·o_t), n being out times the denominator,
//
//	dq_t = s_t γ_t + z_t e_t
//	dk_j = sum over the queries t that see j of (γ_t·v_j + e_t) q_t
//	dv_j = sum over the queries t that see j of (q_t·k_j) γ_t
//
// The last two are sums like those of the forward pass, of queries times γ, from the end of a sequence to its start.
// The sums of the forward pass are formed again: kept, they would take the memory of a chunk's features for every chunk.
func (op *linear) Backward(tp *tensor.Tape) {
	op.g = op.out.OutGrad()
	op.dq, op.dk, op.dval = gradientOf(op.q, op.k, op.v), gradientOf(op.k, op.v), gradientOf(op.v)
	op.takeSums(tp)
	op.takeWork(tp, op.backWork())
	queries := op.queryStretches()
	op.dsums = tp.Scratch(queries.slots * op.KVHeads * op.size())
	op.formSums()
	if queries.slots > 0 {
		op.run(linearBackSums, len(queries.list)*op.KVHeads)
		op.run(linearBackCarry, queries.items()*op.KVHeads)
	}
	switch {
	case op.Causal:
		op.run(linearBackChunk, len(queries.list)*op.KVHeads)
	default:
		if op.dq.to != nil {
			op.run(linearBackQuery, len(queries.list)*op.Heads)
		}
		op.run(linearBackKey, len(op.keys.list)*op.KVHeads)
	}
	tp.Release(op.dsums)
	tp.Release(op.work)
	op.releaseSums(tp)
	op.releaseKept(tp)
	op.dsums, op.work, op.g, op.dq, op.dk, op.dval = nil, nil, nil, gradient{}, gradient{}, gradient{}
}

// gradient is where an operation puts the gradient of an input: to is nil where it is not wanted; add says that it adds.
type gradient struct {
	to  []float32
	add bool
}

// gradientOf takes the memory for the gradient of v. Where v is one of the others too, all of them add.
func gradientOf(v *tensor.Var, others ...*tensor.Var) gradient {
	if v == nil || !v.Needs() {
		return gradient{}
	}
	to, add := v.Accumulate()
	if !add && slices.Contains(others, v) {
		clear(to)
		add = true
	}
	return gradient{to, add}
}

func (op *linear) backWork() int {
	n := freeChunk
	if op.Causal {
		n = causalChunk
	}
	return n*(op.m+3*op.dv+6) + 3*causalChunk*causalChunk
}

// outGrads writes γ [n, dv] and e [n] of head h for n queries from row lo on.
func (op *linear) outGrads(gamma, e []float32, lo, n, h int) {
	ld := op.Heads * op.dv
	g, out := at(op.g, lo, h, op.Heads, op.dv), at(op.out.Data(), lo, h, op.Heads, op.dv)
	for t := range n {
		gt, row := g[t*ld:t*ld+op.dv], gamma[t*op.dv:(t+1)*op.dv]
		if op.Unnormalized {
			copy(row, gt)
			e[t] = 0
			continue
		}
		inv := op.inverse[(lo+t)*op.Heads+h]
		if inv == 0 {
			clear(row)
			e[t] = 0
			continue
		}
		simd.Scale(row, gt, inv)
		e[t] = -float32(simd.Dot(row, out[t*ld:t*ld+op.dv]))
	}
}

// backSums forms the sums of queries times γ, and times e, over the queries of stretch i alone. Causal ones belong to
// the keys before it.
func (op *linear) backSums(t tile, i, g int) {
	p := op.queryStretches().list[i]
	n, slot, ldq := p.rows(), p.after, op.Heads*op.m
	if op.Causal {
		if p.first {
			return
		}
		slot = op.keys.list[i-1].after
	}
	ds, dz := op.sum(op.dsums, slot, g)
	clear(ds)
	clear(dz)
	gamma, e, f0, l := t.cut(n*op.dv), t.cut(n), t.cut(n), t.cut(n)
	risenFrom := op.Causal && op.log != nil
	if risenFrom {
		top := op.tops[slot*op.KVHeads+g]
		op.logs(l, p.lo, n, g)
		risen(f0, l, top)
		for r := range f0 {
			f0[r] = decay(top, f0[r])
		}
	}
	for h := g * op.group; h < (g+1)*op.group; h++ {
		op.outGrads(gamma, e, p.lo, n, h)
		if risenFrom {
			simd.ScaleRows(gamma, gamma, f0, n, op.dv)
			simd.Mul(e, e, f0)
		}
		q := at(op.q.Data(), p.lo, h, op.Heads, op.m)
		simd.Gemm(true, false, op.m, op.dv, n, q, ldq, gamma, op.dv, ds, op.dv, true)
		simd.HeadSum(dz, e, q, n, 1, op.m, ldq)
	}
}

// backCarry adds up what backSums formed: causal sums from the end of sequence b to its start, each staying; otherwise
// all into the slot of the first stretch.
func (op *linear) backCarry(b, g int) {
	list, size := op.queryStretches().of(b), op.size()
	slot := func(i int) []float32 { return op.dsums[(list[i].after*op.KVHeads+g)*size:][:size] }
	if !op.Causal {
		for i := 1; i < len(list); i++ {
			simd.Add(slot(0), slot(0), slot(i))
		}
		return
	}
	for i := len(list) - 3; i >= 0; i-- {
		if op.log == nil {
			simd.Add(slot(i), slot(i), slot(i+1))
		} else {
			tops := op.tops
			simd.AddScaled(slot(i), slot(i+1), decay(tops[list[i].after*op.KVHeads+g], tops[list[i+1].after*op.KVHeads+g]))
		}
	}
}

// keyWeights writes exp(l - top) of n keys from row lo on: how they count in a sum with this top.
func (op *linear) keyWeights(w []float32, lo, n, g, slot int) {
	if op.log == nil {
		simd.Fill(w, 1)
		return
	}
	op.logs(w, lo, n, g)
	simd.AddConst(w, w, -op.tops[slot*op.KVHeads+g])
	simd.Exp(w, w)
}

// keysBack sets the gradients of keys and values of stretch p to what the queries give whose sums are ds and dz. slot
// is that of the sum over keys whose top they go by.
func (op *linear) keysBack(t tile, p stretch, g int, ds, dz []float32, slot int) {
	n, ldk, ldv := p.rows(), op.KVHeads*op.m, op.KVHeads*op.dv
	k, v, w := at(op.k.Data(), p.lo, g, op.KVHeads, op.m), at(op.v.Data(), p.lo, g, op.KVHeads, op.dv), t.cut(n)
	op.keyWeights(w, p.lo, n, g, slot)
	if op.dk.to != nil {
		dk, x, ldx := at(op.dk.to, p.lo, g, op.KVHeads, op.m), v, ldv
		if op.log != nil {
			x, ldx = scaledRows(t.cut(n*op.dv), v, ldv, w, op.dv), op.dv
		}
		simd.Gemm(false, true, n, op.m, op.dv, x, ldx, ds, op.dv, dk, ldk, op.dk.add)
		simd.HeadOuter(dk, w, dz, n, 1, op.m, ldk)
	}
	if op.dval.to != nil {
		dv, x, ldx := at(op.dval.to, p.lo, g, op.KVHeads, op.dv), k, ldk
		if op.log != nil {
			x, ldx = scaledRows(t.cut(n*op.m), k, ldk, w, op.m), op.m
		}
		simd.Gemm(false, false, n, op.dv, op.m, x, ldx, ds, op.dv, dv, ldv, op.dval.add)
	}
}

// noKeysBack is keysBack where no query sees the keys.
func (op *linear) noKeysBack(p stretch, g int) {
	if op.dk.to != nil && !op.dk.add {
		clearRows(at(op.dk.to, p.lo, g, op.KVHeads, op.m), op.KVHeads*op.m, p.rows(), op.m)
	}
	if op.dval.to != nil && !op.dval.add {
		clearRows(at(op.dval.to, p.lo, g, op.KVHeads, op.dv), op.KVHeads*op.dv, p.rows(), op.dv)
	}
}

// backKey computes the gradients of keys and values of stretch i without causality.
func (op *linear) backKey(t tile, i, g int) {
	p := op.keys.list[i]
	list := op.queries.of(p.item)
	if len(list) == 0 {
		op.noKeysBack(p, g)
		return
	}
	ds, dz := op.sum(op.dsums, list[0].after, g)
	op.keysBack(t, p, g, ds, dz, op.keys.of(p.item)[0].after)
}

// backQuery computes the gradients of the queries of stretch i, head h, without causality.
func (op *linear) backQuery(t tile, i, h int) {
	p := op.queries.list[i]
	n, ldq, list := p.rows(), op.Heads*op.m, op.keys.of(p.item)
	dq := at(op.dq.to, p.lo, h, op.Heads, op.m)
	if len(list) == 0 {
		if !op.dq.add {
			clearRows(dq, ldq, n, op.m)
		}
		return
	}
	s, z := op.sum(op.sums, list[0].after, h/op.group)
	gamma, e := t.cut(n*op.dv), t.cut(n)
	op.outGrads(gamma, e, p.lo, n, h)
	simd.Gemm(false, true, n, op.m, op.dv, gamma, op.dv, s, op.dv, dq, ldq, op.dq.add)
	simd.HeadOuter(dq, e, z, n, 1, op.m, ldq)
}

// backChunk computes all gradients of stretch i of a causal sequence, for the kv head g and its queries.
func (op *linear) backChunk(t tile, i, g int) {
	p := op.keys.list[i]
	n, ldq, ldk, ldv := p.rows(), op.Heads*op.m, op.KVHeads*op.m, op.KVHeads*op.dv
	k, v := at(op.k.Data(), p.lo, g, op.KVHeads, op.m), at(op.v.Data(), p.lo, g, op.KVHeads, op.dv)
	a, da, f, gamma := t.cut(n*n), t.cut(n*n), t.cut(n*n), t.cut(n*op.dv)
	e, f0, l := t.cut(n), t.cut(n), t.cut(n)
	s, z, top, ok := op.before(i, g)
	if op.log != nil {
		op.factors(f, f0, l, p.lo, n, g, top)
	}
	if p.last {
		op.noKeysBack(p, g)
	} else {
		ds, dz := op.sum(op.dsums, p.after, g)
		op.keysBack(t, p, g, ds, dz, p.after)
	}
	for h := g * op.group; h < (g+1)*op.group; h++ {
		q := at(op.q.Data(), p.lo, h, op.Heads, op.m)
		op.outGrads(gamma, e, p.lo, n, h)
		lowerScores(a, q, ldq, k, ldk, n, op.m)
		lowerScores(da, gamma, op.dv, v, ldv, n, op.dv)
		for r := range n {
			ar, dar := a[r*n:r*n+r+1], da[r*n:r*n+r+1]
			simd.AddConst(dar, dar, e[r])
			if op.log != nil {
				simd.Mul(ar, ar, f[r*n:r*n+r+1])
				simd.Mul(dar, dar, f[r*n:r*n+r+1])
			}
		}
		if op.dk.to != nil {
			lowerTransposed(at(op.dk.to, p.lo, g, op.KVHeads, op.m), ldk, da, q, ldq, n, op.m)
		}
		if op.dval.to != nil {
			lowerTransposed(at(op.dval.to, p.lo, g, op.KVHeads, op.dv), ldv, a, gamma, op.dv, n, op.dv)
		}
		if op.dq.to == nil {
			continue
		}
		dq := at(op.dq.to, p.lo, h, op.Heads, op.m)
		if ok {
			if op.log != nil {
				simd.ScaleRows(gamma, gamma, f0, n, op.dv)
				simd.Mul(e, e, f0)
			}
			simd.Gemm(false, true, n, op.m, op.dv, gamma, op.dv, s, op.dv, dq, ldq, op.dq.add)
			simd.HeadOuter(dq, e, z, n, 1, op.m, ldq)
		} else if !op.dq.add {
			clearRows(dq, ldq, n, op.m)
		}
		lowerTimes(dq, ldq, da, k, ldk, n, op.m)
	}
}
