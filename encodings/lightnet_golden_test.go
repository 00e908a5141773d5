package encodings

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// lrpeTokenRows returns a tensor [items, heads, tokens, dim] as [items * tokens, heads * dim].
func lrpeTokenRows(x *tensor.Tensor) *tensor.Tensor {
	items, heads, tokens, dim := x.Shape()[0], x.Shape()[1], x.Shape()[2], x.Shape()[3]
	y := tensor.New(items*tokens, heads*dim)
	for b := range items {
		for h := range heads {
			for n := range tokens {
				copy(y.Row(b*tokens + n)[h*dim:], x.Data()[((b*heads+h)*tokens+n)*dim:][:dim])
			}
		}
	}
	return y
}

// lrpeHeadRows is the inverse of lrpeTokenRows.
func lrpeHeadRows(data []float32, items, heads, tokens, dim int) []float32 {
	y := make([]float32, len(data))
	for b := range items {
		for h := range heads {
			for n := range tokens {
				copy(y[((b*heads+h)*tokens+n)*dim:][:dim], data[((b*tokens+n)*heads+h)*dim:])
			}
		}
	}
	return y
}

func TestGoldenMDLRPE(t *testing.T) {
	for _, c := range golden.Files(t, "lightnet", "md_lrpe_cosine") {
		var config map[string]any
		c.JSON(t, "config", &config)
		for _, tag := range []string{"2d", "3d"} {
			t.Run(tag, func(t *testing.T) {
				var shape []int
				for _, n := range config["shape_"+tag].([]any) {
					shape = append(shape, int(n.(float64)))
				}
				x, y, theta := c.Tensor(tag+".x"), c.Tensor(tag+".y"), c.Tensor(tag+".theta")
				items, heads, tokens, dim := x.Shape()[0], x.Shape()[1], x.Shape()[2], x.Shape()[3]
				l, err := OnGrid(items, int(config["leading_"+tag].(float64)), shape...)
				if err != nil {
					t.Fatal(err)
				}
				xr, yr := lrpeTokenRows(x), lrpeTokenRows(y)
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{Grad: true})
				encode := func(x *tensor.Tensor) *tensor.Var {
					v, err := LRPECosine(tp, l, tp.Leaf(x), tp.Const(theta), heads)
					if err != nil {
						t.Fatal(err)
					}
					return v.Keep()
				}
				ex, ey := encode(xr), encode(yr)
				tp.Backward(tp.Sum(tp.Mul(ex, tp.Const(lrpeTokenRows(c.Tensor(tag+".probe"))))))
				hx, hy := lrpeHeadRows(ex.Data(), items, heads, tokens, 2*dim), lrpeHeadRows(ey.Data(), items, heads, tokens, 2*dim)
				c.CompareFlat(t, tag+".out_x", hx, golden.Forward)
				c.CompareFlat(t, tag+".out_y", hy, golden.Forward)
				c.CompareFlat(t, tag+".grad.x", lrpeHeadRows(tp.Grad(xr), items, heads, tokens, dim), golden.Gradient)
				var scores []float32
				for bh := range items * heads {
					for i := range tokens {
						for j := range tokens {
							s := 0.0
							for f := range 2 * dim {
								s += float64(hx[(bh*tokens+i)*2*dim+f]) * float64(hy[(bh*tokens+j)*2*dim+f])
							}
							scores = append(scores, float32(s))
						}
					}
				}
				c.CompareFlat(t, tag+".scores", scores, golden.Forward)
			})
		}
	}
}

func TestGoldenMDTPE(t *testing.T) {
	for _, prefix := range []string{"tpe_1d", "md_tpe_"} {
		for _, c := range golden.Files(t, "lightnet", prefix) {
			t.Run(c.Name, func(t *testing.T) {
				var config struct {
					Width int   `json:"embed_dim"`
					Heads int   `json:"heads"`
					Shape []int `json:"shape"`
				}
				c.JSON(t, "config", &config)
				shape := config.Shape[1 : len(config.Shape)-1]
				enc, err := MDTPE{Axes: len(shape)}.New(Dims{Width: config.Width, Heads: config.Heads}, nn.NewInit(1))
				if err != nil {
					t.Fatal(err)
				}
				e := enc.(*mdTPE)
				var official []officialTensor
				for i, a := range e.axes { // the official list begins with the fastest axis
					prefix := fmt.Sprintf("tpes.%d.", len(e.axes)-1-i)
					for name, p := range map[string]*tensor.Tensor{"q": a.query, "k": a.key, "log_decay": a.logDecay, "norm.weight": a.norm.Weight, "o_proj.weight": a.out.Weight} {
						official = append(official, officialTensor{prefix + name, p, false})
					}
				}
				loadOfficial(c, official)
				l, err := OnGrid(config.Shape[0], 0, shape...)
				if err != nil {
					t.Fatal(err)
				}
				layouts := map[string]*Layout{"grid": l}
				if len(shape) == 1 {
					layouts["sequences"] = l.Flat()
				}
				for name, l := range layouts {
					tp := tensor.NewTape()
					tp.Begin(tensor.Pass{Train: true, Grad: true})
					p, err := e.Begin(tp, l)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					x := c.Tensor("x")
					out := p.Tokens(tp, tp.Reshape(tp.Leaf(x), l.Tokens(), config.Width)).Keep()
					tp.Backward(tp.Sum(tp.Mul(out, tp.Reshape(tp.Const(c.Tensor("probe")), l.Tokens(), config.Width))))
					c.CompareFlat(t, "out", out.Data(), golden.Forward)
					c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
					compareGradients(t, c, tp, official)
				}
			})
		}
	}
}
