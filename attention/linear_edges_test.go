package attention_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// panics calls f and returns what it panicked with.
func panics(f func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message, _ = r.(string)
		}
	}()
	f()
	return ""
}

func TestLinearPanics(t *testing.T) {
	tp := tape
	tp.Begin(tensor.Pass{})
	zeros := func(rows, cols int) *tensor.Var { return tp.Const(tensor.New(rows, cols)) }
	random := &attention.RandomFeatures{Projection: attention.DrawProjection(2, 3, 2, 1)}
	linear := func(o attention.Linear, change func(in *attention.LinearInput)) func() {
		return func() {
			in := attention.LinearInput{Queries: []int{0, 3}, Query: zeros(3, 4), Key: zeros(3, 4), Value: zeros(3, 6)}
			change(&in)
			o.Apply(tp, in)
		}
	}
	two := attention.Linear{Heads: 2}
	additive := func(change func(in *attention.AdditiveInput)) func() {
		return func() {
			in := attention.AdditiveInput{Offsets: []int{0, 3}, Query: zeros(3, 4), Key: zeros(3, 4), Value: zeros(3, 6)}
			change(&in)
			attention.Additive{Heads: 2}.Apply(tp, in)
		}
	}
	none := func(*attention.LinearInput) {}
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"0 kv heads do not divide 0 heads", linear(attention.Linear{}, none)},
		{"3 kv heads do not divide 2 heads", linear(attention.Linear{Heads: 2, KVHeads: 3}, none)},
		{"eps -1 is negative", linear(attention.Linear{Heads: 2, Eps: -1}, none)},
		{"query, key or value is missing", linear(two, func(in *attention.LinearInput) { in.Key = nil })},
		{"heads 2 do not divide width 5", linear(two, func(in *attention.LinearInput) { in.Query = zeros(3, 5) })},
		{"keys have width 6, want 4", linear(two, func(in *attention.LinearInput) { in.Key = zeros(3, 6) })},
		{"kv heads 2 do not divide width 5 of the values", linear(two, func(in *attention.LinearInput) { in.Value = zeros(3, 5) })},
		{"3 keys and 4 values", linear(two, func(in *attention.LinearInput) { in.Value = zeros(4, 6) })},
		{"queries come in 1 sequences, keys in 2", linear(two, func(in *attention.LinearInput) { in.Keys = []int{0, 1, 3} })},
		{"query offsets [] do not rise from 0", linear(two, func(in *attention.LinearInput) { in.Queries = []int{} })},
		{"key offsets end at 4, but there are 3 rows", linear(two, func(in *attention.LinearInput) { in.Keys = []int{0, 4} })},
		{"of the same tokens", linear(attention.Linear{Heads: 2, Causal: true}, func(in *attention.LinearInput) {
			in.Queries, in.Keys = []int{0, 1, 3}, []int{0, 2, 3}
		})},
		{"bias has shape [2 4], want [2 2L-1]", linear(two, func(in *attention.LinearInput) { in.Bias = zeros(2, 4) })},
		{"places up to 2 apart, the bias [2 3] is made for 1", linear(two, func(in *attention.LinearInput) { in.Bias = zeros(2, 3) })},
		{"places up to 9 apart", linear(two, func(in *attention.LinearInput) { in.Bias, in.Index = zeros(2, 5), []int32{4, 9, 0} })},
		{"the index has 2 places for 3 tokens", linear(two, func(in *attention.LinearInput) { in.Bias, in.Index = zeros(2, 5), []int32{4, 9} })},
		{"leave Unnormalized out", linear(attention.Linear{Heads: 2, Map: random, Unnormalized: true}, none)},
		{"the projection is not", linear(attention.Linear{Heads: 2, Map: &attention.RandomFeatures{}}, none)},
		{"does not fit 3 heads and width 6", linear(attention.Linear{Heads: 3, Map: random}, func(in *attention.LinearInput) {
			in.Query, in.Key = zeros(3, 6), zeros(3, 6)
		})},
		{"query, key or value is missing", additive(func(in *attention.AdditiveInput) { in.Value = nil })},
		{"heads 2 do not divide widths 4 and 5", additive(func(in *attention.AdditiveInput) { in.Value = zeros(3, 5) })},
		{"there are 2 queries, 3 keys and 3 values", additive(func(in *attention.AdditiveInput) { in.Query = zeros(2, 4) })},
		{"only with a key factor", additive(func(in *attention.AdditiveInput) { in.Query = zeros(3, 8) })},
		{"key factor has shape [3 4], want [3 8]", additive(func(in *attention.AdditiveInput) { in.Query, in.KeyFactor = zeros(3, 8), zeros(3, 4) })},
		{"width 4 of the keys does not divide width 6", additive(func(in *attention.AdditiveInput) { in.Query, in.KeyFactor = zeros(3, 6), zeros(3, 6) })},
		{"token offsets end at 2", additive(func(in *attention.AdditiveInput) { in.Offsets = []int{0, 2} })},
		{"token offsets [0 4 3] do not rise", func() { attention.TokenSoftmax(tp, zeros(3, 1), []int{0, 4, 3}) }},
		{"2 decays do not divide width 3", func() { attention.DecayScan(tp, zeros(3, 3), zeros(1, 2), attention.Runs{Offsets: []int{0, 3}}) }},
		{"token 1 of the runs comes twice", func() {
			attention.DecayScan(tp, zeros(3, 2), zeros(1, 2), attention.Runs{Offsets: []int{0, 3}, Order: []int32{0, 1, 1}})
		}},
		{"the runs have 2 tokens, the batch 3", func() {
			attention.DecayScan(tp, zeros(3, 2), zeros(1, 2), attention.Runs{Offsets: []int{0, 2}, Order: []int32{0, 1}})
		}},
		{"the grid [2 2] has no axis 2", func() { new(attention.Runs).AddGrid(0, []int{2, 2}, 2) }},
		{"negative side", func() { new(attention.Runs).AddGrid(0, []int{2, -2}, 0) }},
		{"larger than [2 2]", func() { attention.GridIndex(nil, []int{2, 3}, []int{2, 2}) }},
		{"not as many axes", func() { attention.GridIndex(nil, []int{2}, []int{2, 2}) }},
		{"too large", func() { attention.GridIndex(nil, []int{1, 1}, []int{1 << 20, 1 << 20}) }},
		{"want at least 1 each", func() { attention.DrawProjection(1, 0, 2, 1) }},
		{"-1 sequences", func() { attention.NewRecurrentState(-1) }},
	} {
		if got := panics(c.f); !strings.HasPrefix(got, "attention: ") || !strings.Contains(got, c.want) {
			t.Errorf("panic %q, want one with %q", got, c.want)
		}
	}
}

func TestDecodePanics(t *testing.T) {
	in := attention.LinearInput{Queries: []int{0, 1}}
	fill := func(tp *tensor.Tape, width int) {
		in.Query, in.Key, in.Value = tp.Const(tensor.New(1, width)), tp.Const(tensor.New(1, width)), tp.Const(tensor.New(1, width))
	}
	causal, tp := attention.Linear{Heads: 1, Causal: true}, tape
	tp.Begin(tensor.Pass{})
	fill(tp, 2)
	s := attention.NewRecurrentState(1)
	causal.Decode(tp, s, in)
	biased := in
	biased.Bias = tp.Const(tensor.New(1, 3))
	for want, f := range map[string]func(){
		"make one with NewRecurrentState":            func() { causal.Decode(tp, nil, in) },
		"Decode wants Causal":                        func() { attention.Linear{Heads: 1}.Decode(tp, s, in) },
		"no state of fixed size for a relative bias": func() { causal.Decode(tp, s, biased) },
		"the state has 2 sequences, the batch 1":     func() { causal.Decode(tp, attention.NewRecurrentState(2), in) },
		"the state is of 1 heads of 2 x 2":           func() { fill(tp, 3); causal.Decode(tp, s, in) },
		"there is no sequence 5 among 1":             func() { s.Select([]int{5}) },
		"a pass without Grad":                        func() { tp.Begin(tensor.Pass{Grad: true}); fill(tp, 2); causal.Decode(tp, s, in) },
	} {
		tp.Begin(tensor.Pass{})
		fill(tp, 2)
		if got := panics(f); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}

// TestLinearNothing runs batches without tokens, and without sequences.
func TestLinearNothing(t *testing.T) {
	for _, s := range sequenceLayers() {
		for _, lengths := range [][]int{{0}, {0, 0}} {
			if strings.Contains(s.name, "grids [[") {
				continue // has a grid for each sequence
			}
			out, grads := s.make(lengths, nil).run(true)
			if len(out) != 0 {
				t.Errorf("%s: %d results of no token", s.name, len(out))
			}
			for name, g := range grads {
				if !sameFloats(g, make([]float32, len(g))) {
					t.Errorf("%s: gradient %v of %s from no token", s.name, g, name)
				}
			}
		}
	}
}

// TestLinearTinyDenominator gives queries whose features have nothing in common with those of any key, as rectified
// features may: they get zeros and give no gradient, and the others are as ever.
func TestLinearTinyDenominator(t *testing.T) {
	for _, causal := range []bool{false, true} {
		for _, bias := range []*tensor.Tensor{nil, tensor.New(1, 139)} {
			const n, dim = 70, 4
			rng := rand.New(rand.NewPCG(1, 4))
			l := &layer{inputs: map[string]*tensor.Tensor{"query": normal(rng, 1, n, dim), "key": normal(rng, 1, n, dim), "value": normal(rng, 1, n, dim)}}
			for i := range n {
				q, k := l.inputs["query"].Row(i), l.inputs["key"].Row(i)
				for c := range q {
					q[c], k[c] = 1, 1
				}
				k[0] = -1
				if i%3 == 0 {
					copy(q, []float32{1, -1, -1, -1})
				}
			}
			if bias != nil {
				l.inputs["bias"] = bias
			}
			l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				return attention.Linear{Heads: 1, Causal: causal, Map: attention.ReLUFeatures{}}.Apply(tp, attention.LinearInput{
					Queries: []int{0, n}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Bias: leaf("bias")})
			}
			out, grads := l.run(true)
			for i := 0; i < n; i += 3 {
				if zeros := make([]float32, dim); !sameFloats(out[i*dim:(i+1)*dim], zeros) || !sameFloats(grads["query"][i*dim:(i+1)*dim], zeros) {
					t.Errorf("causal %v: query %d without a key has result %v and gradient %v", causal, i, out[i*dim:(i+1)*dim], grads["query"][i*dim:(i+1)*dim])
				}
			}
			for name, g := range grads {
				if !simd.AllFinite(g) {
					t.Errorf("causal %v: the gradient of %s is not finite", causal, name)
				}
			}
			if !simd.AllFinite(out) || slices.Max(out) == 0 {
				t.Errorf("causal %v: results %v", causal, out)
			}
		}
	}
}

// TestLinearFFT compares both ways to compute a biased attention where the cost alone would not choose the second.
func TestLinearFFT(t *testing.T) {
	for _, causal := range []bool{false, true} {
		c := linearCase{op: attention.Linear{Heads: 2, Causal: causal, Map: attention.ELUFeatures{}}, queries: []int{700, 333}, dim: 4, dv: 3, bias: 700}
		c.op.FFTFrom = 1 << 30
		want, wantGrads := c.layer(1).run(true)
		c.op.FFTFrom = 100
		got, grads := c.layer(1).run(true)
		wantGrads["result"], grads["result"] = want, got
		for name, w := range wantGrads {
			scale := simd.MaxAbs(w)
			for n, v := range w {
				if d := grads[name][n] - v; !(d <= 1e-5*scale && d >= -1e-5*scale) {
					t.Errorf("causal %v: %s %d is %v by FFT, %v directly", causal, name, n, grads[name][n], v)
					break
				}
			}
		}
	}
}
