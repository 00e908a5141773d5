package polyphase

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// tiny is a configuration of 12 by 8 images of two channels in patches of 4 by 2.
func tiny() vision.Config {
	return vision.Config{Classes: 3, Channels: 2, ImageHeight: 12, ImageWidth: 8, PatchHeight: 4, PatchWidth: 2, Layers: 2, Width: 8, Heads: 2,
		FFNRatio: 2, InitStd: 0.3}
}

func mustNew(t testing.TB, c vision.Config) *vision.Model {
	t.Helper()
	m, err := vision.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2, 3)) // away from the first values, so that zeros and ones hide nothing
	for _, p := range nn.Collect(m).Trainable() {
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] += float32(0.2 * rng.NormFloat64())
		}
	}
	return m
}

// noise returns an image of random pixels.
func noise(height, width, channels int, seed uint64) vision.Image {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := vision.Image{Height: height, Width: width, Channels: channels, Pixels: make([]float32, height*width*channels), Label: int(seed % 3)}
	for i := range m.Pixels {
		m.Pixels[i] = float32(rng.NormFloat64())
	}
	return m
}

// pixels returns images as rows on a grid.
func pixels(images ...vision.Image) (*tensor.Tensor, tensor.Grid) {
	var all []float32
	var sizes []tensor.Size
	for _, m := range images {
		all = append(all, m.Pixels...)
		sizes = append(sizes, m.Size())
	}
	grid := tensor.RaggedGrid(sizes)
	return tensor.FromSlice(all, grid.Rows(), images[0].Channels), grid
}

var tape = tensor.NewTape()

// logits returns the model's answer to an image.
func logits(t testing.TB, m vision.Classifier, image vision.Image) []float32 {
	t.Helper()
	b, err := vision.NewBatch(m, []vision.Image{image})
	if err != nil {
		t.Fatal(err)
	}
	tape.Begin(tensor.Pass{})
	return append([]float32{}, m.Forward(tape, b).Data()...)
}
