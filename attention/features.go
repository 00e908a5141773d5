package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// FeatureMap turns queries and keys into the features φ of a kernel, φ(q)·φ(k), that takes the place of exp(q·k) in
// [Linear]. The features of a map are not negative.
type FeatureMap interface {
	// Map returns the features of x [tokens, heads * head dim], head by head.
	Map(tp *tensor.Tape, x *tensor.Var, heads int) Mapped
}

// Mapped are tokens after a [FeatureMap].
type Mapped struct {
	Features *tensor.Var // [tokens, heads * features]
	// LogScale [tokens, heads] is the logarithm of a factor that all features of a token and head still lack, so that
	// exponentials neither overflow nor vanish; nil means that they lack none. It counts as a constant: where φ itself does
	// not depend on how it is split, neither do its gradients.
	LogScale *tensor.Var
}

// ELUFeatures is φ(x) = elu(x) + 1, channel by channel: x + 1 above 0 and exp(x) below (Katharopoulos and others,
// "Transformers are RNNs", ICML 2020, equation 7).
type ELUFeatures struct{}

// ReLUFeatures is φ(x) = max(x, 0) + Eps, channel by channel (Choromanski and others, "Rethinking Attention with
// Performers", ICLR 2021, the generalized kernel of their code, there with Eps 0.001).
type ReLUFeatures struct {
	Eps float64 // 0 is a choice, too: then queries and keys may have no feature in common
}

var (
	_ FeatureMap = ELUFeatures{}
	_ FeatureMap = ReLUFeatures{}
	_ FeatureMap = (*RandomFeatures)(nil)
)

// Map returns max(x, 0) + Eps.
func (f ReLUFeatures) Map(tp *tensor.Tape, x *tensor.Var, _ int) Mapped {
	return Mapped{Features: tp.AddConst(tp.ReLU(x), float32(f.Eps))}
}

// eluFeatures is the recorded operation of ELUFeatures.
type eluFeatures struct {
	x, y *tensor.Var
	work []float32
	back bool
	g    []float32
	add  bool
}

// elementGrain is the number of elements that an elementwise map does at a time.
const elementGrain = 1 << 13

// Map returns elu(x) + 1. It is one operation because the tape's ELU, exp(x) - 1, has lost exp(x) where that is small.
func (ELUFeatures) Map(tp *tensor.Tape, x *tensor.Var, _ int) Mapped {
	op, ok := tp.Spare().(*eluFeatures)
	if !ok {
		op = new(eluFeatures)
	}
	*op = eluFeatures{x: x, y: tp.Out(x.Needs(), x.Shape()...), work: tp.Scratch(parallel.Workers() * elementGrain)}
	parallel.For(len(x.Data()), elementGrain, op)
	tp.Release(op.work)
	op.work = nil
	tp.Record("ELUFeatures", op, op.y)
	return Mapped{Features: op.y}
}

// Run maps elements lo to hi, or goes back through them.
func (op *eluFeatures) Run(worker, lo, hi int) {
	low := op.work[worker*elementGrain:][:hi-lo]
	x := op.x.Data()[lo:hi]
	simd.Clamp(low, x, float32(math.Inf(-1)), 0)
	simd.Exp(low, low)
	if !op.back {
		y := op.y.Data()[lo:hi]
		simd.ReLU(y, x)
		simd.Add(y, y, low)
		return
	}
	g, dy := op.g[lo:hi], op.y.OutGrad()[lo:hi]
	if op.add {
		simd.MulAdd(g, dy, low)
	} else {
		simd.Mul(g, dy, low)
	}
}

// Backward: the derivative is exp(min(x, 0)). For x > 0 the sum of forward is x + exp(0).
func (op *eluFeatures) Backward(tp *tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	op.y.OutGrad()
	op.g, op.add = op.x.Accumulate()
	op.back, op.work = true, tp.Scratch(parallel.Workers()*elementGrain)
	parallel.For(len(op.g), elementGrain, op)
	tp.Release(op.work)
	op.work, op.g = nil, nil
}
