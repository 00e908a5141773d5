package cswin

import (
	"fmt"
	"slices"
	"testing"

	"github.com/graft-ml/graft/internal/processortime"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// seconds returns the processor time that f takes.
func seconds(b *testing.B, f func()) float64 {
	before, err := processortime.Seconds()
	if err != nil {
		b.Skip(err)
	}
	f()
	after, _ := processortime.Seconds()
	return after - before
}

// BenchmarkT is a pass forward of CSWin-T over images of 224 by 224, and a training step. of-peak is the part of the
// multiply-adds that a loop in registers does in the same processor time, measured in between; run it with -cpu 1.
func BenchmarkT(b *testing.B) {
	m := mustNew(b, T(), 1)
	size := tensor.Size{Height: 224, Width: 224}
	for _, images := range []int{1, 2, 4} {
		var list []vision.Image
		for i := range images {
			list = append(list, noise(size.Height, size.Width, 3, uint64(i)))
		}
		batch := mustBatch(b, m, list...)
		for name, pass := range map[string]tensor.Pass{"forward": {}, "step": {Train: true, Grad: true}} {
			b.Run(fmt.Sprintf("%s/images=%d", name, images), func(b *testing.B) {
				tp := tensor.NewTape()
				forward, backward, err := T().MultiplyAdds(size)
				if err != nil {
					b.Fatal(err)
				}
				flops := float64(2 * forward * int64(images))
				if pass.Grad {
					flops += float64(2 * backward * int64(images))
				}
				var parts, times []float64
				run := func() {
					tp.Begin(pass)
					pred := m.Forward(tp, batch)
					if pass.Grad {
						tp.Backward(nn.CrossEntropy{}.Loss(tp, pred, batch.Targets()))
					}
				}
				run()
				for b.Loop() {
					var most int64
					peak := seconds(b, func() { most = simd.FMAPeak(4_000_000) })
					took := seconds(b, run)
					parts, times = append(parts, flops/took/(float64(most)/peak)), append(times, took)
				}
				slices.Sort(parts)
				slices.Sort(times)
				b.ReportMetric(parts[len(parts)/2], "of-peak")
				b.ReportMetric(times[len(times)/2]*1e3, "processor-ms")
				b.ReportMetric(flops/1e9/float64(images), "GFLOP/image")
			})
		}
	}
}
