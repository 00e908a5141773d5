package joined_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// A node encoder of 6 channels and two encodings make rows of 12.
func Example() {
	triangle := graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 3}})
	triangle.NodeTypes = []int32{0, 0, 1, 0}
	batch, err := graphs.NewBatch([]*graphs.Graph{triangle})
	if err != nil {
		fmt.Println(err)
		return
	}
	encoding, err := joined.ByName("lappe:width=2:frequencies=3+rwse:width=4:steps=8")
	if err != nil {
		fmt.Println(err)
		return
	}
	init := nn.NewInit(1)
	types := nn.NewEmbedding(2, 12-encoding.Channels(), init)
	encoder, err := encoding.New(init)
	if err != nil {
		fmt.Println(err)
		return
	}
	var features joined.Features
	if err := encoding.Prepare(batch, nil, nil, &features); err != nil {
		fmt.Println(err) // a graph is too large
		return
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	x := tp.Concat(types.Apply(tp, batch.NodeTypes), encoder.Apply(tp, &features))
	fmt.Println(x.Shape())
	// Output:
	// [4 12]
}

// From an end of a path of three a walk is back after two steps half the time, from its middle always.
func ExampleRWSE() {
	batch, err := graphs.NewBatch([]*graphs.Graph{graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})})
	if err != nil {
		fmt.Println(err)
		return
	}
	var f joined.Features
	if err := (joined.RWSE{Steps: 4}).Prepare(batch, nil, nil, &f); err != nil {
		fmt.Println(err)
		return
	}
	for i := range batch.Nodes() {
		fmt.Printf("%.1f\n", f.Statistics.Row(i))
	}
	// Output:
	// [0.0 0.5 0.0 0.5]
	// [0.0 1.0 0.0 1.0]
	// [0.0 0.5 0.0 0.5]
}

// The waves of a path of four nodes, the constant one among them; a graph of two has no third.
func ExampleWaves_Features() {
	batch, err := graphs.NewBatch([]*graphs.Graph{
		graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 3}}),
		graphs.Undirected(2, [][2]int{{0, 1}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, vectors, err := joined.Waves{Frequencies: 3, Norm: joined.AbsMax}.Features(batch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f %.2f\n", values.Row(0), values.Row(1))
	fmt.Printf("%.2f %.2f\n", vectors.Row(0), vectors.Row(4))
	// Output:
	// [0.00 0.59 2.00] [0.00 2.00 NaN]
	// [1.00 1.00 1.00] [1.00 1.00 NaN]
}
