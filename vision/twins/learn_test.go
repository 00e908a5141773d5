package twins

import (
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// stripes is an image of lines (class 0), columns (1) or a chequerboard (2) under noise, shifted by some pixels.
func stripes(seed int) vision.Image {
	m := noise(16, 8, 2, uint64(seed))
	for i := range m.Pixels {
		y, x := i/2/m.Width/2%2, i/2%m.Width/2%2
		m.Pixels[i] = m.Pixels[i]*0.3 + float32([]int{y, x, y ^ x}[m.Label])
	}
	return polyphase.RollImage(m, polyphase.Shift{Down: seed, Right: seed * 3})
}

// TestLearn holds that the anchored model learns classes that hang on how pixels lie together, and tells them of images that
// it has not seen.
func TestLearn(t *testing.T) {
	m, err := New(tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var images []vision.Image
	for k := range 30 {
		images = append(images, stripes(k))
	}
	seen, unseen := mustBatch(t, m, images[:18]...), mustBatch(t, m, images[18:]...)
	opt := optim.NewAdamW(nn.Collect(m).Trainable(), optim.AdamWOptions{})
	tp := tensor.NewTape()
	for range 30 {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, seen), seen.Targets()))
		opt.Step(tp.Grad, 5e-3, 1)
	}
	right := 0
	for i, answers := 0, logits(m, unseen); i < unseen.Items(); i++ {
		best := 0
		for c, v := range answers.Row(i) {
			if v > answers.At(i, best) {
				best = c
			}
		}
		if float32(best) == unseen.Targets().At(i) {
			right++
		}
	}
	if right < 11 {
		t.Errorf("%d of 12 images are told right", right)
	}
}
