package attention_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// maskOf shows the mask that dropout with probability p draws for pairs in the pass: with all scores equal and one-hot
// values the tokens that come out are the weights that went in. It is [rows, heads], of 0 and 1/(1-p).
func maskOf(t *testing.T, pairs *attention.Pairs, rowStart, keys []int, heads int, p float64, pass tensor.Pass) []float64 {
	t.Helper()
	tokens := pairs.Tokens()
	d := heads * tokens
	zero, values := tensor.New(tokens, d), tensor.New(tokens, d)
	for j := range tokens {
		for h := range heads {
			values.Set(1, j, h*tokens+j)
		}
	}
	tp := tape
	pass.Grad = false
	tp.Begin(pass)
	x := attention.Pairwise{Heads: heads, Dropout: p}.Apply(tp, pairs, attention.PairwiseInput{Query: tp.Const(zero),
		Key: tp.Const(zero), Value: tp.Const(values), Score: tp.Const(tensor.New(heads, tokens))}).Tokens.Value()
	mask := make([]float64, len(keys)*heads)
	for i := range tokens {
		n := float64(rowStart[i+1] - rowStart[i])
		for r := rowStart[i]; r < rowStart[i+1]; r++ {
			for h := range heads {
				m := n * float64(x.At(i, h*tokens+keys[r]))
				switch {
				case m == 0:
				case math.Abs(m*(1-p)-1) < 1e-5:
					mask[r*heads+h] = 1 / (1 - p)
				default:
					t.Fatalf("dropout %v multiplies a weight by %v, want 0 or %v", p, m, 1/(1-p))
				}
			}
		}
	}
	return mask
}

// TestDropout replays the mask in the reference: forward and backward pass must have used it, in a second pass with the
// same stream too. Keeping one mask fixed, the loss is a smooth function, and the reference's gradient that of
// differences.
func TestDropout(t *testing.T) {
	n := 0
	for _, heads := range []int{1, 3, 4, 5, 8} {
		for _, sparse := range []bool{false, true} {
			c := pairwiseCase{heads: heads, dim: 3, in: 7, act: activations[n%len(activations)], items: []int{6, 0, 1, 9},
				sparse: sparse, enhance: n%3 != 0, output: n%2 == 0, seed: uint64(n)}
			n++
			r, pairs := c.draw()
			pass := tensor.Pass{Train: true, Grad: true, Seed: 42, Step: uint64(n)}
			r.mask = maskOf(t, pairs, r.rowStart, r.keys, heads, 0.3, pass)
			k := newKernel(r, pairs)
			k.pass, k.op.Dropout, k.op.KeepWeights = pass, 0.3, true
			f := r.forward()
			k.gx, k.gp = probe(len(f.x), 5), probe(len(f.pair), 6)
			first := check(t, c.String(), r, k)
			second := k.run()
			sameBits(t, c.String()+": tokens of a second pass", second.x, first.x)
			for name, g := range first.gradients {
				sameBits(t, c.String()+": gradient of "+name+" in a second pass", second.gradients[name], g)
			}
			k.pass.Grad = false
			sameBits(t, c.String()+": tokens of a pass without gradients", k.run().x, first.x)
			k.pass.Step++
			if slices.Equal(k.run().x, first.x) {
				t.Errorf("%v: another step has the same mask", c)
			}
			k.pass.Step--
			k.pass.Seed++
			if slices.Equal(k.run().x, first.x) {
				t.Errorf("%v: another seed has the same mask", c)
			}
			k.pass, r.mask = tensor.Pass{}, nil
			check(t, c.String()+", evaluation", r, k)
		}
	}
}

// TestDropoutTwice uses the attention twice in a pass: each time has a mask of its own.
func TestDropoutTwice(t *testing.T) {
	c := pairwiseCase{heads: 4, dim: 4, in: 4, items: []int{12}, seed: 3}
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	tp := tape
	tp.Begin(tensor.Pass{Train: true})
	op := attention.Pairwise{Heads: 4, Dropout: 0.5}
	in := attention.PairwiseInput{Query: tp.Leaf(k.inputs["query"]), Key: tp.Leaf(k.inputs["key"]),
		Value: tp.Leaf(k.inputs["value"]), Score: tp.Leaf(k.inputs["score"])}
	if a, b := op.Apply(tp, pairs, in), op.Apply(tp, pairs, in); slices.Equal(a.Tokens.Data(), b.Tokens.Data()) {
		t.Error("two layers of a pass have the same mask")
	}
}

// TestDropoutStatistics counts what is dropped: the share p in every head, a mean of 1, and no two rows or heads that go
// together. Bounds are five standard deviations.
func TestDropoutStatistics(t *testing.T) {
	const p, tokens, steps = 0.2, 16, 40
	offsets := []int{0, tokens}
	pairs := attention.FullPairs(offsets)
	var rowStart, keys []int
	for i := range tokens + 1 {
		rowStart = append(rowStart, i*tokens)
	}
	for n := range tokens * tokens {
		keys = append(keys, n%tokens)
	}
	for _, heads := range []int{1, 2, 3, 4, 6, 8} {
		kept := make([]float64, heads)       // by head
		together := make([]float64, 2*heads) // pairs of kept weights: with the next head, then with the next row
		mean, rows := 0.0, float64(steps*tokens*tokens)
		for step := range steps {
			mask := maskOf(t, pairs, rowStart, keys, heads, p, tensor.Pass{Train: true, Seed: 7, Step: uint64(step)})
			for n := range keys {
				for h := range heads {
					m := mask[n*heads+h]
					mean += m
					if m == 0 {
						continue
					}
					kept[h]++
					if h+1 < heads && mask[n*heads+h+1] != 0 {
						together[h]++
					}
					if mask[(n+1)%len(keys)*heads+h] != 0 {
						together[heads+h]++
					}
				}
			}
		}
		within := func(what string, count, probability float64) {
			if s := math.Sqrt(rows * probability * (1 - probability)); math.Abs(count-rows*probability) > 5*s {
				t.Errorf("%d heads: %s: %v of %v, want a share of %v", heads, what, count, rows, probability)
			}
		}
		for h := range heads {
			within(fmt.Sprintf("kept in head %d", h), kept[h], 1-p)
			if h > 0 {
				within(fmt.Sprintf("kept in heads %d and %d", h-1, h), together[h-1], (1-p)*(1-p))
			}
			within(fmt.Sprintf("kept in head %d of neighbouring rows", h), together[heads+h], (1-p)*(1-p))
		}
		if mean /= rows * float64(heads); math.Abs(mean-1) > 5*math.Sqrt(p/(1-p)/rows/float64(heads)) {
			t.Errorf("%d heads: weights are multiplied by %v on average, want 1", heads, mean)
		}
	}
}

// TestDropoutNeverRepeats looks for two places of one mask that go together, at any distance, in a batch of many tiles and
// items: the correlation of the mask with itself is that of chance.
func TestDropoutNeverRepeats(t *testing.T) {
	const p = 0.5
	for _, heads := range []int{1, 3, 4, 6, 8} {
		c := pairwiseCase{heads: heads, items: []int{26, 5, 20}}
		pairs, rowStart, keys := c.pairs(nil)
		centred := maskOf(t, pairs, rowStart, keys, heads, p, tensor.Pass{Train: true, Seed: 9})
		for n, m := range centred {
			centred[n] = m*(1-p) - (1 - p) // ±1/2
		}
		for lag := 1; lag+100 < len(centred); lag++ {
			var sum float64
			for n, m := range centred[lag:] {
				sum += m * centred[n]
			}
			if bound := 6.5 * math.Sqrt(float64(len(centred)-lag)) / 4; math.Abs(sum) > bound {
				t.Errorf("%d heads: what is dropped goes with what is dropped %d places on: %v, want less than %v", heads, lag, sum, bound)
				break
			}
		}
	}
}

// TestDropoutExpectation averages the output over many steps: without the later layers' curvature it is that of the
// evaluation.
func TestDropoutExpectation(t *testing.T) {
	const steps, p = 400, 0.4
	c := pairwiseCase{heads: 3, dim: 2, in: 3, items: []int{5, 8}, enhance: true, act: nn.Tanh, seed: 11}
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	k.pass, k.op.Dropout = tensor.Pass{Train: true, Seed: 3}, p
	want := r.forward()
	mean := make([]float64, len(want.x))
	for step := range steps {
		k.pass.Step = uint64(step)
		for n, v := range k.run().x {
			mean[n] += float64(v) / steps
		}
	}
	for i := 0; i < r.tokens(); i++ {
		for c := 0; c < r.d(); c++ {
			var variance float64 // of the sum over keys
			for n := r.rowStart[i]; n < r.rowStart[i+1]; n++ {
				h := c / r.dim
				m := want.weights[n*r.heads+h] * r.message(want.rows[n], n, h, c%r.dim)
				variance += m * m * p / (1 - p) / steps
			}
			at := i*r.d() + c
			if math.Abs(mean[at]-want.x[at]) > 5*math.Sqrt(variance) {
				t.Errorf("token %d, feature %d: mean %v over %d steps, want %v ± %v", i, c, mean[at], steps, want.x[at], math.Sqrt(variance))
			}
		}
	}
}
