package tensor

import (
	"fmt"
	"sort"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// convGrain is the number of rows that a convolution takes at a time. The gradients of its weight are summed in pieces
// of as many rows.
const convGrain = 64

type causalConv struct {
	x, memory, weight, bias, y *Var // memory and bias may be nil
	offsets                    []int
	kernel, channels           int
	taps                       []float32 // [kernel, cols]: the weight of every column
	backward                   bool
	dy, g                      []float32
	partial                    []float32 // [pieces, kernel, cols]: gradients of the taps; nil where none is wanted
}

// CausalConv returns the depth-wise convolution along the rows of each item of x [rows, cols]:
//
//	y[t, c] = bias[c] + sum over i of weight[c, i] x[t-kernel+1+i, c]
//
// so that the last of the kernel taps is for the row itself; rows before an item's first count as 0. weight is [channels,
// kernel] or [channels, 1, kernel] and bias, which may be nil, [channels]. channels divides the width: columns c, c +
// channels, ... share a channel, so that channels may be the width or that of a head. It is a cross-correlation, as
// convolutions of PyTorch are. The convolutions of Primer (So and others 2021) and RCMHA have this form.
func (tp *Tape) CausalConv(x, weight, bias *Var, offsets []int) *Var {
	return tp.causalConv("CausalConv", x, nil, weight, bias, offsets)
}

// CausalConvAfter is [Tape.CausalConv] where the kernel-1 rows before each item are known: memory [items (kernel-1), cols]
// holds those of item 0, oldest first, then those of item 1, and so on. A text may so be convolved in pieces.
func (tp *Tape) CausalConvAfter(x, memory, weight, bias *Var, offsets []int) *Var {
	return tp.causalConv("CausalConvAfter", x, memory, weight, bias, offsets)
}

func (tp *Tape) causalConv(name string, x, memory, weight, bias *Var, offsets []int) *Var {
	mustOffsets(name, x, offsets)
	cols, channels, kernel := x.Cols(), weight.Rows(), weight.Cols()
	if len(weight.Shape()) < 2 || channels == 0 || kernel == 0 || cols%channels != 0 {
		panic(fmt.Sprintf("tensor: %s: weight %s is not [channels, kernel] with channels that divide the width of %s",
			name, shapeString(weight.Shape()), shapeString(x.Shape())))
	}
	if bias != nil && bias.value.Size() != channels {
		panic(fmt.Sprintf("tensor: %s: bias %s does not fit weight %s", name, shapeString(bias.Shape()), shapeString(weight.Shape())))
	}
	if before := (len(offsets) - 1) * (kernel - 1); memory != nil && (memory.Rows() != before || memory.Cols() != cols) {
		panic(fmt.Sprintf("tensor: %s: memory %s, want %d rows before each of %d items of width %d",
			name, shapeString(memory.Shape()), kernel-1, len(offsets)-1, cols))
	}
	needs := x.needs || weight.needs || bias != nil && bias.needs || memory != nil && memory.needs
	op := spare[causalConv](tp)
	*op = causalConv{x: x, memory: memory, weight: weight, bias: bias, y: tp.Out(needs, x.Shape()...), offsets: offsets,
		kernel: kernel, channels: channels, taps: tp.arena.take(kernel * cols)}
	for i := range op.taps {
		op.taps[i] = weight.Data()[i%cols%channels*kernel+i/cols]
	}
	parallel.For(x.Rows(), convGrain, op)
	tp.Record(name, op, op.y)
	return op.y
}

// item returns the item that row r belongs to.
func (op *causalConv) item(r int) int { return sort.SearchInts(op.offsets, r+1) - 1 }

// tap returns the weights of tap i.
func (op *causalConv) tap(i int) []float32 { return op.taps[i*op.x.Cols():][:op.x.Cols()] }

// before returns the row that tap i meets from row r of item b: a row of the item, or of the memory, or nil.
func (op *causalConv) before(b, r, i int) []float32 {
	cols := op.x.Cols()
	at := r - op.kernel + 1 + i
	if at >= op.offsets[b] {
		return op.x.Data()[at*cols:][:cols]
	}
	if op.memory == nil {
		return nil
	}
	return op.memory.Data()[(b*(op.kernel-1)+r-op.offsets[b]+i)*cols:][:cols]
}

// Run does the rows lo to hi.
func (op *causalConv) Run(_, lo, hi int) {
	cols := op.x.Cols()
	b := op.item(lo)
	var dw []float32
	if op.partial != nil {
		dw = op.partial[lo/convGrain*op.kernel*cols:][:op.kernel*cols]
		clear(dw)
	}
	for r := lo; r < hi; r++ {
		for op.offsets[b+1] <= r {
			b++
		}
		if !op.backward {
			op.row(b, r)
			continue
		}
		if op.g != nil {
			op.inputGradient(op.g[r*cols:(r+1)*cols], r, r+op.kernel-1, op.offsets[b+1])
		}
		for i := 0; dw != nil && i < op.kernel; i++ {
			if x := op.before(b, r, i); x != nil {
				simd.MulAdd(dw[i*cols:(i+1)*cols], x, op.dy[r*cols:(r+1)*cols])
			}
		}
	}
}

// row computes row r of item b.
func (op *causalConv) row(b, r int) {
	cols := op.x.Cols()
	y := op.y.Data()[r*cols : (r+1)*cols]
	simd.Mul(y, op.before(b, r, op.kernel-1), op.tap(op.kernel-1))
	for i := op.kernel - 2; i >= 0; i-- {
		if x := op.before(b, r, i); x != nil {
			simd.MulAdd(y, x, op.tap(i))
		}
	}
	for c := 0; op.bias != nil && c < cols; c += op.channels {
		simd.Add(y[c:c+op.channels], y[c:c+op.channels], op.bias.Data())
	}
}

// inputGradient adds to g the gradient of a row that tap 0 meets from row last, the taps after it from the rows before,
// down to row first; rows from end on are of another item.
func (op *causalConv) inputGradient(g []float32, first, last, end int) {
	for r := first; r <= last && r < end; r++ {
		simd.MulAdd(g, op.dy[r*len(g):][:len(g)], op.tap(last-r))
	}
}

// Backward: the gradient of a row comes from those that it reached, that of a tap from all rows, in pieces that are added
// up in their order.
func (op *causalConv) Backward(tp *Tape) {
	rows, cols := op.x.Rows(), op.x.Cols()
	op.dy, op.backward = op.y.OutGrad(), true
	if op.x.needs {
		op.g = op.x.AccumulateZeroed()
	}
	if op.weight.needs {
		op.partial = tp.arena.take(parallel.Chunks(rows, convGrain) * op.kernel * cols)
	}
	parallel.For(rows, convGrain, op)
	if op.weight.needs {
		op.sumTaps(op.weight.AccumulateZeroed())
		tp.arena.give(op.partial)
	}
	if op.memory != nil && op.memory.needs {
		g, before := op.memory.AccumulateZeroed(), op.kernel-1
		for m := range op.memory.Rows() {
			b := m / before
			last := op.offsets[b] + m%before // the row whose tap 0 meets the memory's
			op.inputGradient(g[m*cols:(m+1)*cols], op.offsets[b], last, op.offsets[b+1])
		}
	}
	if op.bias != nil && op.bias.needs {
		sums := tp.arena.take(cols)
		clear(sums)
		tp.colSums(sums, op.dy, rows, cols)
		foldColumns(op.bias.AccumulateZeroed(), sums)
		tp.arena.give(sums)
	}
	tp.arena.give(op.taps)
	*op = causalConv{}
}

// sumTaps adds the pieces of the taps' gradients to that of the weight.
func (op *causalConv) sumTaps(dw []float32) {
	size := op.kernel * op.x.Cols()
	if len(op.partial) == 0 {
		return
	}
	sums := op.partial[:size]
	for p := size; p < len(op.partial); p += size {
		simd.Add(sums, sums, op.partial[p:p+size])
	}
	for i, v := range sums {
		dw[i%op.x.Cols()%op.channels*op.kernel+i/op.x.Cols()] += v
	}
}

// foldColumns adds to dst the columns of sums that share a channel.
func foldColumns(dst, sums []float32) {
	for c := 0; c < len(sums); c += len(dst) {
		simd.Add(dst, dst, sums[c:c+len(dst)])
	}
}
