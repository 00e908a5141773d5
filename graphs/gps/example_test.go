package gps_test

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// A model learns to tell two triangles from a ring of six nodes, which message passing alone cannot: to it all nodes of
// both look the same. Return probabilities of walks, joined to the nodes, tell them apart.
func Example() {
	triangles := graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}})
	ring := graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}})
	for k, g := range []*graphs.Graph{triangles, ring} {
		g.NodeTypes, g.EdgeTypes, g.Target = make([]int32, 6), make([]int32, 12), []float32{float32(k)}
	}
	config := gps.Config{Layers: 1, Width: 8, Heads: 2, Norm: gps.NoNorm, Positions: "rwse:steps=4:width=4:no-norm",
		Head: features.GraphHead, Pooling: tensor.PoolMean}
	model, err := gps.New(config, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := gps.NewBatch(config, []*graphs.Graph{triangles, ring})
	if err != nil {
		fmt.Println(err)
		return
	}
	params := nn.Collect(model)
	opt := optim.NewAdamW(params.Trainable(), optim.AdamWOptions{})
	tp := tensor.NewTape()
	for step := range 150 {
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(step)})
		tp.Backward(nn.MSE{}.Loss(tp, model.Forward(tp, batch), batch.Targets()))
		opt.Step(tp.Grad, 1e-2, 1)
	}
	tp.Begin(tensor.Pass{})
	pred := model.Forward(tp, batch)
	fmt.Println(params.Count(), "parameters")
	fmt.Println("two triangles are a ring:", pred.Data()[0] > 0.5)
	fmt.Println("the ring is one:", pred.Data()[1] > 0.5)
	// Output:
	// 753 parameters
	// two triangles are a ring: false
	// the ring is one: true
}

// Other models of a configuration read and predict the same.
func ExampleBaselines() {
	for _, b := range gps.Baselines() {
		model, err := gps.New(b.Of(gps.ZINC()), 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-12s%7d parameters: %s\n", b.Name, nn.Collect(model).Count(), b.About)
	}
	// Output:
	// gin           88897 parameters: message passing of GIN alone
	// gine          89153 parameters: message passing of GIN with features of edges alone
	// gcn           47297 parameters: graph convolutions alone
	// gatedgcn     215105 parameters: gated graph convolutions alone
	// pna          662593 parameters: principal neighbourhood aggregation alone
	// gat           48577 parameters: graph attention along edges alone
	// graphormer   406589 parameters: attention among all nodes, driven by shortest paths and degrees
	// transformer  338981 parameters: attention among all nodes, with the positions that there are
}
