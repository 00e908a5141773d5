package twins_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
	"github.com/graft-ml/graft/vision/twins"
)

// An anchored model and the plain one of the same numbers, before training: how far logits move when an image is shifted.
func Example() {
	image := vision.Image{Height: 28, Width: 28, Channels: 1, Pixels: make([]float32, 28*28), Label: vision.Unlabelled}
	for i := range image.Pixels {
		image.Pixels[i] = float32(i*i%787) / 787
	}
	for _, anchor := range []polyphase.To{polyphase.ToPhase, polyphase.Nowhere} {
		config := twins.Small28()
		config.Anchor = anchor
		model, err := twins.New(config, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		found, err := polyphase.Study{Shifts: 20}.Measure(context.Background(), model, vision.Slice{image})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(nn.Collect(model).Count(), "parameters, anchored to", anchor)
		fmt.Println("logits keep five digits:", found.Change < 1e-5)
	}
	// Output:
	// 534922 parameters, anchored to phase
	// logits keep five digits: true
	// 534922 parameters, anchored to none
	// logits keep five digits: false
}
