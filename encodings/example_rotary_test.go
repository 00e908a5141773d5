package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
)

// Frequencies of a head of eight channels, and what position interpolation and the power basis make of them.
func ExampleFrequencies() {
	for _, s := range []encodings.Scaling{{}, {Linear: 4}, {Power: 0.5}} {
		fmt.Printf("%.4f\n", encodings.Frequencies(8, 0, s))
	}
	// Output:
	// [1.0000 0.1000 0.0100 0.0010]
	// [0.2500 0.0250 0.0025 0.0003]
	// [1.0000 0.0866 0.0071 0.0005]
}

// Coordinates of two words, an image of 1x2 patches and another word, for [encodings.AtPoints].
func ExampleMRoPEPoints() {
	coords, next, err := encodings.MRoPEPoints(
		encodings.MRoPEPart{Text: 2}, encodings.MRoPEPart{Frames: 1, Rows: 1, Columns: 2}, encodings.MRoPEPart{Text: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for t := 0; t < len(coords); t += 3 {
		fmt.Println(coords[t : t+3])
	}
	fmt.Println("next", next)
	// Output:
	// [0 0 0]
	// [1 1 1]
	// [2 2 2]
	// [2 2 3]
	// [4 4 4]
	// next 5
}

// An encoding of one axis refuses an image, and says what would do.
func ExampleRoPE() {
	image, err := encodings.OnGrid(1, 0, 14, 14)
	if err != nil {
		fmt.Println(err)
		return
	}
	rope, err := encodings.RoPE{}.New(encodings.Dims{Width: 64, Heads: 4}, nn.NewInit(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = rope.Begin(nil, image)
	fmt.Println(err)
	// Output:
	// encodings: rope cannot serve a 2-D grid [14 14]: it knows one axis and tokens have 2 coordinates: use axial-rope, mixed-rope or comrope-ld, or the layout's Flat for the order in which they lie
}
