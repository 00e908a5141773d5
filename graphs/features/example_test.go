package features_test

import (
	"context"
	"fmt"
	"log"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// bag is the smallest model of a graph: what its nodes are, whatever joins them.
type bag struct {
	node *features.Encoder
	head features.Predictor
}

func (m *bag) Params(c *nn.Params) {
	c.Sub("node", m.node)
	c.Sub("head", m.head)
}

func (m *bag) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	batch := b.(*batch)
	return m.head.Predict(tp, batch.EncodeNodes(tp, m.node), nil, &batch.Batch)
}

// A model of one's own has encoders and a head of this package, and a batch that embeds its Batch (batch of this example
// adds nothing to it). This one learns what atoms weigh from the weights of molecules.
func Example() {
	weights := []float32{12, 1, 16} // carbon, hydrogen, oxygen
	var molecules graphs.Slice
	for _, types := range [][]int32{{0, 1, 1, 1, 1}, {2, 1, 1}, {0, 2, 2}, {0, 0, 1, 1, 1, 1}, {2, 2}, {1, 1}} {
		g := &graphs.Graph{Nodes: len(types), NodeTypes: types, Target: []float32{0}}
		for _, id := range types {
			g.Target[0] += weights[id]
		}
		molecules = append(molecules, g)
	}
	config := features.Config{
		Nodes:      features.Nodes{Types: 3},
		Edges:      features.Edges{Encoder: features.DummyEdges},
		Prediction: features.Prediction{Head: features.GraphHead},
	}
	if err := config.Validate(8); err != nil {
		log.Fatal(err)
	}
	init := nn.NewInit(1)
	model := &bag{config.Nodes.NewEncoder(8, init), config.Prediction.NewPredictor(8, 0, nn.ReLU, init)}
	data := features.NewData("bag", molecules, func() features.Filler { return &batch{config: config} })
	task := train.Task{Model: model, Loss: nn.MSE{}, Train: data}
	if _, err := train.Fit(context.Background(), task, train.Options{Epochs: 2000, BatchSize: 6, LR: 0.05, Seed: 1}); err != nil {
		log.Fatal(err)
	}

	ethanol := &graphs.Graph{Nodes: 9, NodeTypes: []int32{0, 0, 2, 1, 1, 1, 1, 1, 1}}
	unknown := &graphs.Graph{Nodes: 1, NodeTypes: []int32{3}, ID: "salt"}
	more := features.NewData("bag", graphs.Slice{ethanol, unknown}, func() features.Filler { return &batch{config: config} })
	b, err := more.Prepare([]int{0})
	if err != nil {
		log.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	fmt.Printf("ethanol weighs %.0f\n", model.Forward(tp, b).Data()[0])

	_, err = more.Prepare([]int{1})
	fmt.Println(err)
	// Output:
	// ethanol weighs 46
	// bag: graph 1: graphs: batch item 0 (salt): node type 0: 3 (node 0, column 0) is beyond the vocabulary of 3 (ids 0..2); number types as the training data does
}
