package tensor

import (
	"math"
	"slices"

	"github.com/graft-ml/graft/internal/simd"
)

func rowOperations() []operation {
	return []operation{
		vectorOperation("AddRow", (*Tape).AddRow, func(x, b float64) float64 { return x + b }),
		vectorOperation("MulRow", (*Tape).MulRow, func(x, s float64) float64 { return x * s }),
		scaleRowsOperation(), clampOperation(), softmaxOperation("Softmax", (*Tape).Softmax, softmaxRow),
		softmaxOperation("LogSoftmax", (*Tape).LogSoftmax, logSoftmaxRow), dropoutOperation(),
	}
}

// vectorOperation is the entry of an operation of every row with one vector.
func vectorOperation(name string, f func(tp *Tape, x, b *Var) *Var, ref func(x, b float64) float64) operation {
	op := operation{name: name, faults: []fault{
		{"vector [4] does not fit the rows of [2x3]", func(tp *Tape) { f(tp, on(tp, 2, 3), on(tp, 4)) }},
	}}
	rows := func(cols int) func(in [][]float64) []float64 {
		return func(in [][]float64) []float64 {
			y := make([]float64, len(in[0]))
			for i, v := range in[0] {
				y[i] = ref(v, in[1][i%cols])
			}
			return y
		}
	}
	for _, shape := range append(shapes, []int{4, 2, 3}) {
		cols := New(shape...).Cols()
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...), random(2, cols)}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[1]) }, ref: rows(cols)})
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 1, 5)}, shape: []int{1, 5},
		apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[0]) },
		ref:   func(in [][]float64) []float64 { return rows(5)([][]float64{in[0], in[0]}) }})
	return op
}

func scaleRowsOperation() operation {
	op := operation{name: "ScaleRows", faults: []fault{
		{"3 factors for shape [2x3]", func(tp *Tape) { tp.ScaleRows(on(tp, 2, 3), make([]float32, 3)) }},
	}}
	for _, shape := range shapes {
		s := random(2, shape[0]).data
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...)}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.ScaleRows(in[0], s) },
			ref: func(in [][]float64) []float64 {
				y := make([]float64, len(in[0]))
				for i, v := range in[0] {
					y[i] = v * float64(s[i/shape[1]])
				}
				return y
			}})
	}
	return op
}

func clampOperation() operation {
	const lo, hi = float32(-0.8), float32(0.5)
	op := operation{name: "Clamp", faults: []fault{
		{"the limits 1 and -1 are in the wrong order", func(tp *Tape) { tp.Clamp(on(tp, 2), 1, -1) }},
	}}
	for _, shape := range shapes {
		x := apart(2, []float64{float64(lo), float64(hi)}, shape...)
		if x.Size() == 1 {
			x.data[0] = 0.1 // a single element outside would have no gradient to look at
		}
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{x}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.Clamp(in[0], lo, hi) },
			ref:   mapped(func(v float64) float64 { return math.Min(math.Max(v, float64(lo)), float64(hi)) })})
	}
	return op
}

func softmaxOperation(name string, f func(tp *Tape, x *Var) *Var, ref func(dst, row []float64)) operation {
	op := operation{name: name}
	for _, shape := range append(shapes, []int{3, 1}, []int{5, 131}) {
		x := random(1, shape...)
		for i := range x.data {
			x.data[i] *= 3
		}
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{x}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0]) }, ref: byRow(shape[1], ref)})
	}
	return op
}

// byRow is the reference of an operation that treats each row by itself.
func byRow(cols int, f func(dst, row []float64)) func(in [][]float64) []float64 {
	return func(in [][]float64) []float64 {
		y := make([]float64, len(in[0]))
		for at := 0; at < len(y); at += cols {
			f(y[at:at+cols], in[0][at:at+cols])
		}
		return y
	}
}

func softmaxRow(dst, row []float64) {
	most, sum := math.Inf(-1), 0.0
	for _, v := range row {
		most = math.Max(most, v)
	}
	if math.IsInf(most, -1) { // masked entirely
		clear(dst)
		return
	}
	for i, v := range row {
		dst[i] = math.Exp(v - most)
		sum += dst[i]
	}
	for i := range dst {
		dst[i] /= sum
	}
}

func logSoftmaxRow(dst, row []float64) {
	most, sum := slices.Max(row), 0.0
	if math.IsInf(most, -1) { // masked entirely
		copy(dst, row)
		return
	}
	for _, v := range row {
		sum += math.Exp(v - most)
	}
	for i, v := range row {
		dst[i] = v - most - math.Log(sum)
	}
}

func dropoutOperation() operation {
	const p = 0.3
	op := operation{name: "Dropout", faults: []fault{
		{"probability 1 is outside [0, 1)", func(tp *Tape) { tp.Dropout(on(tp, 2), 1) }},
		{"probability -0.1 is outside [0, 1)", func(tp *Tape) { tp.Dropout(on(tp, 2), -0.1) }},
		{"probability NaN is outside [0, 1)", func(tp *Tape) { tp.Dropout(on(tp, 2), math.NaN()) }},
	}}
	// One piece of the work is 16384 elements: the last shape has three.
	for _, shape := range append(shapes, []int{2100, 19}) {
		tp := NewTape()
		tp.Begin(Pass{Train: true, Seed: 5}) // as in sample.run
		key, counter := tp.Draw()
		keep := New(shape...)
		simd.DropoutMask(keep.data, key, counter, p)
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...)}, shape: shape, train: true,
			apply: func(tp *Tape, in []*Var) *Var { return tp.Dropout(in[0], p) },
			ref: func(in [][]float64) []float64 {
				y := make([]float64, len(in[0]))
				for i, v := range in[0] {
					y[i] = v * float64(keep.data[i])
				}
				return y
			}})
	}
	return op
}
