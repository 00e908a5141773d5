package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// softCase is a combination of what the softmax kernel can do.
type softCase struct {
	name             string
	heads, kv, d, dv int
	queries, keys    []int // lengths; keys nil: as the queries
	scale            float64

	rotate             string // "": none, "fixed", "learned"
	pairs              int
	apart, interleaved bool

	relative, relativeQuery bool
	relativePlaces          int
	dense, table            int // columns; 0: none
	t5                      int // columns
	alibi                   bool
	distance                bool // distances that are not those of the places

	causal, segments, neighbours, allow bool
	trunk                               bool // of the segments
	branches                            bool // segments and places as those of a trunk with branches, the keys are the queries
	window                              *attention.Window
	scattered                           bool // places in any order, with gaps
	softCap, clamp                      float64
	decay                               attention.Decay
	dropout                             float64
	weights                             bool
}

// softTest is a case with numbers.
type softTest struct {
	softCase
	op  attention.Softmax
	in  attention.SoftmaxInput // without the Vars
	ref *softReference
}

func offsetsOf(lengths []int) []int {
	out := []int{0}
	for _, n := range lengths {
		out = append(out, out[len(out)-1]+n)
	}
	return out
}

// build draws the numbers of a case.
func (c softCase) build(rng *rand.Rand) *softTest {
	if c.kv == 0 {
		c.kv = c.heads
	}
	if c.dv == 0 {
		c.dv = c.d
	}
	t := &softTest{softCase: c}
	r := &softReference{heads: c.heads, kv: c.kv, d: c.d, dv: c.dv, queries: offsetsOf(c.queries), softCap: c.softCap, clamp: c.clamp,
		scale: c.scale, in: map[string][]float64{}, pairs: c.pairs, apart: c.apart, interleaved: c.interleaved}
	t.ref = r
	if r.scale == 0 {
		r.scale = 1 / math.Sqrt(float64(c.d))
	}
	r.keys = r.queries
	t.in.Queries = r.queries
	if c.keys != nil {
		r.keys = offsetsOf(c.keys)
		t.in.Keys = r.keys
	}
	t.op = attention.Softmax{Heads: c.heads, KVHeads: c.kv, Scale: c.scale, SoftCap: c.softCap, Clamp: c.clamp, Decay: c.decay,
		Dropout: c.dropout, KeepWeights: c.weights}
	nq, nk := r.queries[len(r.queries)-1], r.keys[len(r.keys)-1]
	r.in["query"], r.in["key"], r.in["value"] = normals(rng, nq*c.heads*c.d, 1), normals(rng, nk*c.kv*c.d, 1), normals(rng, nk*c.kv*c.dv, 1)
	r.gout = normals(rng, nq*c.heads*c.dv, 1)
	c.places(t, rng)
	if c.rotate != "" {
		each := c.pairs
		hq, hk := 1, 1
		if c.apart {
			hq, hk = c.heads, c.kv
		}
		r.in["anglesQ"], r.in["anglesK"] = normals(rng, nq*hq*each, 2), normals(rng, nk*hk*each, 2)
	}
	pairs := 0
	for b := range c.queries {
		pairs += c.queries[b] * (r.keys[b+1] - r.keys[b])
	}
	if c.relative {
		r.relativePlaces, r.relativeMin = c.relativePlaces, -c.relativePlaces/2
		r.in["relative"] = normals(rng, c.relativePlaces*c.heads*c.d, 1)
		if c.relativeQuery {
			r.in["relativeQuery"] = normals(rng, nq*c.heads*c.d, 1)
		}
	}
	if r.denseCols = c.dense; c.dense > 0 {
		r.in["dense"] = normals(rng, pairs*c.dense, 1)
	}
	if r.tableCols = c.table; c.table > 0 {
		r.tableRows = 7
		r.in["table"] = normals(rng, 7*c.table, 1)
		for range pairs {
			r.tableIndex = append(r.tableIndex, int32(rng.IntN(8)-1))
		}
	}
	if r.t5Cols = c.t5; c.t5 > 0 {
		r.t5Table, r.t5Min = 6, -9
		r.in["t5"] = normals(rng, 6*c.t5, 1)
		for range 21 {
			r.t5Rows = append(r.t5Rows, int32(rng.IntN(6)))
		}
	}
	if c.alibi {
		r.in["slopes"] = normals(rng, c.heads, 0.1)
	}
	if c.distance {
		for range 11 {
			r.distance = append(r.distance, float32(rng.Float64()*4))
		}
	}
	if d := c.decay; d.Factor != 0 {
		r.decay = func(distance, key, keys int) float64 {
			if key >= keys-d.Exempt {
				return 1
			}
			return decayFactor(d, distance)
		}
	}
	c.mask(t, rng, pairs)
	return t
}

// places sets the places of the tokens.
func (c softCase) places(t *softTest, rng *rand.Rand) {
	r := t.ref
	for b, n := range c.queries {
		have := r.keys[b+1] - r.keys[b]
		for i := range n {
			r.qPlace = append(r.qPlace, int32(have-n+i))
		}
		for j := range have {
			r.kPlace = append(r.kPlace, int32(j))
		}
	}
	if !c.scattered {
		return
	}
	for _, p := range [][]int32{r.qPlace, r.kPlace} {
		for n := range p {
			p[n] = int32(rng.IntN(40) - 5)
		}
	}
	t.in.QueryIndex, t.in.KeyIndex = r.qPlace, r.kPlace
	if c.keys == nil {
		copy(r.kPlace, r.qPlace)
		t.in.KeyIndex = nil
	}
}

// branch sets the places of a trunk with branches, all of which begin behind it, and returns the segments.
func (c softCase) branch(t *softTest, rng *rand.Rand) (segments []int32) {
	r := t.ref
	segments = []int32{}
	for b, n := range c.queries {
		trunk := rng.IntN(n + 1)
		for i, at, next := 0, int32(0), int32(0); i < n; i++ {
			if i >= trunk && (i == trunk || rng.IntN(20) == 0) {
				at, next = at+1, int32(trunk)
			}
			segments = append(segments, at)
			r.qPlace[r.queries[b]+i], r.kPlace[r.queries[b]+i] = next, next
			next++
		}
	}
	t.in.QueryIndex = r.qPlace
	return segments
}

// mask sets the mask.
func (c softCase) mask(t *softTest, rng *rand.Rand, pairs int) {
	r, m := t.ref, &t.in.Mask
	m.Causal, m.Window = c.causal, c.window
	if c.segments {
		for range r.qPlace {
			m.QuerySegments = append(m.QuerySegments, int32(rng.IntN(3)))
		}
		for range r.kPlace {
			m.KeySegments = append(m.KeySegments, int32(rng.IntN(3)))
		}
		if c.keys == nil {
			m.KeySegments = nil
		}
	}
	if c.branches {
		m.QuerySegments = c.branch(t, rng)
	}
	m.Trunk = c.trunk || c.branches
	seen := map[[2]int]bool{}
	if c.neighbours {
		start, keys := []int{0}, []int32(nil)
		for b, n := range c.queries {
			for i := range n {
				for range rng.IntN(n + 1) {
					j := r.queries[b] + rng.IntN(n)
					seen[[2]int{r.queries[b] + i, j}] = true
					keys = append(keys, int32(j))
				}
				start = append(start, len(keys))
			}
		}
		p, err := attention.SparsePairs(r.queries, start, keys)
		if err != nil {
			panic(err)
		}
		m.Neighbours = p
	}
	var first []int // pairs of sequences
	at := 0
	for b, n := range c.queries {
		first = append(first, at)
		at += n * (r.keys[b+1] - r.keys[b])
	}
	if c.allow {
		m.Allow = make([]bool, pairs)
		for n := range m.Allow {
			m.Allow[n] = rng.IntN(3) > 0
		}
	}
	r.allowed = func(b, i, j int) bool {
		qi, kj := r.queries[b]+i, r.keys[b]+j
		d := int(r.kPlace[kj]) - int(r.qPlace[qi])
		seg := m.KeySegments
		if seg == nil {
			seg = m.QuerySegments
		}
		switch {
		case c.causal && d > 0, c.window != nil && (d > c.window.Ahead || -d > c.window.Back),
			seg != nil && m.QuerySegments[qi] != seg[kj] && !(m.Trunk && seg[kj] == 0), c.neighbours && !seen[[2]int{qi, kj}],
			c.allow && !m.Allow[first[b]+i*(r.keys[b+1]-r.keys[b])+j]:
			return false
		}
		return true
	}
}

// softOutcome is what the kernel gave.
type softOutcome struct {
	out, weights []float32
	grads        map[string][]float32
}

func tensorOf(x []float64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for n, v := range x {
		t.Data()[n] = float32(v)
	}
	return t
}

// inputs returns the numbers of the case as tensors.
func (t *softTest) inputs() map[string]*tensor.Tensor {
	r := t.ref
	nq, nk := len(r.qPlace), len(r.kPlace)
	shapes := map[string][]int{"query": {nq, t.heads * t.d}, "key": {nk, t.kv * t.d}, "value": {nk, t.kv * t.dv},
		"relative": {r.relativePlaces, t.heads * t.d}, "relativeQuery": {nq, t.heads * t.d}, "slopes": {t.heads},
		"dense": {len(r.in["dense"]) / max(t.dense, 1), t.dense}, "table": {7, t.table}, "t5": {6, t.t5},
		"anglesQ": {nq, len(r.in["anglesQ"]) / max(nq, 1)}, "anglesK": {nk, len(r.in["anglesK"]) / max(nk, 1)}}
	out := map[string]*tensor.Tensor{}
	for name, x := range r.in {
		out[name] = tensorOf(x, shapes[name]...)
	}
	return out
}

// apply records the attention on the tape.
func (t *softTest) apply(tp *tensor.Tape, leaf func(name string) *tensor.Var) attention.SoftmaxOutput {
	r, in := t.ref, t.in
	in.Query, in.Key, in.Value = leaf("query"), leaf("key"), leaf("value")
	rotation := func(name string) *attention.Rotation {
		out := &attention.Rotation{Pairs: t.pairs, Interleaved: t.interleaved}
		if t.rotate == "learned" {
			out.Angles = leaf(name)
			return out
		}
		a := leaf(name).Value()
		out.Cos, out.Sin = tensor.New(a.Rows(), a.Cols()), tensor.New(a.Rows(), a.Cols())
		for n, x := range a.Data() {
			s, c := math.Sincos(float64(x))
			out.Cos.Data()[n], out.Sin.Data()[n] = float32(c), float32(s)
		}
		return out
	}
	if t.rotate != "" {
		in.RotateQuery, in.RotateKey = rotation("anglesQ"), rotation("anglesK")
	}
	if t.relative {
		in.Relative = &attention.RelativeKeys{Keys: leaf("relative"), Min: r.relativeMin}
		if t.relativeQuery {
			in.Relative.Query = leaf("relativeQuery")
		}
	}
	in.Biases = nil
	if t.dense > 0 {
		in.Biases = append(in.Biases, attention.DenseBias{Values: leaf("dense")})
	}
	if t.table > 0 {
		in.Biases = append(in.Biases, attention.TableBias{Table: leaf("table"), Index: r.tableIndex})
	}
	if t.t5 > 0 {
		in.Biases = append(in.Biases, attention.RelativeBias{Table: leaf("t5"), Rows: r.t5Rows, Min: r.t5Min})
	}
	if t.alibi {
		in.Biases = append(in.Biases, attention.DistanceBias{Slopes: leaf("slopes"), Distance: r.distance})
	}
	return t.op.Apply(tp, in)
}

// run does a pass of the kernel, with gradients.
func (t *softTest) run() softOutcome {
	inputs := t.inputs()
	tp := tape
	tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 5})
	leaf := func(name string) *tensor.Var { return tp.Leaf(inputs[name]) }
	out := t.apply(tp, leaf)
	res := softOutcome{out: append([]float32(nil), out.Tokens.Data()...), grads: map[string][]float32{}}
	if out.Weights != nil {
		res.weights = out.Weights.Data()
	}
	tp.Backward(tp.Sum(tp.Mul(out.Tokens, tp.Const(tensorOf(t.ref.gout, out.Tokens.Shape()...)))))
	for name, x := range inputs {
		if g := tp.Grad(x); g != nil {
			res.grads[name] = append([]float32(nil), g...)
		}
	}
	return res
}

// near fails the test unless got is within tol of want, relative to the largest magnitude.
func near(t *testing.T, name string, got []float32, want []float64, tol float64) {
	t.Helper()
	nearSum(t, name, got, want, tol, 0)
}

// nearSum is near for sums whose terms have magnitudes of this sum: where they cancel, their rounding stays.
func nearSum(t *testing.T, name string, got []float32, want []float64, tol, terms float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", name, len(got), len(want))
		return
	}
	largest := 0.0
	for _, x := range want {
		largest = max(largest, math.Abs(x))
	}
	worst, at := 0.0, 0
	for n, x := range want {
		if d := math.Abs(float64(got[n]) - x); !(d <= worst) {
			worst, at = d, n
		}
	}
	if !(worst <= max(tol*max(largest, 0.05), 1e-6*terms)) {
		t.Errorf("%s[%d] is %v, want %v: off by %.2g of the largest, %v", name, at, got[at], want[at], worst/largest, largest)
	}
}

func (t *softTest) String() string { return fmt.Sprintf("%+v", t.softCase) }
