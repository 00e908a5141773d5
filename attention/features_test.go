package attention_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestFeatures checks maps and their gradients by themselves. The logarithm of the scale that features of a token lack
// is a constant to the tape, so the features' probes make up for it: they are of exp(scale) times the features, with the
// scale that the float64 loops find.
func TestFeatures(t *testing.T) {
	const tokens, heads, dim = 9, 2, 5
	w := attention.DrawProjection(heads, 11, dim, 5)
	for _, m := range []attention.FeatureMap{attention.ELUFeatures{}, attention.ReLUFeatures{Eps: 0.25},
		&attention.RandomFeatures{Projection: w}, &attention.RandomFeatures{Projection: w, Normalize: true},
		&attention.RandomFeatures{Projection: w, Scale: 1.5}, &attention.RandomFeatures{Projection: attention.DrawProjection(1, 3, dim, 5)}} {
		l := &layer{inputs: map[string]*tensor.Tensor{"value": normal(rand.New(rand.NewPCG(1, 2)), 1, tokens, heads*dim)}}
		l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
			y := m.Map(tp, leaf("value"), heads)
			if y.LogScale == nil {
				return y.Features
			}
			features := y.Features.Cols() / heads
			scale := tensor.New(y.Features.Shape()...)
			for n := range scale.Data() {
				scale.Data()[n] = float32(math.Exp(float64(y.LogScale.Data()[n/features])))
			}
			return tp.Mul(y.Features, tp.Const(scale))
		}
		l.loops = func(in map[string][]float64) (out []float64) {
			for i := range tokens {
				for h := range heads {
					at := (i*heads + h) * dim
					out = append(out, features(m, in["value"][at:at+dim], h, heads)...)
				}
			}
			return out
		}
		l.check(t, "map")
	}
}

// TestELUFeaturesSmall looks at exp(x) where x + 1 has no digit of it left.
func TestELUFeaturesSmall(t *testing.T) {
	tp := tape
	tp.Begin(tensor.Pass{})
	y := attention.ELUFeatures{}.Map(tp, tp.Const(tensor.FromSlice([]float32{-30, 0, 4}, 1, 3)), 1).Features.Data()
	for n, want := range []float64{math.Exp(-30), 1, 5} {
		if math.Abs(float64(y[n])/want-1) > 1e-6 {
			t.Errorf("feature %d is %v, want %v", n, y[n], want)
		}
	}
}

// TestProjection looks at the rows that are drawn: orthogonal in blocks, with the mean square of their lengths that the
// chi distribution has, and the same for the same seed.
func TestProjection(t *testing.T) {
	const heads, features, dim = 3, 1000, 8
	w := attention.DrawProjection(heads, features, dim, 7)
	dot := func(h, a, b int) (sum float64) {
		for c := range dim {
			sum += float64(w.At(h, a, c)) * float64(w.At(h, b, c))
		}
		return sum
	}
	var squares, fourth float64
	for h := range heads {
		for r := range features {
			s := dot(h, r, r)
			squares, fourth = squares+s, fourth+s*s
			for q := r / dim * dim; q < r; q++ {
				if d := dot(h, r, q) / math.Sqrt(s*dot(h, q, q)); math.Abs(d) > 1e-5 {
					t.Fatalf("head %d: cosine of rows %d and %d is %v", h, q, r, d)
				}
			}
		}
	}
	// |w|² has mean d and mean square d² + 2d; over 3,000 rows their means scatter by 0.07 and 1.6.
	n := float64(heads * features)
	if m := squares / n; math.Abs(m-dim) > 0.3 {
		t.Errorf("mean square of lengths %v, want %v", m, dim)
	}
	if m := fourth / n; math.Abs(m-dim*dim-2*dim) > 8 {
		t.Errorf("mean fourth power of lengths %v, want %v", m, dim*dim+2*dim)
	}
	f := attention.RandomFeatures{Projection: attention.DrawProjection(heads, features, dim, 8)}
	if sameFloats(f.Projection.Data(), w.Data()) {
		t.Error("another seed gives the same rows")
	}
	f.Redraw(7)
	if !sameFloats(f.Projection.Data(), w.Data()) {
		t.Error("the same seed gives other rows")
	}
}

// TestPerformer estimates soft-max attention by positive random features: the mean error falls as one over the root of
// their number.
func TestPerformer(t *testing.T) {
	const tokens, dim = 40, 8
	rng := rand.New(rand.NewPCG(2, 2))
	q, k, v := normal(rng, 0.5, tokens, dim), normal(rng, 0.5, tokens, dim), normal(rng, 1, tokens, dim)
	want := make([]float64, tokens*dim)
	for i := range tokens {
		den := 0.0
		for j := range tokens {
			s := 0.0
			for c := range dim {
				s += float64(q.At(i, c)) * float64(k.At(j, c))
			}
			w := math.Exp(s / math.Sqrt(dim))
			den += w
			for c := range dim {
				want[i*dim+c] += w * float64(v.At(j, c))
			}
		}
		for c := range dim {
			want[i*dim+c] /= den
		}
	}
	deviation := func(features int) float64 {
		const draws = 16
		sum := 0.0
		for seed := range uint64(draws) {
			op := attention.Linear{Heads: 1, Map: &attention.RandomFeatures{Projection: attention.DrawProjection(1, features, dim, seed)}}
			tape.Begin(tensor.Pass{})
			out := op.Apply(tape, attention.LinearInput{Queries: []int{0, tokens}, Query: tape.Const(q), Key: tape.Const(k), Value: tape.Const(v)})
			for n, o := range out.Data() {
				sum += (float64(o) - want[n]) * (float64(o) - want[n])
			}
		}
		return math.Sqrt(sum / draws / tokens / dim)
	}
	few, more, many := deviation(16), deviation(256), deviation(4096)
	if !(few > 2.5*more && more > 2.5*many && many < 0.01) { // 16 times the features: a quarter of the deviation
		t.Errorf("deviations with 16, 256 and 4096 features: %v, %v, %v", few, more, many)
	}
}

// TestRandomFeaturesLarge lets exponentials overflow: their scale is taken out, and the attention is that of the largest.
func TestRandomFeaturesLarge(t *testing.T) {
	for _, causal := range []bool{false, true} {
		for _, bias := range []*tensor.Tensor{nil, tensor.New(2, 199)} {
			rng := rand.New(rand.NewPCG(2, 2))
			op := attention.Linear{Heads: 2, Causal: causal, Map: &attention.RandomFeatures{Projection: attention.DrawProjection(2, 8, 4, 1)}}
			l := &layer{inputs: map[string]*tensor.Tensor{"query": normal(rng, 40, 100, 8), "key": normal(rng, 40, 100, 8), "value": normal(rng, 1, 100, 8)}}
			if bias != nil {
				l.inputs["bias"] = bias
			}
			l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				return op.Apply(tp, attention.LinearInput{Queries: []int{0, 100}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Bias: leaf("bias")})
			}
			out, grads := l.run(true)
			grads["result"] = out
			for name, g := range grads {
				for n, v := range g {
					if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
						t.Errorf("causal %v, bias %v: %s %d is %v", causal, bias != nil, name, n, v)
						break
					}
				}
			}
		}
	}
}

// TestRandomFeaturesZero normalises a vector of zeros: it has the features of 0 and no gradient.
func TestRandomFeaturesZero(t *testing.T) {
	m := &attention.RandomFeatures{Projection: attention.DrawProjection(1, 3, 4, 1), Normalize: true}
	l := &layer{inputs: map[string]*tensor.Tensor{"value": tensor.New(2, 4)}}
	l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return m.Map(tp, leaf("value"), 1).Features
	}
	out, grads := l.run(true)
	for _, v := range out {
		if math.Abs(float64(v)-1/math.Sqrt(3)) > 1e-6 {
			t.Errorf("features %v, want all to be 1 over the root of 3", out)
			break
		}
	}
	if !sameFloats(grads["value"], make([]float32, 8)) {
		t.Errorf("gradient %v, want zeros", grads["value"])
	}
}
