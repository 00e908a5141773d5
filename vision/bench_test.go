package vision_test

import (
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// BenchmarkViTS is a training step of ViT-S/16 on images of 224 by 224, and a pass forward; tokens a second count patches
// and class tokens.
func BenchmarkViTS(b *testing.B) {
	m := mustNew(b, vision.ViTS(), 1)
	const items = 4
	var list []vision.Image
	for i := range items {
		list = append(list, noise(224, 224, 3, uint64(i)))
	}
	batch := mustBatch(b, m, list...)
	params := nn.Collect(m).Trainable()
	adam := optim.NewAdamW(params, optim.AdamWOptions{})
	tp := tensor.NewTape()
	tokens := func(b *testing.B) {
		b.ReportMetric(float64(items*197*b.N)/b.Elapsed().Seconds(), "tokens/s")
	}
	b.Run("step", func(b *testing.B) {
		for step := range b.N {
			tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(step)})
			loss := nn.SoftCrossEntropy{Smoothing: 0.1}.Loss(tp, m.Forward(tp, batch), batch.Targets())
			tp.Backward(loss)
			adam.Step(tp.Grad, 1e-4, 1)
		}
		tokens(b)
	})
	b.Run("forward", func(b *testing.B) {
		for range b.N {
			tp.Begin(tensor.Pass{})
			m.Forward(tp, batch)
		}
		tokens(b)
	})
}
