package tensor

import (
	"fmt"
	"math"
)

// imageOperations are the operations on grids of images.
func imageOperations() []operation {
	return []operation{convOperation(), groupNormOperation(), sampleOperation()}
}

// convSample is a convolution to try.
type convSample struct {
	grid           Grid
	in, out        int
	kernel         Size
	opt            ConvOptions
	noBias, noLine bool // noLine: the weight has no height
}

func convSamples() []convSample {
	one := func(h, w int) Grid { return NewGrid(1, Size{h, w}) }
	ragged := RaggedGrid([]Size{{3, 5}, {0, 4}, {1, 1}, {7, 2}, {4, 6}})
	pad := func(h, w int) ConvOptions { return ConvOptions{Padding: Size{h, w}} }
	depthwise := func(c int, o ConvOptions) ConvOptions { o.Groups = c; return o }
	return []convSample{
		{grid: one(1, 1), in: 1, out: 1, kernel: Size{1, 1}},
		{grid: one(1, 1), in: 1, out: 2, kernel: Size{3, 3}, opt: pad(1, 1)},
		{grid: NewGrid(0, Size{3, 3}), in: 2, out: 3, kernel: Size{2, 2}},
		{grid: NewGrid(2, Size{0, 3}), in: 2, out: 3, kernel: Size{3, 3}, opt: pad(1, 1)},
		{grid: one(2, 3), in: 2, out: 3, kernel: Size{5, 7}, opt: pad(3, 4)},
		{grid: NewGrid(3, Size{5, 4}), in: 3, out: 2, kernel: Size{1, 1}, noBias: true},
		{grid: NewGrid(2, Size{5, 6}), in: 3, out: 5, kernel: Size{1, 1}, opt: ConvOptions{Stride: Size{2, 3}}},
		{grid: NewGrid(2, Size{11, 9}), in: 3, out: 4, kernel: Size{7, 7}, opt: ConvOptions{Stride: Size{4, 4}, Padding: Size{2, 2}}},
		{grid: NewGrid(2, Size{7, 6}), in: 5, out: 7, kernel: Size{3, 3}, opt: ConvOptions{Stride: Size{2, 2}, Padding: Size{1, 1}}},
		{grid: NewGrid(2, Size{9, 8}), in: 3, out: 5, kernel: Size{4, 4}, opt: ConvOptions{Stride: Size{4, 4}}, noBias: true},
		{grid: NewGrid(1, Size{9, 7}), in: 4, out: 6, kernel: Size{3, 3}, opt: ConvOptions{Padding: Size{3, 3}, Dilation: Size{3, 3}}},
		{grid: one(10, 8), in: 2, out: 3, kernel: Size{3, 2}, opt: ConvOptions{Stride: Size{4, 2}, Padding: Size{3, 1}, Dilation: Size{2, 3}}},
		{grid: NewGrid(2, Size{4, 5}), in: 6, out: 9, kernel: Size{3, 3}, opt: ConvOptions{Padding: Size{1, 1}, Groups: 3}},
		{grid: one(6, 7), in: 4, out: 8, kernel: Size{2, 3}, opt: ConvOptions{Groups: 4, Stride: Size{1, 2}, Dilation: Size{2, 1}}},
		{grid: ragged, in: 3, out: 4, kernel: Size{3, 3}, opt: ConvOptions{Padding: Size{1, 1}}},
		{grid: ragged, in: 3, out: 2, kernel: Size{3, 3}, opt: ConvOptions{Stride: Size{2, 2}, Padding: Size{1, 1}}},
		{grid: SequenceGrid([]int{0, 5, 5, 12, 13}), in: 4, out: 3, kernel: Size{1, 3}, opt: pad(0, 1), noLine: true},
		{grid: NewGrid(3, Size{1, 7}), in: 16, out: 16, kernel: Size{1, 5}, opt: ConvOptions{Padding: Size{0, 2}, Groups: 2}, noLine: true, noBias: true},
		{grid: one(5, 4), in: 3, out: 2, kernel: Size{3, 3}, opt: ConvOptions{Padding: Size{1, 2}, Circular: true}},
		{grid: one(2, 1), in: 3, out: 2, kernel: Size{5, 5}, opt: ConvOptions{Padding: Size{4, 3}, Circular: true, Stride: Size{2, 2}}},
		{grid: ragged, in: 2, out: 3, kernel: Size{2, 3}, opt: ConvOptions{Padding: Size{1, 1}, Circular: true}},
		{grid: NewGrid(1, Size{4, 3}), in: 66, out: 67, kernel: Size{3, 3}, opt: ConvOptions{Stride: Size{2, 1}, Padding: Size{1, 1}}},
		{grid: NewGrid(10, Size{8, 8}), in: 3, out: 5, kernel: Size{3, 3}, opt: ConvOptions{Padding: Size{1, 1}}},
		{grid: NewGrid(1, Size{101, 100}), in: 1, out: 1, kernel: Size{2, 2}, noBias: true},
		// depth-wise
		{grid: NewGrid(2, Size{5, 6}), in: 7, out: 7, kernel: Size{3, 3}, opt: depthwise(7, pad(1, 1))},
		{grid: ragged, in: 5, out: 5, kernel: Size{3, 3}, opt: depthwise(5, pad(1, 1)), noBias: true},
		{grid: one(2, 2), in: 3, out: 3, kernel: Size{7, 5}, opt: depthwise(3, pad(3, 3))},
		{grid: NewGrid(2, Size{9, 1}), in: 4, out: 4, kernel: Size{3, 3}, opt: depthwise(4, pad(1, 1))},
		{grid: one(9, 7), in: 3, out: 3, kernel: Size{3, 3}, opt: depthwise(3, ConvOptions{Stride: Size{2, 3}, Padding: Size{1, 1}, Dilation: Size{1, 2}})},
		{grid: one(6, 11), in: 18, out: 18, kernel: Size{5, 5}, opt: depthwise(18, ConvOptions{Padding: Size{2, 2}})},
		{grid: NewGrid(2, Size{6, 5}), in: 3, out: 3, kernel: Size{3, 3}, opt: depthwise(3, ConvOptions{Padding: Size{1, 1}, Circular: true})},
		{grid: NewGrid(2, Size{6, 7}), in: 3, out: 3, kernel: Size{3, 3}, opt: depthwise(3, ConvOptions{Padding: Size{1, 1}, Window: Size{Width: 2}})},
		{grid: NewGrid(2, Size{7, 6}), in: 3, out: 3, kernel: Size{3, 3}, opt: depthwise(3, ConvOptions{Padding: Size{1, 1}, Window: Size{Height: 1}})},
		{grid: ragged, in: 3, out: 3, kernel: Size{3, 5}, opt: depthwise(3, ConvOptions{Padding: Size{1, 2}, Window: Size{3, 2}})},
		{grid: SequenceGrid([]int{0, 9, 10, 30}), in: 6, out: 6, kernel: Size{1, 5}, opt: depthwise(6, pad(0, 2)), noLine: true},
		{grid: NewGrid(9, Size{20, 20}), in: 4, out: 4, kernel: Size{3, 3}, opt: depthwise(4, pad(1, 1))},
	}
}

func (c convSample) String() string {
	return fmt.Sprintf("%v %d to %d kernel %v %+v bias %v", c.grid, c.in, c.out, c.kernel, c.opt, !c.noBias)
}

func convOperation() operation {
	grid := NewGrid(1, Size{2, 3})
	op := operation{name: "Conv", faults: []fault{
		{"weight [2x3] is not [out, in/groups, height, width]", func(tp *Tape) { tp.Conv(on(tp, 6, 3), on(tp, 2, 3), nil, grid, ConvOptions{}) }},
		{"x [6x3] does not fit weight [2x4x1x1] in 1 groups", func(tp *Tape) { tp.Conv(on(tp, 6, 3), on(tp, 2, 4, 1, 1), nil, grid, ConvOptions{}) }},
		{"x [6x4] does not fit weight [3x2x1x1] in 2 groups", func(tp *Tape) {
			tp.Conv(on(tp, 6, 4), on(tp, 3, 2, 1, 1), nil, grid, ConvOptions{Groups: 2})
		}},
		{"x [6x3] does not fit weight [2x3x0x1]", func(tp *Tape) { tp.Conv(on(tp, 6, 3), on(tp, 2, 3, 0, 1), nil, grid, ConvOptions{}) }},
		{"bias [3] does not fit weight [2x3x1x1]", func(tp *Tape) { tp.Conv(on(tp, 6, 3), on(tp, 2, 3, 1, 1), on(tp, 3), grid, ConvOptions{}) }},
		{"x [5x3] does not hold the pixels of 1 images of 2x3", func(tp *Tape) { tp.Conv(on(tp, 5, 3), on(tp, 2, 3, 1, 1), nil, grid, ConvOptions{}) }},
		{"a kernel of 3, dilation 1, does not fit an image of 2x3 with padding 0", func(tp *Tape) {
			tp.Conv(on(tp, 6, 3), on(tp, 2, 3, 3, 3), nil, grid, ConvOptions{})
		}},
		{"padding 0x-1", func(tp *Tape) {
			tp.Conv(on(tp, 6, 3), on(tp, 2, 3, 1, 1), nil, grid, ConvOptions{Padding: Size{0, -1}})
		}},
		{"windows of 0x2 are for depth-wise convolutions", func(tp *Tape) {
			tp.Conv(on(tp, 6, 3), on(tp, 2, 3, 1, 1), nil, grid, ConvOptions{Window: Size{Width: 2}})
		}},
		{"windows of 1x0 are for depth-wise convolutions", func(tp *Tape) {
			tp.Conv(on(tp, 6, 3), on(tp, 3, 1, 2, 2), nil, grid, ConvOptions{Groups: 3, Window: Size{Height: 1}})
		}},
	}}
	for i, c := range convSamples() {
		c.opt = c.opt.filled("Conv", c.kernel)
		shape := []int{c.out, c.in / c.opt.Groups, c.kernel.Height, c.kernel.Width}
		if c.noLine {
			shape = append(shape[:2], c.kernel.Width)
		}
		in := []*Tensor{random(uint64(3*i), c.grid.Rows(), c.in), random(uint64(3*i+1), shape...), random(uint64(3*i+2), c.out)}
		if c.noBias {
			in = in[:2]
		}
		op.samples = append(op.samples, sample{name: c.String(), in: in, shape: []int{c.opt.Grid(c.grid, c.kernel).Rows(), c.out},
			apply: func(tp *Tape, in []*Var) *Var { return tp.Conv(in[0], in[1], append(in, nil)[2], c.grid, c.opt) },
			ref:   func(in [][]float64) []float64 { return convolved(in[0], in[1], append(in, nil)[2], c) }})
	}
	return op
}

// convolved is the reference of a convolution: PyTorch's definition, pixel by pixel. Depth-wise convolutions pass over
// pixels outside the image; others take them as zeros that are multiplied, which shows where a weight is infinite.
func convolved(x, w, b []float64, c convSample) []float64 {
	o, out := c.opt, c.opt.Grid(c.grid, c.kernel)
	y := make([]float64, out.Rows()*c.out)
	in, per := c.in/o.Groups, c.out/o.Groups
	depthwise := o.Groups > 1 && in == 1 && per == 1
	pixel := func(item, i, j, channel, wi, wj int) (float64, bool) {
		s := c.grid.Size(item)
		if o.Circular {
			i, j = ((i%s.Height)+s.Height)%s.Height, ((j%s.Width)+s.Width)%s.Width
		}
		apart := o.Window.Height > 0 && i/o.Window.Height != wi/o.Window.Height || o.Window.Width > 0 && j/o.Window.Width != wj/o.Window.Width
		if i < 0 || j < 0 || i >= s.Height || j >= s.Width || apart {
			return 0, !depthwise
		}
		return x[(c.grid.Offset(item)+i*s.Width+j)*c.in+channel], true
	}
	for item := range out.Items() {
		s := out.Size(item)
		for r := range s.Height * s.Width {
			i, j := r/s.Width, r%s.Width
			for f := range c.out {
				sum := 0.0
				if b != nil {
					sum = b[f]
				}
				for k := range in * c.kernel.Height * c.kernel.Width {
					channel, ki, kj := k/(c.kernel.Height*c.kernel.Width), k/c.kernel.Width%c.kernel.Height, k%c.kernel.Width
					v, seen := pixel(item, i*o.Stride.Height-o.Padding.Height+ki*o.Dilation.Height,
						j*o.Stride.Width-o.Padding.Width+kj*o.Dilation.Width, f/per*in+channel, i, j)
					if seen {
						sum += w[f*in*c.kernel.Height*c.kernel.Width+k] * v
					}
				}
				y[(out.Offset(item)+r)*c.out+f] = sum
			}
		}
	}
	return y
}

func groupNormOperation() operation {
	grid := NewGrid(1, Size{2, 3})
	op := operation{name: "GroupNorm", faults: []fault{
		{"vector [3] does not fit the rows of [6x4]", func(tp *Tape) { tp.GroupNorm(on(tp, 6, 4), on(tp, 3), on(tp, 4), grid, 2, 1e-5) }},
		{"3 groups do not divide the width of [6x4]", func(tp *Tape) { tp.GroupNorm(on(tp, 6, 4), on(tp, 4), on(tp, 4), grid, 3, 1e-5) }},
		{"0 groups do not divide", func(tp *Tape) { tp.GroupNorm(on(tp, 6, 4), on(tp, 4), on(tp, 4), grid, 0, 1e-5) }},
		{"x [5x4] does not hold the pixels of 1 images of 2x3", func(tp *Tape) { tp.GroupNorm(on(tp, 5, 4), on(tp, 4), on(tp, 4), grid, 2, 1e-5) }},
	}}
	for _, c := range []struct {
		grid         Grid
		cols, groups int
	}{
		{NewGrid(0, Size{3, 3}), 4, 2}, {NewGrid(1, Size{1, 1}), 1, 1}, {NewGrid(2, Size{1, 1}), 6, 2}, {NewGrid(2, Size{3, 5}), 6, 6},
		{RaggedGrid([]Size{{3, 5}, {0, 4}, {1, 2}, {17, 20}}), 6, 3}, {NewGrid(3, Size{20, 15}), 12, 4},
	} {
		in := []*Tensor{random(1, c.grid.Rows(), c.cols), random(2, c.cols), random(3, c.cols)}
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%v, %d channels in %d groups", c.grid, c.cols, c.groups), in: in,
			shape: []int{c.grid.Rows(), c.cols},
			apply: func(tp *Tape, in []*Var) *Var { return tp.GroupNorm(in[0], in[1], in[2], c.grid, c.groups, 1e-3) },
			ref: func(in [][]float64) []float64 {
				return groupNormed(in[0], in[1], in[2], c.grid, c.cols, c.groups, 1e-3)
			}})
	}
	return op
}

func groupNormed(x, w, b []float64, grid Grid, cols, groups int, eps float64) []float64 {
	y := make([]float64, len(x))
	for item := range grid.Items() {
		for g := range groups {
			each := func(f func(at, c int)) {
				for r := grid.Offset(item); r < grid.Offset(item+1); r++ {
					for c := g * cols / groups; c < (g+1)*cols/groups; c++ {
						f(r*cols+c, c)
					}
				}
			}
			n, mean, variance := 0.0, 0.0, 0.0
			each(func(at, _ int) { n++; mean += x[at] })
			mean /= n
			each(func(at, _ int) { variance += (x[at] - mean) * (x[at] - mean) / n })
			each(func(at, c int) { y[at] = w[c]*(x[at]-mean)/math.Sqrt(variance+eps) + b[c] })
		}
	}
	return y
}

func sampleOperation() operation {
	op := operation{name: "Sample", faults: []fault{
		{"x [3x2], want 4 rows", func(tp *Tape) { tp.Sample(on(tp, 3, 2), NewSampling(4, []int{0}, nil, nil)) }},
	}}
	for _, c := range []struct {
		from, to Grid
		cols     int
	}{
		{NewGrid(0, Size{3, 3}), NewGrid(0, Size{5, 5}), 2}, {NewGrid(1, Size{1, 1}), NewGrid(1, Size{1, 1}), 1},
		{NewGrid(1, Size{1, 1}), NewGrid(1, Size{2, 3}), 2}, {NewGrid(2, Size{2, 3}), NewGrid(2, Size{4, 6}), 5},
		{NewGrid(2, Size{7, 5}), NewGrid(2, Size{3, 1}), 3}, {RaggedGrid([]Size{{3, 2}, {2, 2}}), RaggedGrid([]Size{{6, 2}, {4, 4}}), 4},
		{NewGrid(2, Size{20, 30}), NewGrid(2, Size{20, 30}), 9},
	} {
		s := LinearSampling(c.from, c.to)
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%v to %v", c.from, c.to), in: []*Tensor{random(1, c.from.Rows(), c.cols)},
			shape: []int{c.to.Rows(), c.cols},
			apply: func(tp *Tape, in []*Var) *Var { return tp.Sample(in[0], s) },
			ref:   func(in [][]float64) []float64 { return interpolated(in[0], c.from, c.to, c.cols) }})
	}
	return op
}

// interpolated is bilinear interpolation by the formula.
func interpolated(x []float64, from, to Grid, cols int) []float64 {
	y := make([]float64, to.Rows()*cols)
	place := func(i, n, m int) (int, int, float64) {
		if m == 1 || n == 1 {
			return 0, 0, 0
		}
		p := float64(i) * float64(n-1) / float64(m-1)
		k := int(math.Floor(p + 1e-12))
		return k, min(k+1, n-1), math.Max(p-float64(k), 0)
	}
	for b := range to.Items() {
		s, d := from.Size(b), to.Size(b)
		for r := range d.Height * d.Width {
			i, i2, fi := place(r/d.Width, s.Height, d.Height)
			j, j2, fj := place(r%d.Width, s.Width, d.Width)
			for c := range cols {
				at := func(i, j int) float64 { return x[(from.Offset(b)+i*s.Width+j)*cols+c] }
				sum := 0.0
				for _, t := range []struct{ w, v float64 }{{(1 - fi) * (1 - fj), at(i, j)}, {(1 - fi) * fj, at(i, j2)},
					{fi * (1 - fj), at(i2, j)}, {fi * fj, at(i2, j2)}} {
					if t.w > 1e-9 {
						sum += t.w * t.v
					}
				}
				y[(to.Offset(b)+r)*cols+c] = sum
			}
		}
	}
	return y
}
