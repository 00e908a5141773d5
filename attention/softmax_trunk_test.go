package attention_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestSoftmaxTrunk holds random trunks with branches against the reference.
func TestSoftmaxTrunk(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		flag := func(name string) bool { return rapid.Bool().Draw(rt, name) }
		c := softCase{heads: 2, d: rapid.IntRange(1, 9).Draw(rt, "d"), queries: rapid.SliceOfN(rapid.IntRange(0, 150), 1, 3).Draw(rt, "queries"),
			branches: true, causal: flag("causal"), alibi: flag("distance"), weights: flag("weights"), allow: flag("allow")}
		if flag("relative") {
			c.relative, c.relativePlaces = true, 31
		}
		if flag("window") {
			c.window = &attention.Window{Back: rapid.IntRange(0, 90).Draw(rt, "back"), Ahead: rapid.IntRange(0, 5).Draw(rt, "ahead")}
		}
		against(t, c.build(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))))
		if t.Failed() {
			rt.Fatalf("%+v", c)
		}
	})
}

// TestSoftmaxBranches holds a branch among others against the same behind its trunk alone, and that not a bit of it goes
// by what the others say.
func TestSoftmaxBranches(t *testing.T) {
	const trunk, heads, d = 77, 2, 8
	branches := []int{20, 1, 64, 33}
	c := softCase{heads: heads, d: d, queries: []int{trunk + 20 + 1 + 64 + 33}, causal: true, alibi: true, t5: 2}
	s := c.build(rand.New(rand.NewPCG(4, 4)))
	var segments []int32
	place := func(n int, segment int32) {
		from := 0
		if segment > 0 {
			from = trunk
		}
		for i := range n {
			segments = append(segments, segment)
			s.in.QueryIndex = append(s.in.QueryIndex, int32(from+i))
		}
	}
	place(trunk, 0)
	for k, n := range branches {
		place(n, int32(k+1))
	}
	s.in.Mask.QuerySegments, s.in.Mask.Trunk = segments, true
	packed := s.run()
	from := trunk
	for _, n := range branches {
		rows := func(x []float64) []float64 { // of the trunk and this branch
			w := len(x) / len(segments)
			return append(append([]float64(nil), x[:trunk*w]...), x[from*w:(from+n)*w]...)
		}
		alone := *s
		ref := *s.ref
		alone.ref, ref.in, ref.gout = &ref, map[string][]float64{}, rows(s.ref.gout)
		for name, x := range s.ref.in {
			if ref.in[name] = x; name == "query" || name == "key" || name == "value" {
				ref.in[name] = rows(x)
			}
		}
		ref.qPlace, ref.kPlace, ref.queries, ref.keys = ref.qPlace[:trunk+n], ref.kPlace[:trunk+n], []int{0, trunk + n}, []int{0, trunk + n}
		alone.in = attention.SoftmaxInput{Queries: ref.queries}
		alone.in.Mask.Causal = true
		got, w := alone.run(), heads*d
		sameNumbers(t, "the trunk", got.out[:trunk*w], packed.out[:trunk*w])
		near(t, "a branch", packed.out[from*w:(from+n)*w], float64s(got.out[trunk*w:]), 1e-6)
		near(t, "the gradient of a branch's keys", packed.grads["key"][from*w:(from+n)*w], float64s(got.grads["key"][trunk*w:]), 1e-6)
		other := *s
		changed := *s.ref
		other.ref, changed.in = &changed, map[string][]float64{}
		for name, x := range s.ref.in {
			x = append([]float64(nil), x...)
			if name == "key" || name == "value" {
				for i := trunk * w; i < len(x); i++ {
					if i < from*w || i >= (from+n)*w {
						x[i] += 5
					}
				}
			}
			changed.in[name] = x
		}
		sameNumbers(t, "a branch beside others", other.run().out[from*w:(from+n)*w], packed.out[from*w:(from+n)*w])
		from += n
	}
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestCacheTrunk holds few queries, whose keys are in a cache, against the whole.
func TestCacheTrunk(t *testing.T) {
	c := softCase{heads: 4, kv: 2, d: 8, dv: 6, queries: []int{150}, branches: true, causal: true, rotate: "fixed", pairs: 4}
	s := c.build(rand.New(rand.NewPCG(7, 7)))
	want, inputs := s.ref.run(false), s.inputs()
	var cache attention.Cache
	w := c.heads * c.dv
	for from, to := 0, 70; from < 150; from, to = to, min(to+1+to%3, 150) {
		tape.Begin(tensor.Pass{})
		piece := *s
		piece.in.Queries, piece.in.Cache, piece.in.QueryIndex = []int{0, to - from}, &cache, s.ref.qPlace[from:to]
		m := s.in.Mask
		piece.in.Mask.QuerySegments, piece.in.Mask.KeySegments = m.QuerySegments[from:to], m.QuerySegments[:to]
		got := piece.apply(tape, func(name string) *tensor.Var {
			x := inputs[name]
			return tape.Const(tensor.FromSlice(x.Data()[from*x.Cols():to*x.Cols()], to-from, x.Cols()))
		})
		near(t, "out", got.Tokens.Data(), want.out[from*w:to*w], forwardTolerance)
	}
}
