package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
	"pgregory.net/rapid"
)

// sequenceLayer is a layer over sequences whose every input but some parameters has a row for each token.
type sequenceLayer struct {
	name       string
	lengths    []int
	causal     bool
	parameters []string
	make       func(lengths []int, inputs map[string]*tensor.Tensor) *layer // nil inputs are drawn
}

// sequenceLayers are all kernels of the linear family, in forms with all of their branches.
func sequenceLayers() (all []sequenceLayer) {
	add := func(c linearCase) {
		if c.keys != nil {
			return
		}
		all = append(all, sequenceLayer{name: c.String(), lengths: c.queries, causal: c.op.Causal, parameters: []string{"bias"},
			make: func(lengths []int, inputs map[string]*tensor.Tensor) *layer {
				one := c
				one.queries = lengths
				if c.grid != nil && len(lengths) == 1 {
					one.grid = c.grid[slices.Index(c.queries, lengths[0]):][:1]
				}
				l := one.layer(5)
				if inputs != nil {
					l.inputs = inputs
				}
				return l
			}})
	}
	for _, c := range append(linearCases(), biasedCases()...) {
		add(c)
	}
	for _, c := range additiveCases() {
		all = append(all, sequenceLayer{name: fmt.Sprintf("%+v", c), lengths: c.lengths, causal: true,
			make: func(lengths []int, inputs map[string]*tensor.Tensor) *layer {
				one := c
				one.lengths = lengths
				l := one.layer(5)
				if inputs != nil {
					l.inputs = inputs
				}
				return l
			}})
	}
	for _, c := range performerCases() {
		all = append(all, sequenceLayer{name: c.String(), lengths: c.lengths,
			make: func(lengths []int, inputs map[string]*tensor.Tensor) *layer {
				one := c
				one.lengths = lengths
				l := one.layer(5)
				if inputs != nil {
					l.inputs = inputs
				}
				return l
			}})
	}
	all = append(all, sequenceLayer{name: "TokenSoftmax", lengths: []int{5, 0, 300, 1},
		make: func(lengths []int, inputs map[string]*tensor.Tensor) *layer {
			offsets := joined(lengths...)
			l := &layer{inputs: inputs}
			if inputs == nil {
				l.inputs = map[string]*tensor.Tensor{"value": normal(rand.New(rand.NewPCG(1, 2)), 1, offsets[len(lengths)], 5)}
			}
			l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				return attention.TokenSoftmax(tp, leaf("value"), offsets)
			}
			return l
		}})
	return append(all, sequenceLayer{name: "DecayScan", lengths: []int{5, 0, 300, 1}, causal: true, parameters: []string{"lambda"},
		make: func(lengths []int, inputs map[string]*tensor.Tensor) *layer {
			offsets := joined(lengths...)
			l := &layer{inputs: inputs}
			if inputs == nil {
				rng := rand.New(rand.NewPCG(1, 2))
				l.inputs = map[string]*tensor.Tensor{"value": normal(rng, 1, offsets[len(lengths)], 6), "lambda": normal(rng, 0.5, 3)}
			}
			l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				return attention.DecayScan(tp, leaf("value"), leaf("lambda"), attention.Runs{Offsets: offsets})
			}
			return l
		}})
}

// sameFloats reports whether two slices have the same bits; NaN equals NaN.
func sameFloats(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// cut returns rows lo to hi of all inputs but the parameters.
func (s *sequenceLayer) cut(l *layer, lo, hi int) map[string]*tensor.Tensor {
	in := map[string]*tensor.Tensor{}
	for name, t := range l.inputs {
		if in[name] = t; !slices.Contains(s.parameters, name) {
			in[name] = sequenceRows(t, lo, hi)
		}
	}
	return in
}

// TestLinearRaggedIsOneByOne gives each sequence by itself: results, and gradients of the tokens, have the same bits.
func TestLinearRaggedIsOneByOne(t *testing.T) {
	for _, s := range sequenceLayers() {
		l := s.make(s.lengths, nil)
		// Probes go by the number of a result: let every pass multiply by the same ones.
		out, _ := l.run(false)
		offsets := joined(s.lengths...)
		width := len(out) / offsets[len(s.lengths)]
		for b, n := range s.lengths {
			one := s.make([]int{n}, s.cut(l, offsets[b], offsets[b+1]))
			alone, _ := one.run(true)
			if !sameFloats(alone, out[offsets[b]*width:offsets[b+1]*width]) {
				t.Errorf("%s: sequence %d has other bits alone", s.name, b)
			}
		}
	}
}

// TestLinearGradientsOneByOne gives only one sequence's results a gradient: all others get none, and it gets the bits it
// gets alone.
func TestLinearGradientsOneByOne(t *testing.T) {
	for _, s := range sequenceLayers() {
		l, offsets := s.make(s.lengths, nil), joined(s.lengths...)
		b := len(s.lengths) - 1
		lo, hi := offsets[b], offsets[b+1]
		of := func(l *layer, from int) map[string][]float32 {
			whole := l.apply
			probe := &layer{inputs: l.inputs, apply: func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
				y := whole(tp, leaf)
				index := make([]int32, y.Rows()-from)
				for n := range index {
					index[n] = int32(from + n)
				}
				return tp.Gather(y, index)
			}}
			_, grads := probe.run(true)
			return grads
		}
		all := of(l, lo)
		alone := of(s.make(s.lengths[b:], s.cut(l, lo, hi)), 0)
		for name, g := range all {
			if slices.Contains(s.parameters, name) {
				continue
			}
			width := len(g) / offsets[len(s.lengths)]
			if !sameFloats(g[:lo*width], make([]float32, lo*width)) {
				t.Errorf("%s: the last sequence has a gradient in the %s of another", s.name, name)
			}
			if !sameFloats(g[lo*width:], alone[name]) {
				t.Errorf("%s: the last sequence has other bits in the gradient of %s alone", s.name, name)
			}
		}
	}
}

// TestLinearIgnoresTheFuture changes a token of a causal sequence, to other numbers and to NaN: no earlier result changes
// a bit.
func TestLinearIgnoresTheFuture(t *testing.T) {
	for _, s := range sequenceLayers() {
		if !s.causal {
			continue
		}
		longest := slices.Max(s.lengths)
		l := s.make([]int{longest}, nil)
		if len(s.lengths) > 1 && l.inputs["bias"] != nil && longest != s.lengths[0] {
			l = s.make([]int{longest}, s.cut(s.make(s.lengths, nil), 0, longest))
		}
		out, _ := l.run(false)
		width := len(out) / longest
		for _, at := range []int{1, longest / 3, longest - 1, min(64, longest-1), min(77, longest-1)} {
			for _, v := range []float32{0.5, 300, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				in := s.cut(l, 0, longest)
				for name, x := range in {
					if !slices.Contains(s.parameters, name) {
						simd.Fill(x.Row(at), v)
					}
				}
				got, _ := s.make([]int{longest}, in).run(false)
				if !sameFloats(got[:at*width], out[:at*width]) {
					t.Errorf("%s: token %d set to %v changes a result before it", s.name, at, v)
				}
			}
		}
	}
}

// TestLinearNaNStays puts a NaN into one sequence: it comes out there, and in no other.
func TestLinearNaNStays(t *testing.T) {
	for _, s := range sequenceLayers() {
		l, offsets := s.make(s.lengths, nil), joined(s.lengths...)
		out, _ := l.run(false)
		_, grads := l.run(true)
		bad := slices.Index(s.lengths, slices.Max(s.lengths))
		for name, x := range l.inputs {
			if slices.Contains(s.parameters, name) {
				continue
			}
			kept := x.At(offsets[bad], 0)
			x.Set(float32(math.NaN()), offsets[bad], 0)
			got, gotGrads := l.run(true)
			x.Set(kept, offsets[bad], 0)
			width := len(out) / offsets[len(s.lengths)]
			if !slices.ContainsFunc(got[offsets[bad]*width:offsets[bad+1]*width], func(v float32) bool { return v != v }) {
				t.Errorf("%s: a NaN in %s does not come out", s.name, name)
			}
			for b := range s.lengths {
				lo, hi := offsets[b]*width, offsets[b+1]*width
				if b != bad && !sameFloats(got[lo:hi], out[lo:hi]) {
					t.Errorf("%s: a NaN in %s of sequence %d changes results of sequence %d", s.name, name, bad, b)
				}
				for of, g := range gotGrads {
					if w := len(g) / offsets[len(s.lengths)]; b != bad && !slices.Contains(s.parameters, of) &&
						!sameFloats(g[offsets[b]*w:offsets[b+1]*w], grads[of][offsets[b]*w:offsets[b+1]*w]) {
						t.Errorf("%s: a NaN in %s of sequence %d changes the gradient of %s of sequence %d", s.name, name, bad, of, b)
					}
				}
			}
		}
	}
}

// TestLinearProcessors compares the bits at several numbers of processors.
func TestLinearProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range sequenceLayers() {
		l := s.make(s.lengths, nil)
		runtime.GOMAXPROCS(1)
		want, wantGrads := l.run(true)
		for _, procs := range []int{2, 5} {
			runtime.GOMAXPROCS(procs)
			got, grads := l.run(true)
			if !sameFloats(got, want) {
				t.Errorf("%s: other bits on %d processors", s.name, procs)
			}
			for name, g := range grads {
				if !sameFloats(g, wantGrads[name]) {
					t.Errorf("%s: other bits in the gradient of %s on %d processors", s.name, name, procs)
				}
			}
		}
	}
}

// TestLinearAllocates runs every kernel again and again: a steady state allocates nothing.
func TestLinearAllocates(t *testing.T) {
	for _, s := range sequenceLayers() {
		l := s.make(s.lengths, nil)
		vars := map[string]*tensor.Var{}
		leaf := func(name string) *tensor.Var { return vars[name] }
		tp := tensor.NewTape()
		run := func() {
			tp.Begin(tensor.Pass{Grad: true})
			clear(vars)
			for name, x := range l.inputs {
				vars[name] = tp.Leaf(x)
			}
			tp.Backward(tp.Sum(l.apply(tp, leaf)))
		}
		run()
		n := testing.AllocsPerRun(3, run)
		if n > 0 { // a collection may have taken the scratch that matrix products keep
			n = testing.AllocsPerRun(20, run)
		}
		if n > 0 {
			t.Errorf("%s: %v allocations a pass", s.name, n)
		}
	}
}

// TestLinearSameVar uses one Var as query, key and value: the gradient is the sum of all three.
func TestLinearSameVar(t *testing.T) {
	for _, op := range []attention.Linear{{Heads: 2, Causal: true, Map: attention.ELUFeatures{}}, {Heads: 2, Unnormalized: true}, {Heads: 2, Unnormalized: true, Causal: true}} {
		for _, bias := range []bool{false, true} {
			x := normal(rand.New(rand.NewPCG(1, 2)), 1, 70, 6)
			b := normal(rand.New(rand.NewPCG(1, 3)), 1, 2, 139)
			of := func(same bool) []float32 {
				l := layer{inputs: map[string]*tensor.Tensor{"query": x, "key": x.Clone(), "value": x.Clone()}}
				l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
					in := attention.LinearInput{Queries: []int{0, 70}, Query: leaf("query"), Key: leaf("key"), Value: leaf("value")}
					if same {
						in.Key, in.Value = in.Query, in.Query
					}
					if bias {
						in.Bias = tp.Const(b)
					}
					return op.Apply(tp, in)
				}
				_, g := l.run(true)
				sum := g["query"]
				simd.Add(sum, sum, g["key"])
				simd.Add(sum, sum, g["value"])
				return sum
			}
			want, got := of(false), of(true)
			for n, v := range want {
				if math.Abs(float64(got[n]-v)) > 1e-4*float64(simd.MaxAbs(want)) {
					t.Errorf("%+v, bias %v: gradient %d is %v, want %v", op, bias, n, got[n], v)
					break
				}
			}
		}
	}
}

// TestLinearGradientsWanted leaves out the gradient of each input, and has gradients arrive where others are already:
// the rest stay what they were.
func TestLinearGradientsWanted(t *testing.T) {
	for _, s := range sequenceLayers() {
		l := s.make(s.lengths, nil)
		_, want := l.run(true)
		for name := range l.inputs {
			l.frozen = name
			_, got := l.run(true)
			for of, g := range got {
				if of != name && !sameFloats(g, want[of]) {
					t.Errorf("%s: without the gradient of %s that of %s has other bits", s.name, name, of)
				}
			}
			if !sameFloats(got[name], make([]float32, len(got[name]))) {
				t.Errorf("%s: %s has a gradient that is not wanted", s.name, name)
			}
		}
		l.frozen, l.more = "", true
		_, got := l.run(true)
		for name, g := range got {
			for n, v := range g {
				if d := float64(v - 1 - want[name][n]); !(math.Abs(d) <= 1e-5*(1+float64(simd.MaxAbs(want[name])))) {
					t.Errorf("%s: gradient %d of %s, added to 1, is %v, want %v", s.name, n, name, v, 1+want[name][n])
					break
				}
			}
		}
	}
}

// TestLinearDraws draws shapes and compares both forms with and without causality of random cases with their loops.
func TestLinearDraws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kv := rapid.IntRange(1, 3).Draw(rt, "kv heads")
		c := linearCase{op: attention.Linear{KVHeads: kv, Heads: kv * rapid.IntRange(1, 3).Draw(rt, "group"), Causal: rapid.Bool().Draw(rt, "causal")},
			queries: rapid.SliceOfN(rapid.IntRange(0, 9), 1, 4).Draw(rt, "lengths"),
			dim:     rapid.IntRange(1, 5).Draw(rt, "dim"), dv: rapid.IntRange(1, 5).Draw(rt, "value dim")}
		switch rapid.IntRange(0, 2).Draw(rt, "map") {
		case 0:
			c.op.Map = attention.ELUFeatures{}
		case 1:
			c.op.Map = attention.ReLUFeatures{Eps: 0.1}
		case 2:
			c.op.Map = &attention.RandomFeatures{Projection: attention.DrawProjection(1, 4, c.dim, 9), Normalize: rapid.Bool().Draw(rt, "normalize")}
		}
		if rapid.Bool().Draw(rt, "bias") {
			c.bias, c.op.FFTFrom = 9, rapid.SampledFrom([]int{0, 1, 4, 100}).Draw(rt, "FFT from")
		}
		l := c.layer(rapid.Uint64().Draw(rt, "seed"))
		if _, ok := c.op.Map.(attention.ReLUFeatures); ok { // differences must not reach over the kink
			for _, name := range []string{"query", "key"} {
				for n, x := range l.inputs[name].Data() {
					if math.Abs(float64(x)) < 1e-3 {
						l.inputs[name].Data()[n] = 1e-2
					}
				}
			}
		}
		l.loose = 5 // of so many cases some cancel almost wholly
		l.check(t, c.String())
	})
}
