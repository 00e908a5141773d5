package attention_test

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Two items, of three and of one token, attend each within itself. The pair features decide: those of pair (0, 2) alone
// are large, so token 0 listens to token 2.
func ExamplePairwise() {
	pairs := attention.FullPairs([]int{0, 3, 4}) // 3*3 + 1*1 pairs

	tokens := func(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v), 1) }
	features := tensor.New(pairs.Rows(), 1)
	features.Set(9, 0*3+2, 0) // query 0, key 2

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	out := attention.Pairwise{Heads: 1, KeepWeights: true}.Apply(tp, pairs, attention.PairwiseInput{
		Query:      tp.Leaf(tokens(1, 1, 1, 1)),
		Key:        tp.Leaf(tokens(0, 0, 0, 0)),
		Value:      tp.Leaf(tokens(10, 20, 30, 40)),
		Pair:       attention.Features(tp.Leaf(features)),
		PairWeight: tp.Leaf(tensor.FromSlice([]float32{1, 0}, 2, 1)), // the factor is the feature, the term is
		PairBias:   tp.Leaf(tensor.New(2)),                           // nothing: ê = ReLU(sqrt(feature))
		Score:      tp.Leaf(tensor.FromSlice([]float32{2}, 1, 1)),
	})
	for i := range pairs.Tokens() {
		fmt.Printf("token %d: %.2f, weights of its keys %.3f\n", i, out.Tokens.Value().Row(i),
			out.Weights.Data()[pairs.RowStart[i]:pairs.RowStart[i+1]])
	}
	fmt.Printf("new features of pair (0, 2): %.1f\n", out.Pair.Var(tp).Value().Row(2))
	// Output:
	// token 0: [29.93], weights of its keys [0.002 0.002 0.995]
	// token 1: [20.00], weights of its keys [0.333 0.333 0.333]
	// token 2: [20.00], weights of its keys [0.333 0.333 0.333]
	// token 3: [40.00], weights of its keys [1.000]
	// new features of pair (0, 2): [3.0]
}

// In a sparse pattern each query has the keys that it is given.
func ExampleSparsePairs() {
	// Tokens 0 -> 1 -> 2 in a chain: each hears itself and the one before. Token 3, an item of its own, has no keys.
	keys := []int32{0, 0, 1, 1, 2}
	pairs, err := attention.SparsePairs([]int{0, 3, 4}, []int{0, 1, 3, 5, 5}, keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	zeros := tp.Const(tensor.New(4, 1))
	out := attention.Pairwise{Heads: 1}.Apply(tp, pairs, attention.PairwiseInput{
		Query: zeros, Key: zeros, Score: tp.Const(tensor.New(1, 1)),
		Value: tp.Const(tensor.FromSlice([]float32{10, 20, 30, 40}, 4, 1)),
	})
	fmt.Printf("%.1f\n", out.Tokens.Data())

	_, err = attention.SparsePairs([]int{0, 3, 4}, []int{0, 1, 3, 5, 6}, append(keys, 0))
	fmt.Println(err)
	// Output:
	// [10.0 15.0 25.0 0.0]
	// attention: key 0 of query 3 is not a token of item 1
}
