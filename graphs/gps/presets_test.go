package gps

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestParameters compares the numbers of parameters with those of the official code. What it has and never trains, the
// norm of the edges that leave the last layer, which nothing reads, is not made here.
func TestParameters(t *testing.T) {
	for _, p := range presets() {
		unused := 0
		if p.config.Local == LocalGatedGCN {
			unused = 2 * p.config.Width
		}
		if got := nn.Collect(newModel(t, p.config, 1)).Count(); got+unused != p.count {
			t.Errorf("%s: %d parameters and %d that are not used, want %d", p.name, got, unused, p.count)
		}
	}
}

// TestPresetsAreListed compares presets with the functions of the file.
func TestPresetsAreListed(t *testing.T) {
	source, err := os.ReadFile("presets.go")
	if err != nil {
		t.Fatal(err)
	}
	var names, listed []string
	for _, m := range regexp.MustCompile(`(?m)^func ([A-Z]\w*)\(\) Config`).FindAllStringSubmatch(string(source), -1) {
		names = append(names, m[1])
	}
	for _, p := range presets() {
		listed = append(listed, p.name)
	}
	if !slices.Equal(names, listed) {
		t.Errorf("presets %v, in the file %v", listed, names)
	}
}

// TestNoDeadParameter: after a pass from the first weights every parameter of every preset, kind and baseline has a finite
// gradient that is clearly not all zero, but for the biases that flatBiases names for their place in a layer, whose
// gradients are small beside those of their weights; and the biases of encoders that a norm follows.
func TestNoDeadParameter(t *testing.T) {
	configs := kinds()
	for _, p := range presets() {
		if p.count > 1e6 {
			p.config = small(p.config)
		}
		configs["preset "+p.name] = p.config
	}
	for name, c := range configs {
		m := newModel(t, c, 3)
		rng := rand.New(rand.NewPCG(4, 4))
		gs := randomGraphs(c, 2)
		for range 12 {
			gs = append(gs, randomGraph(c, 6+rng.IntN(20), 0.3, rng))
		}
		b := newBatch(t, c, gs...)
		tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
		tape.Backward(lossOf(c).Loss(tape, m.Forward(tape, b), b.Targets()))
		var flat []*tensor.Tensor
		for _, block := range m.Blocks {
			flat = append(flat, flatBiases(block, true)...)
		}
		params := nn.Collect(m)
		for _, p := range params.Trainable() {
			g := tape.Grad(p.Tensor)
			if g == nil || !simd.AllFinite(g) {
				t.Errorf("%s: %s: gradient %v", name, p.Path, g)
				continue
			}
			top := simd.MaxAbs(g)
			if !slices.Contains(flat, p.Tensor) {
				if top < 1e-7 {
					t.Errorf("%s: %s has a gradient of at most %v", name, p.Path, top)
				}
				continue
			}
			if weight := params.Find(strings.TrimSuffix(p.Path, "bias") + "weight"); weight != nil && top > 1e-3*simd.MaxAbs(tape.Grad(weight)) {
				t.Errorf("%s: %s has a gradient of %v, that of its weight is %v: it is not flat", name, p.Path, top, simd.MaxAbs(tape.Grad(weight)))
			}
		}
	}
}
