package tensor

import (
	"sort"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// depthwise is a convolution in which every channel is by itself. Results are computed in runs along the longer axis of an
// image or of its windows, so that high narrow stripes go as fast as wide ones.
type depthwise struct {
	x, w, b, y *Var // b may be nil
	opt        ConvOptions
	kernel     Size
	in, out    Grid
	taps       []float32 // [height*width, channels]: the weight turned
	ay, ax     convAxis
	src, dst   []float32 // of the pass at hand: results are pixels of dst, taps meet those of src
	from, to   Grid
	bias       []float32
	add        bool
	lines      []int     // [items+1], for images of different sizes: the number of lines before each
	grain      int       // lines of a piece
	partial    []float32 // [pieces, height*width, channels]: gradients of the taps, where these are wanted
	at         []int     // [workers, 2, taps]
}

const (
	depthwiseGrain  = 1 << 18 // multiply-adds of a piece, about
	depthwisePieces = 64      // pieces that the gradient of the taps is summed in, at most
)

func (tp *Tape) depthwise(x, w, b *Var, grid Grid, kernel Size, opt ConvOptions) *Var {
	out, cols := opt.Grid(grid, kernel), x.Cols()
	op := spare[depthwise](tp)
	lines, at := op.lines, op.at
	*op = depthwise{x: x, w: w, b: b, opt: opt, kernel: kernel, in: grid, out: out, lines: lines, at: at,
		y: tp.Out(x.needs || w.needs || b != nil && b.needs, out.Rows(), cols), taps: tp.arena.take(w.value.Size())}
	simd.Transpose(op.taps, cols, w.Data(), w.Cols(), cols, w.Cols())
	op.forward()
	op.dst = op.y.Data()
	if b != nil {
		op.bias = b.Data()
	}
	op.run()
	tp.Record("Conv", op, op.y)
	return op.y
}

// forward turns to the axes and the operands of the forward pass.
func (op *depthwise) forward() {
	o := op.opt
	op.ay = forwardAxis(op.kernel.Height, o.Stride.Height, o.Padding.Height, o.Dilation.Height)
	op.ax = forwardAxis(op.kernel.Width, o.Stride.Width, o.Padding.Width, o.Dilation.Width)
	op.from, op.to, op.src = op.in, op.out, op.x.Data()
}

// depthwiseLine is a line of results of one window: along axis u, at place v of the other axis.
type depthwiseLine struct {
	u, v         *convAxis
	at, end, o   int // results at to end along u, at o along v
	fromU, toU   int // the source pixels along u that can be seen
	fromV, toV   int
	src, dst     int // the first pixels of the image
	srcU, srcV   int // pixels from one source pixel to the next
	dstU, dstV   int
	wideU, wideV int // weights from one tap to the next, in taps
}

// longwise reports whether the lines of images of a size run downwards.
func (op *depthwise) longwise(s Size) bool {
	w := op.window(s)
	return w.Height > w.Width
}

// window returns the size of the windows of an image.
func (op *depthwise) window(s Size) Size {
	w := op.opt.Window
	if w.Height == 0 || w.Height > s.Height {
		w.Height = s.Height
	}
	if w.Width == 0 || w.Width > s.Width {
		w.Width = s.Width
	}
	return w
}

// count returns the number of lines of an image of dst of size s: those across its windows, for each row of windows.
func (op *depthwise) count(s Size) int {
	if s.Height == 0 || s.Width == 0 {
		return 0
	}
	w := op.window(s)
	if op.longwise(s) {
		return op.ax.count(s.Width) * parallel.Chunks(s.Height, w.Height)
	}
	return op.ay.count(s.Height) * parallel.Chunks(s.Width, w.Width)
}

// run does all lines of the pass at hand.
func (op *depthwise) run() {
	total := op.begin()
	results := max(op.ay.taps*op.ax.taps, 1) * op.to.Rows() / (op.ay.every * op.ax.every) // multiply-adds a channel
	perLine := max(results*op.x.Cols()/max(total, 1), 1)
	op.grain = max(depthwiseGrain/perLine, 1)
	parallel.For(total, op.grain, op)
}

// begin returns the number of lines and makes room for the places of taps.
func (op *depthwise) begin() int {
	if n := parallel.Workers() * 2 * op.ay.taps * op.ax.taps; cap(op.at) < n {
		op.at = make([]int, n)
	} else {
		op.at = op.at[:n]
	}
	if op.to.sizes == nil {
		return op.to.items * op.count(op.to.size)
	}
	op.lines = append(op.lines[:0], 0)
	for b := range op.to.items {
		op.lines = append(op.lines, op.lines[b]+op.count(op.to.Size(b)))
	}
	return op.lines[op.to.items]
}

// line returns line l of all.
func (op *depthwise) line(l int) depthwiseLine {
	b := 0
	if op.to.sizes == nil {
		per := op.count(op.to.size)
		b, l = l/per, l%per
	} else {
		b = sort.SearchInts(op.lines, l+1) - 1
		l -= op.lines[b]
	}
	src, dst := op.from.Size(b), op.to.Size(b)
	w := op.window(dst)
	d := depthwiseLine{u: &op.ax, v: &op.ay, toU: src.Width, toV: src.Height, src: op.from.Offset(b), dst: op.to.Offset(b),
		srcU: 1, srcV: src.Width, dstU: 1, dstV: dst.Width, wideU: 1, wideV: op.kernel.Width}
	lengthU, lengthV, windowU, windowV := dst.Width, dst.Height, w.Width, w.Height
	if op.longwise(dst) {
		d.u, d.v, d.toU, d.toV = d.v, d.u, d.toV, d.toU
		d.srcU, d.srcV, d.dstU, d.dstV, d.wideU, d.wideV = d.srcV, d.srcU, d.dstV, d.dstU, d.wideV, d.wideU
		lengthU, lengthV, windowU, windowV = lengthV, lengthU, windowV, windowU
	}
	across := d.v.count(lengthV)
	d.o = l % across
	d.end = d.u.count(lengthU)
	if windowU < lengthU || windowV < lengthV { // then results are pixels of the source
		d.fromU = l / across * windowU
		d.toU = min(d.fromU+windowU, lengthU)
		d.at, d.end = d.fromU, d.toU
		d.fromV = d.o / windowV * windowV
		d.toV = min(d.fromV+windowV, lengthV)
	}
	return d
}

// Run does the lines lo to hi.
func (op *depthwise) Run(worker, lo, hi int) {
	size := op.ay.taps * op.ax.taps
	at := op.at[2*worker*size:][:size]
	wAt := op.at[(2*worker+1)*size:][:size]
	var dw []float32
	if op.partial != nil {
		dw = op.partial[lo/op.grain*len(op.taps):][:len(op.taps)]
		clear(dw)
	}
	for l := lo; l < hi; l++ {
		line := op.line(l)
		from, to := line.v.valid(line.o, line.fromV, line.toV)
		for end := line.end; line.at < end; {
			a, z := line.u.valid(line.at, line.fromU, line.toU)
			n := line.u.same(line.at, end, a, z, line.fromU, line.toU)
			// Downwards too taps are taken line by line, so that a pixel has the same bits in windows of any form.
			k := (z - a) * (to - from)
			for t := range k {
				i, j := a+t%(z-a), from+t/(z-a)
				if line.u == &op.ay {
					i, j = a+t/(to-from), from+t%(to-from)
				}
				at[t], wAt[t] = op.tap(&line, i, j)
			}
			op.stretch(&line, n, at[:k], wAt[:k], dw)
			line.at += n
		}
	}
}

// tap returns where the first result of a line meets tap i along it and j across, and where the weights of the tap lie.
func (op *depthwise) tap(d *depthwiseLine, i, j int) (at, wAt int) {
	cols := op.x.Cols()
	u, v := d.at*d.u.mul+d.u.add+i*d.u.step, d.o*d.v.mul+d.v.add+j*d.v.step
	tap := (d.u.tap+i*d.u.tapStep)*d.wideU + (d.v.tap+j*d.v.tapStep)*d.wideV
	return (d.src + u*d.srcU + v*d.srcV) * cols, tap * cols
}

// stretch does n results of a line, which have the same taps.
func (op *depthwise) stretch(d *depthwiseLine, n int, at, wAt []int, dw []float32) {
	cols := op.x.Cols()
	dst := op.dst[(d.dst+(d.u.first+d.at*d.u.every)*d.dstU+(d.v.first+d.o*d.v.every)*d.dstV)*cols:]
	dstStep, srcStep := d.u.every*d.dstU*cols, d.u.mul*d.srcU*cols
	if dw != nil {
		simd.TapDots(dw, dst, dstStep, op.src, srcStep, at, wAt, n, cols)
		return
	}
	simd.TapSums(dst, dstStep, op.src, srcStep, at, wAt, op.taps, op.bias, n, cols, op.add)
}

// Backward: the gradient of the input has the taps in reverse, phase by phase as that of every convolution; that of the
// weight is summed in pieces, which are added up in their order.
func (op *depthwise) Backward(tp *Tape) {
	dy, cols := op.y.OutGrad(), op.x.Cols()
	if op.w.needs {
		op.forward()
		op.dst = dy
		total := op.begin()
		op.grain = max((total+depthwisePieces-1)/depthwisePieces, 1)
		pieces := parallel.Chunks(total, op.grain)
		op.partial = tp.arena.take(pieces * len(op.taps))
		parallel.For(total, op.grain, op)
		op.sumTaps(tp, pieces)
		tp.arena.give(op.partial)
		op.partial = nil
	}
	if op.b != nil && op.b.needs {
		tp.colSums(op.b.AccumulateZeroed(), dy, op.y.Rows(), cols)
	}
	if op.x.needs {
		op.dst, op.add = op.x.Accumulate()
		op.from, op.to, op.src, op.bias = op.out, op.in, dy, nil
		o := op.opt
		for i := range o.Stride.Height {
			for j := range o.Stride.Width {
				op.ay = backwardAxis(op.kernel.Height, o.Stride.Height, o.Padding.Height, o.Dilation.Height, i)
				op.ax = backwardAxis(op.kernel.Width, o.Stride.Width, o.Padding.Width, o.Dilation.Width, j)
				op.run()
			}
		}
	}
	tp.arena.give(op.taps)
	*op = depthwise{lines: op.lines, at: op.at}
}

// sumTaps adds the pieces of the taps' gradients to that of the weight.
func (op *depthwise) sumTaps(tp *Tape, pieces int) {
	if pieces == 0 {
		op.w.AccumulateZeroed()
		return
	}
	size, cols, taps := len(op.taps), op.x.Cols(), op.w.Cols()
	sums := op.partial[:size]
	for p := 1; p < pieces; p++ {
		simd.Add(sums, sums, op.partial[p*size:][:size])
	}
	dw, add := op.w.Accumulate()
	to := dw
	if add {
		to = tp.arena.take(size)
	}
	simd.Transpose(to, taps, sums, cols, taps, cols)
	if add {
		simd.Add(dw, dw, to)
		tp.arena.give(to)
	}
}
