package recipes

import (
	"testing"

	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestFootprint compares what is predicted of batches of molecules, of a dense graph and of a larger one with what passes
// over them take.
func TestFootprint(t *testing.T) {
	g := func(c grit.Config) Model { return Model{GRIT: c.WithDefaults()} }
	p := func(c gps.Config) Model { return Model{Kind: GPS, GPS: c.WithDefaults()} }
	for name, m := range map[string]Model{
		"grit of the paper":   g(grit.Config{Layers: 3, Width: 32, Heads: 4, EdgeTypes: 4, NodeTypes: 21}),
		"grit with dropout":   g(grit.Config{Layers: 2, Width: 16, Heads: 4, Steps: 8, Dropout: 0.1, EdgeEncoder: grit.DummyEdges, Head: grit.NodeHead}),
		"grit of layer norms": g(grit.Config{Layers: 2, Width: 16, Heads: 2, Steps: 30, LayerNorm: true, NoBatchNorm: true, Activation: nn.GELU}),
		"grit of many words": g(grit.Config{Layers: 1, Width: 8, Heads: 2, Steps: 4, NodeEncoder: grit.LinearNodes, NodeFeatures: 500,
			EdgeEncoder: grit.ColumnEdges, EdgeColumns: "3,4", EdgeFeatures: 5, Head: grit.NodeHead, Outputs: 7}),
		"gps": p(gps.Config{Layers: 2, Width: 48, Heads: 2, Positions: "rwse:steps=8"}),
		"gps with performer": p(gps.Config{Layers: 2, Width: 16, Heads: 2, Local: gps.LocalGatedGCN, Attention: gps.Performer, NodeEncoder: features.AtomNodes,
			EdgeEncoder: features.BondEdges, Dropout: 0.2}),
		"graphormer": p(gps.Config{Layers: 3, Width: 16, Heads: 8, Local: gps.NoLocal, Encoding: "shortest-path"}),
	} {
		f, err := m.Footprint()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		model, err := m.New(1)
		if err != nil {
			t.Fatal(err)
		}
		if got := nn.Collect(model).Count(); f.Parameters != got {
			t.Errorf("%s: %d parameters, want %d", name, f.Parameters, got)
		}
		for _, batch := range []trial{{20, 23, 2}, {2, 90, 40}, {1, 200, 4}} {
			b, err := batch.batch(m)
			if err != nil {
				t.Fatal(err)
			}
			size := batch.size()
			heap, prepared := heapBytes(model, b), float64(held.Bytes(b))
			training, evaluation := heap+arenaBytes(model, b, tensor.Pass{Train: true, Grad: true}), heap+arenaBytes(model, b, tensor.Pass{})
			for _, c := range []struct {
				of       string
				need     Need
				measured float64
				most     float64
			}{
				{"training", f.Train, training, 1.25},
				{"evaluation", f.Eval, evaluation, 1.25},
				// Scratch of encodings is that of the largest graph, and counts for every one.
				{"training and its batch", f.Train.plus(f.Batch), training + prepared, 1.5},
				{"evaluation and its batch", f.Eval.plus(f.Batch), evaluation + prepared, 1.5},
			} {
				if ratio := c.need.Bytes(size) / c.measured; ratio > c.most || ratio < 0.8 {
					t.Errorf("%s: %s of %+v takes %.4g bytes, predicted are %.2f of them: %+v", name, c.of, size, c.measured, ratio, c.need)
				}
			}
		}
		if pairs := f.Training(1).Pair > 0; pairs != (m.Kind == GRIT || m.GPS.Encoding != "") {
			t.Errorf("%s: pairs take %+v", name, f)
		}
	}
}

func TestFootprintErrors(t *testing.T) {
	if _, err := (Model{GRIT: grit.Config{Layers: -1}}).Footprint(); err == nil {
		t.Error("a model that cannot be made has a footprint")
	}
}
