package attention

import (
	"github.com/graft-ml/graft/tensor"
)

// Softmax is scaled dot-product attention (Vaswani and others, "Attention Is All You Need", 2017, section 3.2.1) with
// all that a structural encoding can say of positions inside the kernel. With query i, key j and head h,
//
//	s_ijh = decay( clamp( cap( scale (R_i q_ih) · (R_j k_jh) + scale q'_ih · r_(j-i)h ) ) ) + bias_ijh
//	a_ijh = softmax over the keys j that i may attend of s_ijh, then dropout
//	o_ih  = sum over j of a_ijh v_jh
//
// The kernel goes over tiles of queries and keys with a running maximum and sum (Milakov and Gimelshein 2018; Dao and
// others, "FlashAttention", 2022), so that it needs memory in proportion to the tokens and never holds a matrix of
// pairs, unless KeepWeights asks for it. A query that may attend nothing gets zeros and gives no gradient.
//
// The zero value of each field but Heads is what its comment says.
type Softmax struct {
	Heads   int // of the queries, at least 1
	KVHeads int // of keys and values; divides Heads, whose consecutive groups share one; 0 means Heads
	// Scale multiplies the product of query and key; 0 means one over the root of the head dim. The models that leave it
	// out (T5, GRIT) set 1.
	Scale   float64
	SoftCap float64 // cap tanh(s/cap), as in Gemma 2; 0 means none
	Clamp   float64 // scores are limited to ±Clamp, before biases; 0 means no limit
	Decay   Decay   // of scores far from the query; the zero value means none
	Dropout float64 // probability of dropping an attention weight in training
	// KeepWeights asks for the attention weights, at the price of memory for every pair and head.
	KeepWeights bool
}

// SoftmaxInput is what [Softmax] works on: sequences laid end to end, nothing padded.
type SoftmaxInput struct {
	// Queries has sequences+1 entries: sequence b owns the query rows Queries[b] to Queries[b+1]. Keys does the same for
	// the rows of keys and values; nil means Queries.
	Queries, Keys []int
	Query         *tensor.Var // [query rows, heads * head dim]
	Key           *tensor.Var // [key rows, kv heads * head dim]
	Value         *tensor.Var // [key rows, kv heads * value dim]
	// Cache, where it is not nil, takes the keys and values of this pass, and the queries attend to all that it then
	// holds. Keys, KeyIndex and RotateKey are of the new keys. Places that are not given go on where the cache ends. What
	// has a row for every pair, and KeySegments, is of all keys of the cache. The pass must not record gradients.
	Cache *Cache
	Structure
}

// SoftmaxOutput is what [Softmax] computes.
type SoftmaxOutput struct {
	Tokens *tensor.Var // o [query rows, heads * value dim]
	// Weights is a before dropout, where asked for: a row for every pair (query, key) of a sequence, query by query,
	// sequence by sequence, [pairs, heads].
	Weights *tensor.Tensor
}
