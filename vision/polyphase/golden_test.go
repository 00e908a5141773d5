package polyphase

import (
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// gridOf returns the grid of images [images, channels, height, width].
func gridOf(x *tensor.Tensor) tensor.Grid {
	s := x.Shape()
	return tensor.NewGrid(s[0], tensor.Size{Height: s[2], Width: s[3]})
}

// pixelsOf returns images [images, channels, height, width] as rows of channels.
func pixelsOf(x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape()
	area := s[2] * s[3]
	y := tensor.New(s[0]*area, s[1])
	for i, v := range x.Data() {
		y.Set(v, i/(s[1]*area)*area+i%area, i/area%s[1])
	}
	return y
}

// channelsFirst returns rows of channels as images [images, channels, height, width].
func channelsFirst(rows []float32, channels int, grid tensor.Grid) *tensor.Tensor {
	size := grid.Size(0)
	y := tensor.New(grid.Items(), channels, size.Height, size.Width)
	area := size.Height * size.Width
	for i := range y.Data() {
		y.Data()[i] = rows[(i/(channels*area)*area+i%area)*channels+i/area%channels]
	}
	return y
}

// TestGoldenOrder holds norms, choice, roll and gradient against the official code.
func TestGoldenOrder(t *testing.T) {
	for _, c := range golden.Files(t, "shift_equivariance", "polyorder") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Patch, Patch3 []int
				Norm          int
				Invariance    bool
			}
			c.JSON(t, "config", &config)
			c.CompareInts(t, "patch", []int64{int64(config.Patch[0]), int64(config.Patch[1])})
			if config.Norm != 2 || config.Invariance {
				t.Fatalf("another form: %+v", config)
			}
			for suffix, stride := range map[string][]int{"": config.Patch, "3": config.Patch3} {
				x := c.Tensor("x" + suffix)
				rows, grid := pixelsOf(x), gridOf(x)
				a := Anchoring{Stride: tensor.Size{Height: stride[0], Width: stride[1]}}
				var norms []float64
				var shifts []int64
				for b, s := range a.Find(rows, grid) {
					norms = append(norms, a.Norms(rows, grid, b)...)
					shifts = append(shifts, int64(s.Down), int64(s.Right))
				}
				c.CompareFloat64s(t, "norms"+suffix, norms, golden.Forward)
				c.CompareInts(t, "anchor"+suffix, shifts)
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{Grad: true})
				in := tp.Leaf(rows)
				y := a.Apply(tp, in, grid)
				c.Compare(t, "y"+suffix, channelsFirst(y.Data(), y.Cols(), grid), 0)
				if suffix == "" {
					tp.Backward(tp.Sum(tp.Mul(y, tp.Const(pixelsOf(c.Tensor("probe"))))))
					c.Compare(t, "grad.x", channelsFirst(in.Grad(), rows.Cols(), grid), golden.Gradient)
				}
			}
		})
	}
}

// TestGoldenEmbedding holds the beginning of a model against the official code, an image and its shift.
func TestGoldenEmbedding(t *testing.T) {
	for _, c := range golden.Files(t, "shift_equivariance", "patch_embed_posconv") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Patch    int
				Channels int `json:"in_chans"`
				Width    int `json:"dim"`
				Side     int `json:"grid"`
				Shift    []int
				Eps      float64 `json:"norm_eps"`
				Kernel   int     `json:"pos_kernel"`
			}
			c.JSON(t, "config", &config)
			stem, err := Patches{Size: tensor.Size{Height: config.Patch, Width: config.Patch}, NormEps: config.Eps}.New(config.Channels, config.Width, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			e := stem.(*Embedding)
			if k := e.Position.Conv.Kernel(); k != (tensor.Size{Height: config.Kernel, Width: config.Kernel}) {
				t.Errorf("a kernel of %v", k)
			}
			weights := map[string]*tensor.Tensor{"embed.proj.weight": e.Projection.Weight, "embed.proj.bias": e.Projection.Bias, "embed.norm.weight": e.Norm.Weight,
				"embed.norm.bias": e.Norm.Bias, "pos.proj.weight": e.Position.Conv.Weight, "pos.proj.bias": e.Position.Conv.Bias}
			for name, w := range weights {
				w.CopyFrom(c.Tensor("w." + name))
			}
			x := c.Tensor("x")
			grid := gridOf(x)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(pixelsOf(x))
			alone := *e
			alone.Position = nil
			embed, _ := alone.Tokens(tp, in, grid)
			c.CompareFlat(t, "embed", embed.Data(), golden.Forward)
			y, tokens := e.Tokens(tp, in, grid)
			if size := tokens.Size(0); size.Height != config.Side || size.Width != config.Side {
				t.Errorf("a grid of %v", size)
			}
			c.CompareFlat(t, "y", y.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y.Keep(), tp.Const(c.Tensor("probe").Reshape(tokens.Rows(), config.Width)))))
			c.Compare(t, "grad.x", channelsFirst(in.Grad(), config.Channels, grid), golden.Gradient)
			for name, w := range weights {
				c.CompareFlat(t, "grad."+name, tp.Grad(w), golden.Gradient)
			}

			shifts := make([]Shift, grid.Items()) // torch.roll goes the other way
			for b := range shifts {
				shifts[b] = Shift{-config.Shift[0], -config.Shift[1]}
			}
			other := tensor.NewTape()
			rolled := Roll(other, other.Const(pixelsOf(x)), grid, shifts)
			c.Compare(t, "x_rolled", channelsFirst(rolled.Data(), rolled.Cols(), grid), 0)
			moved, _ := e.Tokens(other, rolled, grid)
			c.CompareFlat(t, "y_rolled", moved.Data(), golden.Forward)
		})
	}
}
