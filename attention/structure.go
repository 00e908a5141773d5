package attention

import (
	"github.com/graft-ml/graft/tensor"
)

// Structure is what attention knows of positions: all that a structural encoding can tell the softmax kernel. The zero
// value knows nothing: every query attends to every key of its sequence.
type Structure struct {
	// QueryIndex [query rows] and KeyIndex [key rows] are the places of the tokens in their sequence: what causality,
	// windows, decay and relative terms go by. They may be in any order and need not be dense. nil means 0, 1, 2, ... for
	// keys; and for queries too, but so that the last query of a sequence has the place of its last key, as a decoder
	// wants it that has some of its keys in a cache. Where only one is given and queries and keys are the same tokens
	// (SoftmaxInput.Keys is nil), it holds for both.
	QueryIndex, KeyIndex []int32

	// RotateQuery and RotateKey turn pairs of channels of queries and keys; nil leaves them as they are. In
	// self-attention both are usually the same.
	RotateQuery, RotateKey *Rotation

	// Relative adds the product of the query with a vector of the relative place; nil adds nothing.
	Relative *RelativeKeys

	// Biases are added to the scores.
	Biases []Bias

	Mask Mask
}

// Rotation turns pairs of channels (u, v) of a token by an angle a:
//
//	u' = u cos a - v sin a,  v' = v cos a + u sin a
//
// (Su and others, "RoFormer", arXiv 2104.09864). A token's angles are rows of numbers, one a pair; they hold for all
// heads, or every head has its own, head after head in the row. Give fixed angles as Cos and Sin, made in float64, and
// learned ones as Angles.
type Rotation struct {
	Cos, Sin *tensor.Tensor // [tokens, pairs] or [tokens, heads * pairs]
	Angles   *tensor.Var    // radians, of the same shapes; not both
	Pairs    int            // of channels, in every head; the channels after the first 2 Pairs of a head stay as they are
	// Interleaved says that pair i is the channels (2i, 2i+1), as in RoFormer and GPT-J; otherwise it is (i, i+Pairs), as
	// in GPT-NeoX and LLaMA.
	Interleaved bool
}

// RelativeKeys adds scale q'_ih · r_(j-i)h to the score of query i and key j, r being a learned vector of the
// difference of their places (Shaw and others 2018; Dai and others, "Transformer-XL", 2019).
type RelativeKeys struct {
	Keys  *tensor.Var // r [places, heads * head dim]: row t is the difference Min + t; those beyond take the last row on their side
	Min   int
	Query *tensor.Var // q' [query rows, heads * head dim]; nil means the queries before their rotation
}

// Bias is a number added to the score of every query, key and head: a [DenseBias], [TableBias], [RelativeBias] or
// [DistanceBias]. It is not scaled.
type Bias interface {
	learned() *tensor.Var // what has a gradient
}

// DenseBias gives every pair its own numbers.
type DenseBias struct {
	Values *tensor.Var // [pairs, heads], or [pairs, 1] for all heads: rows as in [SoftmaxOutput]
}

// TableBias reads the bias of a pair from a table: distances in a graph, types of an edge.
type TableBias struct {
	Table *tensor.Var // [rows, heads], or [rows, 1] for all heads
	Index []int32     // [pairs] rows of the table; below 0 means no bias
}

// RelativeBias reads the bias from a table by the difference of places, key minus query: T5's buckets.
type RelativeBias struct {
	Table *tensor.Var // [rows, heads], or [rows, 1] for all heads
	// Rows[t] is the row of the table for the difference Min + t; differences beyond take the last entry on their side.
	Rows []int32
	Min  int
}

// DistanceBias is -slope_h times the distance of the places: ALiBi (Press and others 2022) and its kin.
type DistanceBias struct {
	Slopes *tensor.Var // [heads]
	// Distance[n] is what a difference of n places, to either side, counts as; beyond its end the last entry holds. nil
	// means n.
	Distance []float32
}

func (b DenseBias) learned() *tensor.Var    { return b.Values }
func (b TableBias) learned() *tensor.Var    { return b.Table }
func (b RelativeBias) learned() *tensor.Var { return b.Table }
func (b DistanceBias) learned() *tensor.Var { return b.Slopes }

// Mask says which keys a query may attend: those that every part allows. The zero value allows all.
type Mask struct {
	// Causal allows keys whose place is not after the query's.
	Causal bool
	// Window allows keys whose place is at most Back before and at most Ahead after the query's; nil allows all.
	Window *Window
	// QuerySegments [query rows] and KeySegments [key rows] allow keys of the query's own segment; nil allows all. Where
	// KeySegments is nil it is QuerySegments.
	QuerySegments, KeySegments []int32
	// Trunk, with QuerySegments, allows the keys of segment 0 to the queries of every segment too: the other segments are
	// branches that go on from one trunk, and see it and themselves, but not one another. Branches may have places in
	// common, as each may begin anew behind the trunk.
	Trunk bool
	// Neighbours are the keys of each query, for self-attention (see [SparsePairs]); nil allows all.
	Neighbours *Pairs
	// Allow [pairs] has true for every pair that may attend, rows as in [SoftmaxOutput]; nil allows all.
	Allow []bool
}

// Window is a range of places around a query, both ends included.
type Window struct {
	Back, Ahead int // at least 0
}

// Decay multiplies the positive scores of keys outside a window around the query by factors below one, so that a model
// may run on more tokens than it was trained on ("UltraViCo", arXiv 2511.20123). Scores that are not positive stay.
type Decay struct {
	Window int     // keys at most this many places away are not touched
	Factor float64 // alpha, for the keys beyond; 0 means that there is no decay at all
	// Keys whose distance is within Radius of a multiple, 1 or more, of Period take RiskFactor, beta, in place of Factor;
	// a Period of 0 means that there are none. Inside the window nothing is touched.
	Period, Radius int
	RiskFactor     float64
	// Exempt are numbers of keys at the end of every sequence that are never touched, such as text after a video.
	Exempt int
}
