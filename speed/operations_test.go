package speed

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
)

// TestOperations counts again, from the weights that the model has: a weight takes part in a product for every node, pair
// or graph.
func TestOperations(t *testing.T) {
	const nodes, pairs, graphs = 731, 17405, 32
	for _, c := range []grit.Config{grit.ZINC(), small()} {
		m, err := grit.New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		var forward, backward float64
		for _, p := range nn.Collect(m).Trainable() {
			rows, gradients := nodes, 2
			switch {
			case p.Tensor.Dims() < 2, strings.HasSuffix(p.Path, ".score"), strings.HasSuffix(p.Path, ".degree"), strings.Contains(p.Path, ".table."):
				continue // no product with a matrix
			case p.Path == "pair_walk.weight":
				rows, gradients = pairs, 1
			case p.Path == "walk.weight":
				gradients = 1
			case strings.Contains(p.Path, ".pair.") || strings.Contains(p.Path, ".pair_output."):
				rows = pairs
			case strings.HasPrefix(p.Path, "readout."):
				rows = graphs
			}
			if strings.HasPrefix(p.Path, lastBlock(c)+"pair_output.") {
				continue // nothing reads it
			}
			f := 2 * float64(rows) * float64(p.Tensor.Size())
			forward += f
			backward += f * float64(gradients)
		}
		gotForward, gotBackward := operations(c, nodes, pairs, graphs)
		if gotForward != forward || gotBackward != backward {
			t.Errorf("%d layers: %v and %v operations, the weights say %v and %v", c.Layers, gotForward, gotBackward, forward, backward)
		}
	}
	// By hand: d = 64, 17405 pairs and 731 nodes; 10 layers.
	f, b := operations(grit.ZINC(), nodes, pairs, graphs)
	perPair, perNode := 2*64*128*10+2*64*64*9, 2*64*(8*64+8)*10
	want := float64(pairs*perPair+nodes*perNode+2*(nodes+pairs)*21*64) + 2*graphs*(64*32+32*16+16)
	if f != want || math.Abs(b/f-2) > 0.02 {
		t.Errorf("%v operations forward and %v backward, want %v and about twice as many", f, b, want)
	}
}

func lastBlock(c grit.Config) string {
	return map[int]string{2: "block.1.", 10: "block.9."}[c.Layers]
}

func TestFractionOfPeak(t *testing.T) {
	w := &workshop{samples: map[string]series{trainName: {100, 200, 400}, peakName: {90, 100, 130}}}
	if err := w.prepare(grit.ZINC()); err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, b := range w.batches {
		f, g := operations(grit.ZINC(), b.Nodes(), b.Pairs(), b.Items())
		total += f + g
	}
	want := total / 4 / (0.2 * 100e9)
	value, low, high := fractionOfPeak(w)
	if math.Abs(value-want) > 1e-12 || math.Abs(low-want/2) > 1e-12 || math.Abs(high-2*want) > 1e-12 {
		t.Errorf("%v between %v and %v, want %v, its half and its double", value, low, high, want)
	}
}
