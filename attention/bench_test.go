package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// BenchmarkPairwise is one attention of the ZINC model: 32 items of 9 to 37 tokens, width 64, 8 heads, clamp, edge
// enhancement, output projection. ns/pair is the time for one (query, key) pair.
func BenchmarkPairwise(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	c := pairwiseCase{heads: 8, dim: 8, in: 64, clamp: 5, enhance: true, output: true}
	for range 32 {
		c.items = append(c.items, 9+rng.IntN(29))
	}
	pairs, rowStart, keys := c.pairs(rng)
	k := randomKernel(c, pairs, rowStart, keys)
	k.op.Dropout = 0.2
	for _, mode := range []struct {
		name string
		pass tensor.Pass
	}{
		{"evaluation", tensor.Pass{}},
		{"forward", tensor.Pass{Train: true, Grad: true}},
		{"forward+backward", tensor.Pass{Train: true, Grad: true}},
	} {
		b.Run(mode.name, func(b *testing.B) {
			gx, gp := tensor.New(pairs.Tokens(), 64), tensor.New(pairs.Rows(), 64)
			gx.Fill(0.5)
			gp.Fill(0.5)
			tp := tensor.NewTape()
			run := func() {
				tp.Begin(mode.pass)
				leaf := func(name string) *tensor.Var { return tp.Leaf(k.inputs[name]) }
				out := k.op.Apply(tp, pairs, attention.PairwiseInput{Query: leaf("query"), Key: leaf("key"), Value: leaf("value"),
					Pair: attention.Features(leaf("pair")), PairWeight: leaf("pair weight"), PairBias: leaf("pair bias"),
					Score: leaf("score"), Enhance: leaf("enhance"),
					Output: attention.PairOutput{Weight: leaf("output weight"), Bias: leaf("output bias")}})
				if mode.name == "forward+backward" {
					tp.Backward(tp.Add(tp.Sum(tp.Mul(out.Tokens, tp.Const(gx))), tp.Sum(tp.Mul(out.Pair.Var(tp), tp.Const(gp)))))
				}
			}
			run()
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pairs.Rows()), "ns/pair")
			b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
		})
	}
}
