package studies_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/studies"
)

// Two encodings learn to write sequences of two or three symbols again, and are asked for sequences of four to six.
func ExampleLengths() {
	study := studies.Lengths{
		Task:    "copy",
		Options: lengths.Options{Train: lengths.Range{Min: 2, Max: 3}, Symbols: 3},
		Subjects: []studies.Subject{
			{Name: "rope", Encoding: encodings.RoPE{}},
			{Name: "sinusoidal", Encoding: encodings.Sinusoidal{}},
		},
		Model: studies.Decoder(sequences.Config{Layers: 2, Width: 32, Heads: 2}),
		Steps: 300, BatchSize: 16, LR: 3e-3, Tests: 20,
	}
	cells, err := study.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cells {
		trained := c.Scores.Mean(lengths.Range{Min: 2, Max: 3})
		longer := c.Scores.Mean(lengths.Range{Min: 4, Max: 6})
		fmt.Printf("%s: learned %v, goes on to longer ones %v\n", c.Encoding, trained > 0.9, longer > 0.9)
	}
	// Output:
	// rope: learned true, goes on to longer ones false
	// sinusoidal: learned true, goes on to longer ones false
}
