package vision_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// TestPublishedMultiplyAdds: the numbers of DeiT (Touvron and others, ICML 2021, and its code's tables), in billions.
func TestPublishedMultiplyAdds(t *testing.T) {
	for name, c := range map[string]struct {
		config vision.Config
		want   float64
	}{"ViT-Ti": {vision.ViTTi(), 1.3}, "ViT-S": {vision.ViTS(), 4.6}, "ViT-B": {vision.ViTB(), 17.6}} {
		forward, backward, err := c.config.MultiplyAdds(c.config.ImageSize())
		if err != nil || math.Abs(float64(forward)/1e9-c.want) > 0.05 {
			t.Errorf("%s: %d multiply-adds, %v, want %v billion", name, forward, err, c.want)
		}
		if pixels := int64(196 * 768 * c.config.Width); backward != 2*forward-pixels {
			t.Errorf("%s: %d multiply-adds backward for %d forward", name, backward, forward)
		}
	}
}

// TestMultiplyAdds counts again, from the weights that models have: each takes part in a product for every token.
func TestMultiplyAdds(t *testing.T) {
	for name, change := range map[string]func(*vision.Config){
		"softmax": func(*vision.Config) {},
		"mean":    func(c *vision.Config) { c.Pooling = vision.MeanPool },
		"linear": func(c *vision.Config) {
			c.Attention, c.GateWidth, c.Encoding = vision.Linear, 3, mustEncoding(t, "md-lrpe")
		},
	} {
		c := tiny()
		change(&c)
		m, image := mustNew(t, c, 1), tensor.Size{Height: 13, Width: 8} // 4 by 4 patches, with what is added below
		patches, tokens, want := 16, 17, 0
		if c.Pooling == vision.MeanPool {
			tokens = patches
		}
		for _, p := range nn.Collect(m).Trainable() {
			switch {
			case p.Tensor.Dims() < 2 || !strings.HasSuffix(p.Path, ".weight"):
			case strings.HasPrefix(p.Path, "stem."):
				want += patches * p.Tensor.Size()
			case strings.HasPrefix(p.Path, "block."):
				want += tokens * p.Tensor.Size()
			case strings.HasPrefix(p.Path, "head."):
				want += p.Tensor.Size()
			}
		}
		if c.Attention == vision.Linear {
			want += c.Layers * 2 * tokens * c.Width * c.Width / c.Heads // keys with values, and queries with that
		} else {
			want += c.Layers * 2 * tokens * tokens * c.Width // queries with keys, and weights with values
		}
		if got, _, err := c.MultiplyAdds(image); err != nil || got != int64(want) {
			t.Errorf("%s: %d multiply-adds, %v; the weights say %d", name, got, err, want)
		}
	}
	refusing := tiny()
	refusing.Remainder = vision.Refuse
	if _, _, err := refusing.MultiplyAdds(tensor.Size{Height: 13, Width: 8}); err == nil {
		t.Error("an image that the model refuses has a number")
	}
	if _, _, err := (vision.Config{}).MultiplyAdds(tensor.Size{Height: 13, Width: 8}); err == nil {
		t.Error("a configuration without classes has a number")
	}
}
