package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Conv is a convolution of images or of sequences, with PyTorch's layout of the weight. Pixels are rows of channels, as
// tokens are: see [tensor.Grid].
type Conv struct {
	Weight  *tensor.Tensor // [out, in/groups, height, width], or [out, in/groups, width] for sequences
	Bias    *tensor.Tensor // [out]; nil where the layer has none
	Options tensor.ConvOptions
}

// ConvConfig is the shape of a convolution.
type ConvConfig struct {
	In, Out int // channels
	// Kernel is the kernel's size. Height 0 makes a convolution of sequences, whose weight has no height either.
	Kernel  tensor.Size
	Options tensor.ConvOptions
	NoBias  bool
}

// NewConv returns a layer whose weight and bias are drawn from the uniform distribution of bound 1/sqrt(in/groups height
// width), the default of PyTorch's convolutions.
func NewConv(c ConvConfig, init *Init) *Conv {
	groups, sequence := max(c.Options.Groups, 1), c.Kernel.Height == 0
	if c.In <= 0 || c.Out <= 0 || c.Kernel.Width <= 0 || c.Kernel.Height < 0 {
		panic(fmt.Sprintf("nn: Conv: %d to %d channels with a kernel of %v are not positive", c.In, c.Out, c.Kernel))
	}
	if c.In%groups != 0 || c.Out%groups != 0 {
		panic(fmt.Sprintf("nn: Conv: %d groups do not divide %d to %d channels", groups, c.In, c.Out))
	}
	l := &Conv{Weight: tensor.New(c.Out, c.In/groups, c.Kernel.Height, c.Kernel.Width), Options: c.Options}
	if sequence {
		l.Weight = tensor.New(c.Out, c.In/groups, c.Kernel.Width)
	}
	if !c.NoBias {
		l.Bias = tensor.New(c.Out)
	}
	init.LinearDefault(l.Weight, l.Bias)
	return l
}

// NewPatchEmbedding returns the convolution that turns every patch of an image, without overlap, into a token of so many
// channels: its kernel is its stride. Pixels at the right and the lower border that fill no patch are left out.
func NewPatchEmbedding(channels, width int, patch tensor.Size, init *Init) *Conv {
	return NewConv(ConvConfig{In: channels, Out: width, Kernel: patch, Options: tensor.ConvOptions{Stride: patch}}, init)
}

// NewDepthwiseConv returns a convolution of an odd kernel in which every channel is by itself and images keep their size:
// LePE of CSWin and, with circular padding, the conditional position encoding of shift-equivariant transformers.
func NewDepthwiseConv(channels, kernel int, init *Init) *Conv {
	if kernel%2 == 0 {
		panic(fmt.Sprintf("nn: DepthwiseConv: a kernel of %d has no pixel in its middle", kernel))
	}
	return NewConv(ConvConfig{In: channels, Out: channels, Kernel: tensor.Size{Height: kernel, Width: kernel},
		Options: tensor.ConvOptions{Padding: tensor.Size{Height: kernel / 2, Width: kernel / 2}, Groups: channels}}, init)
}

// Params declares weight and bias.
func (l *Conv) Params(c *Params) {
	c.Param("weight", l.Weight)
	c.Param("bias", l.Bias)
}

// Apply returns the convolution of the images of grid, x [pixels, in]: the pixels of the images of l.Grid(grid), [pixels,
// out].
func (l *Conv) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	if l.Bias == nil {
		return tp.Conv(x, tp.Leaf(l.Weight), nil, grid, l.Options)
	}
	return tp.Conv(x, tp.Leaf(l.Weight), tp.Leaf(l.Bias), grid, l.Options)
}

// Grid returns the grid of the layer's result.
func (l *Conv) Grid(grid tensor.Grid) tensor.Grid { return l.Options.Grid(grid, l.Kernel()) }

// Kernel returns the size of the kernel; that of a convolution of sequences has height 1.
func (l *Conv) Kernel() tensor.Size {
	shape := l.Weight.Shape()
	if len(shape) == 3 {
		return tensor.Size{Height: 1, Width: shape[2]}
	}
	return tensor.Size{Height: shape[2], Width: shape[3]}
}
