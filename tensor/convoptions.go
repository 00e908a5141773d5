package tensor

import "fmt"

// ConvOptions says how the kernel of a convolution walks over an image. The zero value is a dense convolution with steps
// of one pixel and nothing around the image. The names and the meaning are those of PyTorch's Conv2d. A sequence is an image
// of height 1, so that for it the widths count.
type ConvOptions struct {
	// Stride is the step from one pixel of the result to the next; 0 means 1.
	Stride Size
	// Padding is what lies around the image: so many lines above and below, so many columns on the left and on the right.
	Padding Size
	// Circular fills the padding with the other end of the image, which is so taken as a torus; otherwise it is 0.
	Circular bool
	// Dilation is the distance of neighbouring pixels under the kernel; 0 means 1.
	Dilation Size
	// Groups cuts the channels into so many groups that see each other not: group g of the result is made of group g of
	// the input; 0 means 1. As many groups as channels are a depth-wise convolution.
	Groups int
	// Window cuts the image into windows of this size, from its upper left corner on, which see each other not: for the
	// kernel, a pixel of another window is padding. Those at the right and the lower border may be smaller. It is for
	// depth-wise convolutions that keep the size of the image, LePE in the stripes of CSWin above all; 0 means the whole
	// height or width.
	Window Size
}

// Grid returns the grid of the result for a kernel of the given size: along an axis of n pixels with padding p, kernel k,
// dilation d and stride s floor((n + 2p - d(k-1) - 1) / s) + 1 pixels. An image without pixels stays one. It panics where
// the kernel does not fit an image.
func (o ConvOptions) Grid(in Grid, kernel Size) Grid {
	o = o.filled("Conv", kernel)
	return in.mapped("Conv", func(s Size) Size {
		if s.Height == 0 || s.Width == 0 {
			return s
		}
		return Size{
			Height: convLength(s.Height, o.Padding.Height, kernel.Height, o.Dilation.Height, o.Stride.Height, s),
			Width:  convLength(s.Width, o.Padding.Width, kernel.Width, o.Dilation.Width, o.Stride.Width, s),
		}
	})
}

func convLength(n, padding, kernel, dilation, stride int, image Size) int {
	room := n + 2*padding - dilation*(kernel-1) - 1
	if room < 0 {
		panic(fmt.Sprintf("tensor: Conv: a kernel of %d, dilation %d, does not fit an image of %v with padding %d", kernel, dilation, image, padding))
	}
	return room/stride + 1
}

// filled returns the options with defaults in the place of zeros.
func (o ConvOptions) filled(op string, kernel Size) ConvOptions {
	for _, v := range []int{o.Stride.Height, o.Stride.Width, o.Padding.Height, o.Padding.Width, o.Dilation.Height, o.Dilation.Width,
		o.Groups, o.Window.Height, o.Window.Width, kernel.Height - 1, kernel.Width - 1} {
		if v < 0 {
			panic(fmt.Sprintf("tensor: %s: kernel %v with stride %v, padding %v, dilation %v, %d groups and window %v has a size that is none",
				op, kernel, o.Stride, o.Padding, o.Dilation, o.Groups, o.Window))
		}
	}
	o.Stride = Size{max(o.Stride.Height, 1), max(o.Stride.Width, 1)}
	o.Dilation = Size{max(o.Dilation.Height, 1), max(o.Dilation.Width, 1)}
	o.Groups = max(o.Groups, 1)
	return o
}
