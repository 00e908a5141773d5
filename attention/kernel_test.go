package attention_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Tolerances, relative to the largest magnitude of what is compared.
const (
	forwardTolerance  = 1e-5
	gradientTolerance = 1e-4
)

// tape is the tape of all tests, which run one after the other: its memory is dirty, as in a long training, and costs
// nothing more.
var tape = tensor.NewTape()

// kernel is the attention under test with its inputs as tensors.
type kernel struct {
	op     attention.Pairwise
	pairs  *attention.Pairs
	inputs map[string]*tensor.Tensor
	pass   tensor.Pass
	gx, gp []float64       // probes; nil leaves that result out of the loss
	more   float64         // the loss gets more times the sum of every input, half of it before and half after the attention
	frozen map[string]bool // inputs that want no gradient
}

// outcome is what a pass of the kernel gave.
type outcome struct {
	x, pair, weights []float32
	gradients        map[string][]float32
}

// newKernel returns the kernel with the inputs of r.
func newKernel(r *reference, pairs *attention.Pairs) *kernel {
	k := &kernel{op: attention.Pairwise{Heads: r.heads, Clamp: r.clamp, Activation: r.act}, pairs: pairs,
		inputs: map[string]*tensor.Tensor{}, pass: tensor.Pass{Train: true, Grad: true}}
	d, tokens := r.d(), r.tokens()
	shapes := map[string][]int{"query": {tokens, d}, "key": {tokens, d}, "value": {tokens, d}, "score": {r.heads, r.dim},
		"enhance": {r.heads, r.dim, r.dim}, "pair": {len(r.keys), r.in}, "pair weight": {2 * d, r.in}, "pair bias": {2 * d},
		"output weight": {r.in, d}, "output bias": {r.in}}
	for name, values := range r.named() {
		if values == nil && !(r.in > 0 && name == "pair") {
			continue
		}
		t := tensor.New(shapes[name]...)
		for n, v := range values {
			t.Data()[n] = float32(v)
		}
		k.inputs[name] = t
	}
	return k
}

// run does one pass, forward and, where the pass asks for it, backward.
func (k *kernel) run() outcome {
	tp := tape
	tp.Begin(k.pass)
	leaf := func(name string) *tensor.Var {
		switch t := k.inputs[name]; {
		case t == nil:
			return nil
		case k.frozen[name]:
			return tp.Const(t)
		default:
			return tp.Leaf(t)
		}
	}
	var loss *tensor.Var
	add := func(v *tensor.Var) {
		if loss == nil {
			loss = v
		} else {
			loss = tp.Add(loss, v)
		}
	}
	use := func() {
		for _, name := range inputNames {
			if v := leaf(name); v != nil && k.more != 0 {
				add(tp.Scale(tp.Sum(v), float32(k.more/2)))
			}
		}
	}
	use()
	in := attention.PairwiseInput{Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Score: leaf("score"),
		Enhance: leaf("enhance"), PairWeight: leaf("pair weight"), PairBias: leaf("pair bias")}
	if v := leaf("pair"); v != nil {
		in.Pair = attention.Features(v)
	}
	if w := leaf("output weight"); w != nil {
		in.Output = attention.PairOutput{Weight: w, Bias: leaf("output bias")}
	}
	out := k.op.Apply(tp, k.pairs, in)
	o := outcome{x: clone(out.Tokens.Data()), gradients: map[string][]float32{}}
	var pair *tensor.Var
	if out.Pair != nil {
		pair = out.Pair.Var(tp)
		o.pair = clone(pair.Data())
	}
	if out.Weights != nil {
		o.weights = out.Weights.Data()
	}
	if !k.pass.Grad {
		return o
	}
	use()
	if k.gx != nil {
		add(tp.Sum(tp.Mul(out.Tokens, constant(tp, k.gx, out.Tokens))))
	}
	if k.gp != nil && pair != nil {
		add(tp.Sum(tp.Mul(pair, constant(tp, k.gp, pair))))
	}
	tp.Backward(loss)
	for name, t := range k.inputs {
		if g := tp.Grad(t); g != nil {
			o.gradients[name] = clone(g)
		}
	}
	return o
}

var inputNames = []string{"query", "key", "value", "pair", "pair weight", "pair bias", "score", "enhance", "output weight", "output bias"}

func constant(tp *tensor.Tape, values []float64, like *tensor.Var) *tensor.Var {
	t := tensor.New(like.Shape()...)
	for n, v := range values {
		t.Data()[n] = float32(v)
	}
	return tp.Const(t)
}

func clone(a []float32) []float32 { return append([]float32{}, a...) }

// compare reports where got is further from want than tolerance times the largest magnitude of want, or times 0.01 where
// want is smaller: the gradient of a query that only shifts all its scores, for one, is zero but for rounding.
func compare(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	compareFrom(t, what, got, want, tolerance, 0.01)
}

// compareFrom is compare with another magnitude from which on a deviation counts as relative.
func compareFrom(t *testing.T, what string, got []float32, want []float64, tolerance, floor float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	scale, worst, at := floor, 0.0, 0
	for n, w := range want {
		scale = max(scale, math.Abs(w))
		if d := math.Abs(float64(got[n]) - w); !(d <= worst) {
			worst, at = d, n
			if d != d {
				break
			}
		}
	}
	if !(worst <= tolerance*scale) {
		t.Errorf("%s: number %d is %v, want %v: off by %.2g of the largest, %v", what, at, got[at], want[at], worst/scale, scale)
	}
}

// check runs the kernel and compares all it gives with the reference, and returns what it gave.
func check(t *testing.T, what string, r *reference, k *kernel) outcome {
	t.Helper()
	got, want := k.run(), r.forward()
	compare(t, what+": tokens", got.x, want.x, forwardTolerance)
	compare(t, what+": pair features", got.pair, want.pair, forwardTolerance)
	if k.op.KeepWeights {
		compare(t, what+": weights", got.weights, want.weights, forwardTolerance)
	} else if got.weights != nil {
		t.Errorf("%s: weights that nobody asked for", what)
	}
	if !k.pass.Grad {
		return got
	}
	g := r.backward(want, orZeros(k.gx, len(want.x)), k.gp)
	for name, values := range g.named() {
		if k.inputs[name] == nil {
			continue
		}
		for n := range values {
			values[n] += k.more
		}
		have, reached := got.gradients[name]
		if !reached && allZero(values) {
			continue // a gradient that is nil is one of zeros
		}
		compare(t, what+": gradient of "+name, have, values, gradientTolerance)
	}
	return got
}

func orZeros(a []float64, n int) []float64 {
	if a == nil {
		return make([]float64, n)
	}
	return a
}

func allZero(a []float64) bool {
	for _, v := range a {
		if v != 0 {
			return false
		}
	}
	return true
}

// checkCase draws a case, compares it, and returns it for more.
func checkCase(t *testing.T, c pairwiseCase, change func(*kernel)) {
	t.Helper()
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	f := r.forward()
	k.gx, k.gp = probe(len(f.x), c.seed), nil
	if c.in > 0 {
		k.gp = probe(len(f.pair), c.seed+1)
	}
	if change != nil {
		change(k)
	}
	check(t, c.String(), r, k)
	check(t, c.String()+", again", r, k) // in the memory of the first pass
}
