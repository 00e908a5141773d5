package vision_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
)

// bars are images of 8 by 8 pixels with one bright line (class 0) or column (class 1), each at all places.
func bars() vision.Slice {
	var list vision.Slice
	for at := range 8 {
		for class := range 2 {
			m := vision.Image{Height: 8, Width: 8, Channels: 1, Pixels: make([]float32, 64), Label: class}
			for k := range 8 {
				m.Pixels[[]int{8*at + k, 8*k + at}[class]] = 1
			}
			list = append(list, m)
		}
	}
	return list
}

// A small transformer learns to tell lying bars from standing ones, and then what it looks at is drawn.
func Example() {
	model, err := vision.New(vision.Config{Classes: 2, Channels: 1, ImageHeight: 8, PatchHeight: 2, Layers: 2, Width: 16, Heads: 2,
		Encoding: encodings.AxialRoPE{}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := vision.NewData(model, bars())
	if err != nil {
		fmt.Println(err)
		return
	}
	task := train.Task{Model: model, Loss: nn.SoftCrossEntropy{}, Metric: train.Accuracy{}, Train: data, Test: data}
	result, err := train.Fit(context.Background(), task, train.Options{Epochs: 40, BatchSize: 8, LR: 5e-3, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d parameters, accuracy %.2f\n", nn.Collect(model).Count(), result.Test.Value("accuracy"))
	batch, err := data.Prepare([]int{4})
	if err != nil {
		fmt.Println(err)
		return
	}
	maps, err := model.Relevance(batch.(*vision.Batch))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("a map of", maps[0].Grid, "patches of", maps[0].Cell, "pixels")
	// Output:
	// 6722 parameters, accuracy 1.00
	// a map of 4x4 patches of 2x2 pixels
}

// Images of several sizes make one batch; what patches want is filled with zeros.
func ExampleNewBatch() {
	model, err := vision.New(vision.Config{Classes: 10, Channels: 1, ImageHeight: 28, PatchHeight: 7, Layers: 1, Width: 12}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := vision.NewBatch(model, []vision.Image{
		{Height: 28, Width: 28, Channels: 1, Pixels: make([]float32, 28*28), Label: 3},
		{Height: 15, Width: 40, Channels: 1, Pixels: make([]float32, 15*40), Label: vision.Unlabelled},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range batch.Items() {
		grid, err := model.Stem.Grid(batch.Grid.Size(i))
		fmt.Println(batch.Grid.Size(i), "pixels,", grid, "patches", err)
	}
	fmt.Println(model.Forward(tensor.NewTape(), batch).Value().Shape())
	_, err = vision.NewBatch(model, []vision.Image{{Height: 1, Width: 1, Channels: 3, Pixels: make([]float32, 3)}})
	fmt.Println(err)
	// Output:
	// 28x28 pixels, 4x4 patches <nil>
	// 15x40 pixels, 3x6 patches <nil>
	// [2 10]
	// vision: image 0: it has 3 channels, and the model reads 1: convert it, or make a model with channels 3
}
