// Package attention holds the attention kernels of Graft: fused forward and backward passes over ragged batches, on the
// tape of package tensor. What a layer does with an attention, its parameters, residuals and norms, is for the models
// to say (see package grit).
//
// # Main types
//
//   - [Softmax] is scaled dot-product attention over sequences, with the rotations, biases, masks and decays of a
//     [Structure] inside its tiles, so that its memory grows with the tokens and not with their pairs. A [Cache] holds the
//     keys and values of a decoder.
//   - [Windows] is the same among the pixels of windows of images, of different forms for different heads: the stripes of
//     CSWin, with its local term on values.
//   - [Linear] is kernelised attention at a cost in proportion to the tokens: features of queries and keys from a
//     [FeatureMap] ([ELUFeatures], [ReLUFeatures], [RandomFeatures]), with or without causality, and with a relative bias
//     directly or by FFT (NPRF). [Additive] is LightNet's recurrence, [TokenSoftmax] its keys without causality,
//     [DecayScan] a decayed sum along any axis of a grid. A [RecurrentState] lets the causal ones decode in memory of a
//     fixed size.
//   - [Pairwise] is GRIT's attention over all ordered pairs of tokens. It reads a vector of features of every pair, lets
//     them decide who attends to whom, and hands an updated vector of every pair on.
//   - [Pairs] says which pairs of a batch there are: all pairs of each item's tokens ([FullPairs]), or a pattern
//     ([SparsePairs]). It fixes the order of the rows of pair features, and how the work is cut up.
//   - [PairFeatures] are features of pairs on their way from layer to layer. [Features] makes them of a tensor's rows;
//     those that come out of an attention may carry a batch normalisation ([PairNorm]) that the next attention applies
//     on the way, so that it costs no pass over memory.
//
// # How they meet
//
// A batch is items laid end to end, nothing padded: offsets[b] to offsets[b+1] are the tokens of item b. Full pairs of an
// item of n tokens are n*n rows, query by query. Queries, keys and values are [tokens, d], d being heads times head
// width, with head after head in a row; projecting tokens to them is the caller's affair, projecting pair features is
// done inside, tile by tile.
//
//	pairs := attention.FullPairs(batch.Offsets)
//	op := attention.Pairwise{Heads: 8, Clamp: 5, Dropout: 0.2}
//	out := op.Apply(tp, pairs, attention.PairwiseInput{
//		Query: query.Apply(tp, x), Key: key.Apply(tp, x), Value: value.Apply(tp, x), // [tokens, d]
//		Pair:       attention.Features(e), // [pairs, in]
//		PairWeight: tp.Leaf(w), PairBias: tp.Leaf(b), // [2d, in], [2d]
//		Score:   tp.Leaf(score),   // [heads, head dim]
//		Enhance: tp.Leaf(enhance), // [heads, head dim, head dim]
//	})
//	x, e = out.Tokens, out.Pair.Var(tp) // [tokens, d], [pairs, d]
//
// # Words of the paper
//
// Ma and others, "Graph Inductive Biases in Transformers without Message Passing" (ICML 2023), equations 2 to 4, and
// their code (LiamMa/GRIT, commit 6c988ea), where the two differ the code:
//
//	paper                official code        here
//	x_i                  batch.x              tokens
//	e_ij                 edge_attr            Pair, the row of query i and key j
//	W_Q x, W_K x, W_V x  Q_h, K_h, V_h        Query, Key, Value
//	W_Ew, W_Eb           E, head by head      PairWeight, PairBias: all factors, then all terms
//	ρ(t)                 signed_sqrt          sign(t) sqrt|t|; its derivative at 0 is taken as 0
//	σ                    act                  Activation
//	ê_ij                 wE                   the new pair features
//	W_A                  Aw                   Score
//	W_Ev                 VeRow                Enhance
//	α_ij                 attn                 weights
//	W_Eo                 O_e                  PairOutput
//
// In a pair (i, j), i is the query, which receives, and j the key: the edge j -> i belongs to it.
//
// # Promises
//
// Results and gradients have the same bits at any number of processors. An item's results have the same bits alone and
// in any batch, but for a normalisation by the batch's statistics. Dropout draws its mask from the random stream of the
// pass, so that a step can be done again. A query without keys gets zeros and gives no gradient; scores may be as large
// as float32 holds; a NaN that comes in comes out.
//
// # Errors
//
// Shapes that do not fit are programming errors and panic, with the name of the input, its shape and the one wanted.
// [SparsePairs], whose pattern may come from outside, returns an error that names the query.
//
// # Imports
//
// nn (for its activations), tensor, internal/parallel, internal/simd, and gonum's dsp/fourier.
package attention
