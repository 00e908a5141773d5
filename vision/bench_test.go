package vision_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/internal/processortime"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// BenchmarkViTS is a training step of ViT-S/16 on images of 224 by 224, and a pass forward; tokens a second count patches
// and class tokens. of-peak is the part of the multiply-adds that a loop in registers does in the same processor time,
// measured in between; run it with -cpu 1.
func BenchmarkViTS(b *testing.B) {
	c := vision.ViTS()
	m := mustNew(b, c, 1)
	const items = 4
	var list []vision.Image
	for i := range items {
		list = append(list, noise(224, 224, 3, uint64(i)))
	}
	batch := mustBatch(b, m, list...)
	adam := optim.NewAdamW(nn.Collect(m).Trainable(), optim.AdamWOptions{})
	tp := tensor.NewTape()
	forward, backward, err := c.MultiplyAdds(c.ImageSize())
	if err != nil {
		b.Fatal(err)
	}
	measure := func(b *testing.B, products int64, run func()) {
		var parts, times []float64
		run()
		for b.Loop() {
			var most int64
			peak := processorSeconds(b, func() { most = simd.FMAPeak(4_000_000) })
			took := processorSeconds(b, run)
			parts, times = append(parts, float64(2*items*products)/took/(float64(most)/peak)), append(times, took)
		}
		slices.Sort(parts)
		slices.Sort(times)
		b.ReportMetric(parts[len(parts)/2], "of-peak")
		b.ReportMetric(times[len(times)/2]*1e3, "processor-ms")
		b.ReportMetric(items*197/times[len(times)/2], "tokens/processor-s")
	}
	b.Run("step", func(b *testing.B) {
		step := uint64(0)
		measure(b, forward+backward, func() {
			tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: step})
			loss := nn.SoftCrossEntropy{Smoothing: 0.1}.Loss(tp, m.Forward(tp, batch), batch.Targets())
			tp.Backward(loss)
			adam.Step(tp.Grad, 1e-4, 1)
			step++
		})
	})
	b.Run("forward", func(b *testing.B) {
		measure(b, forward, func() {
			tp.Begin(tensor.Pass{})
			m.Forward(tp, batch)
		})
	})
}

// processorSeconds returns the processor time that f takes.
func processorSeconds(b *testing.B, f func()) float64 {
	before, err := processortime.Seconds()
	if err != nil {
		b.Skip(err)
	}
	f()
	after, _ := processortime.Seconds()
	return after - before
}
