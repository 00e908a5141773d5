package cswin

import "github.com/graft-ml/graft/tensor"

// MultiplyAdds returns the multiply-adds of the products that a model of c must do for an image: forward, and backward for
// the gradients of parameters and tokens, without those of pixels. Counted are convolutions, linear layers and the products
// of attention, every window as a whole one; not what is done twice to save memory. The paper calls the first number FLOPs. The error is that of
// [Config.Validate], or says that the image is too small.
func (c Config) MultiplyAdds(image tensor.Size) (forward, backward int64, err error) {
	if err := c.Validate(); err != nil {
		return 0, 0, err
	}
	c = c.WithDefaults()
	if err := c.patches().check(image); err != nil {
		return 0, 0, err
	}
	first, rest, in, f, grid := int64(0), int64(0), c.Channels, c.patches(), image
	for s, stage := range c.stages() {
		grid = f.grid(grid)
		tokens, width := int64(grid.Height)*int64(grid.Width), int64(stage.width)
		down := tokens * int64(f.kernel*f.kernel*in) * width
		if s == 0 {
			first = down
		} else {
			rest += down
		}
		rest += int64(stage.layers) * tokens * (4*width*width + 2*width*int64(c.hidden(stage.width)) + stage.windows(grid))
		in, f = stage.width, merge
	}
	rest += int64(in) * int64(c.Classes)
	return first + rest, first + 2*rest, nil
}

// windows returns the multiply-adds of a token in the attention of a block, between two projections: its scores, the sum of
// the values of its window, and LePE.
func (s stageConfig) windows(grid tensor.Size) (sum int64) {
	for _, p := range s.parts() {
		high, wide := p.Window.Height, p.Window.Width
		if high == 0 {
			high = grid.Height
		}
		if wide == 0 {
			wide = grid.Width
		}
		window := int64(min(high, grid.Height)) * int64(min(wide, grid.Width))
		sum += int64(s.width/s.heads*p.Heads) * (2*window + lePEKernel*lePEKernel)
	}
	return sum
}
