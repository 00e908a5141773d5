package encodingtest

import (
	"math"
	"slices"

	"github.com/graft-ml/graft/tensor"
)

// steps are how far an entry is moved to either side for a difference. The first is for smooth functions and drowns
// rounding; a function that bends more, such as a rotation far out, may agree with the second only.
var steps = [...]float64{0.02, 0.004}

// gradient checks gradients by central differences of fourth order, in an evaluation pass: what training draws would
// have to be drawn again.
func (k *kit) gradient(l Layout) {
	m := k.mustModel()
	x := m.input(l)
	p := pass{Pass: tensor.Pass{Grad: true}, noLoss: k.options.NoLoss}
	r := mustRun(m, p, l, x)
	k.compare(m, l, x, x, "the tokens", r.input)
	for i, t := range m.params.Trainable() {
		if r.grads[i] == nil {
			continue
		}
		k.reached[t.Path] = true
		k.compare(m, l, x, t.Tensor, t.Path, r.grads[i])
	}
	// A parameter may be for training alone.
	trained := mustRun(m, pass{Pass: tensor.Pass{Train: true, Grad: true}}, l, x)
	for i, t := range m.params.Trainable() {
		if trained.grads[i] != nil {
			k.reached[t.Path] = true
		}
	}
}

// compare checks the gradient of one tensor at some entries: those where it is largest, and others all over it.
func (k *kit) compare(m *model, l Layout, x, t *tensor.Tensor, name string, grad []float32) {
	if len(grad) == 0 {
		return
	}
	entries := make([]int, len(grad))
	for i := range entries {
		entries[i] = i
	}
	size := func(i int) float64 { return math.Abs(float64(grad[i])) }
	slices.SortStableFunc(entries, func(a, b int) int {
		switch {
		case size(a) > size(b):
			return -1
		case size(a) < size(b):
			return 1
		}
		return 0
	})
	largest := size(entries[0])
	n := min(k.options.Samples, len(entries))
	for s := range n {
		at := entries[s] // the largest, and every other time one from further down
		if s%2 == 1 {
			at = entries[s*(len(entries)-1)/n]
		}
		var want float64
		ok := false
		for _, step := range steps {
			want = k.difference(m, l, x, t, at, step)
			// Values are sums of float32 numbers: what rounding leaves of their difference grows with their number.
			noise := 5e-7 * math.Sqrt(float64(1+x.Size())) / step
			if ok = math.Abs(want-float64(grad[at])) <= k.options.Tolerance*max(largest, math.Abs(want))+noise; ok {
				break
			}
		}
		if !ok {
			k.fail("gradient", l.Name, "the gradient of %s at %d is %.5g, and the difference quotient %.5g", name, at, grad[at], want)
			return
		}
	}
}

// difference returns the difference quotient of the model's value by entry at of t, of fourth order.
func (k *kit) difference(m *model, l Layout, x, t *tensor.Tensor, at int, step float64) float64 {
	entry := &t.Data()[at]
	was := *entry
	defer func() { *entry = was }()
	value := func(by float64) float64 {
		*entry = float32(float64(was) + by)
		return mustRun(m, pass{noLoss: k.options.NoLoss}, l, x).value
	}
	return (8*(value(step)-value(-step)) - (value(2*step) - value(-2*step))) / (12 * step)
}

// unreached checks that every parameter learned somewhere.
func (k *kit) unreached() {
	for _, p := range k.mustModel().params.Trainable() {
		if !k.reached[p.Path] {
			k.fail("gradient", "", "no gradient comes to %s on any layout that is served", p.Path)
		}
	}
}
