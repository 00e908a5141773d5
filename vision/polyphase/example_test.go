package polyphase_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// spiral is an image whose pixels are all different.
func spiral() vision.Image {
	m := vision.Image{Height: 16, Width: 16, Channels: 1, Pixels: make([]float32, 256), Label: 3}
	for i := range m.Pixels {
		m.Pixels[i] = float32(i*i%257) / 257
	}
	return m
}

// The same transformer with and without anchoring, under all 256 shifts of an image.
func Example() {
	config := vision.Config{Classes: 10, Channels: 1, ImageHeight: 16, PatchHeight: 4, Layers: 2, Width: 16, Heads: 2, InitStd: 1}
	for _, anchor := range []polyphase.To{polyphase.ToPhase, polyphase.ToPixel, polyphase.Nowhere} {
		model, err := vision.New(polyphase.ViT(config, anchor), 2)
		if err != nil {
			fmt.Println(err)
			return
		}
		found, err := polyphase.Study{Every: true}.Measure(context.Background(), model, vision.Slice{spiral()})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("anchored to %v: %.0f %% of shifts keep the class, same bits: %v\n", anchor, 100*found.Kept, found.Change == 0)
	}
	// Output:
	// anchored to phase: 100 % of shifts keep the class, same bits: false
	// anchored to pixel: 100 % of shifts keep the class, same bits: true
	// anchored to none: 45 % of shifts keep the class, same bits: false
}

// Before windows of two by two, a map of one strong number is rolled so that this is in the corner of one.
func ExampleAnchoring() {
	grid := tensor.NewGrid(1, tensor.Size{Height: 4, Width: 4})
	x := tensor.New(16, 1)
	x.Set(7, 1*4+3, 0) // line 1, column 3
	a := polyphase.Anchoring{Stride: tensor.Size{Height: 2, Width: 2}}
	fmt.Println(a.Find(x, grid))
	tp := tensor.NewTape()
	y := a.Apply(tp, tp.Const(x), grid).Value()
	for line := range 4 {
		fmt.Println(y.Data()[4*line:][:4])
	}
	// Output:
	// [{1 1}]
	// [0 0 7 0]
	// [0 0 0 0]
	// [0 0 0 0]
	// [0 0 0 0]
}
