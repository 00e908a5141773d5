package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// pairwiseBack is the state of the backward pass. Gradients of weights are summed group by group in buffers of their
// own, which are then added in the order of the groups, so that no sum depends on the number of processors.
type pairwiseBack struct {
	dx, dpair      []float32 // gradients of the results; dpair is nil where none came
	dq, dk, dv     []float32
	de             []float32 // gradient of the pair features
	dread, enhance []float32 // gradient of read [tokens, d]; of Ve, piece by piece
	add            bool      // add to de, which holds something already
	shared         []float32 // [2, shared key rows, d]: gradients of keys and values of items that several groups share
	sums           []float32 // [groups, size]
	size           int
	discard        []float32    // where gradients go that nobody wants
	result         PairFeatures // the pair result that Apply handed out
}

// partials are the weight gradients of one group, cut from one buffer.
type partials struct {
	pairWeight, pairBias, score, outWeight, outBias []float32
	norm                                            []float32 // [2, in]: sums of de and of de*raw
}

// partials cuts the buffer of group g.
func (op *pairwise) partials(g int) partials {
	t := tile{op.back.sums[g*op.back.size : (g+1)*op.back.size]}
	p := partials{score: t.cut(op.d)}
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
	if op.in.Pair != nil {
		n += 2*op.d*op.inDim + 2*op.d + 2*op.inDim
	}
	if op.in.Output.Weight != nil {
		n += op.inDim*op.d + op.inDim
	}
	return n
}

// backwardWork is the scratch that a unit cuts.
func (op *pairwise) backwardWork() int {
	return op.rows*(op.d*6+op.inDim+op.Heads*4) + op.gatherWork()*4
}

// Backward computes the gradients of all inputs, unit by unit in tiles that stay in the cache.
func (op *pairwise) Backward(tp *tensor.Tape) {
	b, groups := &op.back, len(op.pairs.groups)-1
	*b = pairwiseBack{dx: op.x.OutGrad(), result: b.result}
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
	op.beginEnhanceBack(tp)
	op.takeWork(tp, op.backwardWork())
	op.phase = phaseBackward
	parallel.For(groups, 1, op)
	op.releaseWork(tp)
	op.addShared()
	if same {
		simd.Add(b.dk, b.dk, b.dq)
		tp.Release(b.dq)
	}
	op.addPartials(groups)
	op.endEnhanceBack(tp)
	tp.Release(b.sums)
	tp.Release(b.shared)
	if b.discard != nil {
		tp.Release(b.discard)
	}
	op.releaseKept(tp)
	op.releaseNorm(tp)
}

// releaseKept gives back what the forward pass kept.
func (op *pairwise) releaseKept(tp *tensor.Tape) {
	tp.Release(op.read)
	tp.Release(op.weights)
	op.read, op.weights = nil, nil
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
func (op *pairwise) addPartials(groups int) {
	if groups == 0 {
		return // no pair: every gradient of a weight is zero, and Backward reaches none
	}
	b := &op.back
	if op.in.Pair != nil && op.in.Pair.norm != nil {
		op.addNormSums(groups)
	}
	op.phase = phaseSum
	parallel.For(b.size, sumGrain, op)
	p := op.partials(0)
	addGradient(op.in.Score, p.score)
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

// sumGrain is the number of weights whose gradients are summed over the groups at a time.
const sumGrain = 1024

// sumGroups adds the gradients of weights lo to hi of all groups to those of the first, in the order of the groups.
func (op *pairwise) sumGroups(lo, hi int) {
	size := op.back.size
	sum := op.back.sums[lo:hi]
	for at := size; at < len(op.back.sums); at += size {
		simd.Add(sum, sum, op.back.sums[at+lo:at+hi])
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
	norm := op.in.Pair.norm
	if op.back.de == nil || op.back.add {
		norm.summed = false
		return
	}
	norm.beginSums(op.inDim)
	for g := range groups {
		norm.addSums(op.partials(g).norm)
	}
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
	clear(op.back.sums[g*op.back.size : (g+1)*op.back.size])
	for _, u := range op.pairs.units[op.pairs.groups[g]:op.pairs.groups[g+1]] {
		op.backward(op.tile(worker), u, &parts)
	}
}

// backward does one unit: from the gradients of its tokens and pairs to those of queries, keys, values, pair features
// and weights. E and ê are computed again: to keep them would take 3d numbers a pair and layer, most of all memory.
func (op *pairwise) backward(t tile, u unit, parts *partials) {
	d, heads := op.d, op.Heads
	first, end := op.pairs.RowStart[u.from], op.pairs.RowStart[u.to]
	rows := end - first
	v := unitBack{op: op, u: u, first: first, eh: t.cut(rows * d), deh: t.cut(rows * d), dE: t.cut(rows * 2 * d)}
	if op.in.Pair != nil {
		v.e = t.cut(rows * 2 * d)
		op.projectPairs(v.e, first, end)
	}
	v.w, v.used, v.ds = op.weights[first*heads:end*heads], t.cut(rows*heads), t.cut(rows*heads)
	v.mask, v.score = t.cut(rows*heads), t.cut(rows*heads)
	v.kGather, v.vGather = t.cut(op.gatherWork()), t.cut(op.gatherWork())
	v.dkGather, v.dvGather = t.cut(op.gatherWork()), t.cut(op.gatherWork())
	du := t.cut(rows * op.inDim)
	if op.norm != nil && op.back.de != nil && !op.back.add {
		// The gradient of the residual is where that of the incoming features begins.
		du = op.back.de[first*op.inDim : end*op.inDim]
	}

	for i := u.from; i < u.to; i++ {
		q := v.query(i)
		op.pairFeatures(q.eh, q.q, v.keys(v.kGather, op.in.Key, q), q.e, q.n)
	}
	du = op.outputBack(v.deh, v.eh, du, first, end, parts)
	v.weightsBack()
	v.scoresBack(parts)
	for i := u.from; i < u.to; i++ {
		v.featuresBack(v.query(i))
	}
	if op.in.Pair != nil {
		op.pairsBack(v.dE, du, first, end, parts)
	}
}

// pairsBack goes back through E = W e + b, and through the residual, whose gradient is du, nil where there is none.
func (op *pairwise) pairsBack(dE, du []float32, first, end int, parts *partials) {
	d, n, b, rows := op.d, op.inDim, &op.back, end-first
	raw := op.in.Pair.raw.Data()[first*n : end*n]
	simd.Gemm(true, false, 2*d, n, rows, dE, 2*d, raw, n, parts.pairWeight, n, true)
	simd.ColSums(parts.pairBias, dE, rows, 2*d)
	if b.de == nil {
		return
	}
	de, add := b.de[first*n:end*n], b.add
	if du != nil {
		if add {
			simd.Add(de, de, du)
		} else if rows > 0 && &du[0] != &de[0] {
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
