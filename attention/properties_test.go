package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"pgregory.net/rapid"
)

// drawCase draws a case with small items.
func drawCase(t *rapid.T) pairwiseCase {
	c := pairwiseCase{heads: rapid.IntRange(1, 5).Draw(t, "heads"), dim: rapid.IntRange(1, 6).Draw(t, "dim"),
		in: rapid.IntRange(0, 8).Draw(t, "pair width"), sparse: rapid.Bool().Draw(t, "sparse"),
		act:   rapid.SampledFrom(activations).Draw(t, "activation"),
		items: rapid.SliceOfN(rapid.IntRange(0, 7), 1, 5).Draw(t, "items"), seed: rapid.Uint64().Draw(t, "seed")}
	if c.in > 0 {
		c.clamp = rapid.SampledFrom([]float64{0, 0.7}).Draw(t, "clamp")
		c.enhance, c.output = rapid.Bool().Draw(t, "enhance"), rapid.Bool().Draw(t, "output")
	}
	return c
}

// holds checks a property in 200 cases.
func holds(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	for range 2 { // of 100, rapid's usual number
		rapid.Check(t, property)
	}
}

// TestPermutation numbers the tokens of every item anew: the same features come out at their new places. Sums over keys
// run in another order, so the bits may differ.
func TestPermutation(t *testing.T) {
	holds(t, func(rt *rapid.T) {
		c := drawCase(rt)
		r, pairs := c.draw()
		moved, movedPairs, token, row := permuted(r, pairs, rand.New(rand.NewPCG(c.seed, 3)))
		a, b := newKernel(r, pairs), newKernel(moved, movedPairs)
		a.pass, b.pass = tensor.Pass{}, tensor.Pass{}
		want, got := a.run(), b.run()
		closeRows(rt, c.String()+": tokens", got.x, want.x, largest(r.v), token)
		closeRows(rt, c.String()+": pair features", got.pair, want.pair, 0, row)
	})
}

// permuted moves token i to token[i] within its item, and its pairs with it: row n to row[n].
func permuted(r *reference, pairs *attention.Pairs, rng *rand.Rand) (moved *reference, p *attention.Pairs, token, row []int) {
	for b := 0; b+1 < len(pairs.Offsets); b++ {
		for _, n := range rng.Perm(pairs.Offsets[b+1] - pairs.Offsets[b]) {
			token = append(token, pairs.Offsets[b]+n)
		}
	}
	from := make([]int, len(token)) // the inverse
	for i, to := range token {
		from[to] = i
	}
	m := *r
	m.rowStart, m.keys, row = []int{0}, nil, make([]int, len(r.keys))
	for i := range token {
		lo, hi := r.rowStart[from[i]], r.rowStart[from[i]+1]
		of := make(map[int]int, hi-lo) // row of each key, by its new number
		for n := lo; n < hi; n++ {
			of[token[r.keys[n]]] = n
		}
		for j := range token { // keys stay in their order, as full attention has them
			if n, ok := of[j]; ok {
				row[n] = len(m.keys)
				m.keys = append(m.keys, j)
			}
		}
		m.rowStart = append(m.rowStart, len(m.keys))
	}
	m.q, m.k, m.v = moveRows(r.q, token), moveRows(r.k, token), moveRows(r.v, token)
	m.pair = moveRows(r.pair, row)
	if pairs.Keys == nil {
		return &m, pairs, token, row
	}
	var keys []int32
	for _, k := range m.keys {
		keys = append(keys, int32(k))
	}
	p, err := attention.SparsePairs(pairs.Offsets, m.rowStart, keys)
	if err != nil {
		panic(err)
	}
	return &m, p, token, row
}

// moveRows returns a with row n moved to row to[n].
func moveRows(a []float64, to []int) []float64 {
	if len(to) == 0 || a == nil {
		return a
	}
	out, width := make([]float64, len(a)), len(a)/len(to)
	for n, m := range to {
		copy(out[m*width:(m+1)*width], a[n*width:])
	}
	return out
}

// closeRows compares row to[n] of got with row n of want. What the rows are sums of has numbers as large as terms: where
// those cancel, their rounding stays.
func closeRows(t *rapid.T, what string, got, want []float32, terms float64, to []int) {
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	scale := terms
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for n, m := range to {
		width := len(want) / len(to)
		for c := 0; c < width; c++ {
			if d := math.Abs(float64(got[m*width+c] - want[n*width+c])); !(d <= forwardTolerance*scale) {
				t.Fatalf("%s: row %d, now %d, feature %d: %v, want %v", what, n, m, c, got[m*width+c], want[n*width+c])
			}
		}
	}
}

// largest returns the largest magnitude in a.
func largest(a []float64) float64 {
	var l float64
	for _, v := range a {
		l = max(l, math.Abs(v))
	}
	return l
}

// TestRaggedIsOneByOne gives each item to the attention by itself: the same bits come out, and close to the same
// gradients.
func TestRaggedIsOneByOne(t *testing.T) {
	holds(t, func(rt *rapid.T) {
		c := drawCase(rt)
		c.items = append(c.items, rapid.SampledFrom([]int{0, 1, 23}).Draw(rt, "last item"))
		r, pairs := c.draw()
		k := newKernel(r, pairs)
		k.op.KeepWeights = true
		f := r.forward()
		k.gx, k.gp = probe(len(f.x), 1), probe(len(f.pair), 2)
		all := k.run()
		for b := range c.items {
			lo, hi := pairs.Offsets[b], pairs.Offsets[b+1]
			one := newKernel(itemOf(r, lo, hi), pairsOf(pairs, lo, hi))
			one.op.KeepWeights = true
			first, end, d := r.rowStart[lo], r.rowStart[hi], r.d()
			one.gx = k.gx[lo*d : hi*d]
			if c.in > 0 && len(r.keys) > 0 {
				width := len(f.pair) / len(r.keys)
				one.gp = k.gp[first*width : end*width]
			}
			alone := one.run()
			what := fmt.Sprintf("%v, item %d", c, b)
			sameRows(rt, what+": tokens", alone.x, all.x, lo, hi, pairs.Tokens())
			sameRows(rt, what+": pair features", alone.pair, all.pair, first, end, len(r.keys))
			sameRows(rt, what+": weights", alone.weights, all.weights, first, end, len(r.keys))
			for _, name := range []string{"query", "key", "value", "pair"} {
				want, n := all.gradients[name], pairs.Tokens()
				a, z := lo, hi
				if name == "pair" {
					a, z, n = first, end, len(r.keys)
				}
				if z == a || len(want) == 0 {
					continue
				}
				width := len(want) / n
				var scale float64
				for _, v := range want {
					scale = max(scale, math.Abs(float64(v)))
				}
				for m, v := range want[a*width : z*width] {
					if d := math.Abs(float64(alone.gradients[name][m] - v)); !(d <= forwardTolerance*max(scale, 0.01)) {
						rt.Fatalf("%s: gradient of %s, number %d: %v, want %v", what, name, m, alone.gradients[name][m], v)
					}
				}
			}
		}
	})
}

// itemOf cuts tokens lo to hi, an item, out of r.
func itemOf(r *reference, lo, hi int) *reference {
	m, d, first, end := *r, r.d(), r.rowStart[lo], r.rowStart[hi]
	m.q, m.k, m.v = r.q[lo*d:hi*d], r.k[lo*d:hi*d], r.v[lo*d:hi*d]
	m.pair = r.pair[first*r.in : end*r.in]
	m.rowStart, m.keys = nil, nil
	for _, s := range r.rowStart[lo : hi+1] {
		m.rowStart = append(m.rowStart, s-first)
	}
	for _, k := range r.keys[first:end] {
		m.keys = append(m.keys, k-lo)
	}
	return &m
}

// pairsOf cuts tokens lo to hi, an item, out of p.
func pairsOf(p *attention.Pairs, lo, hi int) *attention.Pairs {
	offsets := []int{0, hi - lo}
	if p.Keys == nil {
		return attention.FullPairs(offsets)
	}
	first := p.RowStart[lo]
	var start []int
	for _, s := range p.RowStart[lo : hi+1] {
		start = append(start, s-first)
	}
	var keys []int32
	for _, k := range p.Keys[first:p.RowStart[hi]] {
		keys = append(keys, k-int32(lo))
	}
	one, err := attention.SparsePairs(offsets, start, keys)
	if err != nil {
		panic(err)
	}
	return one
}

// sameRows compares the bits of alone with rows lo to hi of all, which has n rows.
func sameRows(t *rapid.T, what string, alone, all []float32, lo, hi, n int) {
	if n == 0 {
		return
	}
	width := len(all) / n
	want := all[lo*width : hi*width]
	if len(alone) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(alone), len(want))
	}
	for m := range want {
		if math.Float32bits(alone[m]) != math.Float32bits(want[m]) {
			t.Fatalf("%s: number %d is %v, want the bits of %v", what, m, alone[m], want[m])
		}
	}
}

// TestProcessors compares the bits of results and gradients at several numbers of processors, on batches that are large
// enough for all of them, with items that several of them share.
func TestProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for n, c := range []pairwiseCase{
		{heads: 8, dim: 4, in: 32, items: []int{9, 37, 23, 1, 30, 0, 25, 18}, enhance: true, output: true, clamp: 5},
		{heads: 3, dim: 5, in: 8, items: []int{120, 4}, enhance: true, act: nn.SiLU},
		{heads: 3, dim: 5, in: 8, items: []int{150, 4}, sparse: true, enhance: true, output: true},
		{heads: 2, dim: 6, in: 0, items: []int{70, 70}},
	} {
		c.seed = uint64(n)
		rng := rand.New(rand.NewPCG(c.seed, 4))
		pairs, rowStart, keys := c.pairs(rng)
		k := randomKernel(c, pairs, rowStart, keys)
		k.op.Dropout = 0.2
		var want outcome
		for turn, procs := range []int{1, 2, 7, 2} {
			runtime.GOMAXPROCS(procs)
			got := k.run()
			if turn == 0 {
				want = got
				continue
			}
			what := fmt.Sprintf("%v, %d processors", c, procs)
			sameBits(t, what+": tokens", got.x, want.x)
			sameBits(t, what+": pair features", got.pair, want.pair)
			for name, g := range want.gradients {
				sameBits(t, what+": gradient of "+name, got.gradients[name], g)
			}
		}
	}
}

// randomKernel makes a kernel of a case without a look at kinks.
func randomKernel(c pairwiseCase, pairs *attention.Pairs, rowStart, keys []int) *kernel {
	d, rows := c.heads*c.dim, len(keys)
	r := &reference{heads: c.heads, dim: c.dim, in: c.in, clamp: c.clamp, act: c.act, rowStart: rowStart, keys: keys,
		q: probe(pairs.Tokens()*d, 11), k: probe(pairs.Tokens()*d, 12), v: probe(pairs.Tokens()*d, 13), score: probe(d, 14)}
	width := d
	if c.in > 0 {
		r.pair, r.pw, r.pb = probe(rows*c.in, 15), probe(2*d*c.in, 16), probe(2*d, 17)
		if c.enhance {
			r.enhance = probe(d*c.dim, 18)
		}
		if c.output {
			r.outW, r.outB, width = probe(c.in*d, 19), probe(c.in, 20), c.in
		}
	}
	k := newKernel(r, pairs)
	k.gx = probe(len(r.q), 21)
	if c.in > 0 {
		k.gp = probe(rows*width, 22)
	}
	return k
}
