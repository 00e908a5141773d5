package graft_test

import (
	"context"
	"fmt"
	"log"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// A ring of six and two rings of three look the same to message passing: every
// node has two neighbours. A graph transformer tells them apart.
func Example() {
	ring := graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}})
	pair := graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}})
	ring.Target, pair.Target = []float32{0}, []float32{1}

	config := grit.Config{Layers: 1, Width: 16, Heads: 2, Steps: 6, Head: grit.GraphHead, Outputs: 2}
	model, err := grit.New(config, 1)
	if err != nil {
		log.Fatal(err)
	}
	data, err := grit.NewData(config, grit.Graphs{ring, pair})
	if err != nil {
		log.Fatal(err)
	}
	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data, Test: data}
	result, err := train.Fit(context.Background(), task, train.Options{Epochs: 40, BatchSize: 2, LR: 1e-2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("accuracy", result.Test.Value("accuracy"))
	// Output: accuracy 1
}
