package attention_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// layer is a function of named tensors under test: once on the tape, once in float64 as its equations say, with no chunk
// and no processor in it.
type layer struct {
	inputs map[string]*tensor.Tensor
	apply  func(tp *tensor.Tape, leaf func(name string) *tensor.Var) *tensor.Var
	loops  func(in map[string][]float64) []float64
	loose  float64 // times the usual tolerance; 0 means 1
	frozen string  // an input that wants no gradient
	more   bool    // the loss gets the sum of every input too, so that they have a gradient before that of the layer
}

// normal returns a tensor of normal numbers.
func normal(rng *rand.Rand, std float64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for n := range t.Data() {
		t.Data()[n] = float32(rng.NormFloat64() * std)
	}
	return t
}

// probed is the gradient that tests give to result number n.
func probed(n int) float64 { return math.Sin(float64(n)*1.7 + 0.3) }

// run does a pass and, where asked for, the way back from the sum of the results times their probes.
func (l *layer) run(back bool) (out []float32, grads map[string][]float32) {
	tape.Begin(tensor.Pass{Train: true, Grad: back})
	vars := map[string]*tensor.Var{}
	y := l.apply(tape, func(name string) *tensor.Var {
		switch {
		case vars[name] != nil || l.inputs[name] == nil:
		case name == l.frozen:
			vars[name] = tape.Const(l.inputs[name])
		default:
			vars[name] = tape.Leaf(l.inputs[name])
		}
		return vars[name]
	})
	out = slices.Clone(y.Data())
	if !back {
		return out, nil
	}
	probe := tensor.New(y.Shape()...)
	for n := range probe.Data() {
		probe.Data()[n] = float32(probed(n))
	}
	loss := tape.Sum(tape.Mul(y, tape.Const(probe)))
	for name := range l.inputs {
		if l.more && name != l.frozen {
			loss = tape.Add(loss, tape.Sum(vars[name]))
		}
	}
	tape.Backward(loss)
	grads = map[string][]float32{}
	for name, t := range l.inputs {
		if grads[name] = slices.Clone(tape.Grad(t)); grads[name] == nil {
			grads[name] = make([]float32, t.Size())
		}
	}
	return out, grads
}

// check compares results with the loops, and gradients with central differences of the loops at some numbers of every
// input: all where they are few.
func (l *layer) check(t *testing.T, what string) {
	t.Helper()
	in := map[string][]float64{}
	for name, v := range l.inputs {
		for _, x := range v.Data() {
			in[name] = append(in[name], float64(x))
		}
	}
	want, loose := l.loops(in), max(l.loose, 1)
	out, grads := l.run(true)
	if len(out) != len(want) {
		t.Fatalf("%s: %d results, want %d", what, len(out), len(want))
	}
	scale := 0.0
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for n, v := range want {
		if d := math.Abs(float64(out[n]) - v); !(d <= forwardTolerance*loose*scale) {
			t.Errorf("%s: result %d is %v, want %v (largest %v)", what, n, out[n], v, scale)
			return
		}
	}
	loss := func() (sum float64) {
		for n, v := range l.loops(in) {
			sum += probed(n) * v
		}
		return sum
	}
	const h = 1e-5
	rows := len(want) / max(l.inputs["value"].Cols(), 1)
	most := min(max(50_000/max(rows*rows, 1), 2), 24)
	rng := rand.New(rand.NewPCG(uint64(len(want)), 5))
	for name, g := range grads {
		x, top, squares, along := in[name], 0.2, 0.0, 0.0 // beside terms of a few units, less is rounding
		kept, signs := slices.Clone(x), make([]float64, len(x))
		for n, v := range g {
			top, squares = max(top, math.Abs(float64(v))), squares+float64(v)*float64(v)
			signs[n] = float64(2*rng.IntN(2) - 1)
			along += signs[n] * float64(v)
		}
		// central moves the input along a direction.
		central := func(direction func(n int) float64) float64 {
			for n := range x {
				x[n] = kept[n] + h*direction(n)
			}
			up := loss()
			for n := range x {
				x[n] = kept[n] - h*direction(n)
			}
			down := loss()
			copy(x, kept)
			return (up - down) / (2 * h)
		}
		if want := central(func(n int) float64 { return signs[n] }); !(math.Abs(along-want) <= gradientTolerance*loose*max(math.Sqrt(squares), top*math.Sqrt(float64(len(x))))) {
			t.Errorf("%s: gradient of %s along a direction is %v, want %v", what, name, along, want)
		}
		for range min(most, len(g)) {
			at := rng.IntN(len(g))
			if want := central(func(n int) float64 {
				if n == at {
					return 1
				}
				return 0
			}); !(math.Abs(float64(g[at])-want) <= gradientTolerance*loose*top) {
				t.Errorf("%s: gradient %d of %s is %v, want %v (largest %v)", what, at, name, g[at], want, top)
				break
			}
		}
	}
}

// joined returns the offsets of sequences of the given lengths.
func joined(lengths ...int) []int {
	offsets := []int{0}
	for _, n := range lengths {
		offsets = append(offsets, offsets[len(offsets)-1]+n)
	}
	return offsets
}

// sequenceRows returns rows lo to hi of t as a tensor of their own.
func sequenceRows(t *tensor.Tensor, lo, hi int) *tensor.Tensor {
	cols := t.Size() / max(t.Rows(), 1)
	return tensor.FromSlice(slices.Clone(t.Data()[lo*cols:hi*cols]), hi-lo, cols)
}
