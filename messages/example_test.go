package messages_test

import (
	"fmt"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

// A path 0 - 1 - 2, whose edges go both ways: the middle node hears both ends.
func Example() {
	edges := messages.NewEdges(3, []int32{0, 1, 1, 2}, []int32{1, 0, 2, 1})
	nodes := tensor.FromSlice([]float32{1, 10, 2, 20, 3, 30}, 3, 2)

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	x := tp.Leaf(nodes)
	sum := messages.Sum(tp, edges, x, nil)
	largest := messages.Aggregate(tp, edges, messages.Sources(tp, edges, x), messages.AggregateMax)
	fmt.Println(sum.Data())
	fmt.Println(largest.Data())

	tp.Backward(tp.Sum(largest))
	fmt.Println(tp.Grad(nodes))
	// Output:
	// [2 20 4 40 2 20]
	// [2 20 3 30 2 20]
	// [0 0 2 2 1 1]
}

// The gates of GatedGCN let each channel of an edge pass as far as its features and those of its ends say.
func ExampleGated() {
	edges := messages.NewEdges(2, []int32{0, 1}, []int32{1, 1})
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	value := tp.Const(tensor.FromSlice([]float32{8, -4}, 2, 1))
	zero := tp.Const(tensor.New(2, 1))
	shut := tp.Const(tensor.FromSlice([]float32{0, -100}, 2, 1)) // the loop 1->1 is shut
	y, z := messages.Gated(tp, edges, messages.GatedInput{Target: zero, Source: zero, Value: value, Edge: shut})
	fmt.Printf("%.4f %.0f\n", y.Data(), z.Data())
	// Output:
	// [0.0000 8.0000] [0 -100]
}
