package tensor

import (
	"fmt"
)

type convolution struct {
	x, w, b, y *Var // b may be nil
	opt        ConvOptions
	kernel     Size
	in, out    Grid
	plan       convPlan
	tiles      convTiles
	pack       convPack
	turn       convTurn
	gradient   convGradient
}

// Conv returns the convolution of the images of grid: x holds their pixels [rows, in], and the result those of the images
// of opt.Grid(grid, kernel), [rows, out]. The weight is [out, in/groups, height, width], PyTorch's layout, so that official
// weights need no conversion, or [out, in/groups, width] for sequences, whose images have height 1; b is [out] or nil. It is
// a cross-correlation, as convolutions of PyTorch are:
//
//	y[i, j, o] = b[o] + sum over k, l, c of w[o, c, k, l] x[i*stride - padding + k*dilation, j*stride - padding + l*dilation, c]
//
// Pixels are gathered tile by tile and multiplied with the weight at once, forward and backward, so that the memory of a
// convolution is that of its operands. A convolution of as many groups as channels has kernels of its own; one whose kernel
// is a single pixel is [Tape.Linear].
func (tp *Tape) Conv(x, w, b *Var, grid Grid, opt ConvOptions) *Var {
	kernel := mustConv(x, w, b, grid, opt)
	opt = opt.filled("Conv", kernel)
	if opt.Circular && opt.Padding != (Size{}) {
		x, grid = tp.wrap(x, grid, opt.Padding)
		opt.Padding = Size{}
	}
	if opt.Groups > 1 && opt.Groups == x.Cols() && w.Rows() == x.Cols() {
		return tp.depthwise(x, w, b, grid, kernel, opt)
	}
	out := opt.Grid(grid, kernel)
	if kernel == (Size{1, 1}) && opt.Groups == 1 && out.Equal(grid) {
		return tp.Linear(x, tp.Reshape(w, w.Rows(), w.Cols()), b)
	}
	op := spare[convolution](tp)
	starts := op.plan.starts
	*op = convolution{x: x, w: w, b: b, opt: opt, kernel: kernel, in: grid, out: out,
		y: tp.Out(x.needs || w.needs || b != nil && b.needs, out.Rows(), w.Rows())}
	op.plan.starts = starts
	op.forward(tp)
	tp.Record("Conv", op, op.y)
	return op.y
}

// mustConv checks the operands of a convolution and returns the size of its kernel.
func mustConv(x, w, b *Var, grid Grid, opt ConvOptions) Size {
	shape := w.Shape()
	var kernel Size
	switch len(shape) {
	case 3:
		kernel = Size{1, shape[2]}
	case 4:
		kernel = Size{shape[2], shape[3]}
	default:
		panic(fmt.Sprintf("tensor: Conv: weight %s is not [out, in/groups, height, width] or [out, in/groups, width]", shapeString(shape)))
	}
	groups := max(opt.Groups, 1)
	if x.Cols() != shape[1]*groups || shape[0]%groups != 0 || shape[0] == 0 || kernel.Height == 0 || kernel.Width == 0 {
		panic(fmt.Sprintf("tensor: Conv: x %s does not fit weight %s in %d groups", shapeString(x.Shape()), shapeString(shape), groups))
	}
	if b != nil && b.value.Size() != shape[0] {
		panic(fmt.Sprintf("tensor: Conv: bias %s does not fit weight %s", shapeString(b.Shape()), shapeString(shape)))
	}
	mustGrid("Conv", x, grid)
	depthwise := groups > 1 && groups == x.Cols() && shape[0] == groups
	if opt.Window != (Size{}) && (!depthwise || opt.Circular || !opt.Grid(grid, kernel).Equal(grid) || max(opt.Stride.Height, opt.Stride.Width) > 1) {
		panic(fmt.Sprintf("tensor: Conv: windows of %v are for depth-wise convolutions that keep the size of their images, not for weight %s in %d groups",
			opt.Window, shapeString(shape), groups))
	}
	return kernel
}

// mustGrid checks that the rows of x are the pixels of grid.
func mustGrid(op string, x *Var, grid Grid) {
	if grid.Rows() != x.Rows() {
		panic(fmt.Sprintf("tensor: %s: x %s does not hold the pixels of %v", op, shapeString(x.Shape()), grid))
	}
}

// forward packs the weight and does the tiles.
func (op *convolution) forward(tp *Tape) {
	o := op.opt
	op.plan.begin(forwardAxis(op.kernel.Height, o.Stride.Height, o.Padding.Height, o.Dilation.Height),
		forwardAxis(op.kernel.Width, o.Stride.Width, o.Padding.Width, o.Dilation.Width), op.in, op.out)
	panels := op.packed(tp)
	op.tiles = convTiles{plan: &op.plan, src: op.x.Data(), srcCols: op.x.Cols(), dst: op.y.Data(), dstCols: op.y.Cols(),
		groups: o.Groups, panels: panels}
	if op.b != nil {
		op.tiles.bias = op.b.Data()
	}
	op.tiles.run(tp)
	tp.arena.give(panels)
}

// panelSize returns the size of the weight in panels.
func (op *convolution) panelSize() int {
	return op.w.Cols() * op.opt.Groups * panelCols(op.w.Rows()/op.opt.Groups)
}

// packed returns the weight in panels.
func (op *convolution) packed(tp *Tape) []float32 {
	panels := tp.arena.take(op.panelSize())
	op.packing(op.w.Data(), panels, false)
	op.pack.run(tp)
	return panels
}

func (op *convolution) packing(weight, panels []float32, back bool) {
	op.pack = convPack{weight: weight, panels: panels, groups: op.opt.Groups, out: op.w.Rows() / op.opt.Groups,
		in: op.x.Cols() / op.opt.Groups, taps: op.kernel.Height * op.kernel.Width, back: back}
}

// Backward gathers again what the forward pass gathered, for the weight, and gathers the gradient of the result for that
// of the input: see [backwardAxis].
func (op *convolution) Backward(tp *Tape) {
	dy := op.y.OutGrad()
	if op.w.needs {
		panels := tp.arena.take(op.panelSize())
		op.gradient = convGradient{plan: &op.plan, src: op.x.Data(), srcCols: op.x.Cols(), dy: dy, dstCols: op.y.Cols(),
			groups: op.opt.Groups, panels: panels}
		op.gradient.run(tp)
		op.packing(op.w.AccumulateZeroed(), panels, true)
		op.pack.run(tp)
		tp.arena.give(panels)
	}
	if op.b != nil && op.b.needs {
		tp.colSums(op.b.AccumulateZeroed(), dy, op.y.Rows(), op.y.Cols())
	}
	if op.x.needs {
		op.inputGradient(tp, dy)
	}
	starts := op.plan.starts
	*op = convolution{}
	op.plan.starts = starts
}

// inputGradient does one phase of the input's pixels after the other.
func (op *convolution) inputGradient(tp *Tape, dy []float32) {
	o := op.opt
	dx, add := op.x.Accumulate()
	in, out := op.x.Cols()/o.Groups, op.w.Rows()/o.Groups
	panels := op.packed(tp)
	turned := tp.arena.take(op.kernel.Height * op.kernel.Width * out * o.Groups * panelCols(in))
	for i := range o.Stride.Height {
		for j := range o.Stride.Width {
			op.plan.begin(backwardAxis(op.kernel.Height, o.Stride.Height, o.Padding.Height, o.Dilation.Height, i),
				backwardAxis(op.kernel.Width, o.Stride.Width, o.Padding.Width, o.Dilation.Width, j), op.out, op.in)
			op.turn = convTurn{from: panels, to: turned, y: &op.plan.y, x: &op.plan.x, wide: op.kernel.Width,
				groups: o.Groups, out: out, in: in, taps: op.kernel.Height * op.kernel.Width}
			op.turn.run()
			op.tiles = convTiles{plan: &op.plan, src: dy, srcCols: op.y.Cols(), dst: dx, dstCols: op.x.Cols(),
				groups: o.Groups, panels: turned, add: add}
			op.tiles.run(tp)
		}
	}
	tp.arena.give(turned)
	tp.arena.give(panels)
}
