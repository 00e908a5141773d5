package sequences_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
)

// TestInspect shows weights that are probabilities and ignore the future, and the routing of two orders.
func TestInspect(t *testing.T) {
	_, places := tablePrompts()
	for _, e := range []encodings.Encoding{encodings.RoPE{}, encodings.TwoOrder{}} {
		m := newModel(t, toy(e), 1)
		b := newBatch(t, m, sequences.BatchOptions{}, sequences.Example{Prompt: []int32{9, 1, 2, 1, 2, 0}, Target: []int32{3}, Places: places[1]})
		layers := 0
		err := m.Inspect(b, func(a *encodings.Attention, p encodings.Positions) {
			if a.Layer != layers {
				t.Errorf("%s: layer %d is shown as number %d", e.Name(), a.Layer, layers)
			}
			layers++
			for q := range 6 {
				for h := range 4 {
					sum := 0.0
					for k := range 6 {
						w := float64(a.Weights.At(q*6+k, h))
						if later := places[1].Orders[0][k] > places[1].Orders[0][q] && places[1].Orders[1][k] > places[1].Orders[1][q]; later && w != 0 {
							t.Errorf("%s: token %d attends to token %d", e.Name(), q, k)
						}
						sum += w
					}
					if math.Abs(sum-1) > 1e-5 {
						t.Errorf("%s: the weights of token %d and head %d have the sum %v", e.Name(), q, h, sum)
					}
				}
			}
			if routed, ok := p.(encodings.Routed); ok {
				r := routed.Routing(a.Layer)
				for i := 0; i < r.Size(); i += 2 {
					if s := r.Data()[i] + r.Data()[i+1]; math.Abs(float64(s)-1) > 1e-5 {
						t.Errorf("the routing has the sum %v", s)
					}
				}
			}
		})
		if err != nil || layers != 2 {
			t.Errorf("%s: %d layers shown, %v", e.Name(), layers, err)
		}
	}
	long := newBatch(t, newModel(t, toy(nil), 1), sequences.BatchOptions{}, sequences.Example{Prompt: []int32{1, 2, 3, 4}, Target: []int32{1}})
	if err := newModel(t, toy(encodings.Learned{MaxLength: 3}), 1).Inspect(long, nil); err == nil {
		t.Error("a layout that the encoding does not serve is shown")
	}
}
