package grit_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestPresetsAreListed: what the tests walk through is what the package has.
func TestPresetsAreListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "presets.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() {
			want = append(want, f.Name.Name)
		}
	}
	for _, p := range presets() {
		got = append(got, p.name)
		if err := p.config.Validate(); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the tests know the presets %v, presets.go has %v", got, want)
	}
}

// TestNoDeadParameter: after one pass from random numbers every parameter of every preset has a gradient that is finite
// and not all zero. The exceptions are those of the mathematics, by name:
//
//   - the pair branch of the last layer, which nothing reads: its output projection and its norms have no gradient at
//     all, so that an optimiser leaves them alone;
//   - biases in front of a batch norm, which takes away what they add: their gradient is zero but for rounding.
func TestNoDeadParameter(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		m := newModel(t, c, 3)
		// An odd number of graphs: the signs that an L1 loss has for gradients do not add up to nothing.
		gs := slices.Concat(randomGraphs(c, 1), randomGraphs(c, 2), randomGraphs(c, 3))
		tp := tape
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
		b := newBatch(t, c, gs...)
		tp.Backward(lossOf(c).Loss(tp, m.Forward(tp, b), b.Targets()))

		last := fmt.Sprintf("block.%d.", c.Layers-1)
		var largest float32
		for _, param := range nn.Collect(m).Trainable() {
			largest = max(largest, simd.MaxAbs(tp.Grad(param.Tensor)))
		}
		if !(largest > 0) || math.IsInf(float64(largest), 0) {
			t.Fatalf("%s: the largest gradient is %v", p.name, largest)
		}
		for _, param := range nn.Collect(m).Trainable() {
			g := tp.Grad(param.Tensor)
			unread := false
			for _, part := range []string{"pair_output.", "pair_norm.", "pair_layer_norm."} {
				unread = unread || strings.HasPrefix(param.Path, last+part)
			}
			switch {
			case unread && g != nil:
				t.Errorf("%s: %s has a gradient, though nothing reads the pair features of the last layer", p.name, param.Path)
			case unread:
			case g == nil:
				t.Errorf("%s: %s has no gradient", p.name, param.Path)
			case !simd.AllFinite(g):
				t.Errorf("%s: the gradient of %s is not finite", p.name, param.Path)
			case beforeNorm(c, param.Path):
				if simd.MaxAbs(g) > 1e-4*largest {
					t.Errorf("%s: the gradient of %s is %v beside %v, want zero but for rounding", p.name, param.Path, simd.MaxAbs(g), largest)
				}
			case simd.MaxAbs(g) < 1e-5*largest:
				t.Errorf("%s: the gradient of %s is %v beside %v: is it dead?", p.name, param.Path, simd.MaxAbs(g), largest)
			}
		}
	}
}

// beforeNorm tells whether a parameter is a bias that a batch norm follows at once.
func beforeNorm(c grit.Config, path string) bool {
	if c.NoBatchNorm || c.LayerNorm {
		return false
	}
	for _, end := range []string{".output.bias", ".pair_output.bias", ".feedforward.out.bias"} {
		if strings.HasSuffix(path, end) && strings.HasPrefix(path, "block.") {
			return true
		}
	}
	return false
}

// TestGradientsOfOptions: under every option that a preset has not, gradients are finite and the same parameters have
// them.
func TestGradientsOfOptions(t *testing.T) {
	for name, f := range flags() {
		c := small(f.changed)
		if c.Validate() != nil {
			continue
		}
		m := newModel(t, c, 3)
		gs := randomGraphs(c, 1)
		tp := tape
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
		b := newBatch(t, c, gs...)
		tp.Backward(lossOf(c).Loss(tp, m.Forward(tp, b), b.Targets()))
		last := fmt.Sprintf("block.%d.", c.Layers-1)
		for _, param := range nn.Collect(m).Trainable() {
			// Whatever the last layer does to pair features after its attention, nothing reads it.
			unread := strings.HasPrefix(param.Path, last+"pair_")
			// Without an update no layer's pair features are read by the next.
			unread = unread || c.NoPairUpdate && strings.Contains(param.Path, ".pair_") && strings.HasPrefix(param.Path, "block.")
			g := tp.Grad(param.Tensor)
			switch {
			case unread != (g == nil):
				t.Errorf("%s: %s: has a gradient: %v, want %v", name, param.Path, g != nil, !unread)
			case !simd.AllFinite(g):
				t.Errorf("%s: the gradient of %s is not finite", name, param.Path)
			}
		}
	}
}
