package cswin_test

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/cswin"
)

func Example() {
	model, err := cswin.New(cswin.Small28(), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(nn.Collect(model).Count(), "parameters")

	// Two images of different sizes, all black.
	batch, err := vision.NewBatch(model, []vision.Image{
		{Height: 28, Width: 28, Channels: 1, Pixels: make([]float32, 28*28)},
		{Height: 40, Width: 36, Channels: 1, Pixels: make([]float32, 40*36)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	logits := model.Forward(tensor.NewTape(), batch)
	fmt.Println(logits.Shape())

	maps, err := model.Relevance(batch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("what the answers come from is told for", maps[0].Grid, "and", maps[1].Grid, "tokens")

	// Output:
	// 978442 parameters
	// [2 10]
	// what the answers come from is told for 7x7 and 10x9 tokens
}
