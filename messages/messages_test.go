package messages_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

// Deviations allowed from float64, relative to the largest magnitude.
const (
	hubTolerance      = 2e-5 // sums of 40,000 terms
	valueTolerance    = 1e-5
	gradientTolerance = 1e-4
)

// outcome is what an operation gives, and the gradients of the sum of probe times result.
type outcome struct {
	y, grads [][]float32
	probes   [][]float64
}

// apply runs an operation and its backward pass. Leaves of the same tensor are the same Var.
func (o operation) apply(tp *tensor.Tape, e *messages.Edges, in []*tensor.Tensor) outcome {
	tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 3})
	vars := make([]*tensor.Var, len(in))
	for k, t := range in {
		vars[k] = tp.Leaf(t)
	}
	var out outcome
	var loss *tensor.Var
	rng := rand.New(rand.NewPCG(5, 5))
	for _, y := range o.run(tp, e, vars) {
		out.y = append(out.y, append([]float32(nil), y.Data()...))
		probe, p64 := tensor.New(y.Shape()...), []float64(nil)
		for i := range probe.Data() {
			probe.Data()[i] = float32(rng.NormFloat64())
			p64 = append(p64, float64(probe.Data()[i]))
		}
		out.probes = append(out.probes, p64)
		part := tp.Sum(tp.Mul(y, tp.Const(probe)))
		if loss != nil {
			part = tp.Add(loss, part)
		}
		loss = part
	}
	tp.Backward(loss)
	for _, t := range in {
		out.grads = append(out.grads, append([]float32(nil), tp.Grad(t)...))
	}
	return out
}

func float64s(in []*tensor.Tensor) [][]float64 {
	var list [][]float64
	for _, t := range in {
		x := make([]float64, t.Size())
		for i, v := range t.Data() {
			x[i] = float64(v)
		}
		list = append(list, x)
	}
	return list
}

func dot(a, b [][]float64) float64 {
	sum := 0.0
	for k := range a {
		for i, v := range a[k] {
			sum += v * b[k][i]
		}
	}
	return sum
}

func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return max(m, 0.01) // of a single message the quotient of GatedGCN cancels
}

func compare(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	scale := largest(want)
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tolerance*scale) {
			t.Fatalf("%s: number %d is %v, want %v (the largest is %v)", what, i, got[i], w, scale)
		}
	}
}

// TestOperations compares values with loops over edges in float64, and gradients with central differences of the loops.
func TestOperations(t *testing.T) {
	tp, rng := tensor.NewTape(), rand.New(rand.NewPCG(1, 2))
	for _, o := range operations() {
		for _, g := range graphs() {
			for _, d := range []int{1, 7, 52, 64} {
				if d > 7 && len(g.from) > 100 {
					continue
				}
				what := fmt.Sprintf("%s, %s, width %d", o.name, g.name, d)
				in := o.draw(g, d, 1)
				got, x := o.apply(tp, g.edges(), in), float64s(in)
				for k, want := range o.ref(g, d, x) {
					compare(t, what, got.y[k], want, valueTolerance)
				}
				for k := range x {
					if got.grads[k] == nil {
						got.grads[k] = make([]float32, len(x[k])) // the result does not depend on it
					}
					f := func() float64 { return dot(got.probes, o.ref(g, d, x)) }
					checkGradient(t, fmt.Sprintf("%s, gradient of input %d", what, k), rng, got.grads[k], x[k], f)
				}
			}
		}
	}
}

// checkGradient compares a gradient with the central differences of f in some elements of x, and along a direction in
// which all of them move.
func checkGradient(t *testing.T, what string, rng *rand.Rand, grad []float32, x []float64, f func() float64) {
	t.Helper()
	if len(grad) != len(x) {
		t.Fatalf("%s: %d numbers, want %d", what, len(grad), len(x))
	}
	scale, size, along := 0.01, 0.0, 0.0
	direction, before := make([]float64, len(x)), append([]float64(nil), x...)
	for i, v := range grad {
		direction[i] = rng.NormFloat64()
		along += direction[i] * float64(v)
		size += math.Abs(direction[i] * float64(v))
		scale = max(scale, math.Abs(float64(v)))
	}
	for range min(len(x), 20) {
		i := rng.IntN(len(x))
		if want := slope(x, i, f); !(math.Abs(float64(grad[i])-want) <= gradientTolerance*scale) {
			t.Fatalf("%s: number %d is %v, want %v (the largest is %v)", what, i, grad[i], want, scale)
		}
	}
	const h = 1e-7
	at := func(h float64) float64 {
		for i, v := range before {
			x[i] = v + h*direction[i]
		}
		return f()
	}
	want := (at(h) - at(-h)) / (2 * h)
	copy(x, before)
	if !(math.Abs(along-want) <= gradientTolerance*max(size, 0.01)) {
		t.Fatalf("%s: %v along a direction, want %v", what, along, want)
	}
}

// slope is the central difference of f along element i of x.
func slope(x []float64, i int, f func() float64) float64 {
	const h = 1e-6
	v := x[i]
	x[i] = v + h
	up := f()
	x[i] = v - h
	down := f()
	x[i] = v
	return (up - down) / (2 * h)
}

// TestHubs compares values, and the gradients along random directions, where workers share the edges of a node.
func TestHubs(t *testing.T) {
	g, tp, rng := hubGraph(), tensor.NewTape(), rand.New(rand.NewPCG(3, 3))
	e := g.edges()
	for _, o := range operations() {
		const d = 3
		in := o.draw(g, d, 2)
		got, x := o.apply(tp, e, in), float64s(in)
		for k, want := range o.ref(g, d, x) {
			compare(t, o.name, got.y[k], want, hubTolerance)
		}
		for k := range x {
			// Few elements are moved, so that none comes near a kink of a maximum.
			direction, moved, want, size := map[int]float64{}, append([]float64(nil), x[k]...), 0.0, 0.0
			for range 40 {
				i := rng.IntN(len(x[k]))
				direction[i] = rng.NormFloat64()
			}
			for i, v := range direction {
				if got.grads[k] != nil {
					want += v * float64(got.grads[k][i])
					size += math.Abs(v * float64(got.grads[k][i]))
				}
			}
			const h = 1e-5
			at := func(h float64) float64 {
				for i, v := range direction {
					x[k][i] = moved[i] + h*v
				}
				return dot(got.probes, o.ref(g, d, x))
			}
			along := (at(h) - at(-h)) / (2 * h)
			copy(x[k], moved)
			if !(math.Abs(along-want) <= gradientTolerance*(size+1e-2)) {
				t.Errorf("%s: the gradient of input %d is %v along a direction, want %v", o.name, k, want, along)
			}
		}
	}
}

// TestEveryLevel repeats the comparisons at the other instruction levels that this machine has, in processes of their own
// because the level of a process is fixed.
func TestEveryLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("runs tests once a level")
	}
	if os.Getenv("GRAFT_SIMD") != "" {
		t.Skip("the level is fixed by GRAFT_SIMD")
	}
	for _, level := range simd.Levels() {
		if level == simd.Active() {
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run=^Test(Operations|Hubs|Batch|Ties|MaskedScores)$")
		cmd.Env = append(os.Environ(), "GRAFT_SIMD="+level.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("level %v: %v\n%s", level, err, out)
		}
	}
}
