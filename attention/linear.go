package attention

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Linear is kernelised attention, whose cost grows in proportion to the tokens (Katharopoulos and others, "Transformers
// are RNNs", ICML 2020, equations 4 to 12): with the features φ of a [FeatureMap], query i, key j and a head,
//
//	o_i = φ(q_i)·(sum over j of φ(k_j) v_jᵀ) / (φ(q_i)·sum over j of φ(k_j))
//
// Without causality the sum of keys times values is formed once. A causal sequence is cut into chunks: the sum over all
// chunks before is carried on, and within a chunk the weights φ(q_i)·φ(k_j) are formed, so that no result depends on a
// later token in any bit. Memory grows in proportion to the tokens; no matrix of pairs is formed.
//
// With LinearInput.Bias the weights also depend on the relative places of query and key (Luo and others, "Stable, Fast
// and Accurate", NeurIPS 2021, NPRF where the features are those of [RandomFeatures] with Normalize):
//
//	o_i = sum over j of φ(q_i)·φ(k_j) exp(b_(p_j - p_i)) v_j / sum over j of φ(q_i)·φ(k_j) exp(b_(p_j - p_i))
//
// Short sequences form these weights tile by tile, which takes a time of O(n²) but little of it; long ones multiply with
// the Toeplitz matrix of exp(b) by FFT, in O(n log n), causal ones in O(n log² n) because no product may mix a later
// token into an earlier result.
//
// The zero value of each field but Heads is what its comment says.
type Linear struct {
	Heads   int  // of the queries, at least 1
	KVHeads int  // of keys and values; divides Heads, whose consecutive groups share one; 0 means Heads
	Causal  bool // a query sees its own token and those before it in its sequence
	// Unnormalized leaves out the division: o = φ(q)·(sum of φ(k) vᵀ), as in LightNet's layer for images. Features may
	// then be negative.
	Unnormalized bool
	// Eps is the smallest denominator; 0 means 1e-12. A query below it counts as one that has no key: it gets zeros and
	// gives no gradient. Denominators are measured after the features' common scale is taken out ([Mapped].LogScale).
	Eps float64
	Map FeatureMap // φ; nil means that queries and keys are features already
	// FFTFrom is the number of tokens from which on a sequence with a bias goes by FFT. 0 chooses by an estimate of both
	// costs. Both ways compute the same to rounding.
	FFTFrom int
}

// LinearInput is what [Linear] works on: sequences laid end to end, nothing padded.
type LinearInput struct {
	// Queries has sequences+1 entries: sequence b owns the query rows Queries[b] to Queries[b+1]. Keys does the same for
	// the rows of keys and values; nil means Queries. Causal and biased attention want both to be the same.
	Queries, Keys []int
	Query         *tensor.Var // [query rows, heads * head dim]
	Key           *tensor.Var // [key rows, kv heads * head dim]
	Value         *tensor.Var // [key rows, kv heads * value dim]
	// Bias is b [heads, 2L-1] for places up to L-1 apart: column r+L-1 holds b_r, r being the place of the key minus that
	// of the query. nil means no bias. Its range should stay within some ±10: a weight far below the largest one of its
	// head vanishes.
	Bias *tensor.Var
	// Index [query rows] is the place p of each token. nil means 0, 1, 2, ... within each sequence. Tokens of a grid with
	// a bias of both differences have their places from [GridIndex].
	Index []int32
}

// linearEps is the default of Linear.Eps.
const linearEps = 1e-12

// Apply computes the attention of in and records it on the tape: o [query rows, heads * value dim].
func (o Linear) Apply(tp *tensor.Tape, in LinearInput) *tensor.Var {
	return o.apply(tp, in, nil)
}

// apply is Apply after the tokens that state has seen.
func (o Linear) apply(tp *tensor.Tape, in LinearInput, state *RecurrentState) *tensor.Var {
	o, in = o.check(in)
	q, k := Mapped{Features: in.Query}, Mapped{Features: in.Key}
	if o.Map != nil {
		q, k = o.Map.Map(tp, in.Query, o.Heads), o.Map.Map(tp, in.Key, o.KVHeads)
	}
	if k.LogScale != nil && o.Unnormalized {
		panic(fmt.Sprintf("attention: Linear: the scale of the features of %T cancels only in the normalised form: leave Unnormalized out", o.Map))
	}
	m := q.Features.Cols() / o.Heads
	if k.Features.Cols() != m*o.KVHeads {
		panic(fmt.Sprintf("attention: Linear: query features %v and key features %v do not fit %d and %d heads",
			q.Features.Shape(), k.Features.Shape(), o.Heads, o.KVHeads))
	}
	if in.Bias != nil {
		return o.biased(tp, in, q, k)
	}
	return o.plain(tp, in, q, k, state)
}

// check fills in defaults and panics where something does not fit.
func (o Linear) check(in LinearInput) (Linear, LinearInput) {
	fail := func(format string, args ...any) { panic("attention: Linear: " + fmt.Sprintf(format, args...)) }
	if o.KVHeads == 0 {
		o.KVHeads = o.Heads
	}
	if o.Eps == 0 {
		o.Eps = linearEps
	}
	if in.Keys == nil {
		in.Keys = in.Queries
	}
	switch {
	case o.Heads < 1 || o.KVHeads < 1 || o.Heads%o.KVHeads != 0:
		fail("%d kv heads do not divide %d heads", o.KVHeads, o.Heads)
	case o.Eps < 0:
		fail("eps %v is negative", o.Eps)
	case in.Query == nil || in.Key == nil || in.Value == nil:
		fail("query, key or value is missing")
	case in.Query.Cols()%o.Heads != 0:
		fail("heads %d do not divide width %d of the queries", o.Heads, in.Query.Cols())
	case in.Key.Cols() != in.Query.Cols()/o.Heads*o.KVHeads:
		fail("keys have width %d, want %d: %d heads as wide as those of the queries", in.Key.Cols(), in.Query.Cols()/o.Heads*o.KVHeads, o.KVHeads)
	case in.Value.Cols()%o.KVHeads != 0:
		fail("kv heads %d do not divide width %d of the values", o.KVHeads, in.Value.Cols())
	case in.Value.Rows() != in.Key.Rows():
		fail("there are %d keys and %d values", in.Key.Rows(), in.Value.Rows())
	case len(in.Keys) != len(in.Queries):
		fail("queries come in %d sequences, keys in %d", len(in.Queries)-1, len(in.Keys)-1)
	}
	mustOffsets("Linear", "query", in.Queries, in.Query.Rows())
	mustOffsets("Linear", "key", in.Keys, in.Key.Rows())
	if !o.Causal && in.Bias == nil {
		return o, in
	}
	for b, at := range in.Keys {
		if at != in.Queries[b] {
			fail("causal and biased attention want queries and keys of the same tokens, offsets are %v and %v", in.Queries, in.Keys)
		}
	}
	return o, in
}
