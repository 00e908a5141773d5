package twins

import (
	"fmt"
	"slices"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// official lists the parameters under their names in the official state dict; a name with two tensors has one over the other.
func (m *Model) official() map[string][]*tensor.Tensor {
	table := map[string][]*tensor.Tensor{}
	add := func(name string, weight, bias *tensor.Tensor) {
		table[name+".weight"] = append(table[name+".weight"], weight)
		table[name+".bias"] = append(table[name+".bias"], bias)
	}
	linear := func(name string, l *nn.Linear) { add(name, l.Weight, l.Bias) }
	norm := func(name string, n *nn.LayerNorm) { add(name, n.Weight, n.Bias) }
	for s, stage := range m.Stages {
		add(fmt.Sprintf("patch_embeds.%d.proj", s), stage.Projection.Weight, stage.Projection.Bias)
		norm(fmt.Sprintf("patch_embeds.%d.norm", s), stage.Norm)
		add(fmt.Sprintf("pos_block.%d.proj.0", s), stage.Position.Conv.Weight, stage.Position.Conv.Bias)
		for k, b := range stage.Blocks {
			prefix := fmt.Sprintf("blocks.%d.%d.", s, k)
			norm(prefix+"norm1", b.AttentionNorm)
			norm(prefix+"norm2", b.FeedForwardNorm)
			linear(prefix+"mlp.fc1", b.FeedForward.In)
			linear(prefix+"mlp.fc2", b.FeedForward.Out)
			switch a := b.Attention.(type) {
			case *WindowAttention:
				linear(prefix+"attn.qkv", a.QueryKeyValue)
				linear(prefix+"attn.proj", a.Out)
			case *SubsampledAttention:
				linear(prefix+"attn.q", a.Query)
				linear(prefix+"attn.kv", a.Key)
				linear(prefix+"attn.kv", a.Value)
				add(prefix+"attn.sr", a.Reduce.Weight, a.Reduce.Bias)
				norm(prefix+"attn.norm", a.ReduceNorm)
				linear(prefix+"attn.proj", a.Out)
			}
		}
	}
	norm("norm", m.Norm)
	return table
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

// TestGolden holds the anchored model against the official code: tokens in their rolled frame, means of the image and of its
// shifts, all gradients.
func TestGolden(t *testing.T) {
	for _, c := range golden.Files(t, "shift_equivariance", "polytwins_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Img                                int
				Patch, Dims, Heads, Depths, Window []int
				Reductions                         []int   `json:"sr_ratio"`
				FFNRatio                           float64 `json:"mlp_ratio"`
				Channels                           int     `json:"in_chans"`
				Eps                                float64 `json:"norm_eps"`
			}
			c.JSON(t, "config", &config)
			m, err := New(Config{Classes: 2, Channels: config.Channels, ImageHeight: config.Img, Patches: vision.Stages(config.Patch...), Widths: vision.Stages(config.Dims...),
				Layers: vision.Stages(config.Depths...), Heads: vision.Stages(config.Heads...), Windows: vision.Stages(config.Window...),
				Reductions: vision.Stages(config.Reductions...), FFNRatio: config.FFNRatio, NormEps: config.Eps}, 1)
			if err != nil {
				t.Fatal(err)
			}
			table := m.official()
			for name, parts := range table {
				w := c.Tensor("w." + name).Data()
				for _, p := range parts {
					copy(p.Data(), w[:p.Size()])
					w = w[p.Size():]
				}
				if len(w) != 0 {
					t.Errorf("%s has %d numbers too many", name, len(w))
				}
			}
			x := c.Tensor("x")
			pixels := tensor.NewGrid(x.Shape()[0], tensor.Size{Height: config.Img, Width: config.Img})
			a := m.arrange(pixels)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(pixelsOf(x))
			y := m.tokens(tp, in, a).Keep()
			c.CompareFlat(t, "y", y.Data(), golden.Forward)
			c.CompareFlat(t, "pooled", m.pool(tp, y, a).Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(c.Tensor("probe").Reshape(y.Shape()...)))))
			c.CompareFlat(t, "grad.x", channelsFirst(in.Grad(), config.Channels, config.Img*config.Img), golden.Gradient)
			for name, parts := range table {
				var g []float32
				for _, p := range parts {
					g = append(g, tp.Grad(p)...)
				}
				c.CompareFlat(t, "grad."+name, g, golden.Gradient)
			}

			var moved []float32
			for list := c.Ints("shifts"); len(list) > 0; list = list[2:] {
				other := tensor.NewTape()
				by := polyphase.Shift{Down: int(-list[0]), Right: int(-list[1])} // torch.roll goes the other way
				rolled := polyphase.Roll(other, other.Const(pixelsOf(x)), pixels, slices.Repeat([]polyphase.Shift{by}, pixels.Items()))
				moved = append(moved, m.pool(other, m.tokens(other, rolled, a), a).Data()...)
			}
			c.CompareFlat(t, "pooled_rolled", moved, golden.Forward)
		})
	}
}

// channelsFirst returns rows of channels as images of so many pixels [images, channels, pixels].
func channelsFirst(rows []float32, channels, area int) []float32 {
	y := make([]float32, len(rows))
	for i := range y {
		y[i] = rows[(i/(channels*area)*area+i%area)*channels+i/area%channels]
	}
	return y
}
