package attention_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/graft-ml/graft/nn"
)

var activations = []nn.Activation{nn.ReLU, nn.GELU, nn.SiLU, nn.ELU, nn.Tanh, nn.Sigmoid, nn.Identity, nn.GELUTanh, nn.SquaredReLU}

// TestReferenceGradients checks the gradients that are written out in the reference by central differences of its
// forward pass, with the step and tolerances of PyTorch's gradcheck.
func TestReferenceGradients(t *testing.T) {
	const eps, absolute, relative = 1e-6, 1e-5, 1e-3
	for n, c := range flagCases([]int{2, 0, 3}) {
		c.act = activations[n%len(activations)]
		r, _ := c.draw()
		f := r.forward()
		if n%3 == 2 {
			r.mask = make([]float64, len(f.weights))
			for m := range r.mask {
				r.mask[m] = float64(m%3) * 0.75
			}
			f = r.forward()
		}
		gx, gp := probe(len(f.x), 3), probe(len(f.pair), 4)
		if c.in == 0 {
			gp = nil
		}
		loss := func() float64 {
			f, sum := r.forward(), 0.0
			for n, g := range gx {
				sum += g * f.x[n]
			}
			for n, g := range gp {
				sum += g * f.pair[n]
			}
			return sum
		}
		g := r.backward(f, gx, gp)
		inputs := r.named()
		for name, gradient := range g.named() {
			for m, want := range gradient {
				at := inputs[name][m]
				inputs[name][m] = at + eps
				up := loss()
				inputs[name][m] = at - eps
				down := loss()
				inputs[name][m] = at
				if got := (up - down) / (2 * eps); math.Abs(got-want) > absolute+relative*math.Abs(want) {
					t.Errorf("%v: gradient of %s[%d]: difference %v, formula %v", c, name, m, got, want)
				}
			}
		}
	}
}

// flagCases is every combination of the options, with two heads of width three.
func flagCases(items []int) []pairwiseCase {
	var cases []pairwiseCase
	for bits := range 32 {
		c := pairwiseCase{heads: 2, dim: 3, in: 5, items: items, seed: uint64(bits + 1)}
		c.enhance, c.output, c.sparse = bits&1 != 0, bits&2 != 0, bits&4 != 0
		if bits&8 != 0 {
			c.clamp = 0.7
		}
		if bits&16 != 0 {
			c.in = 0
		}
		if c.in == 0 && (c.enhance || c.output) {
			continue // no such thing
		}
		cases = append(cases, c)
	}
	return cases
}

// TestPairwiseOptions compares every combination of options; activations take turns.
func TestPairwiseOptions(t *testing.T) {
	for n, c := range flagCases([]int{2, 0, 5, 1}) {
		for turn := range 2 {
			c.act = activations[(n+turn*3)%len(activations)]
			checkCase(t, c, func(k *kernel) { k.op.KeepWeights = turn == 1 })
			checkCase(t, c, func(k *kernel) { k.more = 0.75 })
		}
	}
}

// TestPairwiseShapes compares every number and width of heads with every activation; the other options take turns, so
// that each meets each.
func TestPairwiseShapes(t *testing.T) {
	n := 0
	for _, heads := range []int{1, 3, 4, 8} {
		for _, dim := range []int{1, 4, 8} {
			for _, act := range activations {
				c := pairwiseCase{heads: heads, dim: dim, in: heads*dim + n%4 - 1, act: act, items: []int{5, 0, 1, 17, 2}, seed: uint64(n)}
				c.in = max(c.in, 1)
				c.enhance, c.output, c.sparse = n&1 == 0, n&2 == 0, n&4 == 0
				if n%3 == 0 {
					c.clamp = 0.7
				}
				n++
				checkCase(t, c, nil)
			}
		}
	}
}

// TestPairwiseLarge compares items that are cut among the tiles and the processors, and queries with more keys than a
// tile has rows.
func TestPairwiseLarge(t *testing.T) {
	for n, c := range []pairwiseCase{
		{heads: 2, dim: 4, in: 8, items: []int{1, 40, 2}, enhance: true, output: true},
		{heads: 2, dim: 4, in: 8, items: []int{1, 40, 2}, enhance: true, output: true, sparse: true},
		{heads: 2, dim: 4, in: 3, items: []int{90}, clamp: 0.7, output: true, act: nn.GELU},
		{heads: 1, dim: 2, in: 2, items: []int{3, 400}, enhance: true, output: true},
		{heads: 1, dim: 2, in: 2, items: []int{1100, 3}, sparse: true, enhance: true, act: nn.Identity},
		{heads: 3, dim: 2, in: 0, items: []int{60, 7}},
	} {
		if testing.Short() && n > 2 {
			break
		}
		c.seed = uint64(n + 100)
		checkCase(t, c, nil)
	}
}

// TestPairwiseLosses takes each result into the loss alone: what nothing depends on has no gradient.
func TestPairwiseLosses(t *testing.T) {
	for n, c := range flagCases([]int{3, 4}) {
		checkCase(t, c, func(k *kernel) { k.gp = nil })
		if c.in > 0 {
			checkCase(t, c, func(k *kernel) { k.gx = nil })
		}
		checkCase(t, c, func(k *kernel) { k.pass.Train = n%2 == 0; k.pass.Grad = false; k.op.KeepWeights = true })
	}
}

// TestPairwiseConstants gives the attention some inputs that want no gradient: the others' stay the same.
func TestPairwiseConstants(t *testing.T) {
	c := pairwiseCase{heads: 2, dim: 3, in: 5, items: []int{4, 3}, enhance: true, output: true, seed: 9}
	r, pairs := c.draw()
	k := newKernel(r, pairs)
	f := r.forward()
	k.gx, k.gp = probe(len(f.x), 1), probe(len(f.pair), 2)
	want := k.run()
	for bits := range 1 << len(inputNames) {
		frozen := map[string]bool{}
		for n, name := range inputNames {
			frozen[name] = bits>>n&1 != 0
		}
		k.frozen = frozen
		got := k.run()
		for _, name := range inputNames {
			if frozen[name] {
				if got.gradients[name] != nil {
					t.Errorf("%s has a gradient, though it is a constant", name)
				}
				continue
			}
			sameBits(t, fmt.Sprintf("gradient of %s with constants %v", name, frozen), got.gradients[name], want.gradients[name])
		}
	}
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for n := range want {
		if math.Float32bits(got[n]) != math.Float32bits(want[n]) {
			t.Errorf("%s: number %d is %v, want the bits of %v", what, n, got[n], want[n])
			return
		}
	}
}
