package vision_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// tiny is a configuration of 12 by 8 images of two channels in patches of 4 by 2, for any encoding.
func tiny() vision.Config {
	return vision.Config{Classes: 3, Channels: 2, ImageHeight: 12, ImageWidth: 8, PatchHeight: 4, PatchWidth: 2, Layers: 2,
		Width: 16, Heads: 2, FFNRatio: 2, InitStd: 0.3}
}

func mustNew(t testing.TB, c vision.Config, seed uint64) *vision.Model {
	t.Helper()
	m, err := vision.New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustEncoding(t testing.TB, name string) encodings.Encoding {
	t.Helper()
	e, err := encodings.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
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

// mixed are images of several sizes, among them one of a single pixel, one that patches do not divide, one of a single
// patch, and some that are larger than those the model is made for.
func mixed() []vision.Image {
	return []vision.Image{noise(12, 8, 2, 1), noise(1, 1, 2, 2), noise(9, 7, 2, 3), noise(4, 2, 2, 4), noise(12, 8, 2, 5), noise(3, 14, 2, 6),
		noise(22, 19, 2, 7)}
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

// evaluation is the tape of passes whose results are copied, one after the other.
var evaluation = tensor.NewTape()

// logits returns the model's answers in an evaluation pass, [images, classes].
func logits(m nn.Model, b *vision.Batch) *tensor.Tensor {
	evaluation.Begin(tensor.Pass{})
	return m.Forward(evaluation, b).Value().Clone()
}
