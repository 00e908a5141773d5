package images_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/graft-ml/graft/vision/images"
)

func ExampleDecode() {
	drawn := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	drawn.SetNRGBA(0, 0, color.NRGBA{R: 200, G: 100, B: 0, A: 255})
	drawn.SetNRGBA(1, 0, color.NRGBA{R: 200, G: 100, B: 0, A: 0})
	var file bytes.Buffer
	if err := png.Encode(&file, drawn); err != nil {
		panic(err)
	}
	m, err := images.Decode(bytes.NewReader(file.Bytes()), "two.png", images.DecodeOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Height, m.Width, m.Channels, m.Bytes)
	gray, err := m.WithChannels(1)
	if err != nil {
		panic(err)
	}
	fmt.Println(gray.Bytes)
	_, err = images.Decode(bytes.NewReader(file.Bytes()), "two.png", images.DecodeOptions{Limits: images.Limits{MaxPixels: 1}})
	fmt.Println(err)
	// Output:
	// 1 2 3 [200 100 0 255 255 255]
	// [118 255]
	// images: two.png: the header says 2 by 1 pixels, more than the 1 allowed; make the picture smaller, or allow more with MaxPixels
}

func ExamplePipeline() {
	// A white square in the middle of a small black picture.
	m := images.New(4, 4, 1)
	for _, i := range []int{5, 6, 9, 10} {
		m.Bytes[i] = 255
	}
	p := images.Pipeline{
		Source: images.Slice{m, m}, Label: func(i int) int { return i }, Classes: 2,
		Augmentation: images.Augmentation{Crop: images.Crop{Padding: 2}},
		Mixing:       images.Mixing{Mixup: 1}, Seed: 3,
	}
	var batch images.Stack
	if err := p.Fill(&batch, []int{0, 1}, 0); err != nil {
		panic(err)
	}
	for row := range 4 {
		fmt.Printf("%4.2f\n", batch.Pixels[4*row:4*row+4])
	}
	fmt.Printf("%4.2f\n", batch.Targets)
	// Output:
	// [0.00 0.19 1.00 0.81]
	// [0.00 0.19 1.00 0.81]
	// [0.00 0.00 0.00 0.00]
	// [0.00 0.00 0.00 0.00]
	// [0.81 0.19 0.19 0.81]
}

func ExampleLoader() {
	var pictures images.Slice
	for i := range 5 {
		m := images.New(1, 1, 1)
		m.Bytes[0] = uint8(10 * i)
		pictures = append(pictures, m)
	}
	l := images.Loader{Source: pictures, Shuffle: true, Seed: 7}
	err := l.Each(context.Background(), func(item int, m *images.Image) error {
		fmt.Println(item, m.Bytes)
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// 0 [0]
	// 2 [20]
	// 3 [30]
	// 4 [40]
	// 1 [10]
}
