package grit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
)

// spread is a distribution that first weights are drawn from: normal with a deviation, uniform within a bound, or a
// constant.
type spread struct {
	kind string
	size float64
}

// spreadOf returns what section 7 of grit.md says of a tensor of a model with configuration c.
func spreadOf(c grit.Config, path string, shape []int) spread {
	d, heads, steps := float64(c.Width), float64(c.Heads), float64(c.Steps)
	dim := d / heads
	is := func(ends ...string) bool {
		for _, end := range ends {
			if strings.HasSuffix(path, end) {
				return true
			}
		}
		return false
	}
	normal := func(fans float64) spread { return spread{"normal", math.Sqrt(2 / fans)} }
	switch {
	case strings.Contains(path, "norm"):
		if is(".weight", ".running_var") {
			return spread{"constant", 1}
		}
		return spread{"constant", 0}
	case is("gate", "gate1", "gate2"):
		return spread{"constant", 0}
	case is("query.weight", "key.weight", "value.weight"):
		return normal(d + d)
	case is("pair.weight"):
		return normal(d + 2*d)
	case is("attention.score"):
		return normal(heads + dim)
	case is("attention.enhance"):
		return normal(dim * (heads + dim))
	case is(".degree"):
		return normal(2*d + 2)
	case is("walk.weight"):
		return spread{"uniform", math.Sqrt(6 / (steps + d))}
	case is("table") && (c.NodeEncoder != grit.TypeNodes && path[:4] == "node" || c.EdgeEncoder > grit.DummyEdges && path[:4] == "edge"):
		return spread{"uniform", math.Sqrt(6 / float64(shape[0]+shape[1]))}
	case is("table"):
		return spread{"normal", 1}
	case is(".weight"):
		return spread{"uniform", 1 / math.Sqrt(float64(shape[1]))}
	case is(".bias"):
		return spread{"uniform", -1} // 1/sqrt(in) of its weight
	}
	return spread{}
}

// TestInitialisation draws each tensor from many seeds and compares the spread of its numbers with the official one:
// mean 0 within five standard errors, deviation within 3 %, bounds kept and nearly reached.
func TestInitialisation(t *testing.T) {
	all := grit.Config{Layers: 2, Width: 16, Heads: 4, Steps: 5, NodeTypes: 7, EdgeTypes: 3, KeyValueBias: true, LayerNorm: true,
		ReZero: true, HeadLayers: 3, Outputs: 3}
	graph, ogb, linear := all, all, all
	graph.Head = grit.GraphHead
	ogb.NodeEncoder, ogb.EdgeEncoder = grit.AtomNodes, grit.BondEdges
	linear.NodeEncoder, linear.NodeFeatures, linear.EdgeEncoder, linear.EdgeFeatures = grit.LinearNodes, 6, grit.LinearEdges, 2
	dummy := all
	dummy.EdgeEncoder = grit.DummyEdges
	columns := linear
	columns.NodeEncoder, columns.NodeColumns, columns.EdgeEncoder, columns.EdgeColumns = grit.ColumnNodes, "5,3", grit.ColumnEdges, "4"
	for n, c := range []grit.Config{all, graph, ogb, linear, dummy, columns} {
		numbers, shapes := map[string][]float64{}, map[string][]int{}
		var paths []string
		for seed := range uint64(400) {
			for _, p := range nn.Collect(newModel(t, c, seed)).All() {
				if shapes[p.Path] == nil {
					paths, shapes[p.Path] = append(paths, p.Path), p.Tensor.Shape()
				}
				if len(numbers[p.Path]) > 20000 {
					continue
				}
				for _, v := range p.Tensor.Data() {
					numbers[p.Path] = append(numbers[p.Path], float64(v))
				}
			}
		}
		for _, path := range paths {
			want := spreadOf(c, path, shapes[path])
			if want.size < 0 { // the bias of a linear layer
				in := shapes[strings.TrimSuffix(path, "bias")+"weight"][1]
				want.size = 1 / math.Sqrt(float64(in))
			}
			if err := want.check(numbers[path]); err != nil {
				t.Errorf("configuration %d: %s %v: %v", n, path, shapes[path], err)
			}
		}
	}
}

func (s spread) check(numbers []float64) error {
	var sum, squares, largest float64
	for _, v := range numbers {
		sum += v
		squares += v * v
		largest = max(largest, math.Abs(v))
	}
	n := float64(len(numbers))
	mean, deviation := sum/n, math.Sqrt(squares/n)
	want := s.size
	switch s.kind {
	case "constant":
		for _, v := range numbers {
			if v != s.size {
				return fmt.Errorf("%v, want %v", v, s.size)
			}
		}
		return nil
	case "uniform":
		want = s.size / math.Sqrt(3)
		if largest > s.size*(1+1e-6) || largest < 0.98*s.size {
			return fmt.Errorf("the largest of %v numbers is %v, want nearly %v", n, largest, s.size)
		}
	case "normal":
		if largest < 2.5*s.size || largest > 7*s.size {
			return fmt.Errorf("the largest of %v numbers is %v, which is not normal for a deviation of %v", n, largest, s.size)
		}
	default:
		return fmt.Errorf("has no entry: say in spreadOf what it is drawn from")
	}
	if math.Abs(mean) > 5*want/math.Sqrt(n) {
		return fmt.Errorf("mean %v, want 0", mean)
	}
	if tolerance := max(0.03, 4/math.Sqrt(n)); math.Abs(deviation/want-1) > tolerance {
		return fmt.Errorf("deviation %v, want %v", deviation, want)
	}
	return nil
}

// TestSeeds: a seed names a model, another one another, and no two tensors of a model hold the same numbers.
func TestSeeds(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		a, b, other := nn.Collect(newModel(t, c, 1)).All(), nn.Collect(newModel(t, c, 1)).All(), nn.Collect(newModel(t, c, 2)).All()
		seen := map[float32]string{}
		for k := range a {
			if !sameBits(a[k].Tensor.Data(), b[k].Tensor.Data()) {
				t.Errorf("%s: %s differs between two models of one seed", p.name, a[k].Path)
			}
			if spreadOf(c.WithDefaults(), a[k].Path, a[k].Tensor.Shape()).kind == "constant" {
				continue
			}
			if sameBits(a[k].Tensor.Data(), other[k].Tensor.Data()) {
				t.Errorf("%s: %s is the same for two seeds", p.name, a[k].Path)
			}
			first := a[k].Tensor.Data()[0]
			if seen[first] != "" {
				t.Errorf("%s: %s begins as %s does", p.name, a[k].Path, seen[first])
			}
			seen[first] = a[k].Path
		}
	}
}
