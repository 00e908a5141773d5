package grit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestPresets compares the presets with the official files, as grit.md has them in section 8. What they have in common
// there, clamp 5, ReLU inside the attention, every part of a layer, batch norm, is the default here.
func TestPresets(t *testing.T) {
	const sum, mean = tensor.PoolSum, tensor.PoolMean
	for _, e := range []struct {
		name                        string
		layers, width, heads, steps int
		dropout, attentionDropout   float64
		nodes                       grit.NodeEncoder
		nodeTypes, nodeFeatures     int
		edges                       grit.EdgeEncoder
		edgeTypes                   int
		head                        grit.Head
		headLayers                  int
		pooling                     tensor.Pooling
		outputs                     int
	}{
		{"ZINC", 10, 64, 8, 21, 0, 0.2, grit.TypeNodes, 21, 0, grit.TypeEdges, 4, grit.SANHead, 1, sum, 1},
		{"ZINCFull", 10, 64, 8, 21, 0, 0.2, grit.TypeNodes, 28, 0, grit.TypeEdges, 4, grit.SANHead, 1, sum, 1},
		{"MNIST", 3, 52, 4, 18, 0, 0.5, grit.LinearNodes, 1, 3, grit.LinearEdges, 1, grit.GraphHead, 3, mean, 10},
		{"CIFAR10", 3, 52, 4, 18, 0, 0.5, grit.LinearNodes, 1, 5, grit.LinearEdges, 1, grit.GraphHead, 2, mean, 10},
		{"PATTERN", 10, 64, 8, 21, 0, 0.2, grit.LinearNodes, 1, 3, grit.DummyEdges, 1, grit.NodeHead, 3, sum, 1},
		{"CLUSTER", 16, 48, 8, 32, 0.01, 0.5, grit.LinearNodes, 1, 7, grit.DummyEdges, 1, grit.NodeHead, 3, sum, 6},
		{"PeptidesFunc", 4, 96, 4, 17, 0, 0.5, grit.AtomNodes, 1, 0, grit.BondEdges, 1, grit.GraphHead, 1, mean, 10},
		{"PeptidesStruct", 4, 96, 8, 24, 0.05, 0.2, grit.AtomNodes, 1, 0, grit.BondEdges, 1, grit.GraphHead, 2, mean, 11},
		{"PCQM4Mv2", 16, 256, 8, 16, 0.1, 0.1, grit.AtomNodes, 1, 0, grit.BondEdges, 1, grit.SANHead, 1, mean, 1},
	} {
		want := grit.Config{Layers: e.layers, Width: e.width, Heads: e.heads, Steps: e.steps, Dropout: e.dropout,
			AttentionDropout: e.attentionDropout, NodeEncoder: e.nodes, NodeTypes: e.nodeTypes, NodeFeatures: e.nodeFeatures,
			EdgeEncoder: e.edges, EdgeTypes: e.edgeTypes, EdgeFeatures: 1, Head: e.head, HeadLayers: e.headLayers,
			Pooling: e.pooling, Outputs: e.outputs, Clamp: 5, NormMomentum: 0.1}
		if e.name == "PCQM4Mv2" {
			want.Activation = nn.GELU
		}
		found := false
		for _, p := range presets() {
			if p.name == e.name {
				found = true
				if got := p.config.WithDefaults(); got != want {
					t.Errorf("%s: %+v, want %+v", e.name, got, want)
				}
			}
		}
		if !found {
			t.Errorf("no preset %s", e.name)
		}
	}
}

// TestDropoutPlaces counts the random operations of a pass: a layer drops attention weights, attention output, pair
// features and the hidden features of the feed-forward network, as the official one does, and nothing in evaluation.
func TestDropoutPlaces(t *testing.T) {
	for _, e := range []struct {
		dropout, attention float64
		want               uint64
	}{{0, 0, 0}, {0.3, 0, 3}, {0, 0.3, 1}, {0.3, 0.3, 4}} {
		for _, layers := range []int{1, 3} {
			c := toy()
			c.Layers, c.Dropout, c.AttentionDropout = layers, e.dropout, e.attention
			m, b := newModel(t, c, 1), newBatch(t, c, randomGraphs(c, 1)...)
			for _, train := range []bool{false, true} {
				tape.Begin(tensor.Pass{Train: train})
				m.Forward(tape, b)
				_, counter := tape.Draw()
				want := uint64(0)
				if train {
					want = e.want * uint64(layers)
				}
				if got := counter>>32 - 1; got != want {
					t.Errorf("dropout %v, attention dropout %v, %d layers, training %v: %d random operations, want %d",
						e.dropout, e.attention, layers, train, got, want)
				}
			}
		}
	}
}

// TestDropoutExpectation: a layer's dropouts scale what they keep, so that a linear model's mean is its evaluation.
// With identities for activations, no norms and attention that does not look, the model is linear in each of them.
func TestDropoutExpectation(t *testing.T) {
	const steps = 600
	c := grit.Config{Layers: 1, Width: 8, Heads: 2, Steps: 3, Dropout: 0.3, AttentionDropout: 0.3, NoBatchNorm: true,
		NoEdgeEnhance: true, Activation: nn.Identity, Clamp: 1e-6, Head: grit.NodeHead}
	m := newModel(t, c, 1)
	g := randomGraph(c, 6, 0.5, rand.New(rand.NewPCG(1, 1)))
	want := predict(t, m, g)
	b := newBatch(t, c, g)
	sum, squares := make([]float64, len(want)), make([]float64, len(want))
	for step := range uint64(steps) {
		tape.Begin(tensor.Pass{Train: true, Seed: 1, Step: step})
		for n, v := range m.Forward(tape, b).Data() {
			sum[n] += float64(v)
			squares[n] += float64(v) * float64(v)
		}
	}
	for n, v := range want {
		mean := sum[n] / steps
		if deviation := squares[n]/steps - mean*mean; !(deviation > 1e-6) || (mean-float64(v))*(mean-float64(v)) > 25*deviation/steps {
			t.Errorf("node %d: mean %v over %d steps, variance %v, want %v", n, mean, steps, deviation, v)
		}
	}
}
