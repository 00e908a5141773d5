package polyphase

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// mixed are images of several sizes that a stride of 3 by 2 divides or is larger than, among them one of a single pixel.
func mixed() []vision.Image {
	return []vision.Image{noise(6, 4, 2, 1), noise(1, 1, 2, 2), noise(3, 8, 2, 3), noise(2, 2, 2, 4), noise(9, 1, 2, 5), noise(6, 4, 2, 6)}
}

var stride = tensor.Size{Height: 3, Width: 2}

// TestAnchoringOfShifts holds the property that all rests on: a shifted image is anchored to a shift by whole strides of what
// the image is anchored to, and with ToPixel to the same.
func TestAnchoringOfShifts(t *testing.T) {
	for _, image := range []vision.Image{noise(6, 8, 2, 1), noise(9, 4, 1, 2), noise(3, 2, 3, 3), noise(1, 6, 2, 4), noise(1, 1, 1, 5)} {
		for _, to := range []To{ToPhase, ToPixel} {
			a := Anchoring{Stride: stride, To: to}
			anchored := func(m vision.Image) vision.Image {
				x, grid := pixels(m)
				return RollImage(m, a.Find(x, grid)[0])
			}
			want := anchored(image)
			for down := -1; down < image.Height; down++ {
				for right := range image.Width {
					got := anchored(RollImage(image, Shift{down, right}))
					if !shiftOf(got, want, to) {
						t.Fatalf("%v image to %v: shift (%d, %d) is anchored otherwise", image.Size(), to, down, right)
					}
				}
			}
		}
	}
}

// shiftOf reports whether a is b shifted by whole strides; to a pixel, whether it is b.
func shiftOf(a, b vision.Image, to To) bool {
	if slices.Equal(a.Pixels, b.Pixels) {
		return true
	}
	s := Anchoring{Stride: stride}.stride(b.Size())
	for down := 0; to == ToPhase && down < b.Height; down += s.Height {
		for right := 0; right < b.Width; right += s.Width {
			if slices.Equal(a.Pixels, RollImage(b, Shift{down, right}).Pixels) {
				return true
			}
		}
	}
	return false
}

// TestApply holds the operation against Find and RollImage, image by image, and its gradient: that of a permutation.
func TestApply(t *testing.T) {
	images := mixed()
	x, grid := pixels(images...)
	for _, to := range []To{ToPhase, ToPixel, Nowhere} {
		a := Anchoring{Stride: stride, To: to}
		shifts := a.Find(x, grid)
		var want, back []float32
		probe, _ := pixels(noise(grid.Rows(), 1, 2, 9))
		for b, image := range images {
			want = append(want, RollImage(image, shifts[b]).Pixels...)
			part := image
			part.Pixels = probe.Data()[grid.Offset(b)*2 : grid.Offset(b+1)*2]
			back = append(back, RollImage(part, Shift{-shifts[b].Down, -shifts[b].Right}).Pixels...)
		}
		run := func() (y, g []float32) {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			in := tp.Leaf(x)
			out := a.Apply(tp, in, grid)
			y = slices.Clone(out.Data())
			tp.Backward(tp.Sum(tp.Mul(out, tp.Const(probe))))
			return y, in.Grad()
		}
		y, g := run()
		if !slices.Equal(y, want) || !slices.Equal(g, back) {
			t.Errorf("to %v: another roll than that of Find, or another gradient", to)
		}
		was := runtime.GOMAXPROCS(1)
		if alone, again := run(); !slices.Equal(alone, y) || !slices.Equal(again, g) {
			t.Errorf("to %v: other bits on one processor", to)
		}
		runtime.GOMAXPROCS(was)
	}
}

// TestRoll holds shifts of any size and sign, and the gradient beside another.
func TestRoll(t *testing.T) {
	image := vision.Image{Height: 2, Width: 3, Channels: 1, Pixels: []float32{0, 1, 2, 3, 4, 5}}
	x, grid := pixels(image)
	for shift, want := range map[Shift][]float32{{0, 0}: {0, 1, 2, 3, 4, 5}, {1, 0}: {3, 4, 5, 0, 1, 2}, {0, 1}: {1, 2, 0, 4, 5, 3}, {-3, -4}: {5, 3, 4, 2, 0, 1}, {2, 6}: {0, 1, 2, 3, 4, 5}} {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		in := tp.Leaf(x)
		y := Roll(tp, in, grid, []Shift{shift})
		if !slices.Equal(y.Data(), want) {
			t.Errorf("%v: %v, want %v", shift, y.Data(), want)
		}
		tp.Backward(tp.Sum(tp.Add(tp.Mul(y, in), in))) // the sum of x[i] x[i + shift] + x[i]
		for i, g := range in.Grad() {
			if w := want[i] + RollImage(image, Shift{-shift.Down, -shift.Right}).Pixels[i] + 1; g != w {
				t.Errorf("%v: gradient %d is %v, want %v", shift, i, g, w)
			}
		}
	}
	none := Roll(tape, tape.Const(tensor.New(0, 3)), tensor.NewGrid(0, tensor.Size{}), nil)
	empty := Anchoring{Stride: stride}.Apply(tape, tape.Const(tensor.New(0, 3)), tensor.NewGrid(2, tensor.Size{Width: 4}))
	if none.Rows() != 0 || empty.Rows() != 0 {
		t.Error("images without pixels became some")
	}
}

// TestTies holds that the first of equal phases is chosen, so that a shift of such an image may choose another.
func TestTies(t *testing.T) {
	x := tensor.New(24, 1)
	x.Set(2, 3, 0)  // line 0, column 3: phase (0, 1)
	x.Set(-2, 4, 0) // line 1, column 0: phase (1, 0)
	a := Anchoring{Stride: stride}
	grid := tensor.NewGrid(1, tensor.Size{Height: 6, Width: 4})
	if got := a.Find(x, grid)[0]; got != (Shift{0, 1}) {
		t.Errorf("the shift is %v", got)
	}
	if n := a.Norms(x, grid, 0); !slices.Equal(n, []float64{0, 2, 2, 0, 0, 0}) {
		t.Errorf("norms %v", n)
	}
	x.Set(float32(math.Inf(1)), 10, 0)
	if got := a.Find(x, grid)[0]; got != (Shift{2, 0}) {
		t.Errorf("with an infinite pixel the shift is %v", got)
	}
}

// TestAllocations holds that a steady state allocates nothing.
func TestAllocations(t *testing.T) {
	x, grid := pixels(mixed()...)
	tp := tensor.NewTape()
	shifts := make([]Shift, grid.Items())
	pass := func() {
		tp.Begin(tensor.Pass{Grad: true})
		y := Anchoring{Stride: stride}.Apply(tp, tp.Leaf(x), grid)
		tp.Backward(tp.Sum(tp.Square(Roll(tp, y, grid, shifts))))
	}
	for range 3 {
		pass()
	}
	if n := testing.AllocsPerRun(5, pass); n > 0 {
		t.Errorf("%v allocations in a pass, want none", n)
	}
}

func TestPanics(t *testing.T) {
	x, grid := pixels(noise(4, 4, 2, 1))
	for want, f := range map[string]func(){
		"polyphase: Anchoring: a stride of 3x2 does not divide an image of 4x4":            func() { Anchoring{Stride: stride}.Apply(tape, tape.Const(x), grid) },
		"polyphase: Roll: 2 shifts for 1 images of 4x4":                                    func() { Roll(tape, tape.Const(x), grid, make([]Shift, 2)) },
		"polyphase: Roll: got 3 pixels, want a row for each pixel of 1 images of 4x4":      func() { Roll(tape, tape.Const(tensor.New(3, 2)), grid, make([]Shift, 1)) },
		"polyphase: Anchoring: got 3 pixels, want a row for each pixel of 1 images of 3x2": func() { Anchoring{Stride: stride}.Apply(tape, tape.Const(tensor.New(3, 2)), tensor.NewGrid(1, stride)) },
	} {
		func() {
			defer func() {
				if r := recover(); r != want {
					t.Errorf("the panic is %v, want %s", r, want)
				}
			}()
			f()
		}()
	}
}
