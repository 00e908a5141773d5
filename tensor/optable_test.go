package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// The table of operations. Every exported method of Tape that returns a Var has an entry: samples of its use, each with
// a reference in float64, and uses that must be refused. The tests of optests_test.go are generated from it; a method
// without an entry fails TestEveryOperationHasAnEntry.

// operation is one entry.
type operation struct {
	name    string // of the method
	samples []sample
	faults  []fault
}

// sample is one use of an operation.
type sample struct {
	name  string
	in    []*Tensor // all may want a gradient; away from kinks by 1e-3 at least
	train bool
	apply func(tp *Tape, in []*Var) *Var
	ref   func(in [][]float64) []float64
	shape []int // of the result
	loose bool  // values may deviate by 1e-3 instead of 1e-5, for a reason told at the sample
}

// fault is a use that panics with a message.
type fault struct {
	want string
	f    func(tp *Tape)
}

// operations is the table.
func operations() []operation {
	var all []operation
	for _, part := range [][]operation{elementwiseOperations(), activationOperations(), rowOperations(),
		matrixOperations(), indexOperations(), normOperations(), shapeOperations(), imageOperations()} {
		all = append(all, part...)
	}
	return all
}

// exempt are the methods that make Vars but compute nothing.
var exempt = map[string]string{
	"Const": "brings a tensor onto the tape",
	"Leaf":  "brings a tensor onto the tape",
	"Out":   "makes room for the result of an operation",
}

func TestEveryOperationHasAnEntry(t *testing.T) {
	entries := map[string]operation{}
	for _, op := range operations() {
		if _, twice := entries[op.name]; twice {
			t.Errorf("%s has two entries", op.name)
		}
		entries[op.name] = op
	}
	tape := reflect.TypeOf(&Tape{})
	for i := 0; i < tape.NumMethod(); i++ {
		m := tape.Method(i)
		returnsVar := false
		for k := 0; k < m.Type.NumOut(); k++ {
			returnsVar = returnsVar || m.Type.Out(k) == reflect.TypeOf(&Var{})
		}
		op, known := entries[m.Name]
		switch {
		case !returnsVar || exempt[m.Name] != "":
			if known {
				t.Errorf("%s has an entry but is no operation", m.Name)
			}
		case !known:
			t.Errorf("%s has no entry in the table of operations", m.Name)
		case len(op.samples) == 0:
			t.Errorf("%s has no samples", m.Name)
		case len(op.faults) == 0 && m.Type.NumIn() > 2 && m.Type.In(2).Kind() != reflect.Float32:
			t.Errorf("%s takes more than a Var and a number but has no uses that are refused", m.Name)
		}
		delete(entries, m.Name)
	}
	for name := range entries {
		t.Errorf("%s is in the table but is no method of Tape", name)
	}
}

// TestSamplesCoverTheShapes holds that every operation is tried on no rows, on one element, on odd sizes and on more
// than one tile.
func TestSamplesCoverTheShapes(t *testing.T) {
	for _, op := range operations() {
		var none, one, large bool
		for _, s := range op.samples {
			size := s.in[0].Size()
			none = none || size == 0
			one = one || size == 1
			large = large || size > 10_000
		}
		if !none || !one || !large {
			t.Errorf("%s: samples of no elements %v, one element %v, more than 10 000 %v; want all", op.name, none, one, large)
		}
	}
}

func TestOperationsRefuse(t *testing.T) {
	for _, op := range operations() {
		for _, f := range op.faults {
			func() {
				defer func() {
					if got := fmt.Sprint(recover()); !strings.Contains(got, f.want) || !strings.HasPrefix(got, "tensor: "+op.name+": ") {
						t.Errorf("%s: panic %q, want %q", op.name, got, f.want)
					}
				}()
				tp := NewTape()
				tp.Begin(Pass{Train: true, Grad: true})
				f.f(tp)
			}()
		}
	}
}

// The shapes that operations on matrices are tried on.
var shapes = [][]int{{0, 3}, {1, 1}, {5, 3}, {17, 33}, {600, 19}}

// shapeName returns a shape as a test's name.
func shapeName(shape ...int) string { return strings.Trim(shapeString(shape), "[]") }

// random returns normal numbers that depend on the seed.
func random(seed uint64, shape ...int) *Tensor {
	t, rng := New(shape...), rand.New(rand.NewPCG(seed, 99))
	for i := range t.data {
		t.data[i] = float32(rng.NormFloat64())
	}
	return t
}

// apart returns normal numbers, none nearer than 0.01 to any of the kinks.
func apart(seed uint64, kinks []float64, shape ...int) *Tensor {
	t := random(seed, shape...)
	for i, x := range t.data {
		for _, k := range kinks {
			if d := float64(x) - k; math.Abs(d) < 0.01 {
				t.data[i] = float32(k + math.Copysign(0.01, d) + d)
			}
		}
	}
	return t
}

// between returns numbers spread evenly over lo to hi.
func between(seed uint64, lo, hi float64, shape ...int) *Tensor {
	t, rng := New(shape...), rand.New(rand.NewPCG(seed, 98))
	for i := range t.data {
		t.data[i] = float32(lo + (hi-lo)*rng.Float64())
	}
	return t
}

// on brings a tensor onto a tape, for uses that are refused.
func on(tp *Tape, shape ...int) *Var { return tp.Leaf(New(shape...)) }

// outcome is what a run of a sample gives.
type outcome struct {
	y     []float32
	shape []int
	grads [][]float32 // one an input; nil where none came or none was wanted
}

// run applies the sample, after some other draws of random numbers, and differentiates sum(probe * y). wants says which
// inputs want gradients; nil means all.
func (s sample) run(tp *Tape, probe *Tensor, draws int, wants func(i int) bool) outcome {
	tp.Begin(Pass{Train: s.train, Grad: true, Seed: 5})
	for i := 0; i < draws; i++ {
		tp.Draw()
	}
	y := s.apply(tp, s.vars(tp, wants))
	out := outcome{y: clone(y.Data()), shape: append([]int{}, y.Shape()...)}
	tp.Backward(tp.Sum(tp.Mul(y, tp.Const(probe))))
	out.grads = s.gradients(tp)
	return out
}

// runTwice applies the sample twice to the same inputs, so that the gradients of the first use are added to those of the
// second, and returns the gradients of sum(first * y) + sum(second * y).
func (s sample) runTwice(tp *Tape, first, second *Tensor) [][]float32 {
	tp.Begin(Pass{Train: s.train, Grad: true, Seed: 5})
	in := s.vars(tp, nil)
	a := tp.Sum(tp.Mul(s.apply(tp, in), tp.Const(first)))
	b := tp.Sum(tp.Mul(s.apply(tp, in), tp.Const(second)))
	tp.Backward(tp.Add(a, b))
	return s.gradients(tp)
}

func (s sample) vars(tp *Tape, wants func(i int) bool) []*Var {
	var vars []*Var
	for i, x := range s.in {
		if wants == nil || wants(i) {
			vars = append(vars, tp.Leaf(x))
		} else {
			vars = append(vars, tp.Const(x))
		}
	}
	return vars
}

func (s sample) gradients(tp *Tape) [][]float32 {
	var grads [][]float32
	for _, x := range s.in {
		grads = append(grads, clone(tp.Grad(x)))
	}
	return grads
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

// probe returns the numbers that the result of the sample is multiplied by to make a loss.
func (s sample) probe(seed uint64) *Tensor { return random(1000+seed, s.shape...) }

// float64s returns the inputs in float64.
func (s sample) float64s() [][]float64 {
	var all [][]float64
	for _, t := range s.in {
		x := make([]float64, t.Size())
		for i, v := range t.data {
			x[i] = float64(v)
		}
		all = append(all, x)
	}
	return all
}
