package vision

import (
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenLightNet is the attention of a model with Linear attention and MD-LRPE, whole. The file is derived: its figures
// are of an independent implementation of the equations, not of the authors' code.
func TestGoldenLightNet(t *testing.T) {
	for _, c := range golden.Files(t, "lightnet", "image_layer") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Width int     `json:"dim"`
				Heads int     `json:"heads"`
				Grid  []int   `json:"grid"`
				Axis  int     `json:"channels_per_axis"`
				Rank  int     `json:"gate_rank"`
				Eps   float64 `json:"eps"`
				Batch int     `json:"batch"`
			}
			c.JSON(t, "config", &config)
			m := newLinearAttention(Config{Width: config.Width, Heads: config.Heads, GateWidth: config.Rank, NormEps: config.Eps})
			layers := map[string]*nn.Linear{"W_q": m.Query, "W_k": m.Key, "W_v": m.Value, "W_o": m.Output, "W_g1": m.GateDown, "W_g2": m.GateUp}
			for name, l := range layers { // the file has x W
				transpose(l.Weight, c.Tensor("w."+name).Data())
			}
			m.Norm.Weight.CopyFrom(c.Tensor("w.norm"))

			layout, err := encodings.OnGrid(config.Batch, 0, config.Grid...)
			if err != nil {
				t.Fatal(err)
			}
			dims := encodings.Dims{Width: config.Width, Heads: config.Heads}
			// The file's ladder goes down by 10000^(-1/6) from step to step, over its 2 heads of 3 frequencies: 100^(-2/6).
			enc, err := encodings.MDLRPE{HeadLadder: true, Learned: true, Base: 100}.New(dims, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			theta := nn.Collect(enc).Find("theta")
			c.Compare(t, "theta", theta, golden.Forward)

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			pos, err := enc.Begin(tp, layout)
			if err != nil {
				t.Fatal(err)
			}
			x := c.Tensor("x").Reshape(layout.Tokens(), config.Width)
			out := m.attend(tp, tp.Leaf(x), &step{positions: pos, layout: layout}).Keep()
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor("probe").Reshape(layout.Tokens(), config.Width)))))
			c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
			c.CompareFlat(t, "grad.norm", tp.Grad(m.Norm.Weight), golden.Gradient)
			for name, l := range layers {
				g := tensor.New(l.In(), l.Out())
				transpose(g, tp.Grad(l.Weight))
				c.CompareFlat(t, "grad."+name, g.Data(), golden.Gradient)
			}
		})
	}
}

// transpose sets to [rows, cols] to the transpose of from [cols, rows].
func transpose(to *tensor.Tensor, from []float32) {
	rows, cols := to.Rows(), to.Cols()
	for i := range rows {
		for j := range cols {
			to.Row(i)[j] = from[j*rows+i]
		}
	}
}
