package encodings

import (
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
)

// TestLLaMATensors: the names are those of all that an encoder learns, once each, with their shapes.
func TestLLaMATensors(t *testing.T) {
	d := Dims{Width: 32, Heads: 4, HeadDim: 8, Layers: 3}
	for _, k := range append(List(), Known{Name: "narrow", Encoding: TwoOrder{RouterWidth: 5}}) {
		form, ok := k.Encoding.(LLaMAForm)
		if !ok {
			continue
		}
		params := nn.Collect(encoderFor(t, form, d))
		seen := map[string]bool{}
		for _, l := range form.LLaMATensors(d) {
			p := params.Find(l.Path)
			if p == nil || !slices.Equal(p.Shape(), l.Shape) {
				t.Errorf("%s: %s is %s of shape %v, which the encoder does not have", k.Name, l.Name, l.Path, l.Shape)
			}
			if seen[l.Path] || seen[l.Name] {
				t.Errorf("%s: %s or %s stands twice", k.Name, l.Name, l.Path)
			}
			seen[l.Path], seen[l.Name] = true, true
		}
		if want := len(params.All()); len(seen) != 2*want {
			t.Errorf("%s: %d names for %d tensors", k.Name, len(seen)/2, want)
		}
	}
}

func TestTwoOrderWithRotation(t *testing.T) {
	for _, c := range []struct {
		o    TwoOrder
		r    RoPE
		want float64 // the base; 0: refused
	}{
		{TwoOrder{}, RoPE{Base: 5e5}, 5e5},
		{TwoOrder{Base: 7}, RoPE{Base: 5e5}, 7},
		{TwoOrder{}, RoPE{Base: 5e5, Partial: 1}, 5e5},
		{TwoOrder{}, RoPE{Partial: 0.5}, 0},
		{TwoOrder{}, RoPE{Interleaved: true}, 0},
		{TwoOrder{}, RoPE{Scaling: Scaling{Linear: 2}}, 0},
	} {
		e, err := c.o.WithRotation(c.r)
		switch {
		case c.want == 0:
			if err == nil || !strings.Contains(err.Error(), "half-split") {
				t.Errorf("%+v: %v", c.r, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", c.r, err)
		case e.(TwoOrder).Rotation() != (RoPE{Base: c.want}):
			t.Errorf("%+v: %+v", c.r, e)
		}
	}
}
