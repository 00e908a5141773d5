package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// linearCase is one linear attention to compare.
type linearCase struct {
	op           attention.Linear
	queries      []int // lengths
	keys         []int // nil means queries
	dim, dv      int
	bias         int     // places of the bias; 0 means none
	grid         [][]int // of each sequence, within biasGrid
	biasGrid     []int
	std          float64 // of queries and keys; 0 means 1
	positiveOnly bool    // features are drawn positive, as without a map they must be
}

func (c linearCase) String() string {
	return fmt.Sprintf("%d heads, %d kv heads, %T, causal %v, unnormalised %v, FFT from %d, queries %v, keys %v, dims %d and %d, bias %d, grids %v",
		c.op.Heads, c.op.KVHeads, c.op.Map, c.op.Causal, c.op.Unnormalized, c.op.FFTFrom, c.queries, c.keys, c.dim, c.dv, c.bias, c.grid)
}

// index returns the places of the tokens, nil where they are 0, 1, 2, ...
func (c linearCase) index() (index []int32) {
	for _, shape := range c.grid {
		index = attention.GridIndex(index, shape, c.biasGrid)
	}
	return index
}

// layer draws the inputs of a case.
func (c linearCase) layer(seed uint64) *layer {
	rng := rand.New(rand.NewPCG(seed, 7))
	std := c.std
	if std == 0 {
		std = 1
	}
	kv := c.op.KVHeads
	if kv == 0 {
		kv = c.op.Heads
	}
	keys := c.keys
	if keys == nil {
		keys = c.queries
	}
	qo, ko := joined(c.queries...), joined(keys...)
	l := &layer{inputs: map[string]*tensor.Tensor{
		"query": normal(rng, std, qo[len(c.queries)], c.op.Heads*c.dim),
		"key":   normal(rng, std, ko[len(keys)], kv*c.dim),
		"value": normal(rng, 1, ko[len(keys)], kv*c.dv),
	}}
	if c.positiveOnly {
		for _, name := range []string{"query", "key"} {
			for n, v := range l.inputs[name].Data() {
				l.inputs[name].Data()[n] = float32(math.Abs(float64(v)) + 0.1)
			}
		}
	}
	if c.bias > 0 {
		l.inputs["bias"] = normal(rng, 1, c.op.Heads, 2*c.bias-1)
	}
	index := c.index()
	l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		in := attention.LinearInput{Queries: qo, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Bias: leaf("bias"), Index: index}
		if c.keys != nil {
			in.Keys = ko
		}
		return c.op.Apply(tp, in)
	}
	l.loops = func(in map[string][]float64) []float64 { return c.loops(in, qo, ko, kv, index) }
	return l
}

// features computes φ of a head's vector in float64, and the logarithm of a common factor.
func features(m attention.FeatureMap, x []float64, h, heads int) []float64 {
	switch m := m.(type) {
	case attention.ELUFeatures:
		y := make([]float64, len(x))
		for n, v := range x {
			if y[n] = v + 1; v <= 0 {
				y[n] = math.Exp(v)
			}
		}
		return y
	case attention.ReLUFeatures:
		y := make([]float64, len(x))
		for n, v := range x {
			y[n] = max(v, 0) + m.Eps
		}
		return y
	case *attention.RandomFeatures:
		shape, scale, squares := m.Projection.Shape(), m.Scale, 0.0
		if scale == 0 {
			if scale = math.Pow(float64(len(x)), -0.25); m.Normalize {
				scale = 1
			}
		}
		for _, v := range x {
			squares += v * v
		}
		if m.Normalize {
			scale /= math.Sqrt(squares)
		}
		y := make([]float64, shape[1])
		for n := range y {
			sum := -squares * scale * scale / 2
			for c, v := range x {
				sum += scale * v * float64(m.Projection.At(h*shape[0]/heads, n, c))
			}
			y[n] = math.Exp(sum) / math.Sqrt(float64(len(y)))
		}
		return y
	}
	return x
}

// loops is the attention of a case as its equation has it.
func (c linearCase) loops(in map[string][]float64, qo, ko []int, kv int, index []int32) []float64 {
	heads, dim, dv := c.op.Heads, c.dim, c.dv
	out := make([]float64, qo[len(qo)-1]*heads*dv)
	place := func(i, b int) int {
		if index == nil {
			return i - qo[b]
		}
		return int(index[i])
	}
	for b := range c.queries {
		for h := range heads {
			g := h * kv / heads
			var phiK [][]float64
			for j := ko[b]; j < ko[b+1]; j++ {
				phiK = append(phiK, features(c.op.Map, in["key"][(j*kv+g)*dim:(j*kv+g+1)*dim], g, kv))
			}
			for i := qo[b]; i < qo[b+1]; i++ {
				phiQ, den := features(c.op.Map, in["query"][(i*heads+h)*dim:(i*heads+h+1)*dim], h, heads), 0.0
				o := out[(i*heads+h)*dv : (i*heads+h+1)*dv]
				for j := ko[b]; j < ko[b+1] && !(c.op.Causal && j-ko[b] > i-qo[b]); j++ {
					w := 0.0
					for n, v := range phiQ {
						w += v * phiK[j-ko[b]][n]
					}
					if c.bias > 0 {
						w *= math.Exp(in["bias"][h*(2*c.bias-1)+place(j, b)-place(i, b)+c.bias-1])
					}
					den += w
					for n := range o {
						o[n] += w * in["value"][(j*kv+g)*dv+n]
					}
				}
				if !c.op.Unnormalized && den > 0 {
					for n := range o {
						o[n] /= den
					}
				}
			}
		}
	}
	return out
}

// linearCases are forms of linear attention without a bias.
func linearCases() []linearCase {
	random := func(heads, m, dim int, normalize bool) *attention.RandomFeatures {
		return &attention.RandomFeatures{Projection: attention.DrawProjection(heads, m, dim, 3), Normalize: normalize}
	}
	long := []int{130, 0, 1, 64}
	return []linearCase{
		{op: attention.Linear{Heads: 2, Map: attention.ELUFeatures{}}, queries: []int{5, 1, 0, 7}, dim: 3, dv: 2},
		{op: attention.Linear{Heads: 2, Map: attention.ELUFeatures{}, Causal: true}, queries: []int{5, 1, 0, 7}, dim: 3, dv: 2},
		{op: attention.Linear{Heads: 4, KVHeads: 2, Map: attention.ELUFeatures{}, Causal: true}, queries: long, dim: 5, dv: 3},
		{op: attention.Linear{Heads: 4, KVHeads: 2, Map: attention.ELUFeatures{}}, queries: []int{300, 3}, dim: 5, dv: 7},
		{op: attention.Linear{Heads: 2, Map: attention.ReLUFeatures{Eps: 1e-2}, Causal: true}, queries: long, dim: 4, dv: 4},
		{op: attention.Linear{Heads: 2, Map: random(2, 5, 4, true), Causal: true}, queries: long, dim: 4, dv: 3},
		{op: attention.Linear{Heads: 2, KVHeads: 1, Map: random(1, 7, 3, false), Causal: true}, queries: long, dim: 3, dv: 3, std: 2},
		{op: attention.Linear{Heads: 2, Map: random(1, 6, 3, false)}, queries: []int{270, 2}, dim: 3, dv: 3, std: 2},
		{op: attention.Linear{Heads: 3, Map: attention.ELUFeatures{}}, queries: []int{4, 0, 2, 3}, keys: []int{6, 2, 0, 300}, dim: 2, dv: 2},
		{op: attention.Linear{Heads: 2, Map: random(2, 9, 5, true)}, queries: []int{3, 300, 2}, keys: []int{0, 4, 5}, dim: 5, dv: 1},
		{op: attention.Linear{Heads: 2, Unnormalized: true}, queries: []int{20, 3}, dim: 3, dv: 5},
		{op: attention.Linear{Heads: 2, Unnormalized: true, Causal: true}, queries: []int{100, 3}, dim: 3, dv: 5},
		{op: attention.Linear{Heads: 1}, queries: []int{70}, dim: 3, dv: 5, positiveOnly: true},
	}
}

// biasedCases are forms of linear attention with a bias, done directly and by FFT.
func biasedCases() (cases []linearCase) {
	nprf := &attention.RandomFeatures{Projection: attention.DrawProjection(2, 5, 3, 4), Normalize: true}
	one := &attention.RandomFeatures{Projection: attention.DrawProjection(1, 3, 3, 4)}
	for _, from := range []int{1 << 30, 1, 16} {
		for _, c := range []linearCase{
			{op: attention.Linear{Heads: 2, Map: nprf}, queries: []int{7, 0, 1, 40}, dim: 3, dv: 2, bias: 40},
			{op: attention.Linear{Heads: 2, Map: nprf, Causal: true}, queries: []int{7, 0, 1, 130}, dim: 3, dv: 2, bias: 140},
			{op: attention.Linear{Heads: 4, KVHeads: 2, Map: attention.ELUFeatures{}, Causal: true}, queries: []int{33, 70}, dim: 3, dv: 3, bias: 70},
			{op: attention.Linear{Heads: 2, KVHeads: 1, Map: one}, queries: []int{33, 20}, dim: 3, dv: 2, bias: 33, std: 2},
			{op: attention.Linear{Heads: 2, KVHeads: 1, Map: one, Causal: true}, queries: []int{33, 100}, dim: 3, dv: 2, bias: 100, std: 2},
			{op: attention.Linear{Heads: 2, Map: nprf}, queries: []int{12, 6, 20}, dim: 3, dv: 2, bias: 32, grid: [][]int{{3, 4}, {2, 3}, {4, 5}}, biasGrid: []int{4, 5}},
			{op: attention.Linear{Heads: 2, Map: nprf, Causal: true}, queries: []int{12, 20}, dim: 3, dv: 2, bias: 32, grid: [][]int{{3, 4}, {4, 5}}, biasGrid: []int{4, 5}},
			{op: attention.Linear{Heads: 1, Unnormalized: true}, queries: []int{30}, dim: 3, dv: 2, bias: 30},
			{op: attention.Linear{Heads: 2, Map: attention.ELUFeatures{}}, queries: []int{260}, dim: 2, dv: 1, bias: 260},
		} {
			if c.op.FFTFrom = from; from == 1 && c.queries[0] == 260 {
				continue
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func TestLinear(t *testing.T) {
	for n, c := range append(linearCases(), biasedCases()...) {
		c.layer(uint64(n)).check(t, c.String())
	}
}
