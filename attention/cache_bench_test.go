package attention_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// BenchmarkCacheDecode tells how long one new token takes with 4096 in the cache, as a multiple of the time in which a triad
// streams as many bytes as the cache has.
func BenchmarkCacheDecode(b *testing.B) {
	const heads, dim, n = 8, 64, 4096
	rng := rand.New(rand.NewPCG(2, 2))
	draw := func(rows int) *tensor.Tensor { return tensorOf(normals(rng, rows*heads*dim, 1), rows, heads*dim) }
	slopes := tensor.New(heads)
	slopes.Fill(0.01)
	for name, set := range map[string]func(tp *tensor.Tape, in *attention.SoftmaxInput){
		"plain": func(*tensor.Tape, *attention.SoftmaxInput) {},
		"rotation-alibi": func(tp *tensor.Tape, in *attention.SoftmaxInput) {
			rows := in.Query.Rows()
			in.RotateQuery = turns(rows, dim/2)
			in.RotateKey = in.RotateQuery
			in.Biases = append(in.Biases, attention.DistanceBias{Slopes: tp.Const(slopes)})
			in.Mask.Causal = true
		},
	} {
		b.Run(name, func(b *testing.B) {
			var cache attention.Cache
			tp := tensor.NewTape()
			step := func(q, k, v *tensor.Tensor) {
				tp.Begin(tensor.Pass{})
				in := attention.SoftmaxInput{Queries: []int{0, q.Rows()}, Query: tp.Const(q), Key: tp.Const(k), Value: tp.Const(v), Cache: &cache}
				set(tp, &in)
				attention.Softmax{Heads: heads}.Apply(tp, in)
			}
			step(draw(n-1), draw(n-1), draw(n-1))
			q, k, v := draw(1), draw(1), draw(1)
			const bytes = 2 * 4 * n * heads * dim
			stream := triad{make([]float32, bytes/12), make([]float32, bytes/12), make([]float32, bytes/12)}
			var ratios []float64
			for b.Loop() {
				cache.Truncate(0, n-1)
				from := time.Now()
				step(q, k, v)
				mid := time.Now()
				parallel.For(len(stream.a), 1<<16, &stream)
				ratios = append(ratios, mid.Sub(from).Seconds()/time.Since(mid).Seconds())
			}
			b.ReportMetric(middle(ratios), "x-stream")
		})
	}
}

type triad struct{ dst, a, b []float32 }

func (t *triad) Run(_, lo, hi int) { simd.Triad(t.dst[lo:hi], t.a[lo:hi], t.b[lo:hi], math.Pi) }
