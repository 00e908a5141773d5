package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// pairwiseBack is the state of the backward pass. Gradients of weights are summed group by group in buffers of their
// own, which are then added in the order of the groups, so that no sum depends on the number of processors.
type pairwiseBack struct {
	running    bool
	dx, dpair  []float32 // gradients of the results; dpair is nil where none came
	dq, dk, dv []float32
	de         []float32 // gradient of the pair features
	add        bool      // add to de, which holds something already
	shared     []float32 // [2, shared key rows, d]: gradients of keys and values of items that several groups share
	sums       []float32 // [groups, size]
	size       int
	discard    []float32    // where gradients go that nobody wants
	result     PairFeatures // the pair result that Apply handed out
}

// partials are the weight gradients of one group, cut from one buffer.
type partials struct {
	pairWeight, pairBias, score, enhance, outWeight, outBias []float32
	norm                                                     []float32 // [2, in]: sums of de and of de*raw
}

// partials cuts the buffer of group g.
func (op *pairwise) partials(g int) partials {
	t := tile{op.back.sums[g*op.back.size : (g+1)*op.back.size]}
	p := partials{score: t.cut(op.d)}
	if op.in.Enhance != nil {
		p.enhance = t.cut(op.d * op.dim)
	}
	if op.in.Pair != nil {
		p.pairWeight, p.pairBias, p.norm = t.cut(2*op.d*op.inDim), t.cut(2*op.d), t.cut(2*op.inDim)
	}
	if op.in.Output.Weight != nil {
		p.outWeight, p.outBias = t.cut(op.inDim*op.d), t.cut(op.inDim)
	}
	return p
}

func (op *pairwise) partialSize() int {
	n := op.d
	if op.in.Enhance != nil {
		n += op.d * op.dim
	}
	if op.in.Pair != nil {
		n += 2*op.d*op.inDim + 2*op.d + 2*op.inDim
	}
	if op.in.Output.Weight != nil {
		n += op.inDim*op.d + op.inDim
	}
	return n
}

// backwardWork is the scratch that a group cuts.
func (op *pairwise) backwardWork() int {
	return op.rows*(op.d*7+op.inDim) + op.query*op.Heads*3 + op.Heads + op.query*op.d*4 + op.d*2
}

// Backward computes the gradients of all inputs, unit by unit in tiles that stay in the cache.
func (op *pairwise) Backward(tp *tensor.Tape) {
	b, groups := &op.back, len(op.pairs.groups)-1
	*b = pairwiseBack{running: true, dx: op.x.OutGrad(), result: b.result}
	if op.pair != nil && op.pair.Reached() {
		b.dpair = op.pair.OutGrad()
		if op.norm != nil {
			op.norm.back(tp, op.pair)
		}
	}
	b.dq, b.dk, b.dv = op.target(tp, op.in.Query), op.target(tp, op.in.Key), op.target(tp, op.in.Value)
	same := op.in.Query == op.in.Key
	if same { // the kernel holds the sum for a query in registers while it adds to its keys
		b.dq = tp.Scratch(len(b.dk))
		clear(b.dq)
	}
	if op.in.Pair != nil && op.in.Pair.raw.Needs() {
		b.de, b.add = op.in.Pair.raw.Accumulate()
	}
	b.shared = tp.Scratch(2 * op.pairs.shared * op.d)
	clear(b.shared)
	b.size = op.partialSize()
	b.sums = tp.Scratch(groups * b.size)
	clear(b.sums)
	op.takeWork(tp, op.backwardWork())
	parallel.For(groups, 1, op)
	tp.Release(op.work)
	op.work = nil
	op.addShared()
	if same {
		simd.Add(b.dk, b.dk, b.dq)
		tp.Release(b.dq)
	}
	op.addPartials(tp, groups)
	tp.Release(b.sums)
	tp.Release(b.shared)
	if b.discard != nil {
		tp.Release(b.discard)
	}
	b.running = false
	op.releaseKept(tp)
	op.releaseNorm(tp)
}

// releaseKept gives back what the forward pass kept.
func (op *pairwise) releaseKept(tp *tensor.Tape) {
	tp.Release(op.read)
	tp.Release(op.weights)
	if op.e != nil {
		tp.Release(op.e)
	}
	op.read, op.weights, op.e = nil, nil, nil
	op.releaseFolded(tp)
}

// releaseNorm gives back what the normalisation of the result holds.
func (op *pairwise) releaseNorm(tp *tensor.Tape) {
	if n := op.norm; n != nil {
		for _, s := range [...][]float32{n.coef1, n.coefX, n.coefDy, n.shift, n.scale, n.invStd, n.mean} {
			if s != nil {
				tp.Release(s)
			}
		}
		*n = pairNorm{sumDy: n.sumDy, dotDy: n.dotDy}
	}
}

// target returns the memory for the gradient of v, which is added to.
func (op *pairwise) target(tp *tensor.Tape, v *tensor.Var) []float32 {
	if v.Needs() {
		return v.AccumulateZeroed()
	}
	if op.back.discard == nil {
		op.back.discard = tp.Scratch(op.pairs.Tokens() * op.d)
		clear(op.back.discard)
	}
	return op.back.discard
}

// addShared adds the buffers of divided items to the gradients of keys and values, in their order.
func (op *pairwise) addShared() {
	d, half, last := op.d, op.pairs.shared*op.d, -1
	for _, u := range op.pairs.units {
		if u.buffer < 0 || u.buffer == last {
			continue
		}
		last = u.buffer
		at, n := op.pairs.Offsets[u.item]*d, op.pairs.itemTokens(u.item)*d
		from := u.buffer * d
		simd.Add(op.back.dk[at:at+n], op.back.dk[at:at+n], op.back.shared[from:from+n])
		simd.Add(op.back.dv[at:at+n], op.back.dv[at:at+n], op.back.shared[half+from:half+from+n])
	}
}

// addPartials adds the weight gradients of the groups, in their order.
func (op *pairwise) addPartials(tp *tensor.Tape, groups int) {
	if groups == 0 {
		return // no pair: every gradient of a weight is zero, and Backward reaches none
	}
	b := &op.back
	if op.in.Pair != nil && op.in.Pair.norm != nil {
		op.addNormSums(groups)
	}
	for g := 1; g < groups; g++ {
		simd.Add(b.sums[:b.size], b.sums[:b.size], b.sums[g*b.size:(g+1)*b.size])
	}
	p := op.partials(0)
	addGradient(op.in.Score, p.score)
	addGradient(op.in.Enhance, p.enhance)
	if op.in.Pair != nil {
		op.unfold(p)
		addGradient(op.in.PairWeight, p.pairWeight)
		addGradient(op.in.PairBias, p.pairBias)
	}
	if op.in.Output.Weight != nil && b.dpair != nil {
		addGradient(op.in.Output.Weight, p.outWeight)
		addGradient(op.in.Output.Bias, p.outBias)
	}
}

// unfold turns the sum of dE rawᵀ into that of dE eᵀ, e = scale*raw + shift.
func (op *pairwise) unfold(p partials) {
	norm, n := op.in.Pair.norm, op.inDim
	if norm == nil {
		return
	}
	for r, bias := range p.pairBias {
		row := p.pairWeight[r*n : (r+1)*n]
		simd.Mul(row, row, norm.scale)
		simd.AddScaled(row, norm.shift, bias)
	}
}

// addNormSums hands the sums that the backward pass of the incoming features' normalisation needs to it. They count
// only as long as this operation is the only one that contributes to the gradient.
func (op *pairwise) addNormSums(groups int) {
	norm, n := op.in.Pair.norm, op.inDim
	if op.back.de == nil || op.back.add {
		norm.summed = false
		return
	}
	norm.sumDy, norm.dotDy = zeros(norm.sumDy, n), zeros(norm.dotDy, n)
	for g := range groups {
		part := op.partials(g).norm
		for c := range n {
			norm.sumDy[c] += float64(part[c])
			norm.dotDy[c] += float64(part[n+c])
		}
	}
	norm.summed = true
}

func addGradient(v *tensor.Var, g []float32) {
	if v == nil || !v.Needs() {
		return
	}
	if dst, add := v.Accumulate(); add {
		simd.Add(dst, dst, g)
	} else {
		copy(dst, g)
	}
}

// backwardGroup does the units of one group in their order.
func (op *pairwise) backwardGroup(worker, g int) {
	parts := op.partials(g)
	for _, u := range op.pairs.units[op.pairs.groups[g]:op.pairs.groups[g+1]] {
		op.backward(op.tile(worker), u, &parts)
	}
}

// backward does one unit: from the gradients of its tokens and pairs to those of queries, keys, values, pair features
// and weights. E was kept or is computed again; ê is computed again.
func (op *pairwise) backward(t tile, u unit, parts *partials) {
	d := op.d
	first, end := op.pairs.RowStart[u.from], op.pairs.RowStart[u.to]
	rows := end - first
	eh, deh, dE := t.cut(rows*d), t.cut(rows*d), t.cut(rows*2*d)
	var e []float32
	if op.e != nil {
		e = op.e[first*2*d : end*2*d]
	} else if op.in.Pair != nil {
		e = t.cut(rows * 2 * d)
		op.projectPairs(e, first, end)
	}
	for i := u.from; i < u.to; i++ {
		lo, hi := op.pairs.RowStart[i], op.pairs.RowStart[i+1]
		sc := t // scratch of one query
		keys := op.keyRows(sc.cut(op.query*d), op.in.Key.Data(), u, lo, hi)
		op.pairFeatures(eh[(lo-first)*d:(hi-first)*d], op.in.Query.Data()[i*d:(i+1)*d], keys, rowsFrom(e, (lo-first)*2*d), hi-lo)
	}
	du := op.outputBack(deh, eh, t.cut(rows*op.inDim), first, end, parts)
	for i := u.from; i < u.to; i++ {
		op.queryBack(t, u, i, first, eh, deh, dE, e, parts)
	}
	if op.in.Pair != nil {
		op.pairsBack(dE, du, first, end, parts)
	}
}

// pairsBack goes back through E = W e + b, and through the residual, whose gradient is du.
func (op *pairwise) pairsBack(dE, du []float32, first, end int, parts *partials) {
	d, n, b, rows := op.d, op.inDim, &op.back, end-first
	raw := op.in.Pair.raw.Data()[first*n : end*n]
	simd.Gemm(true, false, 2*d, n, rows, dE, 2*d, raw, n, parts.pairWeight, n, true)
	simd.ColSums(parts.pairBias, dE, rows, 2*d)
	if b.de == nil {
		return
	}
	de, add := b.de[first*n:end*n], b.add
	if op.in.Output.Weight != nil && b.dpair != nil {
		if add {
			simd.Add(de, de, du)
		} else {
			copy(de, du)
		}
		add = true
	}
	simd.Gemm(false, false, rows, n, 2*d, dE, 2*d, op.in.PairWeight.Data(), n, de, n, add)
	if op.in.Pair.norm != nil && !b.add {
		simd.ColSums(parts.norm[:n], de, rows, n)
		simd.ColDots(parts.norm[n:], de, raw, rows, n)
	}
}

func rowsFrom(e []float32, at int) []float32 {
	if e == nil {
		return nil
	}
	return e[at:]
}

// outputBack writes to deh what the pair results contribute to the gradient of ê, and returns the gradient of the
// updated pair features before their normalisation, in the memory of du where they have one.
func (op *pairwise) outputBack(deh, eh, du []float32, first, end int, parts *partials) []float32 {
	rows, n, dpair := end-first, op.inDim, op.back.dpair
	switch {
	case dpair == nil:
		clear(deh)
		return nil
	case op.in.Output.Weight == nil:
		copy(deh, dpair[first*op.d:end*op.d])
		return nil
	}
	if op.norm == nil {
		du = dpair[first*n : end*n]
	} else {
		simd.AffineRows2(du, dpair[first*n:end*n], op.pair.Data()[first*n:end*n], op.norm.coefDy, op.norm.coefX, op.norm.coef1, rows, n)
	}
	simd.Gemm(false, false, rows, op.d, n, du, n, op.in.Output.Weight.Data(), op.d, deh, op.d, false)
	simd.Gemm(true, false, n, op.d, rows, du, n, eh, op.d, parts.outWeight, op.d, true)
	simd.ColSums(parts.outBias, du, rows, n)
	return du
}

// queryBack does query i of unit u, whose first row is first.
func (op *pairwise) queryBack(t tile, u unit, i, first int, eh, deh, dE, e []float32, parts *partials) {
	d, b, H := op.d, &op.back, op.Heads
	lo, hi := op.pairs.RowStart[i], op.pairs.RowStart[i+1]
	n := hi - lo
	eh, deh = eh[(lo-first)*d:(hi-first)*d], deh[(lo-first)*d:(hi-first)*d]
	w := op.weights[lo*H : hi*H]
	mask, ds, small := t.cut(op.query * H)[:n*H], t.cut(op.query * H)[:n*H], t.cut(H)
	score := t.cut(op.query * H)[:n*H]
	dread := t.cut(d)
	used := w // the weights that met the values
	if op.drop {
		used = op.dropped(mask, w, lo, hi)
	}
	keys := op.keyRows(t.cut(op.query*d), op.in.Key.Data(), u, lo, hi)
	values := op.keyRows(t.cut(op.query*d), op.in.Value.Data(), u, lo, hi)
	dk, dv := op.keyTargets(&t, u, n)
	dx := b.dx[i*d : (i+1)*d]

	// x = sum w v + Ve (sum w ê)
	clear(ds)
	headDotsAdd(ds, values, dx, H, d)
	headOuter(dv, used, dx, H, d)
	if op.in.Enhance != nil {
		op.enhanceBack(dread, dx, op.read[i*d:(i+1)*d], parts.enhance)
		headDotsAdd(ds, eh, dread, H, d)
		headOuter(deh, used, dread, H, d)
	}
	if op.drop {
		op.dropMask(mask, lo, hi)
		simd.Mul(ds, ds, mask)
	}
	softmaxKeysBack(ds, w, small, H)
	aw := op.in.Score.Data()
	if op.Clamp > 0 {
		headDots(score, eh, aw, H)
		simd.ClampGrad(ds, score, ds, -float32(op.Clamp), float32(op.Clamp))
	}
	headOuter(deh, ds, aw, H, d)
	headSum(parts.score, ds, eh, H, d)
	op.featuresBack(dE[(lo-first)*2*d:], b.dq[i*d:(i+1)*d], dk, deh, eh, op.in.Query.Data()[i*d:(i+1)*d], keys, rowsFrom(e, (lo-first)*2*d), n)
	op.scatterKeys(u, lo, hi, dk, dv)
}

// dropMask draws the mask of rows lo to hi again.
func (op *pairwise) dropMask(mask []float32, lo, hi int) {
	blocks := (op.Heads + 3) / 4
	for r := lo; r < hi; r++ {
		simd.DropoutMask(mask[(r-lo)*op.Heads:(r-lo+1)*op.Heads], op.key, op.counter+uint64(r*blocks), op.Dropout)
	}
}

// featuresBack goes back through ê = act(ρ((q + k) ew) + eb). deh is overwritten where the activation is not fused.
func (op *pairwise) featuresBack(dE, dq, dk, deh, eh, q, k, e []float32, n int) {
	d := op.d
	if op.act.df != nil {
		at := eh
		if !op.act.ofOutput { // the argument of the activation is needed
			if op.in.Pair == nil {
				simd.AddRow(eh, k, q, n, d)
			} else {
				simd.PairForward(eh, q, k, e, n, d, d, 2*d, simd.PairIdentity)
			}
		}
		op.act.df(deh, at, deh)
	}
	if op.in.Pair != nil {
		simd.PairBackward(dE, dq, dk, deh, eh, q, k, e, n, d, d, 2*d, 2*d, op.act.fused)
		return
	}
	if op.act.fused == simd.PairReLU {
		simd.ReLUGrad(deh, eh, deh)
	}
	simd.ColSums(dq, deh, n, d)
	simd.Add(dk[:n*d], dk[:n*d], deh)
}

// enhanceBack goes back through x = Ve read, head by head.
func (op *pairwise) enhanceBack(dread, dx, read, dve []float32) {
	ve, dim := op.in.Enhance.Data(), op.dim
	for h := 0; h < op.Heads; h++ {
		g := dx[h*dim : (h+1)*dim]
		for c := 0; c < dim; c++ {
			row := (h*dim + c) * dim
			var t float32
			for o, v := range ve[row : row+dim] {
				t += float32(v * g[o])
			}
			dread[h*dim+c] = t
			simd.AddScaled(dve[row:row+dim], g, read[h*dim+c])
		}
	}
}

// keyTargets returns where the gradients of a query's keys and values are added: rows of the gradients themselves, of
// the buffer of a divided item, or, for a sparse pattern, of scratch memory.
func (op *pairwise) keyTargets(t *tile, u unit, n int) (dk, dv []float32) {
	if d := op.d; op.pairs.Keys != nil {
		dk, dv = t.cut(op.query * d)[:n*d], t.cut(op.query * d)[:n*d]
		clear(dk)
		clear(dv)
		return dk, dv
	}
	return op.keyGradients(u)
}

// keyGradients returns the rows of the gradients of keys and values that belong to the item of u.
func (op *pairwise) keyGradients(u unit) (dk, dv []float32) {
	d, b := op.d, &op.back
	size := op.pairs.itemTokens(u.item) * d
	if u.buffer < 0 {
		at := op.pairs.Offsets[u.item] * d
		return b.dk[at : at+size], b.dv[at : at+size]
	}
	at := u.buffer * d
	half := op.pairs.shared * d
	return b.shared[at : at+size], b.shared[half+at : half+at+size]
}

// scatterKeys adds the gradients of a sparse query's keys to their rows.
func (op *pairwise) scatterKeys(u unit, lo, hi int, dk, dv []float32) {
	if op.pairs.Keys == nil {
		return
	}
	gk, gv := op.keyGradients(u)
	first := op.pairs.Offsets[u.item]
	for r := lo; r < hi; r++ {
		at, from := (int(op.pairs.Keys[r])-first)*op.d, (r-lo)*op.d
		simd.Add(gk[at:at+op.d], gk[at:at+op.d], dk[from:from+op.d])
		simd.Add(gv[at:at+op.d], gv[at:at+op.d], dv[from:from+op.d])
	}
}
