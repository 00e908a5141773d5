package attention_test

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Two sequences, of three tokens and of one, attend to what came before. Keys are all alike, so each token takes the mean
// of its own value and of those before it.
func ExampleSoftmax() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	x := tensor.New(4, 2)                              // [tokens, heads * head dim]
	v := tensor.FromSlice([]float32{1, 3, 8, 5}, 4, 1) // [tokens, value dim]
	slopes := tensor.FromSlice([]float32{0}, 1)        // of ALiBi; learned here
	op, value := attention.Softmax{Heads: 1}, tp.Leaf(v)
	in := attention.SoftmaxInput{Queries: []int{0, 3, 4}, Query: tp.Leaf(x), Key: tp.Leaf(x), Value: value}
	in.Mask.Causal = true
	in.Biases = []attention.Bias{attention.DistanceBias{Slopes: tp.Leaf(slopes)}}
	out := op.Apply(tp, in).Tokens.Keep()
	tp.Backward(tp.Sum(out))
	fmt.Println(out.Data())
	fmt.Printf("gradient of values %.3v, of the slope %.3v\n", tp.Grad(v), tp.Grad(slopes))
	// Output:
	// [1 2 4 5]
	// gradient of values [1.83 0.833 0.333 1], of the slope [2.83]
}

// A decoder adds one token a step; a draft of two more is taken back.
func ExampleCache() {
	tp, cache := tensor.NewTape(), &attention.Cache{}
	step := func(values ...float32) []float32 {
		n := len(values)
		tp.Begin(tensor.Pass{})
		zero, v := tp.Const(tensor.New(n, 2)), tp.Const(tensor.FromSlice(values, n, 1))
		in := attention.SoftmaxInput{Queries: []int{0, n}, Query: zero, Key: zero, Value: v, Cache: cache}
		in.Mask.Causal = true
		return attention.Softmax{Heads: 1}.Apply(tp, in).Tokens.Data()
	}
	fmt.Println(step(1))
	fmt.Println(step(3))
	fmt.Println(step(8, 4), cache.Len(0))
	cache.Truncate(0, 2)
	fmt.Println(step(5))
	// Output:
	// [1]
	// [2]
	// [4 4] 4
	// [3]
}

// Queries turned by a rotation of their places see keys by the difference of places alone.
func ExampleRotation() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	quarter := &attention.Rotation{Pairs: 1, // a quarter of a turn a place
		Cos: tensor.FromSlice([]float32{1, 0, -1}, 3, 1), Sin: tensor.FromSlice([]float32{0, 1, 0}, 3, 1)}
	x := tp.Const(tensor.FromSlice([]float32{2, 1, 2, 1, 2, 1}, 3, 2)) // [tokens, head dim]
	fmt.Println(quarter.Apply(tp, x, 1).Data())
	// Output:
	// [2 1 -1 2 -2 -1]
}
