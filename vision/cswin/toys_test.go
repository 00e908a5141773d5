package cswin

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var tape = tensor.NewTape()

// tiny is a configuration of 24 by 20 images of two channels: 6 by 5 tokens, then 3 by 3.
func tiny() Config {
	return Config{Classes: 3, Channels: 2, ImageHeight: 24, ImageWidth: 20, Width: 8, Layers: "1,2", Heads: "2,4", Stripes: "2,2", FFNRatio: 2, InitStd: 0.3}
}

func mustNew(t testing.TB, c Config, seed uint64) *Model {
	t.Helper()
	m, err := New(c, seed)
	if err != nil {
		t.Fatal(err)
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

// mixed are images of several sizes, among them some of a single token and of a single line of them.
func mixed() []vision.Image {
	return []vision.Image{noise(24, 20, 2, 1), noise(3, 3, 2, 2), noise(27, 44, 2, 3), noise(4, 30, 2, 4), noise(24, 20, 2, 5), noise(31, 3, 2, 6)}
}

func mustBatch(t testing.TB, m vision.Classifier, images ...vision.Image) *vision.Batch {
	t.Helper()
	b, err := vision.NewBatch(m, images)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stir moves all parameters away from their first values, so that zeros and ones hide nothing.
func stir(m nn.Module, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for _, p := range nn.Collect(m).Trainable() {
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] += float32(0.2 * rng.NormFloat64())
		}
	}
}

// logits returns the model's answers in an evaluation pass, [images, classes].
func logits(m nn.Model, b *vision.Batch) *tensor.Tensor {
	tape.Begin(tensor.Pass{})
	return m.Forward(tape, b).Value().Clone()
}
