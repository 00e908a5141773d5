package nn_test

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// imageLayer is a layer that takes the grid of its images.
type imageLayer interface {
	nn.Module
	Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var
}

// onGrid makes a layer of one for images.
type onGrid struct {
	imageLayer
	grid tensor.Grid
}

func (l onGrid) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return l.imageLayer.Apply(tp, x, l.grid)
}

// imageConfig is the configuration of a file of PyTorch's figures for images.
type imageConfig struct {
	Images, Height, Width     int
	Stride, Padding, Dilation []int
	Groups                    int
	Circular                  bool
	Bias                      *bool
	Eps                       float64
}

func readImageConfig(t *testing.T, c *golden.Case) (config imageConfig, grid tensor.Grid) {
	c.JSON(t, "config", &config)
	return config, tensor.NewGrid(config.Images, tensor.Size{Height: config.Height, Width: config.Width})
}

func size(pair []int) tensor.Size {
	if pair == nil {
		return tensor.Size{}
	}
	return tensor.Size{Height: pair[0], Width: pair[1]}
}

func TestTorchConv(t *testing.T) {
	for _, c := range torchFiles(t, "conv_") {
		t.Run(c.Name, func(t *testing.T) {
			config, grid := readImageConfig(t, c)
			shape := append(c.Shape("w.weight"), 0)
			kernel := tensor.Size{Height: shape[2], Width: shape[3]}
			if shape[3] == 0 {
				kernel = tensor.Size{Width: shape[2]}
			}
			l := nn.NewConv(nn.ConvConfig{In: c.Shape("x")[1], Out: shape[0], Kernel: kernel, NoBias: config.Bias != nil && !*config.Bias,
				Options: tensor.ConvOptions{Stride: size(config.Stride), Padding: size(config.Padding), Dilation: size(config.Dilation),
					Groups: config.Groups, Circular: config.Circular}}, nn.NewInit(1))
			if got, want := l.Grid(grid).Rows(), c.Shape("out")[0]; got != want {
				t.Fatalf("%d pixels, want %d", got, want)
			}
			testTorchLayer(t, c, onGrid{l, grid}, true)
		})
	}
}

func TestTorchGroupNorm(t *testing.T) {
	for _, c := range torchFiles(t, "groupnorm_") {
		t.Run(c.Name, func(t *testing.T) {
			config, grid := readImageConfig(t, c)
			l := nn.NewGroupNorm(config.Groups, c.Shape("x")[1])
			l.Eps = config.Eps
			testTorchLayer(t, c, onGrid{l, grid}, true)
		})
	}
}

func TestConvLayers(t *testing.T) {
	init, image := nn.NewInit(1), tensor.NewGrid(2, tensor.Size{Height: 9, Width: 14})
	patches := nn.NewPatchEmbedding(3, 8, tensor.Size{Height: 4, Width: 4}, init)
	if got := patches.Grid(image); !got.Equal(tensor.NewGrid(2, tensor.Size{Height: 2, Width: 3})) {
		t.Errorf("patches of %v are %v", image, got)
	}
	if got := nn.Collect(patches).Count(); got != 8*3*4*4+8 {
		t.Errorf("a patch embedding has %d parameters", got)
	}
	lepe := nn.NewDepthwiseConv(6, 3, init)
	if got := lepe.Grid(image); !got.Equal(image) || lepe.Options.Groups != 6 || nn.Collect(lepe).Count() != 6*9+6 {
		t.Errorf("a depth-wise convolution makes %v of %v", got, image)
	}
	sequence := nn.NewConv(nn.ConvConfig{In: 4, Out: 6, Kernel: tensor.Size{Width: 3}, NoBias: true}, init)
	if got := fmt.Sprint(sequence.Weight.Shape(), sequence.Kernel(), sequence.Bias); got != "[6 4 3] 1x3 <nil>" {
		t.Errorf("a convolution of sequences has %s", got)
	}
	const bound = 0.288676 // 1/sqrt(12)
	for _, w := range sequence.Weight.Data() {
		if w < -bound || w > bound {
			t.Errorf("a first weight of %v, want %v at most", w, bound)
		}
	}
}

func TestConvLayersRefused(t *testing.T) {
	init := nn.NewInit(1)
	for want, f := range map[string]func(){
		"nn: Conv: 0 to 3 channels with a kernel of 0x1 are not positive": func() { nn.NewConv(nn.ConvConfig{Out: 3, Kernel: tensor.Size{Width: 1}}, init) },
		"nn: Conv: 2 to 3 channels with a kernel of 3x0 are not positive": func() { nn.NewConv(nn.ConvConfig{In: 2, Out: 3, Kernel: tensor.Size{Height: 3}}, init) },
		"nn: Conv: 2 groups do not divide 4 to 3 channels": func() {
			nn.NewConv(nn.ConvConfig{In: 4, Out: 3, Kernel: tensor.Size{Width: 1}, Options: tensor.ConvOptions{Groups: 2}}, init)
		},
		"nn: DepthwiseConv: a kernel of 4 has no pixel in its middle": func() { nn.NewDepthwiseConv(3, 4, init) },
		"nn: GroupNorm: 3 groups do not divide width 4":               func() { nn.NewGroupNorm(3, 4) },
		"nn: GroupNorm: width 0 is not positive":                      func() { nn.NewGroupNorm(3, 0) },
	} {
		wantPanic(t, want, f)
	}
}

// ExampleConv turns an image into tokens and lets neighbouring tokens see each other.
func ExampleConv() {
	init := nn.NewInit(1)
	embed := nn.NewPatchEmbedding(3, 8, tensor.Size{Height: 4, Width: 4}, init)
	position := nn.NewDepthwiseConv(8, 3, init)

	image := tensor.NewGrid(1, tensor.Size{Height: 16, Width: 12})
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	tokens, grid := embed.Apply(tp, tp.Const(tensor.New(image.Rows(), 3)), image), embed.Grid(image)
	tokens = tp.Add(tokens, position.Apply(tp, tokens, grid))
	fmt.Println(grid, "give tokens", tokens.Shape())
	// Output: 1 images of 4x3 give tokens [12 8]
}
