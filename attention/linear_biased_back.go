package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// biasedBack is what the backward pass works with.
type biasedBack struct {
	g            []float32 // the gradient of out
	dq, dk, dval []float32 // gradients of q, k and v, to be added to; nil where not wanted
	gamma, e     []float32 // [tokens, heads * dv], [tokens, heads]: see Backward
	groups       []int     // group n is chunks groups[n] to groups[n+1]
	parts        []float32 // [groups, heads, columns]: the gradient of the bias, nil where not wanted
	lags         []float32 // [items by FFT, heads, featureBlocks, 2 reach - 1]: what comes to it by FFT
	lagsAt       int       // numbers of an item's head and block at most
	valueSums    []float32 // [featureBlocks, tokens, kv heads * dv]: what comes to the values by FFT
}

const (
	biasedGroups  = 16 // groups of chunks at most: each has a gradient of the bias of its own
	featureBlocks = 4  // what runs in parallel by FFT for a head
)

// Backward: with γ_i and e_i the gradients of numerator and denominator of query i, as for Linear without a bias, and
// c_ij all that a weight has beside the features,
//
//	dq_i = sum over j of c_ij (γ_i·v_j + e_i) k_j
//	dk_j = sum over i of c_ij (γ_i·v_j + e_i) q_i
//	dv_j = sum over i of c_ij (q_i·k_j) γ_i
//	db_r = sum over p_j - p_i = r of c_ij (q_i·k_j) (γ_i·v_j + e_i)
//
// The largest b and l, which are subtracted, cancel in the results.
func (op *biased) Backward(tp *tensor.Tape) {
	b := &op.biasedBack
	b.g = op.out.OutGrad()
	zeroed := func(v *tensor.Var) []float32 {
		if !v.Needs() {
			return nil
		}
		return v.AccumulateZeroed()
	}
	b.dq, b.dk, b.dval = zeroed(op.q), zeroed(op.k), zeroed(op.v)
	tokens := op.q.Rows()
	b.gamma, b.e = tp.Scratch(tokens*op.Heads*op.dv), tp.Scratch(tokens*op.Heads)
	op.groupChunks()
	if op.bias.Needs() {
		b.parts = tp.Scratch((len(b.groups) - 1) * op.Heads * op.columns)
		clear(b.parts)
	}
	op.takeWork(tp, op.backWork())
	op.run(biasedGrads, len(op.chunks.list)*op.Heads)
	if len(op.byFFT) > 0 {
		op.fftBack(tp)
	}
	if b.dq != nil || b.parts != nil {
		op.run(biasedBackQuery, (len(b.groups)-1)*op.Heads)
	}
	if b.dk != nil || b.dval != nil {
		op.run(biasedBackKey, len(op.chunks.list)*op.KVHeads)
	}
	op.addBias(tp)
	for _, s := range [...][]float32{op.work, b.e, b.gamma} {
		tp.Release(s)
	}
	op.releaseKept(tp)
	op.work, op.biasedBack = nil, biasedBack{groups: b.groups}
}

func (op *biased) backWork() int {
	return 3*causalChunk*biasedTile + 3*biasedTile
}

// groupChunks cuts the chunks into groups.
func (op *biased) groupChunks() {
	chunks := len(op.chunks.list)
	size := max((chunks+biasedGroups-1)/biasedGroups, 1)
	op.groups = append(op.groups[:0], 0)
	for at := 0; at < chunks; at += size {
		op.groups = append(op.groups, min(at+size, chunks))
	}
}

// grads computes γ and e of a chunk and head.
func (op *biased) grads(chunk, h int) {
	p := op.chunks.list[chunk]
	for r := p.lo; r < p.hi; r++ {
		row := r*op.Heads + h
		g, out, gamma := op.g[row*op.dv:][:op.dv], op.out.Data()[row*op.dv:][:op.dv], op.gamma[row*op.dv:][:op.dv]
		op.e[row] = 0
		switch inv := op.inverse[row]; {
		case op.Unnormalized:
			copy(gamma, g)
		case inv == 0:
			clear(gamma)
		default:
			simd.Scale(gamma, g, inv)
			op.e[row] = -float32(simd.Dot(gamma, out))
		}
	}
}

// pairsBack computes for the queries from to to and the keys lo to hi, of head h, the gradient da of the products of
// features, c (γ·v + e), and these products q·k in a unless that is nil; both are [queries, keys]. lower says that
// queries and keys are the same tokens and that a query does not see the keys after it. It calls each with every query
// and its c, as many as it sees keys.
func (op *biased) pairsBack(a, da, w, l, e []float32, it *biasedItem, h, from, to, lo, hi int, lower bool, each func(i int, w []float32)) {
	n, keys, g := to-from, hi-lo, h/op.group
	q, k := at(op.q.Data(), from, h, op.Heads, op.m), at(op.k.Data(), lo, g, op.KVHeads, op.m)
	gamma, v := at(op.gamma, from, h, op.Heads, op.dv), at(op.v.Data(), lo, g, op.KVHeads, op.dv)
	if lower {
		lowerScores(da, gamma, op.Heads*op.dv, v, op.KVHeads*op.dv, n, op.dv)
	} else {
		simd.Gemm(false, true, n, keys, op.dv, gamma, op.Heads*op.dv, v, op.KVHeads*op.dv, da, keys, false)
	}
	switch {
	case a == nil:
	case lower:
		lowerScores(a, q, op.Heads*op.m, k, op.KVHeads*op.m, n, op.m)
	default:
		simd.Gemm(false, true, n, keys, op.m, q, op.Heads*op.m, k, op.KVHeads*op.m, a, keys, false)
	}
	op.logsOf(l, lo, hi, g)
	for r := range n {
		end := hi
		if lower {
			end = lo + r + 1
		}
		op.pairFactors(w, l, e, it, h, from+r, lo, end)
		row := da[r*keys : r*keys+end-lo]
		simd.AddConst(row, row, op.e[(from+r)*op.Heads+h])
		simd.Mul(row, row, w[:end-lo])
		each(r, w[:end-lo])
	}
}

// backQuery adds to the gradients of the queries of a group of chunks, head h, and to its gradient of the bias.
func (op *biased) backQuery(t tile, group, h int) {
	a, da := t.cut(causalChunk*biasedTile), t.cut(causalChunk*biasedTile)
	w, l, e := t.cut(biasedTile), t.cut(biasedTile), t.cut(biasedTile)
	if op.parts == nil {
		a = nil
	}
	for _, p := range op.chunks.list[op.groups[group]:op.groups[group+1]] {
		it, n, g := &op.items[p.item], p.rows(), h/op.group
		tile := func(lo, hi int, lower bool) {
			keys := hi - lo
			op.pairsBack(a, da, w, l, e, it, h, p.lo, p.hi, lo, hi, lower, func(r int, w []float32) {
				if a == nil {
					return
				}
				w = w[:copy(w, da[r*keys:])]
				simd.Mul(w, w, a[r*keys:r*keys+len(w)])
				op.addDifferences(group, h, it, p.lo+r, lo, w)
			})
			if op.dq == nil {
				return
			}
			dq, k := at(op.dq, p.lo, h, op.Heads, op.m), at(op.k.Data(), lo, g, op.KVHeads, op.m)
			if lower {
				lowerTimes(dq, op.Heads*op.m, da, k, op.KVHeads*op.m, n, op.m)
			} else {
				simd.Gemm(false, false, n, op.m, keys, da, keys, k, op.KVHeads*op.m, dq, op.Heads*op.m, true)
			}
		}
		from, end := op.seen(it, p.lo)
		for lo := from; lo < end; lo += biasedTile {
			tile(lo, min(lo+biasedTile, end), false)
		}
		if op.Causal {
			tile(p.lo, p.hi, true)
		}
	}
}

// addDifferences adds x, a number for query i and each key from lo on, to the gradient of the bias of a group.
func (op *biased) addDifferences(group, h int, it *biasedItem, i, lo int, x []float32) {
	sum, p := op.parts[(group*op.Heads+h)*op.columns:][:op.columns], op.place(it, i)
	for j := 0; j < len(x); {
		end := len(x)
		if op.index != nil {
			end = min(end, int(op.runEnd[lo+j])-lo)
		}
		dst := sum[op.place(it, lo+j)-p+op.columns/2:][:end-j]
		simd.Add(dst, dst, x[j:end])
		j = end
	}
}

// backKey adds to the gradients of keys and values of a chunk, kv head g.
func (op *biased) backKey(t tile, chunk, g int) {
	p := op.chunks.list[chunk]
	it, keys := &op.items[p.item], p.rows()
	a, da := t.cut(causalChunk*biasedTile), t.cut(causalChunk*biasedTile)
	w, l, e := t.cut(biasedTile), t.cut(biasedTile), t.cut(biasedTile)
	for h := g * op.group; h < (g+1)*op.group; h++ {
		tile := func(from, to int, lower bool) {
			op.pairsBack(a, da, w, l, e, it, h, from, to, p.lo, p.hi, lower, func(r int, w []float32) {
				simd.Mul(a[r*keys:r*keys+len(w)], a[r*keys:r*keys+len(w)], w)
			})
			if op.dk != nil {
				dk, q := at(op.dk, p.lo, g, op.KVHeads, op.m), at(op.q.Data(), from, h, op.Heads, op.m)
				if lower {
					lowerTransposed(dk, op.KVHeads*op.m, da, q, op.Heads*op.m, keys, op.m)
				} else {
					simd.Gemm(true, false, keys, op.m, to-from, da, keys, q, op.Heads*op.m, dk, op.KVHeads*op.m, true)
				}
			}
			if op.dval != nil {
				dv, gamma := at(op.dval, p.lo, g, op.KVHeads, op.dv), at(op.gamma, from, h, op.Heads, op.dv)
				if lower {
					lowerTransposed(dv, op.KVHeads*op.dv, a, gamma, op.Heads*op.dv, keys, op.dv)
				} else {
					simd.Gemm(true, false, keys, op.dv, to-from, a, keys, gamma, op.Heads*op.dv, dv, op.KVHeads*op.dv, true)
				}
			}
		}
		if op.Causal {
			tile(p.lo, p.hi, true)
		}
		from, end := op.seeing(it, p.lo, p.hi)
		for lo := from; lo < end; lo += biasedTile {
			tile(lo, min(lo+biasedTile, end), false)
		}
	}
}

// addBias adds the parts of the gradient of the bias in their order.
func (op *biased) addBias(tp *tensor.Tape) {
	if op.parts == nil {
		return
	}
	db := op.bias.AccumulateZeroed()
	for n := 0; n+1 < len(op.groups); n++ {
		simd.Add(db, db, op.parts[n*len(db):(n+1)*len(db)])
	}
	tp.Release(op.parts)
	for n, b := range op.byFFT {
		it := &op.items[b]
		for h := range op.Heads {
			dst := db[h*op.columns+op.columns/2-(it.reach-1):][:it.width()]
			for block := range featureBlocks {
				simd.Add(dst, dst, op.lagsOf(n, h, block))
			}
		}
	}
	if op.lags != nil {
		tp.Release(op.lags)
	}
}

// lagsOf returns what comes to the bias by FFT: of item number n of those, a head and a block of features.
func (op *biased) lagsOf(n, h, block int) []float32 {
	at := ((n*op.Heads+h)*featureBlocks + block) * op.lagsAt
	return op.lags[at:][:op.items[op.byFFT[n]].width()]
}

// fftBack does by FFT what went by FFT.
func (op *biased) fftBack(tp *tensor.Tape) {
	b := &op.biasedBack
	for _, n := range op.byFFT {
		b.lagsAt = max(b.lagsAt, op.items[n].width())
	}
	if b.parts != nil {
		b.lags = tp.Scratch(len(op.byFFT) * op.Heads * featureBlocks * b.lagsAt)
		clear(b.lags)
	}
	if b.dval != nil {
		b.valueSums = tp.Scratch(featureBlocks * len(b.dval))
	}
	op.takeFFT()
	op.run(biasedFFTBack, len(op.byFFT)*op.KVHeads*featureBlocks)
	if b.dval != nil {
		op.run(biasedFFTJoin, len(op.byFFT)*op.KVHeads)
		tp.Release(b.valueSums)
		b.valueSums = nil
	}
}

// joinFFT adds to the gradients of a sequence's values what each block of features gave.
func (op *biased) joinFFT(n, g int) {
	it := &op.items[op.byFFT[n]]
	for j := it.lo; j < it.hi; j++ {
		row := (j*op.KVHeads + g) * op.dv
		for block := range featureBlocks {
			simd.Add(op.dval[row:row+op.dv], op.dval[row:row+op.dv], op.valueSums[block*len(op.dval)+row:][:op.dv])
		}
	}
}

// backFFT computes what a block of features of item number n of those by FFT gives to the gradients of kv head g and
// its queries.
func (op *biased) backFFT(t *toeplitz, n, g, block int) {
	it := &op.items[op.byFFT[n]]
	size := (op.m + featureBlocks - 1) / featureBlocks
	from, to := min(block*size, op.m), min((block+1)*size, op.m)
	for j := it.lo; j < it.hi && op.valueSums != nil; j++ {
		clear(op.valueSums[block*len(op.dval)+(j*op.KVHeads+g)*op.dv:][:op.dv])
	}
	op.rectangles(it, func(r rectangle) {
		t.begin(r.keyPlaces, r.queryPlaces)
		for h := g * op.group; h < (g+1)*op.group; h++ {
			c := op.coefficient(it, h)
			t.set(c, r.keyPlace-r.queryPlace, r.keyPlaces, r.queryPlaces)
			for f := from; f < to; f++ {
				op.featureBack(t, it, &r, h, f, block)
			}
			if op.parts != nil {
				t.addLags(op.lagsOf(n, h, block), c, r.keyPlace-r.queryPlace, r.keyPlaces, r.queryPlaces)
			}
		}
	})
}

// featureBack does feature f of head h: every two columns of keys times values as in the forward pass, and the columns
// of queries times γ that stand against them.
func (op *biased) featureBack(t *toeplitz, it *biasedItem, r *rectangle, h, f, block int) {
	g := h / op.group
	dk, dq := t.column(0, r.endKeys-r.keys), t.column(1, r.endQueries-r.queries) // only their real parts
	keys, queries := t.column(2, len(dk)), t.column(3, len(dq))                  // scale, feature
	clear(dk)
	clear(dq)
	for j := range keys {
		keys[j] = complex(op.keyScale(r, r.keys+j, g), float64(op.k.Data()[((r.keys+j)*op.KVHeads+g)*op.m+f]))
	}
	for i := range queries {
		queries[i] = complex(op.queryScale(r, r.queries+i, g), float64(op.q.Data()[((r.queries+i)*op.Heads+h)*op.m+f]))
	}
	for c := 0; c < op.columnsOfHead(); c += 2 {
		clear(t.fx)
		for j, k := range keys {
			t.fx[op.place(it, r.keys+j)-r.keyPlace] += scaled(real(k)*imag(k), op.values(r.keys+j, g, c))
		}
		fourierOf(t.fx)
		if op.dq != nil {
			t.product()
			for i, q := range queries {
				both := timesConj(t.y[op.place(it, r.queries+i)-r.queryPlace], op.gradOf(r.queries+i, h, c))
				dq[i] += scaled(real(q), both)
			}
		}
		clear(t.fy)
		for i, q := range queries {
			t.fy[op.place(it, r.queries+i)-r.queryPlace] += scaled(real(q)*imag(q), op.gradOf(r.queries+i, h, c))
		}
		fourierOf(t.fy)
		t.transposed()
		for j, k := range keys {
			row := r.keys + j
			d := scaled(real(k), t.y[op.place(it, row)-r.keyPlace])
			dk[j] += timesConj(d, op.values(row, g, c))
			if op.valueSums != nil {
				dv := op.valueSums[block*len(op.dval)+(row*op.KVHeads+g)*op.dv:][:op.dv]
				d = scaled(imag(k), d)
				if c < op.dv {
					dv[c] += float32(real(d))
				}
				if c+1 < op.dv {
					dv[c+1] += float32(imag(d))
				}
			}
		}
	}
	for j := 0; j < len(dk) && op.dk != nil; j++ {
		op.dk[((r.keys+j)*op.KVHeads+g)*op.m+f] += float32(real(dk[j]))
	}
	for i := 0; i < len(dq) && op.dq != nil; i++ {
		op.dq[((r.queries+i)*op.Heads+h)*op.m+f] += float32(real(dq[i]))
	}
}

// gradOf returns columns c and c+1 of γ of a query; the column after the last is e.
func (op *biased) gradOf(row, h, c int) complex128 {
	row = row*op.Heads + h
	return pairOf(op.gamma[row*op.dv:][:op.dv], op.e[row], c)
}
