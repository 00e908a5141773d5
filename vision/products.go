package vision

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// MultiplyAdds returns the multiply-adds of the products that a model of c must do for an image: forward, and backward for
// the gradients of parameters and tokens, without those of pixels. Counted are the linear layers, what makes tokens of
// pixels, once a token, and the products of attention; not what the encoding computes of its own, nor what is done twice to
// save memory. Papers call the first number FLOPs. The error is that of [New], or says why the image cannot be read.
func (c Config) MultiplyAdds(image tensor.Size) (forward, backward int64, err error) {
	if err := c.Validate(); err != nil {
		return 0, 0, err
	}
	c = c.WithDefaults()
	stem, err := c.Patching.New(c.Channels, c.Width, nn.NewInit(0))
	if err != nil {
		return 0, 0, err
	}
	grid, err := stem.Grid(image)
	if err != nil {
		return 0, 0, err
	}
	patches := int64(grid.Height) * int64(grid.Width)
	width, tokens := int64(c.Width), patches+int64(c.leading())
	first := int64(0)
	for _, p := range nn.Collect(stem).Trainable() {
		if p.Tensor.Dims() > 1 {
			first += patches * int64(p.Tensor.Size())
		}
	}
	layer := 4*width*width + 2*width*int64(c.hidden()) // of a token
	if c.Attention == Linear {
		layer += 2*width*int64(c.GateWidth) + 2*width*int64(c.Width/c.Heads)
	} else {
		layer += 2 * width * tokens
	}
	rest := int64(c.Layers)*tokens*layer + width*int64(c.Classes)
	return first + rest, first + 2*rest, nil
}
