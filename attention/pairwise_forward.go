package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// folded are the projections of pair features as the kernel wants them: transposed, and with the normalisation
// of the incoming features, e = scale*raw + shift, folded in, so that the kernel reads raw.
type folded struct {
	pair     []float32 // [in, 2d]
	pairBias []float32 // [2d]
	output   []float32 // [d, in]
	scale    []float32 // [in], of the residual; nil means 1
	shift    []float32 // [in], of the residual, the output's bias included
}

// fold writes the folded projections.
func (op *pairwise) fold(tp *tensor.Tape) {
	f, n, width := &op.folded, op.inDim, 2*op.d
	w, b, norm := op.in.PairWeight.Data(), op.in.PairBias.Data(), op.in.Pair.norm
	f.pair, f.pairBias = tp.Scratch(n*width), tp.Scratch(width)
	transpose(f.pair, w, width, n)
	copy(f.pairBias, b)
	if norm != nil {
		simd.ScaleRows(f.pair, f.pair, norm.scale, n, width)
		for r := range width {
			f.pairBias[r] += float32(simd.Dot(w[r*n:(r+1)*n], norm.shift))
		}
	}
	if op.in.Output.Weight == nil {
		return
	}
	f.output, f.shift = tp.Scratch(n*op.d), tp.Scratch(n)
	transpose(f.output, op.in.Output.Weight.Data(), n, op.d)
	copy(f.shift, op.in.Output.Bias.Data())
	if norm != nil {
		f.scale = norm.scale
		simd.Add(f.shift, f.shift, norm.shift)
	}
}

// transpose writes the transpose of w [rows, cols].
func transpose(dst, w []float32, rows, cols int) {
	for r := range rows {
		for c, v := range w[r*cols : (r+1)*cols] {
			dst[c*rows+r] = v
		}
	}
}

func (op *pairwise) releaseFolded(tp *tensor.Tape) {
	f := &op.folded
	for _, s := range [...][]float32{f.shift, f.output, f.pairBias, f.pair} {
		if s != nil {
			tp.Release(s)
		}
	}
	op.folded = folded{}
}

// beginNorm prepares the normalisation of the result.
func (op *pairwise) beginNorm(tp *tensor.Tape) {
	o := &op.in.Output.Norm
	if o.Weight == nil {
		op.norm = nil
		return
	}
	if op.norm == nil {
		op.norm = new(pairNorm)
	}
	op.norm.begin(tp, o, op.inDim, (tp.Training() || o.Stats.Mean == nil) && op.pairs.Rows() > 0)
	if op.norm.batch {
		op.moments = tp.Scratch(len(op.pairs.units) * 2 * op.inDim)
	}
}

// endNorm joins the moments of the units, moves the running statistics and sets scale and shift.
func (op *pairwise) endNorm(tp *tensor.Tape) {
	n, o := op.norm, &op.in.Output.Norm
	if n == nil {
		return
	}
	if n.batch {
		joinMoments(n.mean, n.invStd, op.moments, op.pairs)
		tp.Release(op.moments)
		op.moments = nil
		if o.Stats.Mean != nil {
			o.Stats.Update(n.mean, n.invStd, op.pairs.Rows())
		}
	} else if o.Stats.Mean != nil {
		copy(n.mean, o.Stats.Mean.Data())
		copy(n.invStd, o.Stats.Var.Data())
	} else { // no pairs: there is nothing to normalise
		clear(n.mean)
		simd.Fill(n.invStd, 1)
	}
	n.set(o.Stats.Eps)
}

// forwardWork is the scratch that forward cuts.
func (op *pairwise) forwardWork() int {
	return op.rows*(op.d*3+op.Heads) + op.gatherWork()*2
}

// gatherWork is the scratch for the rows of one query's keys, which only sparse patterns need.
func (op *pairwise) gatherWork() int {
	if op.pairs.Keys == nil {
		return 0
	}
	return op.query * op.d
}

// phase is what Run does.
type phase int

const (
	phaseForward     phase = iota // units
	phaseEnhance                  // tokens
	phaseEnhanceBack              // tokens
	phaseBackward                 // groups
	phaseSum                      // weights
)

// Run does pieces lo to hi of the phase at hand.
func (op *pairwise) Run(worker, lo, hi int) {
	switch op.phase {
	case phaseForward:
		for u := lo; u < hi; u++ {
			op.forward(op.tile(worker), u)
		}
	case phaseEnhance:
		op.enhance(lo, hi)
	case phaseEnhanceBack:
		op.enhanceBack(lo, hi)
	case phaseBackward:
		for g := lo; g < hi; g++ {
			op.backwardGroup(worker, g)
		}
	case phaseSum:
		op.sumGroups(lo, hi)
	}
}

// forward computes unit number k: all of it happens in tiles that stay in the cache.
func (op *pairwise) forward(t tile, k int) {
	d, heads, u := op.d, op.Heads, op.pairs.units[k]
	first, end := op.pairs.RowStart[u.from], op.pairs.RowStart[u.to]
	rows := end - first
	e, eh, dropped := t.cut(rows*2*d), t.cut(rows*d), t.cut(rows*heads)
	kGather, vGather := t.cut(op.gatherWork()), t.cut(op.gatherWork())
	if op.in.Pair != nil {
		op.projectPairs(e, first, end)
	}
	q, key, value := op.in.Query.Data(), op.in.Key.Data(), op.in.Value.Data()
	for i := u.from; i < u.to; i++ {
		lo, hi := op.pairs.RowStart[i]-first, op.pairs.RowStart[i+1]-first
		op.pairFeatures(eh[lo*d:hi*d], q[i*d:(i+1)*d], op.keyRows(kGather, key, u, lo+first, hi+first), e[lo*2*d:], hi-lo)
	}
	w := op.weights[first*heads : end*heads]
	simd.HeadDots(w, eh, op.in.Score.Data(), rows, heads, op.dim, d, false)
	if op.Clamp > 0 {
		simd.Clamp(w, w, -float32(op.Clamp), float32(op.Clamp))
	}
	for i := u.from; i < u.to; i++ {
		lo, hi := op.pairs.RowStart[i]-first, op.pairs.RowStart[i+1]-first
		simd.KeySoftmax(w[lo*heads:hi*heads], hi-lo, heads, softmaxEps)
	}
	if op.drop {
		op.dropMask(dropped, first, end)
		simd.Mul(dropped, dropped, w)
		w = dropped
	}
	for i := u.from; i < u.to; i++ {
		lo, hi := op.pairs.RowStart[i]-first, op.pairs.RowStart[i+1]-first
		x, read, wi := op.x.Data()[i*d:(i+1)*d], op.read[i*d:(i+1)*d], w[lo*heads:hi*heads]
		clear(x)
		simd.HeadSum(x, wi, op.keyRows(vGather, value, u, lo+first, hi+first), hi-lo, heads, op.dim, d)
		if op.in.Enhance != nil {
			clear(read)
			simd.HeadSum(read, wi, eh[lo*d:hi*d], hi-lo, heads, op.dim, d)
		}
	}
	if op.in.Pair != nil {
		op.writePairs(eh, k, first, end)
	}
}

// writePairs writes the pair results of rows first to end, unit number k: ê, or the updated pair features.
func (op *pairwise) writePairs(eh []float32, k, first, end int) {
	rows, n := end-first, op.pairWidth()
	out := op.pair.Data()[first*n : end*n]
	if op.in.Output.Weight == nil {
		copy(out, eh)
		return
	}
	f, raw := &op.folded, op.in.Pair.raw.Data()[first*n:end*n]
	if f.scale != nil {
		simd.ScaleShiftRows(out, raw, f.scale, f.shift, rows, n)
	} else {
		simd.AddRow(out, raw, f.shift, rows, n)
	}
	simd.Gemm(false, false, rows, n, op.d, eh, op.d, f.output, n, out, n, true)
	if op.moments != nil {
		part := op.moments[k*2*n : (k+1)*2*n]
		simd.ColMoments(part[:n], part[n:], out, rows, n)
	}
}

// projectPairs writes E = W e + b for rows first to end.
func (op *pairwise) projectPairs(e []float32, first, end int) {
	rows, width, n, f := end-first, 2*op.d, op.inDim, &op.folded
	simd.GemmBias(false, false, rows, width, n, op.in.Pair.raw.Data()[first*n:end*n], n, f.pair, width, f.pairBias, e, width)
}

// keyRows returns the rows of k that belong to the keys of pairs lo to hi, a query of unit u.
func (op *pairwise) keyRows(scratch, k []float32, u unit, lo, hi int) []float32 {
	d := op.d
	if op.pairs.Keys == nil {
		at := op.pairs.Offsets[u.item] * d
		return k[at : at+(hi-lo)*d]
	}
	rows := scratch[:(hi-lo)*d]
	simd.GatherRows(rows, k, op.pairs.Keys[lo:hi], d)
	return rows
}

// pairFeatures writes ê of one query.
func (op *pairwise) pairFeatures(eh, q, k, e []float32, n int) {
	if op.in.Pair == nil {
		simd.AddRow(eh, k, q, n, op.d)
		if op.act.fused == simd.PairReLU {
			simd.ReLU(eh, eh)
		}
	} else {
		simd.PairForward(eh, q, k, e, n, op.d, op.d, 2*op.d, op.act.fused)
	}
	if op.act.f != nil {
		op.act.f(eh, eh)
	}
}

// dropMask draws the dropout of the weights of rows lo to hi: 0 or 1/(1-p) for each. Every row has a place of its own in
// the random stream, so the backward pass can draw the same again.
func (op *pairwise) dropMask(mask []float32, lo, hi int) {
	heads, blocks := op.Heads, (op.Heads+3)/4
	if heads%4 == 0 {
		simd.DropoutMask(mask, op.key, op.counter+uint64(lo*blocks), op.Dropout)
		return
	}
	for r := lo; r < hi; r++ {
		simd.DropoutMask(mask[(r-lo)*heads:(r-lo+1)*heads], op.key, op.counter+uint64(r*blocks), op.Dropout)
	}
}
