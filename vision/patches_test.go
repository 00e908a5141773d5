package vision_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// TestCutPatches: what lies where, for each remainder, and the gradient of each pixel.
func TestCutPatches(t *testing.T) {
	x := tensor.New(3*5+1, 1) // an image of 3 by 5, and one of a single pixel
	for i := range x.Data() {
		x.Data()[i] = float32(i + 1)
	}
	grid := tensor.RaggedGrid([]tensor.Size{{Height: 3, Width: 5}, {Height: 1, Width: 1}})
	patch := tensor.Size{Height: 2, Width: 3}
	tp := tensor.NewTape()
	for pass := range 3 { // the memory of a pass is used again
		tp.Begin(tensor.Pass{Grad: true})
		in := tp.Leaf(x)
		y, to := vision.CutPatches(tp, in, grid, patch, vision.Pad)
		y.Keep()
		want := []float32{
			1, 2, 3, 6, 7, 8, 4, 5, 0, 9, 10, 0,
			11, 12, 13, 0, 0, 0, 14, 15, 0, 0, 0, 0,
			16, 0, 0, 0, 0, 0,
		}
		if !slices.Equal(y.Data(), want) || to.Size(0) != (tensor.Size{Height: 2, Width: 2}) || to.Size(1) != (tensor.Size{Height: 1, Width: 1}) {
			t.Fatalf("pass %d: %v on %v, want %v", pass, y.Data(), to, want)
		}
		tp.Backward(tp.Add(tp.Sum(tp.Square(y)), tp.Sum(in)))
		for i, g := range tp.Grad(x) {
			if g != 2*x.Data()[i]+1 {
				t.Fatalf("the gradient of pixel %d is %v, want %v", i, g, 2*x.Data()[i]+1)
			}
		}
	}
	tp.Begin(tensor.Pass{Grad: true})
	big := tp.Rows(tp.Leaf(x), 0, 15)
	y, to := vision.CutPatches(tp, big, tensor.NewGrid(1, tensor.Size{Height: 3, Width: 5}), patch, vision.Crop)
	if want := []float32{1, 2, 3, 6, 7, 8}; !slices.Equal(y.Data(), want) || to.Rows() != 1 {
		t.Errorf("cropped: %v, want %v", y.Data(), want)
	}
	tp.Backward(tp.Sum(y))
	if want := []float32{1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}; !slices.Equal(tp.Grad(x), want) {
		t.Errorf("cropped: gradients %v, want %v", tp.Grad(x), want)
	}
	wantPanic(t, "patches of 2x3 pixels do not divide an image of 3x5", func() {
		vision.CutPatches(tp, tp.Const(tensor.New(15, 1)), tensor.NewGrid(1, tensor.Size{Height: 3, Width: 5}), patch, vision.Refuse)
	})
	wantPanic(t, "CutPatches: pixels [15 1] do not fit", func() {
		vision.CutPatches(tp, tp.Const(tensor.New(15, 1)), grid, patch, vision.Pad)
	})
}

// TestCutPatchesAllocates: in a steady state it does not.
func TestCutPatchesAllocates(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	x, grid := tensor.New(4*64, 3), tensor.NewGrid(4, tensor.Size{Height: 8, Width: 8})
	tp := tensor.NewTape()
	step := func() {
		tp.Begin(tensor.Pass{Grad: true})
		y, _ := vision.CutPatches(tp, tp.Leaf(x), grid, tensor.Size{Height: 3, Width: 3}, vision.Pad)
		tp.Backward(tp.Sum(y))
	}
	step()
	if n := testing.AllocsPerRun(20, step); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got, ok := recover().(string); !ok || !strings.Contains(got, want) {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}

// TestLoadConvolution: patches with the weight of a convolution are what that convolution gives, with a stride of its
// kernel.
func TestLoadConvolution(t *testing.T) {
	const channels, width = 3, 5
	init := nn.NewInit(1)
	weight, bias := tensor.New(width, channels, 4, 2), tensor.New(width)
	init.Normal(weight, 1)
	init.Normal(bias, 1)
	stem, err := vision.Patches{Size: tensor.Size{Height: 4, Width: 2}}.New(channels, width, init)
	if err != nil {
		t.Fatal(err)
	}
	patches := stem.(*vision.PatchEmbedding)
	if err := patches.LoadConvolution(weight, bias); err != nil {
		t.Fatal(err)
	}
	image := noise(8, 6, channels, 1)
	tp := tensor.NewTape()
	grid := tensor.NewGrid(1, image.Size())
	pixels := tp.Const(tensor.FromSlice(image.Pixels, grid.Rows(), channels))
	got, to := patches.Tokens(tp, pixels, grid)
	want := tp.Conv(pixels, tp.Const(weight), tp.Const(bias), grid, tensor.ConvOptions{Stride: tensor.Size{Height: 4, Width: 2}})
	if to.Size(0) != (tensor.Size{Height: 2, Width: 3}) || got.Rows() != want.Rows() {
		t.Fatalf("the grid is %v", to)
	}
	for i, w := range want.Data() {
		if math.Abs(float64(w-got.Data()[i])) > 1e-5 {
			t.Errorf("number %d is %v, want %v", i, got.Data()[i], w)
		}
	}
	if err := patches.LoadConvolution(weight, nil); err != nil || patches.Projection.Bias.Data()[0] != 0 {
		t.Errorf("without a bias: %v", err)
	}
	err = patches.LoadConvolution(tensor.New(width, channels, 2, 4), bias)
	if want := "vision: a convolution [5 3 2 4] does not fit patches of 4x2 pixels of 3 channels and tokens of width 5: want [5 3 4 2]"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err = patches.LoadConvolution(weight, tensor.New(2)); err == nil || !strings.Contains(err.Error(), "bias [2]") {
		t.Error(err)
	}
}
