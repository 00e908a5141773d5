package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// rowsOf returns rows from to to of a tensor as a constant.
func rowsOf(tp *tensor.Tape, t *tensor.Tensor, from, to int) *tensor.Var {
	w := t.Cols()
	return tp.Const(tensor.FromSlice(t.Data()[from*w:to*w], to-from, w))
}

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
