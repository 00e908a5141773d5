package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// Within a chunk the weight of a pair is a product, exp(k_s - z_t) = exp(k_s - z_ref) exp(z_ref - z_t), so that the
// weights of all pairs are a product of matrices. ref is the first token of the chunk, for a later one would make
// results depend on tokens after them. Where z rises by more than additiveRange, so that exp(k_s - z_ref) might
// overflow, the chunk goes on in a segment with a first token of its own: that happens where one key is e^60 times all
// before.
const additiveRange = 60

func (op *additive) forwardWork() int {
	return causalChunk*causalChunk + causalChunk*(3*op.m2+op.m) + op.m2*op.dv + 2*op.m
}

// sum returns the sum in a slot: [m2, dv].
func (op *additive) sum(of []float32, slot, h int) []float32 {
	size := op.m2 * op.dv
	return of[(slot*op.Heads+h)*size:][:size]
}

// formSums computes the sums before every chunk.
func (op *additive) formSums() {
	if op.chunks.slots > 0 {
		op.run(additiveSums, len(op.chunks.list)*op.Heads, 1)
	}
	if op.chunks.slots > 0 || op.state != nil {
		op.run(additiveCarry, op.chunks.items()*op.Heads, 1)
	}
}

// keyRows writes exp(k - ref) times the key factor of n keys from row lo on: [n, m2].
func (op *additive) keyRows(dst []float32, ref []float32, lo, n, h int) {
	op.rawKeyRows(dst, ref, lo, n, h)
	if op.factor == nil {
		return
	}
	f, ld := at(op.factor.Data(), lo, h, op.Heads, op.m2), op.Heads*op.m2
	for r := range n {
		simd.Mul(dst[r*op.m2:(r+1)*op.m2], dst[r*op.m2:(r+1)*op.m2], f[r*ld:r*ld+op.m2])
	}
}

// rawKeyRows writes exp(k - ref) of n keys from row lo on, as often as channels have copies: [n, m2].
func (op *additive) rawKeyRows(dst []float32, ref []float32, lo, n, h int) {
	k, ld := at(op.k.Data(), lo, h, op.Heads, op.m), op.Heads*op.m
	for r := range n {
		row := dst[r*op.m2 : (r+1)*op.m2]
		simd.Sub(row[:op.m], k[r*ld:r*ld+op.m], ref)
		simd.Exp(row[:op.m], row[:op.m])
		op.copyChannels(row)
	}
}

// queryRows writes q exp(ref - z) of n queries from row lo on: [n, m2].
func (op *additive) queryRows(dst []float32, ref []float32, lo, n, h int) {
	q, ld := at(op.q.Data(), lo, h, op.Heads, op.m2), op.Heads*op.m2
	for r := range n {
		row := dst[r*op.m2 : (r+1)*op.m2]
		op.falls(row, ref, lo+r, h)
		simd.Mul(row, row, q[r*ld:r*ld+op.m2])
	}
}

// falls writes exp(ref - z) of a token, as often as channels have copies: [m2].
func (op *additive) falls(dst, ref []float32, row, h int) {
	simd.Sub(dst[:op.m], ref, op.zRow(row, h))
	simd.Exp(dst[:op.m], dst[:op.m])
	op.copyChannels(dst)
}

// copyChannels fills the copies of the first m channels.
func (op *additive) copyChannels(row []float32) {
	for at := op.m; at < op.m2; at += op.m {
		copy(row[at:at+op.m], row[:op.m])
	}
}

// zRow returns z of a token and head.
func (op *additive) zRow(row, h int) []float32 { return op.z[(row*op.Heads+h)*op.m:][:op.m] }

// sumKeys forms the sum over the keys of chunk i alone, relative to the border after it.
func (op *additive) sumKeys(t tile, i, h int) {
	p := op.chunks.list[i]
	if p.after < 0 {
		return
	}
	keys := t.cut(p.rows() * op.m2)
	op.keyRows(keys, op.borderOf(i, h, true), p.lo, p.rows(), h)
	v := at(op.v.Data(), p.lo, h, op.Heads, op.dv)
	simd.Gemm(true, false, op.m2, op.dv, p.rows(), keys, op.m2, v, op.Heads*op.dv, op.sum(op.sums, p.after, h), op.dv, false)
}

// addDecayed adds exp(from - to) other, row by row, to sum [m2, dv].
func (op *additive) addDecayed(sum, other, from, to []float32, width int) {
	for c := range op.m {
		f := decay(from[c], to[c])
		for r := c; r < op.m2; r += op.m {
			simd.AddScaled(sum[r*width:(r+1)*width], other[r*width:(r+1)*width], f)
		}
	}
}

// carry adds to the sum of every chunk of sequence b those before it.
func (op *additive) carry(b, h int) {
	list, first := op.chunks.of(b), op.chunks.item[b]
	var sums []float32
	if op.state != nil {
		if len(list) == 0 {
			op.state.keep(b, h)
			return
		}
		before, _ := op.state.of(b, h, false)
		sums, _ = op.state.of(b, h, true)
		op.addDecayed(op.sum(op.sums, list[0].after, h), before, op.borderOf(first, h, false), op.borderOf(first, h, true), op.dv)
	}
	for n := 1; n < len(list) && list[n].after >= 0; n++ {
		op.addDecayed(op.sum(op.sums, list[n].after, h), op.sum(op.sums, list[n-1].after, h),
			op.borderOf(first+n, h, false), op.borderOf(first+n, h, true), op.dv)
	}
	if op.state != nil {
		copy(sums, op.sum(op.sums, list[len(list)-1].after, h))
	}
}

// before returns the sum over the keys before chunk i, nil where there are none.
func (op *additive) before(i, h int) []float32 {
	if p := op.chunks.list[i]; p.first {
		if op.state == nil {
			return nil
		}
		sums, _ := op.state.of(p.item, h, false)
		return sums[:op.m2*op.dv]
	}
	return op.sum(op.sums, op.chunks.list[i-1].after, h)
}

// segment returns the end of the segment of a chunk that begins with row lo: at most hi.
func (op *additive) segment(diff []float32, lo, hi, h int) int {
	first := op.zRow(lo, h)
	within := func(row int) bool {
		simd.Sub(diff, op.zRow(row, h), first)
		return op.m == 0 || simd.Max(diff) <= additiveRange
	}
	if within(hi - 1) { // z never falls
		return hi
	}
	end := lo + 1
	for end < hi && within(end) {
		end++
	}
	return end
}

// sumBefore returns the sum over all keys before row lo of chunk i, and the z that it is relative to. It is the one that
// the chunk begins with, or formed in s from that and the chunk's keys before lo.
func (op *additive) sumBefore(s, keys []float32, i, lo, h int) (sum, ref []float32) {
	p, sum := op.chunks.list[i], op.before(i, h)
	if lo == p.lo {
		return sum, op.borderOf(i, h, false)
	}
	ref = op.zRow(lo-1, h)
	op.keyRows(keys, ref, p.lo, lo-p.lo, h)
	v := at(op.v.Data(), p.lo, h, op.Heads, op.dv)
	simd.Gemm(true, false, op.m2, op.dv, lo-p.lo, keys, op.m2, v, op.Heads*op.dv, s, op.dv, false)
	if sum != nil {
		op.addDecayed(s, sum, op.borderOf(i, h, false), ref, op.dv)
	}
	return s, ref
}

// attend computes the results of chunk i, head h.
func (op *additive) attend(t tile, i, h int) {
	p, ld := op.chunks.list[i], op.Heads*op.dv
	a, q, k := t.cut(p.rows()*p.rows()), t.cut(p.rows()*op.m2), t.cut(p.rows()*op.m2)
	s, diff := t.cut(op.m2*op.dv), t.cut(op.m)
	for lo, hi := p.lo, 0; lo < p.hi; lo = hi {
		hi = op.segment(diff, lo, p.hi, h)
		n, first := hi-lo, op.zRow(lo, h)
		out, v := at(op.out.Data(), lo, h, op.Heads, op.dv), at(op.v.Data(), lo, h, op.Heads, op.dv)
		if sum, ref := op.sumBefore(s, k, i, lo, h); sum != nil {
			op.queryRows(q, ref, lo, n, h)
			simd.Gemm(false, false, n, op.dv, op.m2, q, op.m2, sum, op.dv, out, ld, false)
		} else {
			clearRows(out, ld, n, op.dv)
		}
		op.queryRows(q, first, lo, n, h)
		op.keyRows(k, first, lo, n, h)
		lowerScores(a, q, op.m2, k, op.m2, n, op.m2)
		lowerTimes(out, ld, a, v, ld, n, op.dv)
	}
}
