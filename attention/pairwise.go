package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Pairwise is GRIT's attention, which reads and updates a feature vector of every ordered pair of tokens (Ma and
// others, "Graph Inductive Biases in Transformers without Message Passing", ICML 2023, equations 2 to 4; official code
// MultiHeadAttentionLayerGritSparse). With query i, key j, and E = W e_ij + b split into a factor Ew and a term Eb,
//
//	ê_ij  = act( ρ((q_i + k_j) ⊙ Ew_ij) + Eb_ij ),  ρ(t) = sign(t) sqrt|t|
//	s_ijh = clamp( Aw_h · ê_ijh )
//	a_ijh = softmax over j of s_ijh, then dropout
//	x_ih  = sum over j of a_ijh (v_jh + Ve_h ê_ijh)
//
// There is no division by the root of the head width. The zero value of each field is what its comment says.
type Pairwise struct {
	Heads      int           // at least 1; heads divide the width of queries, keys and values
	Clamp      float64       // scores are limited to ±Clamp; 0 means no limit
	Activation nn.Activation // act; the zero value is ReLU
	Dropout    float64       // probability of dropping an attention weight in training
	// KeepWeights asks for the attention weights, at the price of a copy of them.
	KeepWeights bool
}

// PairwiseInput is what [Pairwise] works on. d is heads times head dim.
type PairwiseInput struct {
	Query, Key, Value *tensor.Var // [tokens, d]
	// Pair is the pair features e [pairs, in], in the order of the rows of Pairs. nil means that there are none: then
	// ê = act(q_i + k_j), and no pair features come out.
	Pair *PairFeatures
	// PairWeight [2d, in] and PairBias [2d] project pair features; the first d outputs are Ew, the others Eb.
	PairWeight, PairBias *tensor.Var
	Score                *tensor.Var // Aw [heads, head dim]
	Enhance              *tensor.Var // Ve [heads, head dim in, head dim out]; nil leaves out the second term of x
	// Output is applied to ê while it is in the cache; its zero value leaves ê as it is.
	Output PairOutput
}

// PairOutput is the residual update of pair features: e + W ê + b, and its batch normalisation.
type PairOutput struct {
	Weight *tensor.Var // [in, d]; nil means that there is no update
	Bias   *tensor.Var // [in]
	Norm   PairNorm    // its zero value leaves the updated features as they are
}

// PairwiseOutput is what [Pairwise] computes.
type PairwiseOutput struct {
	Tokens *tensor.Var // x [tokens, d]
	// Pair is ê [pairs, d], or the updated pair features [pairs, in] where an output projection was given; nil without
	// pair features.
	Pair *PairFeatures
	// Weights is a [pairs, heads] before dropout, where asked for.
	Weights *tensor.Tensor
}

// pairwise is the recorded operation.
type pairwise struct {
	Pairwise
	in     PairwiseInput
	pairs  *Pairs
	act    activation
	d, dim int // width, head width
	inDim  int // width of pair features

	x, pair *tensor.Var
	norm    *pairNorm // of the result; nil where it has none
	e       []float32 // E of all pairs [pairs, 2d], where it is kept for the backward pass
	weights []float32 // a [pairs, heads] before dropout
	read    []float32 // sum over j of a ê [tokens, d], kept for the gradient of Ve
	key     uint64    // random stream of the dropout
	counter uint64
	drop    bool
	folded  folded
	moments []float32 // [units, 2, in]: moments of the result, unit by unit

	phase phase
	work  []float32 // scratch of all workers
	each  int       // scratch of one
	rows  int       // largest unit
	query int       // largest query
	back  pairwiseBack
}

// folded are the projections of pair features as the forward kernel wants them: transposed, and with the normalisation
// of the incoming features, e = scale*raw + shift, folded in, so that the kernel reads raw.
type folded struct {
	pair     []float32 // [in, 2d]
	pairBias []float32 // [2d]
	output   []float32 // [d, in]
	scale    []float32 // [in], of the residual; nil means 1
	shift    []float32 // [in], of the residual, the output's bias included
}

// Apply computes the attention of in over pairs and records it on the tape.
func (o Pairwise) Apply(tp *tensor.Tape, pairs *Pairs, in PairwiseInput) PairwiseOutput {
	o.check(pairs, &in)
	op, ok := tp.Spare().(*pairwise)
	if !ok {
		op = new(pairwise)
	}
	d := in.Query.Cols()
	*op = pairwise{Pairwise: o, in: in, pairs: pairs, act: activationOf(o.Activation), d: d, dim: d / o.Heads, norm: op.norm, back: op.back}
	op.rows, op.query = pairs.largest()
	needs := in.needs()
	op.x = tp.Out(needs, pairs.Tokens(), d)
	if in.Pair != nil {
		op.inDim = in.Pair.Width()
		op.pair = tp.Out(needs, pairs.Rows(), op.pairWidth())
		if tp.Recording() && keepProjected {
			op.e = tp.Scratch(pairs.Rows() * 2 * d)
		}
		op.fold(tp)
	}
	op.weights = tp.Scratch(pairs.Rows() * o.Heads)
	op.read = tp.Scratch(pairs.Tokens() * d)
	if op.drop = o.Dropout > 0 && tp.Training(); op.drop {
		op.key, op.counter = tp.Draw()
	}
	op.beginNorm(tp)
	op.takeWork(tp, op.forwardWork())
	parallel.For(len(pairs.units), 1, op)
	tp.Release(op.work)
	op.work = nil
	if in.Enhance != nil {
		op.phase = phaseEnhance
		parallel.For(pairs.Tokens(), tokenGrain, op)
	}
	op.endNorm(tp)
	out := PairwiseOutput{Tokens: op.x}
	if o.KeepWeights {
		out.Weights = tensor.FromSlice(append([]float32(nil), op.weights...), pairs.Rows(), o.Heads)
	}
	if !tp.Recording() {
		op.releaseKept(tp)
	}
	if op.pair != nil {
		out.Pair = &op.back.result
		*out.Pair = PairFeatures{raw: op.pair, norm: op.norm}
		tp.Record("Pairwise", op, op.x, op.pair)
	} else {
		tp.Record("Pairwise", op, op.x)
	}
	return out
}

// keepProjected says whether E is kept for the backward pass or computed again there: a trade of memory, 2d numbers a
// pair and layer, for a third of the forward pass.
var keepProjected = false

// fold writes the folded projections.
func (op *pairwise) fold(tp *tensor.Tape) {
	f, n, width := &op.folded, op.inDim, 2*op.d
	w, b, norm := op.in.PairWeight.Data(), op.in.PairBias.Data(), op.in.Pair.norm
	f.pair, f.pairBias = tp.Scratch(n*width), tp.Scratch(width)
	for r := 0; r < width; r++ {
		row, bias := w[r*n:(r+1)*n], b[r]
		if norm != nil {
			bias += float32(simd.Dot(row, norm.shift))
			for c, v := range row {
				f.pair[c*width+r] = v * norm.scale[c]
			}
		} else {
			for c, v := range row {
				f.pair[c*width+r] = v
			}
		}
		f.pairBias[r] = bias
	}
	if op.in.Output.Weight == nil {
		return
	}
	f.output, f.shift = tp.Scratch(n*op.d), tp.Scratch(n)
	for r := 0; r < n; r++ {
		for c, v := range op.in.Output.Weight.Data()[r*op.d : (r+1)*op.d] {
			f.output[c*n+r] = v
		}
	}
	copy(f.shift, op.in.Output.Bias.Data())
	if norm != nil {
		f.scale = norm.scale
		simd.Add(f.shift, f.shift, norm.shift)
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

// pairWidth is the width of the pair features that come out.
func (op *pairwise) pairWidth() int {
	if op.in.Output.Weight != nil {
		return op.inDim
	}
	return op.d
}

func (in *PairwiseInput) needs() bool {
	all := [...]*tensor.Var{in.Query, in.Key, in.Value, in.PairWeight, in.PairBias, in.Score, in.Enhance}
	for _, v := range all {
		if v != nil && v.Needs() {
			return true
		}
	}
	if in.Pair != nil && in.Pair.raw.Needs() {
		return true
	}
	o := &in.Output
	if o.Weight == nil {
		return false
	}
	return o.Weight.Needs() || o.Bias.Needs() || o.Norm.Weight != nil && (o.Norm.Weight.Needs() || o.Norm.Bias.Needs())
}

// check panics where shapes do not fit.
func (o Pairwise) check(pairs *Pairs, in *PairwiseInput) {
	if in.Query == nil {
		panic(fmt.Sprintf("attention: Pairwise: query has shape none, want [%d d]", pairs.Tokens()))
	}
	if !(o.Dropout >= 0 && o.Dropout < 1) {
		panic(fmt.Sprintf("attention: Pairwise: dropout %v is outside [0, 1)", o.Dropout))
	}
	tokens, d := pairs.Tokens(), in.Query.Cols()
	if o.Heads <= 0 || d%o.Heads != 0 {
		panic(fmt.Sprintf("attention: Pairwise: heads %d do not divide width %d", o.Heads, d))
	}
	want := func(name string, v *tensor.Var, rows, cols int) {
		if v == nil || v.Rows() != rows || v.Cols() != cols {
			shape := "none"
			if v != nil {
				shape = fmt.Sprint(v.Shape())
			}
			panic(fmt.Sprintf("attention: Pairwise: %s has shape %s, want [%d %d]", name, shape, rows, cols))
		}
	}
	want("query", in.Query, tokens, d)
	want("key", in.Key, tokens, d)
	want("value", in.Value, tokens, d)
	want("score", in.Score, o.Heads, d/o.Heads)
	if in.Enhance != nil {
		want("enhance", in.Enhance, o.Heads, d/o.Heads*(d/o.Heads))
	}
	if in.Pair == nil {
		if in.Enhance != nil || in.Output.Weight != nil {
			panic("attention: Pairwise: edge enhancement and output projection want pair features")
		}
		return
	}
	width := in.Pair.Width()
	want("pair", in.Pair.raw, pairs.Rows(), width)
	want("pair weight", in.PairWeight, 2*d, width)
	want("pair bias", in.PairBias, 2*d, 1)
	if in.Output.Weight != nil {
		want("output weight", in.Output.Weight, width, d)
		want("output bias", in.Output.Bias, width, 1)
		if in.Output.Norm.Weight != nil {
			in.Output.Norm.check(width)
		}
	}
}

// takeWork takes scratch memory of each floats for every worker.
func (op *pairwise) takeWork(tp *tensor.Tape, each int) {
	op.each = (each + 15) / 16 * 16
	op.work = tp.Scratch(parallel.Workers() * op.each)
}

// tile is the scratch of one worker, cut into the arrays that a unit needs.
type tile struct{ rest []float32 }

func (op *pairwise) tile(worker int) tile {
	return tile{op.work[worker*op.each : (worker+1)*op.each]}
}

func (t *tile) cut(n int) []float32 {
	a := t.rest[:n:n]
	t.rest = t.rest[n:]
	return a
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
		if op.e != nil {
			e = op.e[first*2*d : end*2*d]
		}
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
