package encodings_test

import (
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/encodingtest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestRotaryKit runs the kit over settings of the rotary encodings, in a model whose heads share keys. Tokens without a place do not
// turn, so that all others cannot move without them: what is relative is checked where there are none.
func TestRotaryKit(t *testing.T) {
	dims := encodings.Dims{Width: 24, Heads: 4, KVHeads: 2, HeadDim: 12, Layers: 2}
	var leading, rest []encodingtest.Layout
	for _, l := range encodingtest.Layouts() {
		if l.Leading > 0 && l.Graphs == nil {
			leading = append(leading, l)
		} else {
			rest = append(rest, l)
		}
	}
	for _, c := range []struct {
		of   encodings.Encoding
		skip []string
	}{
		{of: encodings.RoPE{Interleaved: true, Partial: 0.5}},
		{of: encodings.RoPE{Scaling: encodings.Scaling{Random: true, NTK: encodings.NTK{Factor: 2, Trained: 3}}}},
		{of: encodings.AxialRoPE{Axes: 3, HalfSplit: true}}, {of: encodings.MRoPE{}},
		{of: encodings.ComRoPE{}}, {of: encodings.ComRoPE{Axes: 1, Block: 2}}, {of: encodings.ComRoPE{Axes: 3, Block: 4, Perturb: 1}},
		{of: encodings.ComRoPE{Kind: encodings.LieRE}}, {of: encodings.ComRoPE{Kind: encodings.Vanilla}},
		{of: encodings.CARoPE{Bias: true, FromZero: true}}, {of: encodings.CARoPE{Shared: true}},
		// Its scores jump where a phase passes ±π, and differences with them; TestPolarGradient checks the gradient.
		{of: encodings.ComplexFormer{}, skip: []string{"gradient"}},
		{of: encodings.Harmonic{Form: encodings.HarmonicDistance, Learn: true}},
		{of: encodings.Decayed{Of: encodings.AxialRoPE{}, Trained: 2, SmoothKeys: true}},
	} {
		t.Run(c.of.Name(), func(t *testing.T) {
			encodingtest.Run(t, c.of, encodingtest.Options{Dims: dims, Layouts: rest, Skip: c.skip, Samples: 2})
			if enc, err := c.of.New(dims, nn.NewInit(1)); err != nil {
				t.Error(err)
			} else if _, err := enc.Begin(tensor.NewTape(), leading[0].Layout); err == nil {
				encodingtest.Run(t, c.of, encodingtest.Options{Dims: dims, Layouts: leading, Skip: append(c.skip, "relative", "gradient")})
			}
		})
	}
}
