package tensor

import "fmt"

// conv is the reference of a causal convolution; memory and bias may be nil.
func conv(x, memory, weight, bias []float64, offsets []int, cols, channels, kernel int) []float64 {
	y := make([]float64, len(x))
	for b := range len(offsets) - 1 {
		for r := offsets[b]; r < offsets[b+1]; r++ {
			for c := range cols {
				if bias != nil {
					y[r*cols+c] = bias[c%channels]
				}
				for i := range kernel {
					at := r - kernel + 1 + i
					v := 0.0
					switch {
					case at >= offsets[b]:
						v = x[at*cols+c]
					case memory != nil:
						v = memory[((b+1)*(kernel-1)+at-offsets[b])*cols+c]
					default:
						continue
					}
					y[r*cols+c] += weight[c%channels*kernel+i] * v
				}
			}
		}
	}
	return y
}

func causalConvOperation() operation {
	op := operation{name: "CausalConv", faults: []fault{
		{"offsets [0 1] do not cover the rows of [2x4]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 2, 3), nil, []int{0, 1}) }},
		{"weight [3x3] is not [channels, kernel] with channels that divide the width of [2x4]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 3, 3), nil, []int{0, 2}) }},
		{"weight [0x3] is not [channels, kernel]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 0, 3), nil, []int{0, 2}) }},
		{"weight [4x0] is not [channels, kernel]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 4, 0), nil, []int{0, 2}) }},
		{"weight [4] is not [channels, kernel]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 4), nil, []int{0, 2}) }},
		{"bias [3] does not fit weight [2x3]", func(tp *Tape) { tp.CausalConv(on(tp, 2, 4), on(tp, 2, 3), on(tp, 3), []int{0, 2}) }},
	}}
	for _, ragged := range raggedRows {
		for _, kernel := range []int{1, 3, 4} {
			for _, heads := range []int{1, 3} {
				offsets, cols := ragged.offsets, ragged.cols
				rows, channels := offsets[len(offsets)-1], cols
				if cols%heads == 0 {
					channels = cols / heads
				}
				in := []*Tensor{random(1, rows, cols), random(2, channels, 1, kernel), random(3, channels)}
				name := fmt.Sprintf("%d items %dx%d kernel %dx%d", len(offsets)-1, rows, cols, channels, kernel)
				if heads == 3 {
					in, name = in[:2], name+" without bias"
				}
				op.samples = append(op.samples, sample{name: name, in: in, shape: []int{rows, cols},
					apply: func(tp *Tape, in []*Var) *Var {
						if len(in) == 2 {
							return tp.CausalConv(in[0], in[1], nil, offsets)
						}
						return tp.CausalConv(in[0], in[1], in[2], offsets)
					},
					ref: func(in [][]float64) []float64 {
						return conv(in[0], nil, in[1], append(in, nil)[2], offsets, cols, channels, kernel)
					}})
			}
		}
	}
	return op
}

func causalConvAfterOperation() operation {
	op := operation{name: "CausalConvAfter", faults: []fault{
		{"offsets [0 1] do not cover the rows of [2x4]", func(tp *Tape) {
			tp.CausalConvAfter(on(tp, 2, 4), on(tp, 2, 4), on(tp, 2, 3), nil, []int{0, 1})
		}},
		{"memory [2x4], want 2 rows before each of 2 items of width 4", func(tp *Tape) {
			tp.CausalConvAfter(on(tp, 2, 4), on(tp, 2, 4), on(tp, 2, 3), nil, []int{0, 1, 2})
		}},
		{"memory [2x3], want 2 rows before each of 1 items of width 4", func(tp *Tape) {
			tp.CausalConvAfter(on(tp, 2, 4), on(tp, 2, 3), on(tp, 2, 3), nil, []int{0, 2})
		}},
	}}
	for _, ragged := range raggedRows {
		for _, kernel := range []int{1, 3, 4} {
			offsets, cols := ragged.offsets, ragged.cols
			rows, items := offsets[len(offsets)-1], len(offsets)-1
			in := []*Tensor{random(1, rows, cols), random(2, items*(kernel-1), cols), random(3, cols, kernel), random(4, cols)}
			op.samples = append(op.samples, sample{name: fmt.Sprintf("%d items %dx%d kernel %d", items, rows, cols, kernel), in: in, shape: []int{rows, cols},
				apply: func(tp *Tape, in []*Var) *Var { return tp.CausalConvAfter(in[0], in[1], in[2], in[3], offsets) },
				ref: func(in [][]float64) []float64 {
					return conv(in[0], in[1], in[2], in[3], offsets, cols, cols, kernel)
				}})
		}
	}
	return op
}
