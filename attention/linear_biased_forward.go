package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// biasedTile is the number of keys, or of queries in the backward pass, that meet a chunk at a time.
const biasedTile = 256

func (op *biased) directWork() int {
	return 2*causalChunk*biasedTile + biasedTile
}

// coefficientsOf computes exp(b - max b) for a sequence and head. Causal ones leave out keys after the query: they must
// not decide on the maximum.
func (op *biased) coefficientsOf(item, h int) {
	it := &op.items[item]
	if it.hi == it.lo {
		return
	}
	c, first := op.coefficient(it, h), op.columns/2-(it.reach-1)
	b := op.bias.Data()[h*op.columns+first:][:it.width()]
	if op.Causal && it.rising {
		clear(c[it.reach:])
		c, b = c[:it.reach], b[:it.reach]
	}
	top := simd.Max(b)
	if math.IsInf(float64(top), -1) || op.Unnormalized { // it does not cancel without the denominators
		top = 0
	}
	simd.AddConst(c, b, -top)
	simd.Exp(c, c)
}

// topsOf computes the largest scale of the keys that each query sees.
func (op *biased) topsOf(item, g int) {
	it := &op.items[item]
	top := float32(math.Inf(-1))
	for j := it.lo; j < it.hi; j++ {
		top = max(top, op.log.Data()[j*op.KVHeads+g])
		op.tops[j*op.KVHeads+g] = top
	}
	for j := it.lo; j < it.hi && !op.Causal; j++ {
		op.tops[j*op.KVHeads+g] = top
	}
}

// logsOf writes the scales of the keys from row from to to.
func (op *biased) logsOf(l []float32, from, to, g int) {
	for j := from; j < to && op.log != nil; j++ {
		l[j-from] = op.log.Data()[j*op.KVHeads+g]
	}
}

// pairFactors writes exp(b - max b + l_j - top_i), what the weights of pairs have beside the features, for query i and
// the keys from to to. l holds the scales of these keys, e is as long.
func (op *biased) pairFactors(w, l, e []float32, it *biasedItem, h, i, from, to int) {
	c, p := op.coefficient(it, h), op.place(it, i)
	for j := from; j < to; {
		end := to
		if op.index != nil {
			end = min(end, int(op.runEnd[j]))
		}
		copy(w[j-from:end-from], c[op.place(it, j)-p+it.reach-1:])
		j = end
	}
	if op.log == nil {
		return
	}
	w, l, e = w[:to-from], l[:to-from], e[:to-from]
	simd.AddConst(e, l, -op.tops[i*op.KVHeads+h/op.group])
	simd.Exp(e, e)
	simd.Mul(w, w, e)
}

// attend computes the results of chunk number chunk, head h, from the keys that it sees directly and from what came by
// FFT.
func (op *biased) attend(t tile, chunk, h int) {
	p := op.chunks.list[chunk]
	it, g, n, ldo := &op.items[p.item], h/op.group, p.rows(), op.Heads*op.dv
	out := at(op.out.Data(), p.lo, h, op.Heads, op.dv)
	if !it.fft {
		clearRows(out, ldo, n, op.dv)
		for r := p.lo; r < p.hi; r++ {
			op.inverse[r*op.Heads+h] = 0
		}
	}
	a, w, l := t.cut(n*biasedTile), t.cut(biasedTile), t.cut(biasedTile)
	e := t.cut(biasedTile)
	from, end := op.seen(it, p.lo)
	for lo := from; lo < end; lo += biasedTile {
		hi := min(lo+biasedTile, end)
		keys := hi - lo
		k, v := at(op.k.Data(), lo, g, op.KVHeads, op.m), at(op.v.Data(), lo, g, op.KVHeads, op.dv)
		simd.Gemm(false, true, n, keys, op.m, at(op.q.Data(), p.lo, h, op.Heads, op.m), op.Heads*op.m, k, op.KVHeads*op.m, a, keys, false)
		op.logsOf(l, lo, hi, g)
		for r := range n {
			row := a[r*keys : (r+1)*keys]
			op.pairFactors(w, l, e, it, h, p.lo+r, lo, hi)
			simd.Mul(row, row, w[:keys])
			op.inverse[(p.lo+r)*op.Heads+h] += float32(simd.Sum(row))
		}
		simd.Gemm(false, false, n, op.dv, keys, a, keys, v, op.KVHeads*op.dv, out, ldo, true)
	}
	if op.Causal {
		op.attendWithin(a, w, l, e, p, h)
	}
	for r := p.lo; r < p.hi && !op.Unnormalized; r++ {
		row, den := out[(r-p.lo)*ldo:][:op.dv], &op.inverse[r*op.Heads+h]
		if *den < float32(op.Eps) {
			clear(row)
			*den = 0
		} else {
			*den = 1 / *den
			simd.Scale(row, row, *den)
		}
	}
}

// attendWithin adds what the keys of chunk p give to its queries, each seeing those up to its own.
func (op *biased) attendWithin(a, w, l, e []float32, p stretch, h int) {
	it, g, n := &op.items[p.item], h/op.group, p.rows()
	k, v := at(op.k.Data(), p.lo, g, op.KVHeads, op.m), at(op.v.Data(), p.lo, g, op.KVHeads, op.dv)
	lowerScores(a, at(op.q.Data(), p.lo, h, op.Heads, op.m), op.Heads*op.m, k, op.KVHeads*op.m, n, op.m)
	op.logsOf(l, p.lo, p.hi, g)
	for r := range n {
		row := a[r*n : r*n+r+1]
		op.pairFactors(w, l, e, it, h, p.lo+r, p.lo, p.lo+r+1)
		simd.Mul(row, row, w[:r+1])
		op.inverse[(p.lo+r)*op.Heads+h] += float32(simd.Sum(row))
	}
	lowerTimes(at(op.out.Data(), p.lo, h, op.Heads, op.dv), op.Heads*op.dv, a, v, op.KVHeads*op.dv, n, op.dv)
}

// rectangle are keys and queries that meet by FFT, with their ranges of places.
type rectangle struct {
	keys, endKeys, queries, endQueries int // rows
	keyPlace, keyPlaces                int // the smallest place, and how many there are up to the largest
	queryPlace, queryPlaces            int
}

// rectangles calls f with those of an item: all keys and all queries; or, of a causal one, blocks of one leaf with the
// leaf after it, then of two, of four, ..., so that every query meets every key of the leaves before its own once.
func (op *biased) rectangles(it *biasedItem, f func(r rectangle)) {
	call := func(keys, endKeys, queries, endQueries int) {
		r := rectangle{keys: keys, endKeys: endKeys, queries: queries, endQueries: endQueries}
		r.keyPlace, r.keyPlaces = op.placesOf(it, keys, endKeys)
		r.queryPlace, r.queryPlaces = op.placesOf(it, queries, endQueries)
		f(r)
	}
	if !op.Causal {
		call(it.lo, it.hi, it.lo, it.hi)
		return
	}
	n := it.hi - it.lo
	for side := it.leaf; side < n; side *= 2 {
		for middle := side; middle < n; middle += 2 * side {
			call(it.lo+middle-side, it.lo+middle, it.lo+middle, it.lo+min(middle+side, n))
		}
	}
}

// placesOf returns the smallest place of some tokens, and the number of places up to the largest.
func (op *biased) placesOf(it *biasedItem, from, to int) (low, places int) {
	low = op.place(it, from)
	high := low
	for i := from + 1; i < to && op.index != nil; i++ {
		p := op.place(it, i)
		low, high = min(low, p), max(high, p)
	}
	if op.index == nil {
		high = low + to - from - 1
	}
	return low, high - low + 1
}

// keyScale returns exp(l_j - top), top being that of the last key of r: how key j counts in r.
func (op *biased) keyScale(r *rectangle, j, g int) float64 {
	if op.log == nil {
		return 1
	}
	return math.Exp(float64(op.log.Data()[j*op.KVHeads+g]) - float64(op.tops[(r.endKeys-1)*op.KVHeads+g]))
}

// queryScale returns exp(top - top_i): how the sums of r count for query i.
func (op *biased) queryScale(r *rectangle, i, g int) float64 {
	if op.log == nil {
		return 1
	}
	return math.Exp(float64(op.tops[(r.endKeys-1)*op.KVHeads+g]) - float64(op.tops[i*op.KVHeads+g]))
}

// columnsOfHead is the number of columns that go by FFT for a head: those of the values, and the denominators.
func (op *biased) columnsOfHead() int {
	if op.Unnormalized {
		return op.dv
	}
	return op.dv + 1
}

// values returns columns c and c+1 of the value of key j; the column after the last, that of the denominators, is 1.
func (op *biased) values(j, g, c int) complex128 {
	row := op.v.Data()[(j*op.KVHeads+g)*op.dv:][:op.dv]
	return pairOf(row, 1, c)
}

// pairOf returns numbers c and c+1 of a row that goes on with rest, and then with 0.
func pairOf(row []float32, rest float32, c int) complex128 {
	switch len(row) - c {
	case 0:
		return complex(float64(rest), 0)
	case 1:
		return complex(float64(row[c]), float64(rest))
	}
	return complex(float64(row[c]), float64(row[c+1]))
}

// scaled returns f z.
func scaled(f float64, z complex128) complex128 { return complex(f*real(z), f*imag(z)) }

// attendFFT computes by FFT what the keys that a sequence does not see directly give to columns c and c+1 of the results
// of head h, column dv being the denominators: for every feature a column of its keys times values, multiplied with the
// Toeplitz matrix and added up with the features of the queries.
func (op *biased) attendFFT(t *toeplitz, item, h, c int) {
	it, g := &op.items[item], h/op.group
	n := it.hi - it.lo
	sum, scale := t.column(0, n), t.column(1, n)
	clear(sum)
	op.rectangles(it, func(r rectangle) {
		t.begin(r.keyPlaces, r.queryPlaces)
		t.set(op.coefficient(it, h), r.keyPlace-r.queryPlace, r.keyPlaces, r.queryPlaces)
		for j := r.keys; j < r.endKeys; j++ {
			scale[j-it.lo] = scaled(op.keyScale(&r, j, g), op.values(j, g, c))
		}
		after := t.column(2, r.endQueries-r.queries)
		clear(after)
		for f := range op.m {
			clear(t.fx)
			for j := r.keys; j < r.endKeys; j++ {
				t.fx[op.place(it, j)-r.keyPlace] += scaled(float64(op.k.Data()[(j*op.KVHeads+g)*op.m+f]), scale[j-it.lo])
			}
			fourierOf(t.fx)
			t.product()
			for i := r.queries; i < r.endQueries; i++ {
				after[i-r.queries] += scaled(float64(op.q.Data()[(i*op.Heads+h)*op.m+f]), t.y[op.place(it, i)-r.queryPlace])
			}
		}
		for i := r.queries; i < r.endQueries; i++ {
			sum[i-it.lo] += scaled(op.queryScale(&r, i, g), after[i-r.queries])
		}
	})
	for i := it.lo; i < it.hi; i++ {
		op.store(i, h, c, real(sum[i-it.lo]))
		op.store(i, h, c+1, imag(sum[i-it.lo]))
	}
}

// store writes column c of the results of query i before the division, or the denominator.
func (op *biased) store(i, h, c int, x float64) {
	switch {
	case c < op.dv:
		op.out.Data()[(i*op.Heads+h)*op.dv+c] = float32(x)
	case c == op.dv:
		op.inverse[i*op.Heads+h] = float32(x)
	}
}
