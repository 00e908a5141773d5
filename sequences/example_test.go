package sequences_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/train"
)

// A tiny model learns to say three symbols backwards: 7 asks for the answer, 8 ends it.
func Example() {
	const ask, end = 7, 8
	var examples []sequences.Example
	for n := range 7 * 7 * 7 {
		a, b, c := int32(n/49), int32(n/7%7), int32(n%7)
		if n%5 != 0 { // every fifth is held back
			examples = append(examples, sequences.Example{Prompt: []int32{a, b, c, ask}, Target: []int32{c, b, a, end}})
		}
	}
	model, err := sequences.New(sequences.Config{Vocabulary: 9, Layers: 2, Width: 32, Heads: 2, InitStd: 0.1, Encoding: encodings.RoPE{}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := sequences.NewData(model, examples, sequences.BatchOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data}
	if _, err := train.Fit(context.Background(), task, train.Options{Epochs: 12, BatchSize: 32, LR: 1e-2, Seed: 1}); err != nil {
		fmt.Println(err)
		return
	}
	prompts := [][]int32{{0, 1, 3, ask}, {6, 2, 4, ask}} // held back, the first
	answers, err := model.Generate(context.Background(), prompts, sequences.Options{Stop: []int32{end}, MaxTokens: 6})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, a := range answers {
		fmt.Println(prompts[i][:3], "backwards is", a.Tokens, a.Reason)
	}
	// Output:
	// [0 1 3] backwards is [3 1 0] stopped
	// [6 2 4] backwards is [4 2 6] stopped
}

// The form of a published family at a size of one's own.
func ExampleT5Decoder() {
	c := sequences.T5Decoder(sequences.Config{Vocabulary: 120, Layers: 4, Width: 64, Heads: 4, Encoding: encodings.T5Bias{Causal: true}})
	c.Dropout = 0
	m, err := sequences.New(c, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Config.Norm, m.Config.FeedForward, m.Config.FeedForwardWidth, m.Config.LogitScale, nn.Collect(m).Count())
	// Output:
	// rms relu 256 0.125 204992
}
