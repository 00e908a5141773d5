package twins

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

var tape = tensor.NewTape()

// tiny is a configuration of 16 by 8 images of two channels: 8 by 4 tokens, then 4 by 2.
func tiny() Config {
	return Config{Classes: 3, Channels: 2, ImageHeight: 16, ImageWidth: 8, Patches: "2,2", Widths: "8,12", Layers: "3,2", Heads: "2,3", Windows: "4,2",
		Reductions: "2,1", FFNRatio: 2, InitStd: 0.3}
}

// odd has windows after which the next patches want a roll of their own, and a stage of sub-sampled attention alone: 12 by 6
// tokens in windows of 3, then 6 by 3.
func odd() Config {
	return Config{Classes: 3, Channels: 2, ImageHeight: 24, ImageWidth: 12, Patches: "2,2", Widths: "8,8", Layers: "1,2", Heads: "2,1", Windows: "3,1",
		Reductions: "1,3", FFNRatio: 2, InitStd: 0.3}
}

// dropping is tiny with all that can be dropped.
func dropping() Config {
	c := tiny()
	c.Dropout, c.AttentionDropout, c.DropPath = 0.1, 0.1, 0.3
	return c
}

func mustNew(t testing.TB, c Config) *Model {
	t.Helper()
	m, err := New(c, 1)
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

// mixed are images of several sizes that the anchored model of tiny reads, the smallest of which has a last stage of 2 by 1
// tokens; plain are images that only one without anchoring does.
func mixed() []vision.Image {
	return []vision.Image{noise(16, 8, 2, 1), noise(8, 4, 2, 2), noise(8, 24, 2, 3), noise(4, 4, 2, 4), noise(16, 8, 2, 5)}
}

func plain() []vision.Image {
	return append(mixed(), noise(19, 9, 2, 6), noise(7, 5, 2, 7), noise(27, 10, 2, 8))
}

func mustBatch(t testing.TB, m vision.Classifier, images ...vision.Image) *vision.Batch {
	t.Helper()
	b, err := vision.NewBatch(m, images)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// logits returns the model's answers in an evaluation pass, [images, classes].
func logits(m nn.Model, b *vision.Batch) *tensor.Tensor {
	tape.Begin(tensor.Pass{})
	return m.Forward(tape, b).Value().Clone()
}

// anchored returns c with another anchoring.
func anchored(c Config, to polyphase.To) Config {
	c.Anchor = to
	return c
}
