package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestCache decodes sequences in pieces and holds each piece against the whole.
func TestCache(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	base := softCase{heads: 4, kv: 2, d: 8, dv: 6, queries: []int{150, 3, 70}, causal: true}
	cases := map[string]func(c *softCase){
		"plain":     func(*softCase) {},
		"rotation":  func(c *softCase) { c.rotate, c.pairs = "fixed", 3 },
		"by head":   func(c *softCase) { c.rotate, c.pairs, c.apart, c.interleaved = "learned", 4, true, true },
		"biases":    func(c *softCase) { c.t5, c.alibi = 4, true },
		"scattered": func(c *softCase) { c.t5, c.alibi, c.distance, c.scattered = 4, true, true, true },
		"relative":  func(c *softCase) { c.relative, c.relativePlaces = true, 50 },
		"decay":     func(c *softCase) { c.decay = attention.Decay{Window: 4, Factor: 0.9}; c.softCap = 3 },
		"window":    func(c *softCase) { c.window = &attention.Window{Back: 20} },
		"one head":  func(c *softCase) { c.heads, c.kv, c.d, c.dv = 1, 1, 64, 64 },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			c := base
			change(&c)
			s := c.build(rng)
			want := s.ref.run(false)
			inputs := s.inputs()
			out := tensor.New(s.ref.queries[3], c.heads*c.dv)
			done := []int{0, 0, 0}
			var cache attention.Cache
			for round := 0; ; round++ {
				offsets := []int{0}
				var rows []int
				for b, n := range c.queries {
					take := min([]int{1, 40, 1, 2, 1, 1, 5}[(round+b)%7], n-done[b])
					if round == 2 && b == 0 {
						take = 0
					}
					for range take {
						rows = append(rows, s.ref.queries[b]+done[b])
						done[b]++
					}
					offsets = append(offsets, len(rows))
				}
				if len(rows) == 0 {
					break
				}
				tp := tape
				tp.Begin(tensor.Pass{})
				piece := *s
				piece.in.Queries, piece.in.Cache = offsets, &cache
				if c.scattered {
					piece.in.QueryIndex = nil
					for _, r := range rows {
						piece.in.QueryIndex = append(piece.in.QueryIndex, s.ref.qPlace[r])
					}
				}
				got := piece.apply(tp, func(name string) *tensor.Var {
					x := inputs[name]
					if x.Rows() != s.ref.queries[3] { // not a row a token
						return tp.Const(x)
					}
					part := tensor.New(len(rows), x.Cols())
					for n, r := range rows {
						copy(part.Row(n), x.Row(r))
					}
					return tp.Const(part)
				})
				for n, r := range rows {
					copy(out.Row(r), got.Tokens.Value().Row(n))
				}
			}
			for b, n := range c.queries {
				if cache.Len(b) != n {
					t.Errorf("sequence %d: %d tokens in the cache, want %d", b, cache.Len(b), n)
				}
			}
			if !c.scattered {
				near(t, "out", out.Data(), want.out, forwardTolerance)
				return
			}
			// In any order, a token may attend to later ones: only the last of each sequence has seen them all.
			for b := range c.queries {
				last := s.ref.queries[b+1] - 1
				near(t, "out", out.Row(last), want.out[last*c.heads*c.dv:(last+1)*c.heads*c.dv], forwardTolerance)
			}
		})
	}
}

// stepper feeds single tokens to a cache and returns what they attend to.
type stepper struct {
	cache attention.Cache
	op    attention.Softmax
	out   []float32
}

// step adds one token to each sequence: rows of x [sequences, 3, heads * dim].
func (d *stepper) step(x ...*tensor.Tensor) []float32 {
	tape.Begin(tensor.Pass{})
	offsets := []int{0}
	for b := range x[0].Rows() {
		offsets = append(offsets, b+1)
	}
	in := attention.SoftmaxInput{Queries: offsets, Query: tape.Const(x[0]), Key: tape.Const(x[1]), Value: tape.Const(x[2]), Cache: &d.cache}
	in.Mask.Causal = true
	return append(d.out[:0], d.op.Apply(tape, in).Tokens.Data()...)
}

// TestCacheSequences reorders, truncates and empties a cache.
func TestCacheSequences(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	draw := func(rows int) *tensor.Tensor { return tensorOf(normals(rng, rows*8, 1), rows, 8) }
	d := &stepper{op: attention.Softmax{Heads: 2}}
	var steps [][3]*tensor.Tensor
	for range 5 {
		x := [3]*tensor.Tensor{draw(3), draw(3), draw(3)}
		steps = append(steps, x)
		d.step(x[0], x[1], x[2])
	}
	if d.cache.Sequences() != 3 || d.cache.Len(1) != 5 {
		t.Fatalf("%d sequences, the second of %d tokens, want 3 of 5", d.cache.Sequences(), d.cache.Len(1))
	}
	// Beams 2, 0 and 2 go on, the last with three tokens only.
	d.cache.Reorder([]int{2, 0, 2})
	d.cache.Truncate(2, 3)
	x := [3]*tensor.Tensor{draw(3), draw(3), draw(3)}
	got := d.step(x[0], x[1], x[2])
	for b, from := range []int{2, 0, 2} {
		single := &stepper{op: d.op}
		for n, s := range steps {
			if b < 2 || n < 3 {
				single.step(tensor.FromSlice(s[0].Row(from), 1, 8), tensor.FromSlice(s[1].Row(from), 1, 8), tensor.FromSlice(s[2].Row(from), 1, 8))
			}
		}
		want := single.step(tensor.FromSlice(x[0].Row(b), 1, 8), tensor.FromSlice(x[1].Row(b), 1, 8), tensor.FromSlice(x[2].Row(b), 1, 8))
		sameNumbers(t, "after reordering", got[b*8:(b+1)*8], want)
	}
	d.cache.Reset()
	y := [3]*tensor.Tensor{draw(1), draw(1), draw(1)}
	sameNumbers(t, "after a reset", d.step(y[0], y[1], y[2]), y[2].Data()) // a single key
	d.cache.Reorder(nil)
	if d.cache.Sequences() != 0 {
		t.Error("a cache without sequences has some")
	}
	refuses(t, "cannot truncate sequence 0 of 0 tokens to 1", func() {
		fresh := &stepper{op: d.op}
		fresh.step(draw(1), draw(1), draw(1))
		fresh.cache.Truncate(0, 0)
		fresh.cache.Truncate(0, 1)
	})
	refuses(t, "sequence 0 is to become sequence 3 of 0", func() { d.cache.Reorder([]int{3}) })
}

// TestCacheCross attends from new queries to keys that were stored once, and steps without allocating.
func TestCacheCross(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	c := softCase{heads: 4, kv: 2, d: 8, queries: []int{3, 2}, keys: []int{9, 100}, weights: true, alibi: true}
	s := c.build(rng)
	want := s.ref.run(false)
	inputs := s.inputs()
	var cache attention.Cache
	run := func(queries, keys []int, q, k, v *tensor.Tensor) attention.SoftmaxOutput {
		tape.Begin(tensor.Pass{})
		in := attention.SoftmaxInput{Queries: queries, Keys: keys, Query: tape.Const(q), Key: tape.Const(k), Value: tape.Const(v), Cache: &cache}
		in.Biases = []attention.Bias{attention.DistanceBias{Slopes: tape.Const(inputs["slopes"])}}
		return s.op.Apply(tape, in)
	}
	run([]int{0, 0, 0}, s.ref.keys, tensor.New(0, 32), inputs["key"], inputs["value"])
	out := run(s.ref.queries, []int{0, 0, 0}, inputs["query"], tensor.New(0, 16), tensor.New(0, 16))
	near(t, "out", out.Tokens.Data(), want.out, forwardTolerance)
	near(t, "weights", out.Weights.Data(), want.weights, forwardTolerance)
	s.op.KeepWeights = false
	in := attention.SoftmaxInput{Queries: []int{0, 1, 2}, Cache: &cache}
	q, k, v := tensor.New(2, 32), tensor.New(2, 16), tensor.New(2, 16)
	if n := testing.AllocsPerRun(5, func() {
		cache.Truncate(0, 9)
		cache.Truncate(1, 100)
		tape.Begin(tensor.Pass{})
		in.Query, in.Key, in.Value = tape.Const(q), tape.Const(k), tape.Const(v)
		s.op.Apply(tape, in)
	}); n > 0 {
		t.Errorf("%v allocations in a step, want none", n)
	}
}
