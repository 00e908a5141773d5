package attention_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestQueriesWithoutKeys: they get zeros, give no gradient, and disturb nobody.
func TestQueriesWithoutKeys(t *testing.T) {
	c := pairwiseCase{heads: 2, dim: 4, in: 3, items: []int{4, 9, 4}, sparse: true, enhance: true, output: true, clamp: 2, seed: 1}
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	f := r.forward()
	k.gx, k.gp = probe(len(f.x), 1), probe(len(f.pair), 2)
	got := check(t, c.String(), r, k)
	masked := 0
	for i := 0; i < r.tokens(); i++ {
		if r.rowStart[i] != r.rowStart[i+1] {
			continue
		}
		masked++
		for n := i * r.d(); n < (i+1)*r.d(); n++ {
			if math.Float32bits(got.x[n]) != 0 || got.gradients["query"][n] != 0 {
				t.Errorf("query %d has no keys and gets %v, its gradient is %v; want zeros", i, got.x[n], got.gradients["query"][n])
			}
		}
	}
	if masked == 0 {
		t.Fatal("no query is without keys")
	}
}

// TestNoPairsAtAll: batches without items, tokens or keys.
func TestNoPairsAtAll(t *testing.T) {
	for _, c := range []pairwiseCase{
		{heads: 2, dim: 2, in: 3, items: nil},
		{heads: 2, dim: 2, in: 3, items: []int{0, 0}, enhance: true, output: true},
		{heads: 2, dim: 2, in: 0, items: []int{0}},
	} {
		checkCase(t, c, nil)
		checkCase(t, c, func(k *kernel) { k.op.Dropout, k.op.KeepWeights = 0.5, true })
	}
	pairs, err := attention.SparsePairs([]int{0, 3}, []int{0, 0, 0, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{heads: 1, dim: 2, in: 2, rowStart: []int{0, 0, 0, 0}, q: probe(6, 1), k: probe(6, 2), v: probe(6, 3),
		pair: []float64{}, pw: probe(8, 4), pb: probe(4, 5), score: probe(2, 6)}
	k := newKernel(r, pairs)
	k.gx, k.gp = probe(6, 7), []float64{}
	check(t, "three queries without keys", r, k)
}

// TestLargeScores: without a clamp, scores of ±1e4 must neither overflow nor lose their gradients.
func TestLargeScores(t *testing.T) {
	c := pairwiseCase{heads: 2, dim: 4, in: 3, items: []int{6, 1}, enhance: true, seed: 4}
	for _, scale := range []float64{1e4, -1e4, 1e30} {
		r, pairs := c.draw()
		for n := range r.score {
			r.score[n] = float64(float32(r.score[n] * scale))
		}
		k := newKernel(r, pairs)
		k.op.KeepWeights = true
		f := r.forward()
		k.gx = probe(len(f.x), 1)
		got := k.run()
		compare(t, fmt.Sprintf("scores of %v: tokens", scale), got.x, f.x, forwardTolerance)
		compare(t, fmt.Sprintf("scores of %v: weights", scale), got.weights, f.weights, forwardTolerance)
		for name, g := range got.gradients {
			if slices.ContainsFunc(g, func(v float32) bool { return v-v != 0 }) {
				t.Errorf("scores of %v: gradient of %s is not finite", scale, name)
			}
		}
	}
}

// TestRootAtZero: the slope of the signed square root is 1/(2 sqrt|t|), which is large for tiny t, and taken as 0 at 0.
func TestRootAtZero(t *testing.T) {
	for _, at := range []float64{0, 1e-20, -1e-20, 1e-38, 1} {
		for _, act := range activations {
			k := float64(float32(at))
			r := &reference{heads: 1, dim: 1, in: 1, act: act, rowStart: []int{0, 1}, keys: []int{0},
				q: []float64{0}, k: []float64{k}, v: []float64{2}, pair: []float64{1}, pw: []float64{1, 0.5}, pb: []float64{0, 0.25},
				score: []float64{1}, enhance: []float64{0.5}}
			kernel := newKernel(r, attention.FullPairs([]int{0, 1}))
			kernel.gx, kernel.gp = []float64{1}, []float64{1}
			got, want := kernel.run(), r.forward()
			compare(t, fmt.Sprintf("t = %v, %v: tokens", at, act), got.x, want.x, forwardTolerance)
			g := r.backward(want, kernel.gx, kernel.gp)
			for name, w := range g.named() {
				if len(w) == 1 && !(math.Abs(float64(got.gradients[name][0])-w[0]) <= gradientTolerance*math.Abs(w[0])) {
					t.Errorf("t = %v, %v: gradient of %s is %v, want %v", at, act, name, got.gradients[name][0], w[0])
				}
			}
			compare(t, fmt.Sprintf("t = %v, %v: gradient of the pair weight", at, act), got.gradients["pair weight"], g.pw, gradientTolerance)
		}
	}
}

// TestNaNStays puts a NaN, or an infinity, in one place: what depends on it is not finite, what does not is untouched.
func TestNaNStays(t *testing.T) {
	for _, act := range activations {
		for _, clamp := range []float64{0, 0.7} {
			c := pairwiseCase{heads: 2, dim: 4, in: 3, act: act, clamp: clamp, items: []int{3, 4, 2}, enhance: true, output: true, seed: 5}
			r, pairs := c.draw()
			k := newKernel(r, pairs)
			k.gx, k.gp = probe(len(r.q), 1), probe(len(r.pair), 2)
			clean := k.run()
			for _, name := range []string{"query", "key", "value", "pair"} {
				at := r.d()*4 + 1 // token 4, the second of item 1; head 0
				if name == "pair" {
					at = c.in * 13 // query 4, key 3
				}
				old := k.inputs[name].Data()[at]
				k.inputs[name].Data()[at] = float32(math.NaN())
				got := k.run()
				k.inputs[name].Data()[at] = old
				what := fmt.Sprintf("%v: NaN in %s", c, name)
				for i := 0; i < r.tokens(); i++ {
					x := got.x[i*r.d() : (i+1)*r.d()]
					switch {
					case i < 3 || i >= 7 || (name == "query" || name == "pair") && i != 4:
						sameBits(t, fmt.Sprintf("%s: token %d, which does not see it", what, i), x, clean.x[i*r.d():(i+1)*r.d()])
					case x[1] == x[1]:
						t.Errorf("%s: token %d is %v, want NaN", what, i, x)
					}
				}
				if g := got.gradients["score"]; name != "value" && g[1] == g[1] {
					t.Errorf("%s: the gradient of the scores is %v, want NaN", what, g)
				}
			}
		}
	}
}

// TestNaNInGradient: a NaN that comes from above reaches every input that it depends on.
func TestNaNInGradient(t *testing.T) {
	c := pairwiseCase{heads: 2, dim: 4, in: 3, items: []int{3, 4}, enhance: true, output: true, seed: 6}
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	k.gx = probe(len(r.q), 1)
	k.gx[4*r.d()] = math.NaN() // token 4, head 0
	got := k.run()
	for name, at := range map[string]int{"value": 5 * r.d(), "score": 0, "enhance": 0} {
		if g := got.gradients[name][at]; g == g {
			t.Errorf("the gradient of %s is %v, want NaN", name, g)
		}
	}
	for n, g := range got.gradients["value"][:3*r.d()] {
		if g != g {
			t.Errorf("the gradient of value %d, of another item, is NaN", n)
		}
	}
}

// TestOneInputForAll uses the same tokens as queries, keys and values: the gradient is the sum of the three.
func TestOneInputForAll(t *testing.T) {
	for _, items := range [][]int{{5, 3}, {40}} {
		c := pairwiseCase{heads: 2, dim: 3, in: 4, items: items, enhance: true, seed: 7}
		r, pairs := c.draw()
		// All signs alike keep q + k away from zero.
		for n := range r.q {
			r.q[n] = math.Abs(r.q[n])
		}
		r.k, r.v = r.q, r.q
		k := newKernel(r, pairs)
		k.inputs["key"], k.inputs["value"] = k.inputs["query"], k.inputs["query"]
		f := r.forward()
		k.gx = probe(len(f.x), 1)
		g := r.backward(f, k.gx, nil)
		for n := range g.q {
			g.q[n] += g.k[n] + g.v[n]
		}
		got := k.run()
		compare(t, "tokens", got.x, f.x, forwardTolerance)
		compare(t, "gradient of the tokens", got.gradients["query"], g.q, gradientTolerance)
	}
}

// TestPanics: a shape that does not fit is reported with the operation, what came and what was expected.
func TestPanics(t *testing.T) {
	c := pairwiseCase{heads: 2, dim: 3, in: 4, items: []int{2}, enhance: true, output: true, seed: 8}
	resized := func(name string, shape ...int) func(*kernel) {
		return func(k *kernel) { k.inputs[name] = tensor.New(shape...) }
	}
	without := func(name string) func(*kernel) { return func(k *kernel) { delete(k.inputs, name) } }
	for _, e := range []struct {
		change func(*kernel)
		want   string
	}{
		{func(k *kernel) { k.op.Heads = 4 }, "attention: Pairwise: heads 4 do not divide width 6"},
		{func(k *kernel) { k.op.Heads = 0 }, "attention: Pairwise: heads 0 do not divide width 6"},
		{func(k *kernel) { k.op.Heads = -1 }, "attention: Pairwise: heads -1 do not divide width 6"},
		{func(k *kernel) { k.op.Activation = 99 }, "attention: no kernel for activation Activation(99)"},
		{func(k *kernel) { k.op.Dropout = 1 }, "attention: Pairwise: dropout 1 is outside [0, 1)"},
		{func(k *kernel) { k.op.Dropout = -0.1 }, "attention: Pairwise: dropout -0.1 is outside [0, 1)"},
		{func(k *kernel) { k.op.Dropout = math.NaN() }, "attention: Pairwise: dropout NaN is outside [0, 1)"},
		{without("query"), "attention: Pairwise: query has shape none, want [2 d]"},
		{resized("query", 3, 6), "attention: Pairwise: query has shape [3 6], want [2 6]"},
		{resized("key", 2, 5), "attention: Pairwise: key has shape [2 5], want [2 6]"},
		{without("value"), "attention: Pairwise: value has shape none, want [2 6]"},
		{resized("score", 3, 2), "attention: Pairwise: score has shape [3 2], want [2 3]"},
		{resized("enhance", 2, 3, 2), "attention: Pairwise: enhance has shape [2 3 2], want [2 9]"},
		{resized("pair", 3, 4), "attention: Pairwise: pair has shape [3 4], want [4 4]"},
		{resized("pair weight", 6, 4), "attention: Pairwise: pair weight has shape [6 4], want [12 4]"},
		{resized("pair bias", 6), "attention: Pairwise: pair bias has shape [6], want [12 1]"},
		{without("pair bias"), "attention: Pairwise: pair bias has shape none, want [12 1]"},
		{resized("output weight", 4, 5), "attention: Pairwise: output weight has shape [4 5], want [4 6]"},
		{resized("output bias", 6), "attention: Pairwise: output bias has shape [6], want [4 1]"},
		{without("pair"), "attention: Pairwise: edge enhancement and output projection want pair features"},
	} {
		r, pairs := c.draw()
		k := newKernel(r, pairs)
		e.change(k)
		func() {
			defer func() {
				if got := recover(); got != e.want {
					t.Errorf("panic %v, want %s", got, e.want)
				}
			}()
			k.run()
		}()
	}
}
