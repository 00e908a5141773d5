package attention_test

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// A causal linear attention over two sequences, of three tokens and of one. The features of a query weigh the values
// that its sequence has had so far.
func ExampleLinear() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	x := tp.Const(tensor.FromSlice([]float32{0, 0, 0, 0}, 4, 1)) // all keys and queries alike: means of the values
	v := tp.Const(tensor.FromSlice([]float32{1, 3, 8, 5}, 4, 1))
	op := attention.Linear{Heads: 1, Causal: true, Map: attention.ELUFeatures{}}
	out := op.Apply(tp, attention.LinearInput{Queries: []int{0, 3, 4}, Query: x, Key: x, Value: v})
	fmt.Println(out.Data())
	// Output: [1 2 4 5]
}

// A state remembers the tokens so far in memory of a fixed size.
func ExampleLinear_Decode() {
	tp, state := tensor.NewTape(), attention.NewRecurrentState(1)
	op := attention.Linear{Heads: 1, Causal: true, Map: attention.ELUFeatures{}}
	for _, value := range []float32{1, 3, 8} {
		tp.Begin(tensor.Pass{})
		x := tp.Const(tensor.New(1, 1))
		v := tp.Const(tensor.FromSlice([]float32{value}, 1, 1))
		out := op.Decode(tp, state, attention.LinearInput{Queries: []int{0, 1}, Query: x, Key: x, Value: v})
		fmt.Println(state.Seen(0), out.Data())
	}
	// Output:
	// 1 [1]
	// 2 [2]
	// 3 [4]
}

// LightNet's recurrence is a soft-max over the past of every channel: keys of ln 1, ln 1 and ln 2.
func ExampleAdditive() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	q := tp.Const(tensor.FromSlice([]float32{1, 1, 1}, 3, 1))
	k := tp.Const(tensor.FromSlice([]float32{0, 0, math.Ln2}, 3, 1))
	v := tp.Const(tensor.FromSlice([]float32{1, 3, 8}, 3, 1))
	out := attention.Additive{Heads: 1}.Apply(tp, attention.AdditiveInput{Offsets: []int{0, 3}, Query: q, Key: k, Value: v})
	fmt.Printf("%.3f\n", out.Data())
	// Output: [1.000 2.000 5.000]
}

// A decayed sum along the columns of a grid of two rows and three columns.
func ExampleDecayScan() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	x := tp.Const(tensor.FromSlice([]float32{
		1, 2, 3,
		10, 20, 30,
	}, 6, 1))
	var columns attention.Runs
	columns.AddGrid(0, []int{2, 3}, 0)
	fmt.Println(attention.DecayScan(tp, x, tp.Const(tensor.FromSlice([]float32{0.5}, 1)), columns).Data())
	// Output: [1 2 3 10.5 21 31.5]
}

// A bias by both differences of a grid's rows and columns, here of a grid of 2 x 2 tokens: exp(b) is 1 for keys of the
// same row and 0 for others.
func ExampleGridIndex() {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	const other = -100
	bias := tp.Const(tensor.FromSlice([]float32{
		other, other, other, // the key is a row before
		0, 0, 0,
		other, other, other,
	}, 1, 9))
	x := tp.Const(tensor.New(4, 1))
	v := tp.Const(tensor.FromSlice([]float32{1, 3, 10, 20}, 4, 1))
	index := attention.GridIndex(nil, []int{2, 2}, []int{2, 2})
	op := attention.Linear{Heads: 1, Map: attention.ELUFeatures{}}
	fmt.Println(index, op.Apply(tp, attention.LinearInput{Queries: []int{0, 4}, Query: x, Key: x, Value: v, Bias: bias, Index: index}).Data())
	// Output: [0 1 3 4] [2 2 15 15]
}
