package sequences_test

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// benchModel is the size that the length study suggests for two cores: 4 layers of 256.
func benchModel(b *testing.B, e encodings.Encoding) *sequences.Model {
	return newModel(b, sequences.Config{Vocabulary: 512, Layers: 4, Width: 256, Heads: 4, Encoding: e}, 1)
}

// BenchmarkTrainStep is a training step on 32 sequences of 32 to 63 tokens: forward, loss, backward, clipping, AdamW.
func BenchmarkTrainStep(b *testing.B) {
	for _, e := range []encodings.Encoding{encodings.RoPE{}, encodings.ALiBi{}, encodings.None{}} {
		b.Run(e.Name(), func(b *testing.B) {
			m := benchModel(b, e)
			var examples []sequences.Example
			for n := range 32 {
				target := make([]int32, 32+n)
				for t := range target {
					target[t] = int32((t*t + n) % 512)
				}
				examples = append(examples, sequences.Example{Prompt: []int32{1}, Target: target})
			}
			batch := newBatch(b, m, sequences.BatchOptions{}, examples...)
			params := nn.Collect(m).Trainable()
			opt := optim.NewAdamW(params, optim.AdamWOptions{})
			tp := tensor.NewTape()
			b.ReportAllocs()
			for b.Loop() {
				tp.Begin(tensor.Pass{Train: true, Grad: true})
				tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, batch), batch.Targets()))
				opt.Step(tp.Grad, 1e-4, optim.ClipFactor(optim.GradNorm(params, tp.Grad), 1))
			}
			b.ReportMetric(float64(b.N*len(batch.IDs))/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// BenchmarkDecode generates 128 tokens after prompts of 64, for one sequence and for 16 at a time.
func BenchmarkDecode(b *testing.B) {
	m := benchModel(b, encodings.RoPE{})
	for _, c := range []struct {
		sequences int
		recompute bool
	}{{1, false}, {16, false}, {1, true}} {
		b.Run(fmt.Sprintf("sequences=%d/recompute=%v", c.sequences, c.recompute), func(b *testing.B) {
			prompts := make([][]int32, c.sequences)
			for i := range prompts {
				prompts[i] = make([]int32, 64)
				for t := range prompts[i] {
					prompts[i][t] = int32((i + 3*t) % 512)
				}
			}
			const tokens = 128
			for b.Loop() {
				generate(b, m, prompts, sequences.Options{MaxTokens: tokens, Recompute: c.recompute})
			}
			b.ReportMetric(float64(b.N*c.sequences*tokens)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
