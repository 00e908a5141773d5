package attention_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// peak returns the highest speed of a core in FLOP/s, measured for a few milliseconds.
func peak() float64 {
	best := 0.0
	for range 5 {
		start := time.Now()
		flops := simd.FMAPeak(1 << 17)
		best = max(best, float64(flops)/time.Since(start).Seconds())
	}
	return best
}

// attend is one of the forms whose speed is told.
type attend struct {
	name  string
	heads int
	n     []int
	set   func(tp *tensor.Tape, s *attention.Softmax, in *attention.SoftmaxInput)
	// part is the part of all pairs that must be computed.
	part float64
}

func batchOf(n []int, heads, dim int) (offsets []int, x [4]*tensor.Tensor) {
	rng := rand.New(rand.NewPCG(1, 2))
	offsets = offsetsOf(n)
	for k := range x {
		x[k] = tensorOf(normals(rng, offsets[len(n)]*heads*dim, 1), offsets[len(n)], heads*dim)
	}
	return offsets, x
}

func turns(tokens, pairs int) *attention.Rotation {
	r := &attention.Rotation{Cos: tensor.New(tokens, pairs), Sin: tensor.New(tokens, pairs), Pairs: pairs}
	for i := range tokens {
		for p := range pairs {
			s, c := math.Sincos(float64(i) * math.Pow(10000, -float64(p)/float64(pairs)))
			r.Cos.Row(i)[p], r.Sin.Row(i)[p] = float32(c), float32(s)
		}
	}
	return r
}

// BenchmarkSoftmax tells the speed of the kernel as a part of what the multiply-adds of as many cores could do: two
// products forward, five backward.
func BenchmarkSoftmax(b *testing.B) {
	const heads, dim = 8, 64
	one := []int{2048}
	rotation := turns(2048, dim/2)
	slopes := tensor.New(heads)
	for h := range heads {
		slopes.Data()[h] = float32(math.Pow(2, -float64(h+1)))
	}
	rng := rand.New(rand.NewPCG(5, 5))
	var ragged []int
	for range 64 {
		n := 5 + rng.IntN(496)
		ragged = append(ragged, n)
	}
	type (
		soft  = attention.Softmax
		input = attention.SoftmaxInput
	)
	forms := []attend{
		{"plain", heads, one, func(*tensor.Tape, *soft, *input) {}, 1},
		{"causal", heads, one, func(_ *tensor.Tape, _ *soft, in *input) { in.Mask.Causal = true }, 2049. / 4096},
		{"rotation", heads, one, func(_ *tensor.Tape, _ *soft, in *input) { in.RotateQuery, in.RotateKey = rotation, rotation }, 1},
		{"alibi", heads, one, func(tp *tensor.Tape, _ *soft, in *input) {
			in.Biases = append(in.Biases, attention.DistanceBias{Slopes: tp.Const(slopes)})
		}, 1},
		{"causal-rotation-alibi", heads, one, func(tp *tensor.Tape, _ *soft, in *input) {
			in.Mask.Causal = true
			in.RotateQuery, in.RotateKey = rotation, rotation
			in.Biases = append(in.Biases, attention.DistanceBias{Slopes: tp.Const(slopes)})
		}, 2049. / 4096},
		{"ragged", heads, ragged, func(*tensor.Tape, *soft, *input) {}, 1},
	}
	for _, f := range forms {
		offsets, x := batchOf(f.n, heads, dim)
		pairs := 0.0
		for _, n := range f.n {
			pairs += float64(n) * float64(n)
		}
		for _, back := range []bool{false, true} {
			name, products := f.name+"/forward", 2.0
			if back {
				name, products = f.name+"/backward", 5
			}
			b.Run(name, func(b *testing.B) {
				tp := tensor.NewTape()
				var spent time.Duration
				run := func() {
					tp.Begin(tensor.Pass{Grad: back})
					leaf := tp.Const
					if back {
						leaf = tp.Leaf
					}
					s := attention.Softmax{Heads: heads}
					in := attention.SoftmaxInput{Queries: offsets, Query: leaf(x[0]), Key: leaf(x[1]), Value: leaf(x[2])}
					f.set(tp, &s, &in)
					start := time.Now()
					out := s.Apply(tp, in)
					if back {
						loss := tp.Sum(tp.Mul(out.Tokens, tp.Const(x[3])))
						start = time.Now()
						tp.Backward(loss)
					}
					spent += time.Since(start)
				}
				run()
				var rates []float64
				b.ReportAllocs()
				for b.Loop() {
					spent = 0
					run()
					rates = append(rates, products*2*pairs*f.part*heads*dim/spent.Seconds())
				}
				b.ReportMetric(100*middle(rates)/(peak()*float64(cores())), "%peak")
				b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
			})
		}
	}
}

// BenchmarkSoftmaxMemory tells the memory at 16384 tokens beyond inputs, results and their gradients.
func BenchmarkSoftmaxMemory(b *testing.B) {
	const heads, dim, n = 8, 64, 16384
	offsets, x := batchOf([]int{n}, heads, dim)
	tp := tensor.NewTape()
	for b.Loop() {
		tp.Begin(tensor.Pass{Grad: true})
		in := attention.SoftmaxInput{Queries: offsets, Query: tp.Leaf(x[0]), Key: tp.Leaf(x[1]), Value: tp.Leaf(x[2])}
		in.Mask.Causal = true
		out := attention.Softmax{Heads: heads}.Apply(tp, in).Tokens
		tp.Backward(tp.Sum(out))
	}
	// The result, its gradient and three gradients of inputs live in the arena.
	b.ReportMetric((float64(tp.PeakBytes())-5*n*heads*dim*4)/1e6, "beyond-MB")
}

func middle(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func cores() int { return runtime.GOMAXPROCS(0) }
