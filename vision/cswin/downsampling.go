package cswin

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var (
	_ vision.Patching = OverlappingPatches{}
	_ vision.Stem     = (*Downsampling)(nil)
)

// form is that of a convolution that makes an image smaller.
type form struct{ kernel, stride, padding int }

// merge is the form of the convolution between two stages: of an image of n tokens along a side it makes one of half as
// many, rounded up.
var merge = form{3, 2, 1}

// check reports why an image is too small.
func (f form) check(image tensor.Size) error {
	if least := max(f.kernel-2*f.padding, 1); image.Height < least || image.Width < least {
		return fmt.Errorf("it is %d pixels high and %d wide: want at least %d each, for patches of %d with a stride of %d", image.Height, image.Width, least, f.kernel, f.stride)
	}
	return nil
}

// grid returns the size of the result for an image that passes check.
func (f form) grid(image tensor.Size) tensor.Size {
	of := func(n int) int { return (n+2*f.padding-f.kernel)/f.stride + 1 }
	return tensor.Size{Height: of(image.Height), Width: of(image.Width)}
}

// Downsampling is a convolution that makes images smaller, and a norm: before the first stage, where it makes tokens of
// pixels, and between two stages, where it doubles the width. Pixels at the right and the lower border that fill no step
// of its stride are seen only as far as its kernel goes.
type Downsampling struct {
	Conv *nn.Conv
	Norm *nn.LayerNorm

	form form
}

func newDownsampling(f form, in, out int, eps float64, init *nn.Init) *Downsampling {
	square := func(n int) tensor.Size { return tensor.Size{Height: n, Width: n} }
	d := &Downsampling{form: f, Norm: nn.NewLayerNorm(out), Conv: nn.NewConv(nn.ConvConfig{In: in, Out: out, Kernel: square(f.kernel),
		Options: tensor.ConvOptions{Stride: square(f.stride), Padding: square(f.padding)}}, init)}
	d.Norm.Eps = eps
	return d
}

// Params declares the parameters.
func (d *Downsampling) Params(c *nn.Params) {
	c.Sub("conv", d.Conv)
	c.Sub("norm", d.Norm)
}

// Grid returns how many rows and columns of tokens an image has, or why it is too small.
func (d *Downsampling) Grid(image tensor.Size) (tensor.Size, error) {
	if err := d.form.check(image); err != nil {
		return tensor.Size{}, err
	}
	return d.form.grid(image), nil
}

// Tokens returns the tokens [tokens, out] of images x [pixels, in] that lie on a grid, and the grid of the tokens.
func (d *Downsampling) Tokens(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	return d.apply(tp, x, grid), d.Conv.Grid(grid)
}

func (d *Downsampling) apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	tp.Enter("conv")
	x = d.Conv.Apply(tp, x, grid)
	tp.Leave()
	tp.Enter("norm")
	defer tp.Leave()
	return d.Norm.Apply(tp, x)
}

// OverlappingPatches makes tokens of pixels as CSWin does, by a convolution whose kernel is larger than its stride, and a
// norm (Dong and others, section 3.1). As a vision.Patching it can stand before the blocks of any vision.Model.
type OverlappingPatches struct {
	Kernel  int     // 0 means 7
	Stride  int     // 0 means 4
	NormEps float64 // 0 means 1e-5
}

// New makes the layer. Its convolution is drawn as PyTorch draws it. Its padding is half of what the kernel is larger than
// the stride, rounded up.
func (p OverlappingPatches) New(channels, width int, init *nn.Init) (vision.Stem, error) {
	c := Config{Classes: 2, Channels: channels, Width: width, PatchKernel: p.Kernel, PatchStride: p.Stride, NormEps: p.NormEps}.WithDefaults()
	if c.PatchKernel < 1 || c.PatchStride < 1 || c.PatchKernel > maxKernel || c.PatchStride > maxKernel || !(c.NormEps > 0) {
		return nil, fmt.Errorf("cswin: patches of kernel %d with stride %d and a norm with eps %v do not exist: want numbers from 1 to %d and a positive eps, or 0 for the defaults",
			p.Kernel, p.Stride, p.NormEps, maxKernel)
	}
	return newDownsampling(c.patches(), channels, width, c.NormEps, init), nil
}
