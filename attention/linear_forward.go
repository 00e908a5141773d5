package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// The number of tokens that are done at a time. Causal chunks are small, since within one the work is quadratic; those
// without causality are large, since every chunk has a sum of its own.
const (
	causalChunk = 64
	freeChunk   = 256
)

// linear is the recorded operation of Linear without a bias.
//
// Where features come with a scale, key j counts exp(l_j) times. Then sums over keys are kept relative to the largest l
// so far, top: a sum is multiplied by exp(top before - top now) when top rises, and query t, whose keys have the largest
// scale top_t, takes them times exp(top - top_t). All factors are at most 1.
type linear struct {
	Linear
	group         int // query heads of a key head
	m, dv         int // widths of features and values of a head
	q, k, v       *tensor.Var
	log           *tensor.Var // l [key rows, kv heads], or nil
	out           *tensor.Var
	queries, keys stretches // the same where causal
	inverse       []float32 // [query rows, heads] 1/denominator, 0 for a query without keys
	state         *RecurrentState
	sums, tops    []float32 // [slots, kv heads, m*dv + m]: the sums over keys after a stretch; [slots, kv heads]
	phase         linearPhase
	workspace
	dsums        []float32 // the gradients of the sums after a stretch
	g            []float32 // the gradient of out
	dq, dk, dval gradient
}

// linearPhase is what linear.Run does.
type linearPhase int

const (
	linearSums      linearPhase = iota // stretches of keys x kv heads
	linearCarry                        // sequences x kv heads
	linearOut                          // stretches of queries x heads
	linearBackSums                     // stretches of queries x kv heads
	linearBackCarry                    // sequences x kv heads
	linearBackChunk                    // stretches x kv heads, causal
	linearBackQuery                    // stretches of queries x heads
	linearBackKey                      // stretches of keys x kv heads
)

// plain computes the attention without a bias.
func (o Linear) plain(tp *tensor.Tape, in LinearInput, q, k Mapped, state *RecurrentState) *tensor.Var {
	op, ok := tp.Spare().(*linear)
	if !ok {
		op = new(linear)
	}
	*op = linear{Linear: o, group: o.Heads / o.KVHeads, q: q.Features, k: k.Features, v: in.Value, log: k.LogScale,
		m: q.Features.Cols() / o.Heads, dv: in.Value.Cols() / o.KVHeads, queries: op.queries, keys: op.keys, state: state}
	needs := op.q.Needs() || op.k.Needs() || op.v.Needs()
	op.out = tp.Out(needs, in.Query.Rows(), o.Heads*op.dv)
	if o.Causal {
		op.keys.cut(in.Keys, causalChunk, state != nil)
	} else {
		op.keys.cut(in.Keys, freeChunk, true)
		op.queries.cut(in.Queries, freeChunk, true)
	}
	if state != nil {
		state.fit("Linear", len(in.Keys)-1, o.KVHeads, op.m, op.dv, 1, math.Inf(-1))
	}
	if !o.Unnormalized {
		op.inverse = tp.Scratch(in.Query.Rows() * o.Heads)
	}
	op.takeSums(tp)
	op.takeWork(tp, op.forwardWork())
	op.formSums()
	op.run(linearOut, len(op.queryStretches().list)*o.Heads)
	tp.Release(op.work)
	op.releaseSums(tp)
	if state != nil {
		state.step(in.Keys)
	}
	if !tp.Recording() {
		op.releaseKept(tp)
	}
	op.work, op.state = nil, nil
	tp.Record("Linear", op, op.out)
	return op.out
}

// queryStretches returns the pieces of the queries.
func (op *linear) queryStretches() *stretches {
	if op.Causal {
		return &op.keys
	}
	return &op.queries
}

// takeSums takes memory for the sums over keys.
func (op *linear) takeSums(tp *tensor.Tape) {
	op.sums = tp.Scratch(op.keys.slots * op.KVHeads * op.size())
	if op.log != nil {
		op.tops = tp.Scratch(op.keys.slots * op.KVHeads)
	}
}

func (op *linear) releaseSums(tp *tensor.Tape) {
	if op.log != nil {
		tp.Release(op.tops)
	}
	tp.Release(op.sums)
	op.sums, op.tops = nil, nil
}

func (op *linear) releaseKept(tp *tensor.Tape) {
	if op.inverse != nil {
		tp.Release(op.inverse)
		op.inverse = nil
	}
}

// run does n pieces of a phase.
func (op *linear) run(p linearPhase, n int) {
	op.phase = p
	parallel.For(n, 1, op)
}

// Run does pieces lo to hi of the phase at hand.
func (op *linear) Run(worker, lo, hi int) {
	for u := lo; u < hi; u++ {
		t := op.tile(worker)
		switch op.phase {
		case linearSums:
			op.sumKeys(t, u/op.KVHeads, u%op.KVHeads)
		case linearCarry:
			op.carry(u/op.KVHeads, u%op.KVHeads)
		case linearOut:
			op.attend(t, u/op.Heads, u%op.Heads)
		case linearBackSums:
			op.backSums(t, u/op.KVHeads, u%op.KVHeads)
		case linearBackCarry:
			op.backCarry(u/op.KVHeads, u%op.KVHeads)
		case linearBackChunk:
			op.backChunk(t, u/op.KVHeads, u%op.KVHeads)
		case linearBackQuery:
			op.backQuery(t, u/op.Heads, u%op.Heads)
		case linearBackKey:
			op.backKey(t, u/op.KVHeads, u%op.KVHeads)
		}
	}
}

// formSums computes the sums over keys: causal ones of all keys before a stretch, else of all keys of a sequence.
func (op *linear) formSums() {
	if op.keys.slots > 0 {
		op.run(linearSums, len(op.keys.list)*op.KVHeads)
		op.run(linearCarry, op.keys.items()*op.KVHeads)
	}
}

// size is the number of floats of one sum: of keys times values, and of keys.
func (op *linear) size() int { return op.m*op.dv + op.m }

// sum returns the sum in a slot: keys times values [m, dv], and keys [m].
func (op *linear) sum(of []float32, slot, g int) (s, z []float32) {
	all := of[(slot*op.KVHeads+g)*op.size():][:op.size()]
	return all[:op.m*op.dv], all[op.m*op.dv:]
}

// at returns the part of rows that begins with row lo of head h.
func at(rows []float32, lo, h, heads, width int) []float32 { return rows[lo*heads*width+h*width:] }

func (op *linear) forwardWork() int {
	n := freeChunk
	if op.Causal {
		n = causalChunk
	}
	return n*(op.m+4) + 2*causalChunk*causalChunk
}

// logs writes the scales of n keys of head g from row lo on, and returns the largest.
func (op *linear) logs(l []float32, lo, n, g int) float32 {
	for t := range n {
		l[t] = op.log.Data()[(lo+t)*op.KVHeads+g]
	}
	return simd.Max(l[:n])
}

// sumKeys forms the sum over the keys of stretch i alone.
func (op *linear) sumKeys(t tile, i, g int) {
	p := op.keys.list[i]
	if p.after < 0 {
		return
	}
	n, ldk, ldv := p.rows(), op.KVHeads*op.m, op.KVHeads*op.dv
	s, z := op.sum(op.sums, p.after, g)
	k, v, w := at(op.k.Data(), p.lo, g, op.KVHeads, op.m), at(op.v.Data(), p.lo, g, op.KVHeads, op.dv), t.cut(n)
	simd.Fill(w, 1)
	if op.log != nil {
		top := op.logs(w, p.lo, n, g)
		op.tops[p.after*op.KVHeads+g] = top
		simd.AddConst(w, w, -top)
		simd.Exp(w, w)
		k, ldk = scaledRows(t.cut(n*op.m), k, ldk, w, op.m), op.m
	}
	simd.Gemm(true, false, op.m, op.dv, n, k, ldk, v, ldv, s, op.dv, false)
	clear(z)
	simd.Fill(w, 1)
	simd.HeadSum(z, w, k, n, 1, op.m, ldk)
}

// scaledRows writes the rows of x times w to dst [len(w), width], and returns dst.
func scaledRows(dst, x []float32, ldx int, w []float32, width int) []float32 {
	for r, f := range w {
		simd.Scale(dst[r*width:(r+1)*width], x[r*ldx:r*ldx+width], f)
	}
	return dst
}

// decay is exp(before - now), and 0 where there was nothing before.
func decay(before, now float32) float32 {
	return float32(math.Exp(float64(before) - float64(now)))
}

// carry adds up the sums of the stretches of sequence b. Causal ones stay, each with those before it; otherwise the
// slot of the first stretch gets the sum of all.
func (op *linear) carry(b, g int) {
	list, size := op.keys.of(b), op.size()
	slot := func(i int) []float32 { return op.sums[(list[i].after*op.KVHeads+g)*size:][:size] }
	top := func(i int) *float32 { return &op.tops[list[i].after*op.KVHeads+g] }
	if op.state != nil && len(list) == 0 {
		op.state.keep(b, g)
		return
	}
	if op.state != nil {
		before, tops := op.state.of(b, g, false)
		op.join(slot(0), before, func() (*float32, float32) { return top(0), float32(tops[0]) })
	}
	for i := 1; i < len(list) && list[i].after >= 0; i++ {
		if op.Causal {
			op.join(slot(i), slot(i-1), func() (*float32, float32) { return top(i), *top(i - 1) })
		} else {
			op.join(slot(0), slot(i), func() (*float32, float32) { return top(0), *top(i) })
		}
	}
	if op.state != nil {
		s, tops := op.state.of(b, g, true)
		copy(s, slot(len(list)-1))
		if op.log != nil {
			tops[0] = float64(*top(len(list) - 1))
		}
	}
}

// join adds other, whose top is the second result of tops, to sum, whose top is the first.
func (op *linear) join(sum, other []float32, tops func() (*float32, float32)) {
	if op.log == nil {
		simd.Add(sum, sum, other)
		return
	}
	top, before := tops()
	now := max(*top, before)
	if *top != now {
		simd.Scale(sum, sum, decay(*top, now))
	}
	simd.AddScaled(sum, other, decay(before, now))
	*top = now
}

// before returns the sum over the keys before stretch i of a causal sequence, and its top. There is none where ok is
// false.
func (op *linear) before(i, g int) (s, z []float32, top float32, ok bool) {
	p := op.keys.list[i]
	if p.first {
		if op.state == nil {
			return nil, nil, float32(math.Inf(-1)), false
		}
		all, tops := op.state.of(p.item, g, false)
		return all[:op.m*op.dv], all[op.m*op.dv:], float32(tops[0]), true
	}
	slot := op.keys.list[i-1].after
	s, z = op.sum(op.sums, slot, g)
	if op.log != nil {
		top = op.tops[slot*op.KVHeads+g]
	}
	return s, z, top, true
}

// risen writes top_t, the largest scale of the keys up to t, for a stretch whose keys have the scales l. top is that of
// the keys before.
func risen(tops, l []float32, top float32) {
	for t := range tops {
		top = max(top, l[t])
		tops[t] = top
	}
}

// factors writes exp(l_s - top_t) for the keys s <= t of a stretch to f [n, n], and exp(top - top_t) to f0 [n]. top is
// that of the keys before.
func (op *linear) factors(f, f0, l []float32, lo, n, g int, top float32) {
	op.logs(l, lo, n, g)
	risen(f0, l, top)
	for t := range n {
		row := f[t*n : t*n+t+1]
		simd.AddConst(row, l[:t+1], -f0[t])
		simd.Exp(row, row)
	}
	for t := range n {
		f0[t] = decay(top, f0[t])
	}
}

// attend computes the results of head h for stretch i of the queries.
func (op *linear) attend(t tile, i, h int) {
	p, g := op.queryStretches().list[i], h/op.group
	n, ldq, ldo := p.rows(), op.Heads*op.m, op.Heads*op.dv
	q, out := at(op.q.Data(), p.lo, h, op.Heads, op.m), at(op.out.Data(), p.lo, h, op.Heads, op.dv)
	den := t.cut(n)
	var s, z []float32
	ok := false
	if op.Causal {
		s, z, _, ok = op.before(i, g)
	} else if list := op.keys.of(p.item); len(list) > 0 {
		s, z = op.sum(op.sums, list[0].after, g)
		ok = true
	}
	if ok {
		simd.Gemm(false, false, n, op.dv, op.m, q, ldq, s, op.dv, out, ldo, false)
		simd.HeadDots(den, q, z, n, 1, op.m, ldq, false)
	} else {
		clear(den)
		clearRows(out, ldo, n, op.dv)
	}
	if op.Causal {
		op.attendWithin(t, den, q, out, i, g)
	}
	if op.Unnormalized {
		return
	}
	for r, d := range den {
		row, inv := out[r*ldo:r*ldo+op.dv], 1/d
		if d < float32(op.Eps) {
			clear(row)
			inv = 0
		} else {
			simd.Scale(row, row, inv)
		}
		op.inverse[(p.lo+r)*op.Heads+h] = inv
	}
}

// attendWithin adds to den and out what the keys of stretch i give to its queries.
func (op *linear) attendWithin(t tile, den, q, out []float32, i, g int) {
	p := op.keys.list[i]
	n, ldq, ldo, ldk, ldv := p.rows(), op.Heads*op.m, op.Heads*op.dv, op.KVHeads*op.m, op.KVHeads*op.dv
	a := t.cut(n * n)
	lowerScores(a, q, ldq, at(op.k.Data(), p.lo, g, op.KVHeads, op.m), ldk, n, op.m)
	if op.log != nil {
		f, f0, l := t.cut(n*n), t.cut(n), t.cut(n)
		_, _, top, _ := op.before(i, g)
		op.factors(f, f0, l, p.lo, n, g, top)
		for r := range n {
			simd.Mul(a[r*n:r*n+r+1], a[r*n:r*n+r+1], f[r*n:r*n+r+1])
			simd.Scale(out[r*ldo:r*ldo+op.dv], out[r*ldo:r*ldo+op.dv], f0[r])
			den[r] *= f0[r]
		}
	}
	for r := range n {
		den[r] += float32(simd.Sum(a[r*n : r*n+r+1]))
	}
	lowerTimes(out, ldo, a, at(op.v.Data(), p.lo, g, op.KVHeads, op.dv), ldv, n, op.dv)
}
