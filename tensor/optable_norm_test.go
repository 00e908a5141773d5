package tensor

import "math"

func normOperations() []operation {
	return []operation{batchNormOperation(), layerNormOperation(), rmsNormOperation(), unitRowsOperation()}
}

const normEps = 1e-5

func batchNormOperation() operation {
	op := operation{name: "BatchNorm", faults: []fault{
		{"vector [4] does not fit the rows of [2x3]", func(tp *Tape) { tp.BatchNorm(on(tp, 2, 3), on(tp, 4), on(tp, 3), NormStats{}) }},
		{"vector [2] does not fit the rows of [2x3]", func(tp *Tape) { tp.BatchNorm(on(tp, 2, 3), on(tp, 3), on(tp, 2), NormStats{}) }},
		{"running statistics [2] and [3] do not fit the rows of [2x3]", func(tp *Tape) {
			tp.BatchNorm(on(tp, 2, 3), on(tp, 3), on(tp, 3), NormStats{Mean: New(2), Var: New(3)})
		}},
	}}
	for _, shape := range append(shapes, []int{1, 5}, []int{2, 3}) {
		cols := shape[1]
		x := random(1, shape...)
		for i := range x.data { // columns of different places and spreads
			x.data[i] = x.data[i]*float32(1+i%cols%3) + float32(i%cols%5)
		}
		in := []*Tensor{x, random(2, cols), random(3, cols)}
		mean, variance := random(4, cols), between(5, 0.5, 2, cols)
		for _, mode := range []struct {
			name        string
			train, kept bool
		}{{"train", true, true}, {"evaluation", false, true}, {"train without statistics", true, false}, {"evaluation without statistics", false, false}} {
			batch := (mode.train || !mode.kept) && shape[0] > 0
			op.samples = append(op.samples, sample{name: shapeName(shape...) + " " + mode.name, in: in, shape: shape, train: mode.train,
				// One row has no spread: its numbers are multiplied by 1/sqrt(eps) = 316 and taken off again.
				loose: batch && shape[0] == 1,
				apply: func(tp *Tape, in []*Var) *Var {
					stats := NormStats{Eps: normEps, Momentum: 0.1}
					if mode.kept { // copies: a pass changes them
						stats.Mean, stats.Var = mean.Clone(), variance.Clone()
					}
					return tp.BatchNorm(in[0], in[1], in[2], stats)
				},
				ref: func(in [][]float64) []float64 {
					y := make([]float64, len(in[0]))
					for c := range cols {
						mu, v := float64(mean.data[c]), float64(variance.data[c])
						if batch {
							mu, v = columnMoments(in[0], c, cols)
						}
						for i := c; i < len(y); i += cols {
							y[i] = in[1][c]*(in[0][i]-mu)/math.Sqrt(v+normEps) + in[2][c]
						}
					}
					return y
				}})
		}
	}
	return op
}

// columnMoments returns mean and biased variance of a column.
func columnMoments(x []float64, c, cols int) (mean, variance float64) {
	n := float64(len(x) / cols)
	for i := c; i < len(x); i += cols {
		mean += x[i] / n
	}
	for i := c; i < len(x); i += cols {
		variance += (x[i] - mean) * (x[i] - mean) / n
	}
	return mean, variance
}

func layerNormOperation() operation {
	op := operation{name: "LayerNorm", faults: []fault{
		{"vector [4] does not fit the rows of [2x3]", func(tp *Tape) { tp.LayerNorm(on(tp, 2, 3), on(tp, 4), on(tp, 3), normEps) }},
		{"vector [2] does not fit the rows of [2x3]", func(tp *Tape) { tp.LayerNorm(on(tp, 2, 3), on(tp, 3), on(tp, 2), normEps) }},
	}}
	for _, shape := range append(shapes, []int{3, 1}, []int{5, 131}) {
		cols := shape[1]
		op.samples = append(op.samples, sample{name: shapeName(shape...), in: []*Tensor{random(1, shape...), random(2, cols), random(3, cols)}, shape: shape,
			apply: func(tp *Tape, in []*Var) *Var { return tp.LayerNorm(in[0], in[1], in[2], normEps) },
			ref: func(in [][]float64) []float64 {
				return byRow(cols, func(dst, row []float64) {
					mean, variance := columnMoments(row, 0, 1)
					for c, v := range row {
						dst[c] = in[1][c]*(v-mean)/math.Sqrt(variance+normEps) + in[2][c]
					}
				})(in)
			}})
	}
	return op
}

func rmsNormOperation() operation {
	op := operation{name: "RMSNorm", faults: []fault{
		{"vector [4] does not fit the rows of [2x3]", func(tp *Tape) { tp.RMSNorm(on(tp, 2, 3), on(tp, 4), normEps) }},
		{"eps -1 is negative or no number", func(tp *Tape) { tp.RMSNorm(on(tp, 2, 3), on(tp, 3), -1) }},
		{"eps NaN is negative or no number", func(tp *Tape) { tp.RMSNorm(on(tp, 2, 3), nil, math.NaN()) }},
	}}
	ref := func(dst, row, w []float64, eps float64) {
		sum := 0.0
		for _, v := range row {
			sum += v * v
		}
		for c, v := range row {
			dst[c] = v / math.Sqrt(sum/float64(len(row))+eps)
			if w != nil {
				dst[c] *= w[c]
			}
		}
	}
	for _, shape := range append(shapes, []int{3, 1}, []int{5, 131}) {
		cols := shape[1]
		eps := normEps
		if cols == 1 { // a larger one, so that the gradient of a single number is not next to 0
			eps = 0.5
		}
		in := []*Tensor{random(1, shape...), random(2, cols)}
		op.samples = append(op.samples,
			sample{name: shapeName(shape...), in: in, shape: shape,
				apply: func(tp *Tape, in []*Var) *Var { return tp.RMSNorm(in[0], in[1], eps) },
				ref: func(in [][]float64) []float64 {
					return byRow(cols, func(dst, row []float64) { ref(dst, row, in[1], eps) })(in)
				}},
			sample{name: shapeName(shape...) + " without weight", in: in[:1], shape: shape,
				apply: func(tp *Tape, in []*Var) *Var { return tp.RMSNorm(in[0], nil, eps) },
				ref:   byRow(cols, func(dst, row []float64) { ref(dst, row, nil, eps) })})
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 1, 5)}, shape: []int{1, 5},
		apply: func(tp *Tape, in []*Var) *Var { return tp.RMSNorm(in[0], in[0], normEps) },
		ref:   byRow(5, func(dst, row []float64) { ref(dst, row, row, normEps) })})
	return op
}

func unitRowsOperation() operation {
	op := operation{name: "UnitRows", faults: []fault{
		{"eps 0 is not positive", func(tp *Tape) { tp.UnitRows(on(tp, 2, 3), 0) }},
		{"eps NaN is not positive", func(tp *Tape) { tp.UnitRows(on(tp, 2, 3), math.NaN()) }},
	}}
	for _, c := range []struct {
		name string
		eps  float64
	}{{"", 1e-12}, {" below eps", 20}} {
		for _, shape := range shapes {
			op.samples = append(op.samples, sample{name: shapeName(shape...) + c.name, in: []*Tensor{random(1, shape...)}, shape: shape,
				apply: func(tp *Tape, in []*Var) *Var { return tp.UnitRows(in[0], c.eps) },
				ref: byRow(shape[1], func(dst, row []float64) {
					sum := 0.0
					for _, v := range row {
						sum += v * v
					}
					for i, v := range row {
						dst[i] = v / math.Max(math.Sqrt(sum), c.eps)
					}
				})})
		}
	}
	return op
}
