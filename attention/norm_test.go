package attention_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// batchNorm is a batch normalisation in float64: y = w (x - mean) / sqrt(var + eps) + b for each column.
type batchNorm struct {
	w, b, mean, variance []float64
	batch                bool // mean and variance are those of x, so they depend on it
	eps                  float64
}

// norm returns the normalisation of x [rows, len(w)] by its own statistics.
func (n *batchNorm) norm(x []float64) []float64 {
	width := len(n.w)
	if rows := float64(len(x) / width); n.batch {
		n.mean, n.variance = make([]float64, width), make([]float64, width)
		for k, v := range x {
			n.mean[k%width] += v / rows
		}
		for k, v := range x {
			d := v - n.mean[k%width]
			n.variance[k%width] += d * d / rows
		}
	}
	y := make([]float64, len(x))
	for k := range x {
		y[k] = n.w[k%width]*n.unit(x, k) + n.b[k%width]
	}
	return y
}

func (n *batchNorm) unit(x []float64, k int) float64 {
	c := k % len(n.w)
	return (x[k] - n.mean[c]) / math.Sqrt(n.variance[c]+n.eps)
}

// back returns the gradients of x, w and b for that of y.
func (n *batchNorm) back(x, dy []float64) (dx, dw, db []float64) {
	width := len(n.w)
	dx, dw, db = make([]float64, len(x)), make([]float64, width), make([]float64, width)
	for k, g := range dy {
		dw[k%width] += g * n.unit(x, k)
		db[k%width] += g
	}
	for k, g := range dy {
		c, rows := k%width, float64(len(x)/width)
		if n.batch {
			g -= db[c]/rows + n.unit(x, k)*dw[c]/rows
		}
		dx[k] = g * n.w[c] / math.Sqrt(n.variance[c]+n.eps)
	}
	return dx, dw, db
}

// stack is two attentions, the pair features of the first normalised between them, and those of the second normalised
// at the end: as layers of a model meet.
type stack struct {
	first, second      *reference
	norm, last         batchNorm
	gx1, gx2, gp1, gp2 []float64 // probes of tokens and of normalised pair features; nil for none
	x1, p1, x2, p2     []float64
	gradients          map[string][]float64
}

// newStack draws a stack over the pairs of a case. The second attention keeps away from kinks by itself: its factors
// are large and its activation is smooth.
func newStack(c pairwiseCase, batch bool) (*stack, *attention.Pairs) {
	c.output, c.enhance = true, true
	s := &stack{}
	var pairs *attention.Pairs
	s.first, pairs = c.draw()
	second := *s.first
	d := second.d()
	second.act = nn.SiLU
	second.pair, second.v, second.score = nil, probe(len(second.v), c.seed+10), probe(d, c.seed+11)
	second.pw, second.pb = probe(len(second.pw), c.seed+12), probe(2*d, c.seed+13)
	for n := range second.pw {
		second.pw[n] = float64(float32(second.pw[n] * 0.1))
	}
	for n := range second.pb[:d] {
		second.pb[n] = float64(float32(math.Copysign(2.5, second.pb[n])))
	}
	s.second = &second
	for k, n := range []*batchNorm{&s.norm, &s.last} {
		seed := c.seed + 20 + 10*uint64(k)
		*n = batchNorm{w: probe(c.in, seed), b: probe(c.in, seed+1), mean: probe(c.in, seed+2), variance: probe(c.in, seed+3),
			batch: batch, eps: 1e-5}
		for m, v := range n.variance {
			n.variance[m] = math.Abs(v) + 0.5
		}
	}
	return s, pairs
}

// run computes the stack and the gradients of its loss.
func (s *stack) run() {
	one := s.first.forward()
	y1 := s.norm.norm(one.pair)
	s.second.pair = y1
	two := s.second.forward()
	y2 := s.last.norm(two.pair)
	s.x1, s.p1, s.x2, s.p2 = one.x, y1, two.x, y2

	s.gradients = map[string][]float64{}
	keep := func(prefix string, named map[string][]float64) {
		for name, g := range named {
			s.gradients[prefix+name] = g
		}
	}
	var gp2 []float64
	if s.gp2 != nil {
		dx, dw, db := s.last.back(two.pair, s.gp2)
		gp2 = dx
		keep("last ", map[string][]float64{"weight": dw, "bias": db})
	}
	g2 := s.second.backward(two, orZeros(s.gx2, len(two.x)), gp2)
	dy := append([]float64(nil), g2.pair...)
	for n, g := range s.gp1 {
		dy[n] += g
	}
	dx, dw, db := s.norm.back(one.pair, dy)
	keep("norm ", map[string][]float64{"weight": dw, "bias": db})
	g1 := s.first.backward(one, orZeros(s.gx1, len(one.x)), dx)
	keep("first ", g1.named())
	g2.pair = nil
	keep("second ", g2.named())
}

// stackKernel is the stack under test.
type stackKernel struct {
	pass          tensor.Pass
	pairs         *attention.Pairs
	first, second *kernel
	norms         map[string]*tensor.Tensor // "norm weight", "last bias", ...
	noStats       bool
	late          bool // record the use of the first pair features after the second attention, not before
	apart         bool // let tensor.Tape.BatchNorm do the normalisations
}

func newStackKernel(s *stack, pairs *attention.Pairs, train bool) *stackKernel {
	k := &stackKernel{pass: tensor.Pass{Train: train, Grad: true}, pairs: pairs,
		first: newKernel(s.first, pairs), second: newKernel(s.second, pairs), norms: map[string]*tensor.Tensor{}}
	for prefix, n := range map[string]*batchNorm{"norm ": &s.norm, "last ": &s.last} {
		for name, values := range map[string][]float64{"weight": n.w, "bias": n.b, "mean": n.mean, "variance": n.variance} {
			t := tensor.New(len(values))
			for m, v := range values {
				t.Data()[m] = float32(v)
			}
			k.norms[prefix+name] = t
		}
	}
	return k
}

func (k *stackKernel) norm(prefix string) (w, b *tensor.Var, stats tensor.NormStats) {
	stats = tensor.NormStats{Mean: k.norms[prefix+"mean"], Var: k.norms[prefix+"variance"], Momentum: 0.1, Eps: 1e-5}
	if k.noStats {
		stats.Mean, stats.Var = nil, nil
	}
	return tape.Leaf(k.norms[prefix+"weight"]), tape.Leaf(k.norms[prefix+"bias"]), stats
}

// apply records one attention and the normalisation that follows.
func (k *stackKernel) apply(of *kernel, pair *attention.PairFeatures, prefix string) (x *tensor.Var, out *attention.PairFeatures) {
	leaf := func(name string) *tensor.Var { return tape.Leaf(of.inputs[name]) }
	in := attention.PairwiseInput{Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), Score: leaf("score"),
		Enhance: leaf("enhance"), PairWeight: leaf("pair weight"), PairBias: leaf("pair bias"), Pair: pair,
		Output: attention.PairOutput{Weight: leaf("output weight"), Bias: leaf("output bias")}}
	w, b, stats := k.norm(prefix)
	if !k.apart {
		in.Output.Norm = attention.PairNorm{Weight: w, Bias: b, Stats: stats}
	}
	o := of.op.Apply(tape, k.pairs, in)
	if !k.apart {
		return o.Tokens, o.Pair
	}
	return o.Tokens, attention.Features(tape.BatchNorm(o.Pair.Var(tape), w, b, stats))
}

// run returns tokens, pair features and gradients of everything.
func (k *stackKernel) run(s *stack) map[string][]float32 {
	tp := tape
	tp.Begin(k.pass)
	out := map[string][]float32{}
	x1, p1 := k.apply(k.first, attention.Features(tp.Leaf(k.first.inputs["pair"])), "norm ")
	var loss *tensor.Var
	add := func(v *tensor.Var, probe []float64) {
		if probe == nil {
			return
		}
		v = tp.Sum(tp.Mul(v, constant(tp, probe, v)))
		if loss == nil {
			loss = v
		} else {
			loss = tp.Add(loss, v)
		}
	}
	out["x1"] = clone(x1.Data())
	add(x1, s.gx1)
	use := func() {
		if s.gp1 != nil { // else they are never written out
			y1 := p1.Var(tp)
			out["p1"] = clone(y1.Data())
			add(y1, s.gp1)
		}
	}
	if !k.late {
		use()
	}
	x2, p2 := k.apply(k.second, p1, "last ")
	if k.late {
		use()
	}
	out["x2"] = clone(x2.Data())
	add(x2, s.gx2)
	if s.gp2 != nil {
		y2 := p2.Var(tp)
		out["p2"] = clone(y2.Data())
		add(y2, s.gp2)
	}
	if loss != nil && k.pass.Grad {
		tp.Backward(loss)
	}
	collect := func(prefix string, inputs map[string]*tensor.Tensor) {
		for name, t := range inputs {
			if g := tp.Grad(t); g != nil {
				out["gradient of "+prefix+name] = clone(g)
			}
		}
	}
	collect("first ", k.first.inputs)
	collect("second ", k.second.inputs)
	collect("", k.norms)
	return out
}

// TestPairNorm compares two attentions, with the normalisations that are applied inside the kernel, with the reference.
func TestPairNorm(t *testing.T) {
	n := uint64(0)
	for _, items := range [][]int{{4, 0, 1, 6}, {1}, {30, 3}} {
		for _, sparse := range []bool{false, true} {
			for _, mode := range []string{"training", "evaluation", "no statistics"} {
				for _, loss := range []string{"all", "tokens", "first pairs", "last pairs"} {
					n++
					c := pairwiseCase{heads: 2, dim: 3, in: 5, items: items, sparse: sparse, act: activations[n%uint64(len(activations))], seed: n}
					checkStack(t, c, mode, loss)
				}
			}
		}
	}
}

func checkStack(t *testing.T, c pairwiseCase, mode, loss string) {
	t.Helper()
	s, pairs := newStack(c, mode != "evaluation")
	tokens, rows := len(s.first.q), len(s.first.pair)
	if loss == "all" || loss == "tokens" {
		s.gx1, s.gx2 = probe(tokens, 1), probe(tokens, 2)
	}
	if loss == "all" || loss == "first pairs" {
		s.gp1 = probe(rows, 3)
	}
	if loss == "all" || loss == "last pairs" {
		s.gp2 = probe(rows, 4)
	}
	k := newStackKernel(s, pairs, mode == "training")
	k.noStats = mode == "no statistics"
	s.run()
	what := fmt.Sprintf("%v, %s, loss of %s", c, mode, loss)
	single, tolerance := len(s.first.keys) == 1, 3*forwardTolerance // two layers and two norms
	if single {
		tolerance = gradientTolerance // it multiplies rounding errors by 1/sqrt(eps), 316
	}
	for pass := range 4 {
		k.late, k.apart = pass == 2, pass == 3
		before := map[string][]float32{}
		for name, v := range k.norms {
			before[name] = clone(v.Data())
		}
		got := k.run(s)
		for name, want := range map[string][]float64{"x1": s.x1, "x2": s.x2, "p1": s.p1, "p2": s.p2} {
			if have, ok := got[name]; ok {
				compare(t, what+": "+name, have, want, tolerance)
			}
		}
		for name, want := range s.gradients {
			have, reached := got["gradient of "+name]
			if !reached && (allZero(want) || len(want) == 0) {
				continue
			}
			// A bias in front of a normalisation has no gradient but for rounding, and neither has anything in front of
			// one over a single row.
			floor := 1.0
			if single {
				floor = 10
			}
			compareFrom(t, what+": gradient of "+name, have, want, gradientTolerance, floor)
		}
		for _, name := range []string{"last weight", "last bias", "second output weight", "second output bias"} {
			if g := got["gradient of "+name]; s.gp2 == nil && g != nil {
				t.Errorf("%s: %s has a gradient, though the loss does not depend on it", what, name)
			}
		}
		checkStatistics(t, what, s, k, before, mode, len(s.first.keys))
		for name, v := range before { // as the reference has them, for the next pass
			copy(k.norms[name].Data(), v)
		}
	}
}

// checkStatistics compares the running statistics after a pass: those of training move, by the unbiased variance, also
// where the features have no part in the loss.
func checkStatistics(t *testing.T, what string, s *stack, k *stackKernel, before map[string][]float32, mode string, rows int) {
	t.Helper()
	for prefix, n := range map[string]*batchNorm{"norm ": &s.norm, "last ": &s.last} {
		for name, now := range map[string][]float64{"mean": n.mean, "variance": n.variance} {
			old, unbias := before[prefix+name], 1.0
			if name == "variance" && rows > 1 {
				unbias = float64(rows) / float64(rows-1)
			}
			want := make([]float64, len(old))
			for c, v := range old {
				want[c] = float64(v)
				if mode == "training" {
					want[c] = 0.9*want[c] + 0.1*now[c]*unbias
				}
			}
			compare(t, what+": running "+prefix+name, k.norms[prefix+name].Data(), want, 3*forwardTolerance)
		}
	}
}

// TestPairNormProcessors compares the bits at several numbers of processors.
func TestPairNormProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	s, pairs := newStack(pairwiseCase{heads: 2, dim: 4, in: 8, items: []int{30, 9, 17, 1, 25}, seed: 1}, true)
	rows := len(s.first.keys)
	s.gx1, s.gx2, s.gp2 = probe(len(s.first.q), 1), probe(len(s.first.q), 2), probe(rows*8, 3)
	k := newStackKernel(s, pairs, true)
	var want map[string][]float32
	for turn, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		got := k.run(s)
		if turn == 0 {
			want = got
			continue
		}
		for name, v := range want {
			sameBits(t, fmt.Sprintf("%d processors: %s", procs, name), got[name], v)
		}
	}
}

// TestPairNormWithoutPairs normalises nothing.
func TestPairNormWithoutPairs(t *testing.T) {
	for _, mode := range []string{"training", "evaluation", "no statistics"} {
		s, pairs := newStack(pairwiseCase{heads: 1, dim: 2, in: 3, items: []int{0}, seed: 1}, false)
		s.gx1, s.gp2 = []float64{}, []float64{}
		k := newStackKernel(s, pairs, mode == "training")
		k.noStats = mode == "no statistics"
		for name, v := range k.run(s) {
			for _, x := range v {
				if x != 0 {
					t.Errorf("%s: %s is %v, want zeros", mode, name, v)
				}
			}
		}
	}
}

func TestPairNormPanics(t *testing.T) {
	s, pairs := newStack(pairwiseCase{heads: 1, dim: 2, in: 3, items: []int{2}, seed: 1}, true)
	k := newStackKernel(s, pairs, true)
	k.norms["last bias"] = tensor.New(4)
	defer func() {
		if got, want := recover(), "attention: PairNorm: vector of shape [4] does not fit pair features of width 3"; got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	k.run(s)
}
