package nn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// BenchmarkCrossEntropy is the loss of language models, forward and backward, for a small and a large vocabulary.
func BenchmarkCrossEntropy(b *testing.B) {
	for _, s := range []struct{ tokens, classes int }{{2048, 512}, {512, 32000}} {
		b.Run(fmt.Sprintf("%dx%d", s.tokens, s.classes), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			pred, target := tensor.New(s.tokens, s.classes), tensor.New(s.tokens)
			for i := range pred.Data() {
				pred.Data()[i] = float32(rng.NormFloat64())
			}
			for i := range target.Data() {
				target.Data()[i] = float32(rng.IntN(s.classes))
			}
			tp := tensor.NewTape()
			for _, pass := range []struct {
				name string
				tensor.Pass
			}{{"forward", tensor.Pass{}}, {"both", tensor.Pass{Train: true, Grad: true}}} {
				b.Run(pass.name, func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(4 * pred.Size()))
					for b.Loop() {
						tp.Begin(pass.Pass)
						loss := nn.CrossEntropy{}.Loss(tp, tp.Leaf(pred), target)
						if pass.Grad {
							tp.Backward(loss)
						}
					}
				})
			}
		})
	}
}
