package tensor

import "fmt"

func shapeOperations() []operation {
	return []operation{reshapeOperation(), transposeOperation(), columnsOperation(), concatOperation(),
		rowsOperation(), concatRowsOperation(),
		totalOperation("Sum", (*Tape).Sum, func(int) float64 { return 1 }),
		totalOperation("Mean", (*Tape).Mean, func(n int) float64 { return 1 / float64(max(n, 1)) })}
}

func reshapeOperation() operation {
	op := operation{name: "Reshape", faults: []fault{
		{"shape [4] does not hold the 6 elements of shape [2x3]", func(tp *Tape) { tp.Reshape(on(tp, 2, 3), 4) }},
		{"negative dimension in shape [-2x-3]", func(tp *Tape) { tp.Reshape(on(tp, 2, 3), -2, -3) }},
	}}
	for _, shape := range shapes {
		to := []int{shape[1], 1, shape[0]}
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...)}, shape: to,
			apply: func(tp *Tape, in []*Var) *Var { return tp.Reshape(in[0], to...) },
			ref:   mapped(func(v float64) float64 { return v })})
	}
	return op
}

func transposeOperation() operation {
	op := operation{name: "Transpose"}
	for _, shape := range append(shapes, []int{3, 2, 2}) {
		rows := shape[0]
		cols := New(shape...).Cols()
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...)}, shape: []int{cols, rows},
			apply: func(tp *Tape, in []*Var) *Var { return tp.Transpose(in[0]) },
			ref: func(in [][]float64) []float64 {
				y := make([]float64, len(in[0]))
				for i, v := range in[0] {
					y[i%cols*rows+i/cols] = v
				}
				return y
			}})
	}
	return op
}

func columnsOperation() operation {
	op := operation{name: "Columns", faults: []fault{
		{"1 to 4 are not columns of [2x3]", func(tp *Tape) { tp.Columns(on(tp, 2, 3), 1, 4) }},
		{"2 to 1 are not columns of [2x3]", func(tp *Tape) { tp.Columns(on(tp, 2, 3), 2, 1) }},
		{"-1 to 1 are not columns of [2x3]", func(tp *Tape) { tp.Columns(on(tp, 2, 3), -1, 1) }},
	}}
	for _, shape := range shapes {
		rows, cols := shape[0], shape[1]
		for _, r := range [][2]int{{0, cols}, {cols / 2, cols}, {cols / 3, cols/2 + 1}, {cols, cols}} {
			lo, width := r[0], r[1]-r[0]
			op.samples = append(op.samples, sample{name: fmt.Sprintf("%d to %d of %dx%d", r[0], r[1], rows, cols), in: []*Tensor{random(1, rows, cols)}, shape: []int{rows, width},
				apply: func(tp *Tape, in []*Var) *Var { return tp.Columns(in[0], r[0], r[1]) },
				ref: func(in [][]float64) []float64 {
					y := make([]float64, 0, rows*width)
					for i := range rows {
						y = append(y, in[0][i*cols+lo:i*cols+lo+width]...)
					}
					return y
				}})
		}
	}
	return op
}

func concatOperation() operation {
	op := operation{name: "Concat", faults: []fault{
		{"[2x3] and [3x3] differ in rows", func(tp *Tape) { tp.Concat(on(tp, 2, 3), on(tp, 3, 3)) }},
	}}
	ref := func(a, b []float64, rows, ca, cb int) []float64 {
		var y []float64
		for r := range rows {
			y = append(append(y, a[r*ca:(r+1)*ca]...), b[r*cb:(r+1)*cb]...)
		}
		return y
	}
	for _, shape := range shapes {
		rows, ca := shape[0], shape[1]
		for _, cb := range []int{0, 1, 5} {
			op.samples = append(op.samples, sample{name: fmt.Sprintf("%dx%d and %d", rows, ca, cb), in: []*Tensor{random(1, rows, ca), random(2, rows, cb)}, shape: []int{rows, ca + cb},
				apply: func(tp *Tape, in []*Var) *Var { return tp.Concat(in[0], in[1]) },
				ref:   func(in [][]float64) []float64 { return ref(in[0], in[1], rows, ca, cb) }})
		}
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 5, 3)}, shape: []int{5, 6},
		apply: func(tp *Tape, in []*Var) *Var { return tp.Concat(in[0], in[0]) },
		ref:   func(in [][]float64) []float64 { return ref(in[0], in[0], 5, 3, 3) }})
	return op
}

func rowsOperation() operation {
	op := operation{name: "Rows", faults: []fault{
		{"1 to 3 are not rows of [2x3]", func(tp *Tape) { tp.Rows(on(tp, 2, 3), 1, 3) }},
		{"2 to 1 are not rows of [2x3]", func(tp *Tape) { tp.Rows(on(tp, 2, 3), 2, 1) }},
		{"-1 to 1 are not rows of [2x3]", func(tp *Tape) { tp.Rows(on(tp, 2, 3), -1, 1) }},
	}}
	for _, shape := range append(shapes, []int{4, 2, 3}) {
		rows, cols := shape[0], New(shape...).Cols()
		for _, r := range [][2]int{{0, rows}, {rows / 2, rows}, {rows / 3, rows/2 + rows%2}, {rows, rows}} {
			to := append([]int{r[1] - r[0]}, shape[1:]...)
			op.samples = append(op.samples, sample{name: fmt.Sprintf("%d to %d of %s", r[0], r[1], shapeName(shape...)), in: []*Tensor{random(1, shape...)}, shape: to,
				apply: func(tp *Tape, in []*Var) *Var { return tp.Rows(in[0], r[0], r[1]) },
				ref:   func(in [][]float64) []float64 { return in[0][r[0]*cols : r[1]*cols] }})
		}
	}
	return op
}

func concatRowsOperation() operation {
	op := operation{name: "ConcatRows", faults: []fault{
		{"[2x3] and [2x4] differ in width", func(tp *Tape) { tp.ConcatRows(on(tp, 2, 3), on(tp, 2, 4)) }},
		{"[2x6] and [2x3x2] differ in width", func(tp *Tape) { tp.ConcatRows(on(tp, 2, 6), on(tp, 2, 3, 2)) }},
		{"[] and [] differ in width", func(tp *Tape) { tp.ConcatRows(on(tp), on(tp)) }},
	}}
	ref := func(in [][]float64) []float64 { return append(append([]float64(nil), in[0]...), in[len(in)-1]...) }
	for _, shape := range append(shapes, []int{4, 2, 3}) {
		for _, rows := range []int{0, 1, 7} {
			second := append([]int{rows}, shape[1:]...)
			op.samples = append(op.samples, sample{name: shapeName(shape...) + " and " + fmt.Sprint(rows),
				in: []*Tensor{random(1, shape...), random(2, second...)}, shape: append([]int{shape[0] + rows}, shape[1:]...),
				apply: func(tp *Tape, in []*Var) *Var { return tp.ConcatRows(in[0], in[1]) }, ref: ref})
		}
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 5, 3)}, shape: []int{10, 3},
		apply: func(tp *Tape, in []*Var) *Var { return tp.ConcatRows(in[0], in[0]) }, ref: ref})
	return op
}

// totalOperation is the entry of the sum of all elements times a factor that depends on their number.
func totalOperation(name string, f func(tp *Tape, x *Var) *Var, factor func(n int) float64) operation {
	op := operation{name: name}
	for _, shape := range append(shapes, []int{}, []int{2, 3, 5}) {
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...)}, shape: []int{},
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0]) },
			ref: func(in [][]float64) []float64 {
				sum := 0.0
				for _, v := range in[0] {
					sum += v
				}
				return []float64{sum * factor(len(in[0]))}
			}})
	}
	return op
}
