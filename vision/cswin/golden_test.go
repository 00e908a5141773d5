package cswin

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// load sets the tensors of a table to those of a golden file.
func load(c *golden.Case, table []official) {
	for _, o := range table {
		o.to.CopyFrom(c.Tensor("w." + o.name))
	}
}

// compareGradients holds the gradients of a table against those of a golden file.
func compareGradients(t *testing.T, c *golden.Case, tp *tensor.Tape, table []official) {
	for _, o := range table {
		c.CompareFlat(t, "grad."+o.name, tp.Grad(o.to), golden.Gradient)
	}
}

// TestGoldenBlock holds a block in stripes and one among all tokens against the official code.
func TestGoldenBlock(t *testing.T) {
	for _, c := range golden.Files(t, "cswin", "block") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Dim      int
				Side     int     `json:"reso"`
				Heads    int     `json:"num_heads"`
				Split    int     `json:"split_size"`
				FFNRatio float64 `json:"mlp_ratio"`
				Eps      float64 `json:"norm_eps"`
				Last     bool    `json:"last_stage"`
			}
			c.JSON(t, "config", &config)
			model := Config{FFNRatio: config.FFNRatio, NormEps: config.Eps, InitStd: 1}
			b := newBlock(model, stageConfig{1, config.Dim, config.Heads, config.Split, config.Last || config.Side == config.Split}, 0, nn.NewInit(1))
			table := b.official()
			load(c, table)
			x := c.Tensor("x") // [images, tokens, width]
			rows := x.Shape()[0] * x.Shape()[1]
			grid := tensor.NewGrid(x.Shape()[0], tensor.Size{Height: config.Side, Width: config.Side})
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(x.Reshape(rows, config.Dim))
			y := b.apply(tp, in, &place{grid: grid, offsets: grid.Offsets()})
			c.CompareFlat(t, "y", y.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(c.Tensor("probe").Reshape(rows, config.Dim)))))
			c.CompareFlat(t, "grad.x", in.Grad(), golden.Gradient)
			compareGradients(t, c, tp, table)
		})
	}
}

// TestGoldenModel holds the whole model against the official code, stage by stage, its weights read by LoadOfficial.
func TestGoldenModel(t *testing.T) {
	for _, c := range golden.Files(t, "cswin", "model_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Image    int     `json:"img_size"`
				Channels int     `json:"in_chans"`
				Classes  int     `json:"num_classes"`
				Width    int     `json:"embed_dim"`
				Layers   []int   `json:"depth"`
				Stripes  []int   `json:"split_size"`
				Heads    []int   `json:"num_heads"`
				FFNRatio float64 `json:"mlp_ratio"`
				DropPath float64 `json:"drop_path_rate"`
				Stride   int     `json:"patch_size"`
				Eps      float64 `json:"norm_eps"`
			}
			c.JSON(t, "config", &config)
			m, err := New(Config{Classes: config.Classes, Channels: config.Channels, ImageHeight: config.Image, Width: config.Width, PatchStride: config.Stride,
				Layers: vision.Stages(config.Layers...), Stripes: vision.Stages(config.Stripes...), Heads: vision.Stages(config.Heads...), FFNRatio: config.FFNRatio,
				DropPath: config.DropPath, NormEps: config.Eps}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.LoadOfficial(weightsOf(t, c), OfficialOptions{}); err != nil {
				t.Fatal(err)
			}
			x := c.Tensor("x") // [images, 1 channel, height, width]
			pixels := tensor.NewGrid(x.Shape()[0], tensor.Size{Height: config.Image, Width: config.Image})
			a := m.arrange(pixels)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(x.Reshape(pixels.Rows(), config.Channels))
			first := m.Stages[0]
			embed := first.Down.apply(tp, in, pixels)
			c.CompareFlat(t, "embed", embed.Data(), golden.Forward)
			stage := first.Blocks[0].apply(tp, embed, &a.stages[0])
			c.CompareFlat(t, "stage1", stage.Data(), golden.Forward)
			c.CompareFlat(t, "merge1", m.Stages[1].Down.apply(tp, stage, a.stages[0].grid).Data(), golden.Forward)
			features := m.features(tp, m.tokens(tp, in, a), a).Keep()
			logits := m.classify(tp, features)
			c.CompareFlat(t, "features", features.Data(), golden.Forward)
			c.CompareFlat(t, "logits", logits.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(logits, tp.Const(c.Tensor("probe")))))
			c.CompareFlat(t, "grad.x", in.Grad(), golden.Gradient)
			compareGradients(t, c, tp, m.official())
		})
	}
}

// weightsOf returns a file with the weights of a golden file under their official names.
func weightsOf(t *testing.T, c *golden.Case) *safetensors.File {
	var list []safetensors.Tensor
	for _, name := range c.Names() {
		if official, ok := strings.CutPrefix(name, "w."); ok {
			x := c.Tensor(name)
			list = append(list, safetensors.FromFloat32(official, x.Data(), x.Shape()...))
		}
	}
	return fileOf(t, list)
}
