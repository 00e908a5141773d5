package encodingtest

import (
	"math"
	"runtime"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// mustRun runs a model on a layout that it serves.
func mustRun(m *model, p pass, l Layout, x *tensor.Tensor) *result {
	r, err := m.run(p, l, x)
	if err != nil {
		panic(err)
	}
	return r
}

// shape checks shapes, and that all numbers are finite.
func (k *kit) shape(l Layout) {
	for _, train := range []bool{false, true} {
		m := k.mustModel()
		r := mustRun(m, pass{Pass: tensor.Pass{Train: train, Grad: train}}, l, m.input(l))
		for _, wrong := range r.wrong {
			k.fail("shape", l.Name, "%s", wrong)
		}
		finite := func(what string, values []float32) {
			for i, x := range values {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					k.fail("shape", l.Name, "number %d of %s is %v (training: %v)", i, what, x, train)
					return
				}
			}
		}
		finite("the result", r.out)
		finite("the loss", r.loss)
		finite("the gradient of the tokens", r.input)
		for i, p := range m.params.Trainable() {
			if r.grads != nil {
				finite("the gradient of "+p.Path, r.grads[i])
			}
		}
	}
}

// determinism checks that passes repeat to the bit.
func (k *kit) determinism(l Layout) {
	for _, train := range []bool{false, true} {
		run := func(tape *tensor.Tape) *result {
			m := k.mustModel()
			return mustRun(m, pass{Pass: tensor.Pass{Train: train, Grad: true, Seed: 3, Step: 5}, tape: tape}, l, m.input(l))
		}
		first := run(nil)
		second := twoProcessors(func() *result { return run(tensor.NewTape()) })
		third := run(nil)
		for again, r := range map[string]*result{"on a new tape at two processors": second, "when repeated": third} {
			if at := differs(first.out, r.out); at >= 0 {
				k.fail("determinism", l.Name, "number %d of the result differs %s (training: %v)", at, again, train)
			}
			if at := differs(first.loss, r.loss); at >= 0 {
				k.fail("determinism", l.Name, "the loss differs %s (training: %v)", again, train)
			}
			if at := differs(first.input, r.input); at >= 0 {
				k.fail("determinism", l.Name, "number %d of the gradient of the tokens differs %s (training: %v)", at, again, train)
			}
			for i, p := range k.mustModel().params.Trainable() {
				if at := differs(first.grads[i], r.grads[i]); at >= 0 {
					k.fail("determinism", l.Name, "number %d of the gradient of %s differs %s (training: %v)", at, p.Path, again, train)
				}
			}
		}
	}
}

func twoProcessors(f func() *result) *result {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	return f()
}

// evaluation checks what passes may depend on and what they may change.
func (k *kit) evaluation(l Layout) {
	m := k.mustModel()
	x := m.input(l)
	before := k.mustModel().params.All()
	one := mustRun(m, pass{Pass: tensor.Pass{Seed: 3, Step: 5}}, l, x)
	two := mustRun(m, pass{Pass: tensor.Pass{Seed: 4, Step: 6}}, l, x)
	if at := differs(one.out, two.out); at >= 0 {
		k.fail("evaluation", l.Name, "number %d of the result depends on the seed of an evaluation pass", at)
	}
	for i, p := range m.params.All() {
		if differs(before[i].Tensor.Data(), p.Tensor.Data()) >= 0 {
			k.fail("evaluation", l.Name, "an evaluation pass changes %s", p.Path)
		}
	}
	mustRun(m, pass{Pass: tensor.Pass{Train: true, Grad: true}}, l, x)
	trained := k.mustModel().params.Trainable()
	for i, p := range m.params.Trainable() {
		if differs(trained[i].Tensor.Data(), p.Tensor.Data()) >= 0 {
			k.fail("evaluation", l.Name, "a training pass changes the parameter %s, which is the optimiser's to move", p.Path)
		}
	}
}

// alone checks that an item does not depend on the others.
func (k *kit) alone(l Layout) {
	m := k.mustModel()
	x := m.input(l)
	all := mustRun(m, pass{}, l, x)
	width := m.dims.Width
	for b := range l.Items() {
		from, to := l.Offsets[b], l.Offsets[b+1]
		one := mustRun(m, pass{}, l.item(b), tensor.FromSlice(x.Data()[from*width:to*width], to-from, width))
		if at := differs(all.out[from*width:to*width], one.out); at >= 0 {
			k.fail("alone", l.Name, "token %d of item %d gives other bits without the other items", at/width, b)
		}
	}
}

// permutation checks that the numbers of tokens do not matter where they mean nothing.
func (k *kit) permutation(l Layout) {
	if l.Ambiguous || l.Causal || l.Kind != encodings.Points && l.Kind != encodings.Graph && l.Kind != encodings.Table {
		return
	}
	m := k.mustModel()
	x, width := m.input(l), m.dims.Width
	other, to := l.permuted()
	moved := tensor.New(x.Shape()...)
	for t := range l.Tokens() {
		copy(moved.Row(to[t]), x.Row(t))
	}
	want := mustRun(m, pass{}, l, x)
	got := mustRun(m, pass{}, other, moved)
	back := make([]float32, len(got.out))
	for t := range l.Tokens() {
		copy(back[t*width:(t+1)*width], got.out[to[t]*width:])
	}
	if d, at := apart(want.out, back); d > 1e-3 {
		k.fail("permutation", l.Name, "token %d gives another result (by %.2g of the largest number) when tokens come in another order", at/width, d)
	}
}

// relative checks that places count from anywhere, where the encoder says so.
func (k *kit) relative(l Layout) {
	m := k.mustModel()
	if r, ok := m.encoder.(interface{ Relative() bool }); !ok || !r.Relative() || l.Leading > 0 {
		return // tokens without a place do not move with the others
	}
	one := *l.Layout
	moved := l
	moved.Layout = &one
	switch {
	case l.Kind == encodings.Points:
		one.Coords = append([]float64{}, l.Coords...)
		for t := range l.Tokens() {
			for axis := range l.Rank {
				one.At(t)[axis] += float64(3 - 5*axis)
			}
		}
	case l.Kind == encodings.Sequence && l.Past == nil:
		past := make([]int, l.Items())
		for b := range past {
			past[b] = 7 + b
		}
		later, err := encodings.ContinuedSequences(l.Offsets, past, nil)
		if err != nil {
			panic(err)
		}
		one = *later
	default:
		return
	}
	x := m.input(l)
	want := mustRun(m, pass{}, l, x)
	got, err := m.run(pass{}, moved, x)
	if err != nil {
		return // it cannot go on without what came before
	}
	if d, at := apart(want.out, got.out); d > 1e-3 {
		k.fail("relative", l.Name, "token %d gives another result (by %.2g of the largest number) when all places move, and the encoder says Relative", at/m.dims.Width, d)
	}
}
