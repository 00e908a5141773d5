package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// benchmark runs a layer forward, and forward and backward.
func benchmark(b *testing.B, tokens int, l *layer) {
	for _, back := range []bool{false, true} {
		name := "forward"
		if back {
			name = "forward+backward"
		}
		b.Run(name, func(b *testing.B) {
			tp := tensor.NewTape()
			vars := map[string]*tensor.Var{}
			run := func() {
				tp.Begin(tensor.Pass{Grad: back})
				for name, x := range l.inputs {
					vars[name] = tp.Leaf(x)
				}
				if y := l.apply(tp, func(name string) *tensor.Var { return vars[name] }); back {
					tp.Backward(tp.Sum(y))
				}
			}
			run()
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tokens), "ns/token")
			b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
		})
	}
}

// attentionInputs draws 8 heads of 64.
func attentionInputs(tokens int) map[string]*tensor.Tensor {
	rng := rand.New(rand.NewPCG(1, 1))
	return map[string]*tensor.Tensor{"query": normal(rng, 1, tokens, 512), "key": normal(rng, 1, tokens, 512), "value": normal(rng, 1, tokens, 512)}
}

func BenchmarkLinear(b *testing.B) {
	const tokens = 2048
	for name, op := range map[string]attention.Linear{
		"free":      {Heads: 8, Map: attention.ELUFeatures{}},
		"causal":    {Heads: 8, Map: attention.ELUFeatures{}, Causal: true},
		"performer": {Heads: 8, Map: &attention.RandomFeatures{Projection: attention.DrawProjection(1, 128, 64, 1)}, Causal: true},
	} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, tokens, &layer{inputs: attentionInputs(tokens), apply: func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				return op.Apply(tp, attention.LinearInput{Queries: []int{0, tokens}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value")})
			}})
		})
	}
}

// BenchmarkLinearBiased does one head, whose features and values are 16 wide, directly and by FFT.
func BenchmarkLinearBiased(b *testing.B) {
	const tokens = 2048
	for name, from := range map[string]int{"direct": 1 << 30, "fft": 1} {
		for form, causal := range map[string]bool{"free": false, "causal": true} {
			if causal && from == 1 {
				from = 512
			}
			b.Run(name+"/"+form, func(b *testing.B) {
				op := attention.Linear{Heads: 1, Map: attention.ELUFeatures{}, Causal: causal, FFTFrom: from}
				rng := rand.New(rand.NewPCG(1, 1))
				l := &layer{inputs: map[string]*tensor.Tensor{"query": normal(rng, 1, tokens, 16), "key": normal(rng, 1, tokens, 16),
					"value": normal(rng, 1, tokens, 16), "bias": normal(rng, 1, 1, 2*tokens-1)}}
				l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
					return op.Apply(tp, attention.LinearInput{Queries: []int{0, tokens}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Bias: leaf("bias")})
				}
				benchmark(b, tokens, l)
			})
		}
	}
}

func BenchmarkAdditive(b *testing.B) {
	const tokens = 2048
	op := attention.Additive{Heads: 8}
	benchmark(b, tokens, &layer{inputs: attentionInputs(tokens), apply: func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return op.Apply(tp, attention.AdditiveInput{Offsets: []int{0, tokens}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value")})
	}})
}

func BenchmarkTokenSoftmax(b *testing.B) {
	const tokens = 2048
	benchmark(b, tokens, &layer{inputs: attentionInputs(tokens), apply: func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return attention.TokenSoftmax(tp, leaf("key"), []int{0, tokens})
	}})
}

// BenchmarkDecayScan scans a grid of 64 x 32 tokens along its columns.
func BenchmarkDecayScan(b *testing.B) {
	const tokens = 2048
	var runs attention.Runs
	runs.AddGrid(0, []int{64, 32}, 0)
	in := attentionInputs(tokens)
	in["lambda"] = normal(rand.New(rand.NewPCG(1, 1)), 0.5, 8)
	benchmark(b, tokens, &layer{inputs: in, apply: func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return attention.DecayScan(tp, leaf("value"), leaf("lambda"), runs)
	}})
}

// BenchmarkDecode is one token of a sequence: the state of 8 heads of 64 is 133 kB.
func BenchmarkDecode(b *testing.B) {
	in, tp := attentionInputs(1), tensor.NewTape()
	for name, decode := range map[string]func(s *attention.RecurrentState, q, k, v *tensor.Var){
		"linear": func(s *attention.RecurrentState, q, k, v *tensor.Var) {
			attention.Linear{Heads: 8, Causal: true, Map: attention.ELUFeatures{}}.Decode(tp, s, attention.LinearInput{Queries: []int{0, 1}, Query: q, Key: k, Value: v})
		},
		"additive": func(s *attention.RecurrentState, q, k, v *tensor.Var) {
			attention.Additive{Heads: 8}.Decode(tp, s, attention.AdditiveInput{Offsets: []int{0, 1}, Query: q, Key: k, Value: v})
		},
	} {
		b.Run(name, func(b *testing.B) {
			s := attention.NewRecurrentState(1)
			b.ReportAllocs()
			for b.Loop() {
				tp.Begin(tensor.Pass{})
				decode(s, tp.Const(in["query"]), tp.Const(in["key"]), tp.Const(in["value"]))
			}
		})
	}
}
