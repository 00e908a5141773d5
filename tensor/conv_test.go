package tensor

import (
	"fmt"
	"math"
	"runtime"
	"testing"
)

// rolled returns the images of grid turned by (down, right) on a torus.
func rolled(x *Tensor, grid Grid, down, right int) *Tensor {
	y, cols := New(x.shape...), x.Cols()
	for b := range grid.Items() {
		s := grid.Size(b)
		for r := range s.Height * s.Width {
			to := grid.Offset(b) + (r/s.Width+down)%s.Height*s.Width + (r%s.Width+right)%s.Width
			copy(y.data[to*cols:][:cols], x.data[(grid.Offset(b)+r)*cols:])
		}
	}
	return y
}

// convolve returns the values of a convolution of random weights and the gradients of its input for a random probe.
func convolve(tp *Tape, x *Tensor, grid Grid, out int, kernel Size, opt ConvOptions) (y, dx []float32) {
	w, b := random(7, out, x.Cols()/max(opt.Groups, 1), kernel.Height, kernel.Width), random(8, out)
	tp.Begin(Pass{Grad: true})
	v := tp.Conv(tp.Leaf(x), tp.Leaf(w), tp.Leaf(b), grid, opt).Keep()
	tp.Backward(tp.Sum(tp.Square(v)))
	return clone(v.Data()), clone(tp.Grad(x))
}

// TestConvOnATorus holds that a convolution with circular padding commutes with turning the images, as do its gradients,
// to the last bit.
func TestConvOnATorus(t *testing.T) {
	grid, tp := NewGrid(2, Size{6, 8}), NewTape()
	for _, c := range []struct{ groups, out, dilation int }{{1, 5, 1}, {1, 3, 2}, {4, 4, 1}, {4, 4, 3}} {
		opt := ConvOptions{Padding: Size{c.dilation, 2 * c.dilation}, Dilation: Size{c.dilation, c.dilation}, Circular: true, Groups: c.groups}
		x := random(1, grid.Rows(), 4)
		y, dx := convolve(tp, x, grid, c.out, Size{3, 5}, opt)
		for _, shift := range [][2]int{{1, 0}, {0, 3}, {5, 7}} {
			turned := func(v []float32, cols int) []float32 {
				return rolled(FromSlice(v, grid.Rows(), cols), grid, shift[0], shift[1]).data
			}
			gotY, gotDx := convolve(tp, rolled(x, grid, shift[0], shift[1]), grid, c.out, Size{3, 5}, opt)
			if !sameBits(gotY, turned(y, c.out)) {
				t.Errorf("%+v turned by %v: other values", c, shift)
			}
			if want := turned(dx, 4); !sameBits(gotDx, want) && !nearly(gotDx, want) { // copies of a pixel are added in another order
				t.Errorf("%+v turned by %v: other gradients", c, shift)
			}
		}
	}
}

// nearly reports whether all numbers agree to a few roundings.
func nearly(got, want []float32) bool {
	size := 0.0
	for _, v := range want {
		size = max(size, math.Abs(float64(v)))
	}
	for i := range want {
		if !(math.Abs(float64(got[i])-float64(want[i])) <= 2e-6*size) {
			return false
		}
	}
	return true
}

// TestConvIsLinear holds that a convolution without a bias is linear in its input and in its weight.
func TestConvIsLinear(t *testing.T) {
	grid, opt, tp := NewGrid(2, Size{7, 5}), ConvOptions{Stride: Size{2, 1}, Padding: Size{1, 2}}, NewTape()
	a, b := random(1, grid.Rows(), 3), random(2, grid.Rows(), 3)
	v, w := random(3, 4, 3, 3, 3), random(4, 4, 3, 3, 3)
	tp.Begin(Pass{})
	conv := func(x, w *Var) *Var { return tp.Conv(x, w, nil, grid, opt) }
	sum := conv(tp.Add(tp.Const(a), tp.Scale(tp.Const(b), 3)), tp.Const(w))
	if parts := tp.Add(conv(tp.Const(a), tp.Const(w)), tp.Scale(conv(tp.Const(b), tp.Const(w)), 3)); !nearly(sum.Data(), parts.Data()) {
		t.Error("not linear in the input")
	}
	sum = conv(tp.Const(a), tp.Sub(tp.Const(v), tp.Const(w)))
	if parts := tp.Sub(conv(tp.Const(a), tp.Const(v)), conv(tp.Const(a), tp.Const(w))); !nearly(sum.Data(), parts.Data()) {
		t.Error("not linear in the weight")
	}
}

// TestConvOneByOne holds that images of different sizes give what each gives alone, to the last bit.
func TestConvOneByOne(t *testing.T) {
	sizes := []Size{{9, 4}, {1, 1}, {30, 40}, {0, 3}, {5, 21}, {5, 1}}
	grid, all, alone := RaggedGrid(sizes), NewTape(), NewTape()
	x := random(1, grid.Rows(), 6)
	for _, c := range []struct {
		out int
		opt ConvOptions
	}{{5, ConvOptions{}}, {70, ConvOptions{Stride: Size{2, 2}}}, {6, ConvOptions{Groups: 6}}, {6, ConvOptions{Groups: 6, Stride: Size{1, 3}}},
		{6, ConvOptions{Groups: 6, Window: Size{7, 2}}}, {4, ConvOptions{Groups: 2, Circular: true}}} {
		c.opt.Padding = Size{1, 1}
		y, dx := convolve(all, x, grid, c.out, Size{3, 3}, c.opt)
		for b, s := range sizes {
			part := FromSlice(x.data[grid.Offset(b)*6:grid.Offset(b+1)*6], s.Height*s.Width, 6)
			oneY, oneDx := convolve(alone, part, NewGrid(1, s), c.out, Size{3, 3}, c.opt)
			at := c.opt.Grid(grid, Size{3, 3}).Offset(b) * c.out
			if !sameBits(oneY, y[at:at+len(oneY)]) || !sameBits(oneDx, dx[grid.Offset(b)*6:][:len(oneDx)]) {
				t.Errorf("%+v: image %d of %v gives other bits among others", c, b, s)
			}
		}
	}
}

// TestConvWindows holds that windows are images of their own.
func TestConvWindows(t *testing.T) {
	const cols = 5
	image := Size{6, 8}
	x, tp := random(1, image.Height*image.Width, cols), NewTape()
	for _, window := range []Size{{6, 2}, {3, 8}, {2, 4}, {4, 3}, {6, 1}} {
		opt := ConvOptions{Padding: Size{1, 1}, Groups: cols}
		windowed := opt
		windowed.Window = window
		y, _ := convolve(tp, x, NewGrid(1, image), cols, Size{3, 3}, windowed)
		for top := 0; top < image.Height; top += window.Height {
			for left := 0; left < image.Width; left += window.Width {
				s := Size{min(window.Height, image.Height-top), min(window.Width, image.Width-left)}
				part := New(s.Height*s.Width, cols)
				row := func(r int) int { return ((top+r/s.Width)*image.Width + left + r%s.Width) * cols }
				for r := range part.Rows() {
					copy(part.data[r*cols:][:cols], x.data[row(r):])
				}
				want, _ := convolve(NewTape(), part, NewGrid(1, s), cols, Size{3, 3}, opt)
				for r := range part.Rows() {
					if !sameBits(y[row(r):][:cols], want[r*cols:][:cols]) {
						t.Fatalf("windows of %v: pixel %d of that at %d, %d has other bits than in an image of its own", window, r, top, left)
					}
				}
			}
		}
	}
}

// TestConvMemory holds that convolutions allocate nothing in a steady state and that no matrix of all gathered pixels is
// ever made: it would be 49 times the image here.
func TestConvMemory(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	grid := NewGrid(4, Size{64, 64})
	x, w, taps := random(1, grid.Rows(), 8), random(2, 8, 8, 7, 7), random(3, 8, 1, 3, 3)
	gain, bias := random(4, 8), random(5, 8)
	tp := NewTape()
	up := LinearSampling(NewGrid(4, Size{32, 32}), grid)
	pass := func() {
		tp.Begin(Pass{Train: true, Grad: true})
		h := tp.Conv(tp.Leaf(x), tp.Leaf(w), tp.Leaf(bias), grid, ConvOptions{Stride: Size{2, 2}, Padding: Size{3, 3}})
		half := NewGrid(4, Size{32, 32})
		h = tp.GroupNorm(h, tp.Leaf(gain), tp.Leaf(bias), half, 2, 1e-5)
		h = tp.Conv(h, tp.Leaf(taps), nil, half, ConvOptions{Padding: Size{1, 1}, Groups: 8, Circular: true})
		tp.Backward(tp.Mean(tp.Square(tp.Sample(h, up))))
	}
	for range 3 {
		pass()
	}
	const most = 4
	if allocs := testing.AllocsPerRun(20, pass); allocs > most {
		t.Errorf("%v allocations a pass, want %d at most", allocs, most)
	}
	if image := int64(4 * x.Size()); tp.PeakBytes() > 8*image {
		t.Errorf("%d bytes at the peak, the image has %d", tp.PeakBytes(), image)
	}
}

func TestGrid(t *testing.T) {
	ragged := RaggedGrid([]Size{{2, 3}, {0, 5}, {4, 1}})
	if ragged.Items() != 3 || ragged.Rows() != 10 || fmt.Sprint(ragged.Offsets()) != "[0 6 6 10]" || ragged.Uniform() {
		t.Errorf("a ragged grid has %d items, %d rows, offsets %v", ragged.Items(), ragged.Rows(), ragged.Offsets())
	}
	same := RaggedGrid([]Size{{2, 3}, {2, 3}})
	if !same.Uniform() || !same.Equal(NewGrid(2, Size{2, 3})) || same.Equal(ragged) {
		t.Errorf("images of one size are %v", same)
	}
	lines := SequenceGrid([]int{0, 2, 7})
	if lines.Size(1) != (Size{1, 5}) || lines.String() != "2 images of different sizes, 7 pixels" || same.String() != "2 images of 2x3" {
		t.Errorf("sequences are %v, images %v", lines, same)
	}
	var none Grid
	if none.Rows() != 0 || fmt.Sprint(none.Offsets()) != "[0]" || RaggedGrid(nil).Items() != 0 {
		t.Error("the zero grid has images")
	}
	if got := (ConvOptions{Stride: Size{2, 3}, Padding: Size{1, 0}, Dilation: Size{1, 2}}).Grid(NewGrid(2, Size{7, 11}), Size{3, 3}); got.Size(0) != (Size{4, 3}) {
		t.Errorf("the result of a convolution is %v", got)
	}
}

func TestGridsRefused(t *testing.T) {
	for want, f := range map[string]func(){
		"tensor: NewGrid: an image of -1x2":                                  func() { NewGrid(1, Size{-1, 2}) },
		"tensor: NewGrid: -1 images":                                         func() { NewGrid(-1, Size{1, 2}) },
		"tensor: RaggedGrid: an image of 1x-2":                               func() { RaggedGrid([]Size{{1, -2}}) },
		"tensor: SequenceGrid: offsets [1 2] do not begin with 0":            func() { SequenceGrid([]int{1, 2}) },
		"tensor: SequenceGrid: an image of 1x-1":                             func() { SequenceGrid([]int{0, 2, 1}) },
		"tensor: NewSampling: term 1 is of row 4 of 4":                       func() { NewSampling(4, []int{0, 2}, []int32{3, 4}, []float32{1, 1}) },
		"tensor: NewSampling: offsets fall from 2 to 1":                      func() { NewSampling(4, []int{0, 2, 1, 2}, []int32{3, 3}, []float32{1, 1}) },
		"tensor: NewSampling: 2 offsets do not go from 0 to the end of 1":    func() { NewSampling(4, []int{0, 2}, []int32{3}, []float32{1}) },
		"tensor: LinearSampling: an image of 1x1 from one of 0x1":            func() { LinearSampling(NewGrid(1, Size{0, 1}), NewGrid(1, Size{1, 1})) },
		"tensor: LinearSampling: 2 images of 1x1 from 1 images of 1x1":       func() { LinearSampling(NewGrid(1, Size{1, 1}), NewGrid(2, Size{1, 1})) },
		"tensor: Conv: a kernel of 2, dilation 3, does not fit an image of ": func() { ConvOptions{Dilation: Size{3, 0}}.Grid(NewGrid(1, Size{3, 3}), Size{2, 1}) },
	} {
		wantPanic(t, want, f)
	}
}
