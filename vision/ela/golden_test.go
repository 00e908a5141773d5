package ela

import (
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGolden holds the gate against the figures of another implementation of the equations: they are derived, since there is
// no official code.
func TestGolden(t *testing.T) {
	named := map[string]Config{"ela_T": T(), "ela_B": B(), "ela_S": S(), "ela_L": L()}
	for _, c := range golden.Files(t, "ela", "ela_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Channels   int
				Kernel     int
				ConvGroups int     `json:"conv_groups"`
				NormGroups int     `json:"gn_groups"`
				Eps        float64 `json:"gn_eps"`
				Padding    int
				Bias       bool
			}
			c.JSON(t, "config", &config)
			want := Config{Kernel: config.Kernel, GroupWidth: config.Channels / config.ConvGroups, NormGroups: config.NormGroups, NormEps: config.Eps}
			if got := named[c.Name].WithDefaults(); got != want {
				t.Errorf("the size is %+v, want %+v", got, want)
			}
			g, err := New(named[c.Name], config.Channels, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			if config.Bias != (g.Rows.Conv.Bias != nil) || config.Padding != g.Rows.Conv.Options.Padding.Width {
				t.Error("the convolution is not the golden's")
			}
			g.Rows.Conv.Weight.CopyFrom(c.Tensor("w.conv.weight"))
			g.Rows.Norm.Weight.CopyFrom(c.Tensor("w.gn.weight"))
			g.Rows.Norm.Bias.CopyFrom(c.Tensor("w.gn.bias"))
			x := c.Tensor("x")
			s := x.Shape()
			grid := tensor.NewGrid(s[0], tensor.Size{Height: s[2], Width: s[3]})

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(pixelsOf(x))
			rows, columns := g.Factors(tp, in, grid)
			c.Compare(t, "a_h", channelsFirst(rows.Value(), s[0], s[2], 1), golden.Forward)
			c.Compare(t, "a_w", channelsFirst(columns.Value(), s[0], 1, s[3]), golden.Forward)
			y := g.Apply(tp, in, grid)
			c.Compare(t, "y", channelsFirst(y.Value(), s[0], s[2], s[3]), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(pixelsOf(c.Tensor("probe"))))))
			c.Compare(t, "grad.x", channelsFirst(tensor.FromSlice(in.Grad(), grid.Rows(), s[1]), s[0], s[2], s[3]), golden.Gradient)
			c.CompareFlat(t, "grad.conv.weight", tp.Grad(g.Rows.Conv.Weight), golden.Gradient)
			c.CompareFlat(t, "grad.gn.weight", tp.Grad(g.Rows.Norm.Weight), golden.Gradient)
			c.CompareFlat(t, "grad.gn.bias", tp.Grad(g.Rows.Norm.Bias), golden.Gradient)
		})
	}
}

// pixelsOf returns images [images, channels, height, width] as rows of channels.
func pixelsOf(x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape()
	area := s[2] * s[3]
	y := tensor.New(s[0]*area, s[1])
	for b := range s[0] {
		for c := range s[1] {
			for p := range area {
				y.Set(x.Data()[(b*s[1]+c)*area+p], b*area+p, c)
			}
		}
	}
	return y
}

// channelsFirst returns rows of channels as images [images, channels, height, width].
func channelsFirst(x *tensor.Tensor, images, height, width int) *tensor.Tensor {
	area, channels := height*width, x.Cols()
	y := tensor.New(images, channels, height, width)
	for b := range images {
		for c := range channels {
			for p := range area {
				y.Data()[(b*channels+c)*area+p] = x.At(b*area+p, c)
			}
		}
	}
	return y
}
