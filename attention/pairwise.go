package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
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
	weights []float32 // a [pairs, heads] before dropout
	read    []float32 // sum over j of a ê [tokens, d], kept for the gradient of Ve
	key     uint64    // random stream of the dropout
	counter uint64
	drop    bool
	folded  folded
	moments []float32 // [units, 2, in]: moments of the result, unit by unit

	phase phase
	workspace
	rows  int // largest unit
	query int // largest query
	back  pairwiseBack
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
	op.releaseWork(tp)
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
