package attention_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// sameNumbers fails the test unless two results have the same bits.
func sameNumbers(t *testing.T, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	for n := range want {
		if math.Float32bits(got[n]) != math.Float32bits(want[n]) {
			t.Fatalf("%s[%d] has the bits of %v, want those of %v", name, n, got[n], want[n])
		}
	}
}

// rich is a case with everything that keeps sequences apart.
var rich = softCase{heads: 4, kv: 2, d: 7, dv: 5, rotate: "fixed", pairs: 3, relative: true, relativePlaces: 40, t5: 4, alibi: true,
	causal: true, softCap: 5, decay: attention.Decay{Window: 9, Factor: 0.9}}

// TestSoftmaxSizes tries the borders of the tiles.
func TestSoftmaxSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for _, n := range []int{1, 2, 63, 64, 65, 127, 129, 500, 530} {
		for _, causal := range []bool{false, true} {
			against(t, softCase{heads: 2, d: 9, dv: 17, queries: []int{n}, causal: causal, rotate: "fixed", pairs: 4, alibi: true}.build(rng))
		}
	}
	against(t, softCase{heads: 1, d: 12, queries: []int{1100}, causal: true, rotate: "learned", pairs: 6, t5: 1}.build(rng)) // of three chunks
	against(t, softCase{heads: 2, kv: 1, d: 100, dv: 90, queries: []int{200}, keys: []int{400}, window: &attention.Window{Back: 200, Ahead: 100}}.build(rng))
	against(t, softCase{heads: 2, d: 16, queries: []int{400, 3}, keys: []int{2, 530}, relative: true, relativePlaces: 70, dense: 1}.build(rng))
}

// TestSoftmaxReference holds the gradients of the reference against central differences of its own results.
func TestSoftmaxReference(t *testing.T) {
	c := rich
	c.queries, c.rotate, c.dense, c.table, c.relativeQuery = []int{3, 2}, "learned", 1, 4, true
	r := c.build(rand.New(rand.NewPCG(8, 8))).ref
	loss := func() (sum float64) {
		for n, x := range r.run(false).out {
			sum += x * r.gout[n]
		}
		return sum
	}
	for name, g := range r.run(true).grads {
		for n := range g {
			const step = 1e-5
			x := &r.in[name][n]
			was := *x
			*x = was + step
			up := loss()
			*x = was - step
			down := loss()
			*x = was
			if want := (up - down) / (2 * step); math.Abs(g[n]-want) > 1e-6*max(1, math.Abs(want)) {
				t.Errorf("gradient of %s[%d] is %v, want %v", name, n, g[n], want)
			}
		}
	}
}

// part returns the case of one sequence of the batch.
func (s *softTest) part(b int) *softTest {
	r, one := s.ref, *s
	p := *r
	cut := func(x []float64, rows, from, to int) []float64 {
		if x == nil {
			return nil
		}
		w := len(x) / rows
		return x[from*w : to*w]
	}
	q0, q1, k0, k1 := r.queries[b], r.queries[b+1], r.keys[b], r.keys[b+1]
	nq, nk := len(r.qPlace), len(r.kPlace)
	p.in = map[string][]float64{}
	for name, x := range r.in {
		switch name {
		case "query", "anglesQ", "relativeQuery":
			x = cut(x, nq, q0, q1)
		case "key", "value", "anglesK":
			x = cut(x, nk, k0, k1)
		}
		p.in[name] = x
	}
	p.gout = cut(r.gout, nq, q0, q1)
	p.queries, p.keys, p.qPlace, p.kPlace = []int{0, q1 - q0}, []int{0, k1 - k0}, r.qPlace[q0:q1], r.kPlace[k0:k1]
	one.ref = &p
	one.in.Queries = p.queries
	if one.in.Keys != nil {
		one.in.Keys = p.keys
	}
	return &one
}

// TestSoftmaxRagged holds that a sequence gives the same bits in a batch and alone.
func TestSoftmaxRagged(t *testing.T) {
	c := rich
	c.queries = []int{70, 0, 1, 300, 64, 1100, 5}
	s := c.build(rand.New(rand.NewPCG(5, 1)))
	all := s.run()
	for b, n := range c.queries {
		if n == 0 {
			continue
		}
		alone := s.part(b).run()
		piece := func(x []float32, offsets []int) []float32 {
			w := len(x) / offsets[len(c.queries)]
			return x[offsets[b]*w : offsets[b+1]*w]
		}
		sameNumbers(t, "out", alone.out, piece(all.out, s.ref.queries))
		sameNumbers(t, "gradient of query", alone.grads["query"], piece(all.grads["query"], s.ref.queries))
		sameNumbers(t, "gradient of key", alone.grads["key"], piece(all.grads["key"], s.ref.keys))
		sameNumbers(t, "gradient of value", alone.grads["value"], piece(all.grads["value"], s.ref.keys))
	}
}

// TestSoftmaxProcessors holds that the number of processors does not show.
func TestSoftmaxProcessors(t *testing.T) {
	for _, change := range []func(c *softCase){
		func(*softCase) {},
		func(c *softCase) { c.rotate, c.dense, c.table, c.dropout = "learned", 1, 4, 0.2 },
	} {
		c := rich
		change(&c)
		c.queries = []int{70, 1, 600, 64, 5, 1100}
		if c.dense > 0 {
			c.queries = c.queries[:4]
		}
		s := c.build(rand.New(rand.NewPCG(5, 1)))
		var want softOutcome
		for n, p := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(p)
			got := s.run()
			runtime.GOMAXPROCS(old)
			if n == 0 {
				want = got
				continue
			}
			sameNumbers(t, "out", got.out, want.out)
			for name, g := range want.grads {
				sameNumbers(t, "gradient of "+name, got.grads[name], g)
			}
		}
	}
}

// TestSoftmaxFuture holds that what comes later changes no bit of a causal result.
func TestSoftmaxFuture(t *testing.T) {
	for _, scattered := range []bool{false, true} {
		c := rich
		c.queries, c.scattered = []int{150}, scattered
		s := c.build(rand.New(rand.NewPCG(5, 1)))
		before := s.run()
		const now = 20
		changed := map[int]bool{}
		for j, place := range s.ref.kPlace {
			if place <= now {
				continue
			}
			changed[j] = true
			for _, x := range []struct {
				name string
				w    int
			}{{"key", c.kv * c.d}, {"value", c.kv * c.dv}, {"query", c.heads * c.d}} {
				for n := range x.w {
					s.ref.in[x.name][j*x.w+n] += 3
				}
			}
		}
		after, w := s.run(), c.heads*c.dv
		for i, place := range s.ref.qPlace {
			same := slices.Equal(after.out[i*w:(i+1)*w], before.out[i*w:(i+1)*w])
			if place <= now && !same {
				t.Errorf("scattered %v: a query at %d sees changes after %d", scattered, place, now)
			}
			if place > now && same {
				t.Errorf("scattered %v: a query at %d does not see its own change", scattered, place)
			}
		}
	}
}

// TestSoftmaxWindow holds that a window over everything, segments of one kind and neighbours of all tokens are no mask.
func TestSoftmaxWindow(t *testing.T) {
	c := softCase{heads: 2, d: 8, queries: []int{150, 3}}
	s := c.build(rand.New(rand.NewPCG(5, 1)))
	want := s.run()
	for name, set := range map[string]func(m *attention.Mask){
		"window":     func(m *attention.Mask) { m.Window = &attention.Window{Back: 149, Ahead: 149} },
		"segments":   func(m *attention.Mask) { m.QuerySegments = make([]int32, 153) },
		"neighbours": func(m *attention.Mask) { m.Neighbours = attention.FullPairs([]int{0, 150, 153}) },
		"allow": func(m *attention.Mask) {
			m.Allow = make([]bool, 150*150+9)
			for n := range m.Allow {
				m.Allow[n] = true
			}
		},
	} {
		masked := *s
		set(&masked.in.Mask)
		got := masked.run()
		sameNumbers(t, name, got.out, want.out)
		for g := range want.grads {
			sameNumbers(t, name+": gradient of "+g, got.grads[g], want.grads[g])
		}
	}
}

// TestSoftmaxNaN holds that a NaN stays in its sequence, and in the queries that may see it.
func TestSoftmaxNaN(t *testing.T) {
	c := rich
	c.queries = []int{70, 90, 3}
	s := c.build(rand.New(rand.NewPCG(5, 1)))
	want := s.run()
	s.ref.in["key"][(70+5)*c.kv*c.d] = math.NaN()
	got := s.run()
	w := c.heads * c.dv
	sameNumbers(t, "the sequence before", got.out[:70*w], want.out[:70*w])
	sameNumbers(t, "the sequence after", got.out[160*w:], want.out[160*w:])
	sameNumbers(t, "the queries before", got.out[70*w:75*w], want.out[70*w:75*w])
	for i := 75; i < 160; i++ {
		if x := got.out[i*w]; x == x {
			t.Errorf("query %d sees a NaN and gives %v", i, x)
		}
	}
	sameNumbers(t, "gradients of the sequence before", got.grads["query"][:70*c.heads*c.d], want.grads["query"][:70*c.heads*c.d])
}

// TestSoftmaxMasked holds that a query which may attend nothing gives zeros and no gradient, whatever stands there.
func TestSoftmaxMasked(t *testing.T) {
	c := rich
	c.queries, c.allow, c.weights = []int{130}, true, true
	s := c.build(rand.New(rand.NewPCG(5, 1)))
	for j := range 130 {
		s.in.Mask.Allow[70*130+j] = false
	}
	against(t, s)
	got, w := s.run(), c.heads*c.dv
	for _, x := range [][]float32{got.out[70*w : 71*w], got.grads["query"][70*c.heads*c.d : 71*c.heads*c.d], got.weights[70*130*4 : 71*130*4]} {
		for _, v := range x {
			if v != 0 {
				t.Fatalf("a masked query gives %v", x)
			}
		}
	}
}

// TestSoftmaxOrder holds that without structure the order of the tokens means nothing.
func TestSoftmaxOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	c := softCase{heads: 2, d: 8, queries: []int{140}}
	s := c.build(rng)
	order := rng.Perm(140)
	moved := *s
	ref := *s.ref
	moved.ref = &ref
	ref.in = map[string][]float64{}
	w := c.heads * c.d
	move := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i, to := range order {
			copy(out[to*w:(to+1)*w], x[i*w:])
		}
		return out
	}
	for name, x := range s.ref.in {
		ref.in[name] = move(x)
	}
	ref.gout = move(s.ref.gout)
	want, got := s.ref.run(true), moved.run()
	near(t, "out", got.out, move(want.out), forwardTolerance)
	near(t, "gradient of key", got.grads["key"], move(want.grads["key"]), gradientTolerance)
}

// TestSoftmaxDropout holds the dropout against a reference with the same mask, which is read off results for values that
// pick one key, and that a pass can be done again.
func TestSoftmaxDropout(t *testing.T) {
	c := softCase{heads: 2, d: 6, dv: 70, queries: []int{70, 9}, dropout: 0.3}
	s := c.build(rand.New(rand.NewPCG(2, 2)))
	// With value j the unit vector j, a result is the weights after dropout.
	probe := *s
	ref := *s.ref
	probe.ref = &ref
	ref.in = map[string][]float64{"query": s.ref.in["query"], "key": s.ref.in["key"], "value": make([]float64, len(s.ref.in["value"]))}
	for b, n := range c.queries {
		for j := range n {
			for h := range 2 {
				ref.in["value"][((ref.keys[b]+j)*2+h)*70+j] = 1
			}
		}
	}
	weights := probe.run().out
	dropped, all := 0, 0
	s.ref.drop = func(b, i, j, h int) float64 {
		all++
		if weights[((ref.queries[b]+i)*2+h)*70+j] == 0 {
			dropped++
			return 0
		}
		return 1 / 0.7
	}
	against(t, s)
	if part := float64(dropped) / float64(all); math.Abs(part-0.3) > 0.02 {
		t.Errorf("%v of the weights were dropped, want 0.3", part)
	}
	again, want := s.run(), s.run()
	sameNumbers(t, "a pass done again", again.out, want.out)
}

// TestSoftmaxAllocations holds that a steady state allocates nothing, forward and backward.
func TestSoftmaxAllocations(t *testing.T) {
	c := rich
	c.queries, c.rotate, c.neighbours, c.segments, c.trunk, c.dropout = []int{70, 600, 3}, "learned", true, true, true, 0.1
	s := c.build(rand.New(rand.NewPCG(2, 2)))
	s.op.KeepWeights = false
	inputs := s.inputs()
	tp := tensor.NewTape()
	gout := tensorOf(s.ref.gout, len(s.ref.qPlace), c.heads*c.dv)
	r := s.ref
	query, key := &attention.Rotation{Pairs: 3}, &attention.Rotation{Pairs: 3}
	relative := &attention.RelativeKeys{Min: r.relativeMin}
	biases := make([]attention.Bias, 2)
	pass := func() {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		in := s.in
		in.Query, in.Key, in.Value = tp.Leaf(inputs["query"]), tp.Leaf(inputs["key"]), tp.Leaf(inputs["value"])
		query.Angles, key.Angles = tp.Leaf(inputs["anglesQ"]), tp.Leaf(inputs["anglesK"])
		relative.Keys = tp.Leaf(inputs["relative"])
		in.RotateQuery, in.RotateKey, in.Relative = query, key, relative
		biases[0] = attention.RelativeBias{Table: tp.Leaf(inputs["t5"]), Rows: r.t5Rows, Min: r.t5Min}
		biases[1] = attention.DistanceBias{Slopes: tp.Leaf(inputs["slopes"])}
		in.Biases = biases
		tp.Backward(tp.Sum(tp.Mul(s.op.Apply(tp, in).Tokens, tp.Const(gout))))
	}
	for range 3 {
		pass()
	}
	// The two biases go into interfaces, which is the test's doing.
	if n := testing.AllocsPerRun(5, pass); n > 2 {
		t.Errorf("%v allocations in a pass, want none but the 2 of the test", n)
	}
}
