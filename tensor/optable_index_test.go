package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
)

func indexOperations() []operation {
	return []operation{gatherOperation(), scatterOperation(), poolOperation(), cumSumOperation(),
		causalConvOperation(), causalConvAfterOperation()}
}

// indices returns n row numbers below rows, some of them often and some never.
func indices(n, rows int) []int32 {
	index, rng := make([]int32, n), rand.New(rand.NewPCG(4, uint64(n)))
	for i := range index {
		index[i] = int32(rng.IntN(rows)) / 2 * 2
	}
	return index
}

// indexed are sizes of a table and of an index into it.
var indexed = []struct{ rows, cols, index int }{{0, 3, 0}, {1, 1, 1}, {4, 3, 0}, {5, 3, 7}, {17, 33, 40}, {600, 19, 1000}}

func gatherOperation() operation {
	op := operation{name: "Gather", faults: []fault{
		{"index 2 at 1 is outside the 2 rows of [2x3]", func(tp *Tape) { tp.Gather(on(tp, 2, 3), []int32{0, 2}) }},
		{"index -1 at 0 is outside the 2 rows of [2x3]", func(tp *Tape) { tp.Gather(on(tp, 2, 3), []int32{-1}) }},
	}}
	for _, s := range indexed {
		index := indices(s.index, max(s.rows, 1))
		for i := range index {
			if i%5 == 4 { // NaN is put into the middle of the table: let it be read
				index[i] = int32(s.rows / 2)
			}
		}
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%d of %dx%d", s.index, s.rows, s.cols), in: []*Tensor{random(1, s.rows, s.cols)}, shape: []int{s.index, s.cols},
			apply: func(tp *Tape, in []*Var) *Var { return tp.Gather(in[0], index) },
			ref: func(in [][]float64) []float64 {
				y := make([]float64, 0, s.index*s.cols)
				for _, r := range index {
					y = append(y, in[0][int(r)*s.cols:(int(r)+1)*s.cols]...)
				}
				return y
			}})
	}
	return op
}

func scatterOperation() operation {
	op := operation{name: "ScatterAdd", faults: []fault{
		{"index 2 at 0 is outside the 2 rows of [2x3]", func(tp *Tape) { tp.ScatterAdd(on(tp, 2, 3), on(tp, 1, 3), []int32{2}) }},
		{"2 indices and rows [1x3] do not fit [2x3]", func(tp *Tape) { tp.ScatterAdd(on(tp, 2, 3), on(tp, 1, 3), []int32{0, 1}) }},
		{"1 indices and rows [1x2] do not fit [2x3]", func(tp *Tape) { tp.ScatterAdd(on(tp, 2, 3), on(tp, 1, 2), []int32{0}) }},
	}}
	ref := func(x, src []float64, cols int, index []int32) []float64 {
		y := append([]float64(nil), x...)
		for k, r := range index {
			for c := range cols {
				y[int(r)*cols+c] += src[k*cols+c]
			}
		}
		return y
	}
	for _, s := range indexed {
		index := indices(s.index, max(s.rows, 1))
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%d to %dx%d", s.index, s.rows, s.cols),
			in: []*Tensor{random(1, s.rows, s.cols), random(2, s.index, s.cols)}, shape: []int{s.rows, s.cols},
			apply: func(tp *Tape, in []*Var) *Var { return tp.ScatterAdd(in[0], in[1], index) },
			ref:   func(in [][]float64) []float64 { return ref(in[0], in[1], s.cols, index) }})
	}
	twice := []int32{2, 0, 2}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 3, 4)}, shape: []int{3, 4},
		apply: func(tp *Tape, in []*Var) *Var { return tp.ScatterAdd(in[0], in[0], twice) },
		ref:   func(in [][]float64) []float64 { return ref(in[0], in[0], 4, twice) }})
	return op
}

// raggedRows are items of rows, laid end to end.
var raggedRows = []struct {
	cols    int
	offsets []int
}{
	{3, []int{0}}, {3, []int{0, 0, 0}}, {1, []int{0, 1}}, {3, []int{0, 2, 2, 5}}, {33, []int{0, 0, 16, 17, 17}}, {19, []int{0, 300, 300, 301, 600}},
}

func poolOperation() operation {
	op := operation{name: "Pool", faults: []fault{
		{"offsets [] do not cover the rows of [2x3]", func(tp *Tape) { tp.Pool(on(tp, 2, 3), nil, PoolSum) }},
		{"offsets [0 1] do not cover the rows of [2x3]", func(tp *Tape) { tp.Pool(on(tp, 2, 3), []int{0, 1}, PoolSum) }},
		{"offsets [1 2] do not cover the rows of [2x3]", func(tp *Tape) { tp.Pool(on(tp, 2, 3), []int{1, 2}, PoolMax) }},
		{"offsets [0 2 1 2] do not cover the rows of [2x3]", func(tp *Tape) { tp.Pool(on(tp, 2, 3), []int{0, 2, 1, 2}, PoolMean) }},
		{"unknown pooling 9", func(tp *Tape) { tp.Pool(on(tp, 2, 3), []int{0, 2}, Pooling(9)) }},
	}}
	for _, ragged := range raggedRows {
		offsets, cols := ragged.offsets, ragged.cols
		items, rows := len(offsets)-1, offsets[len(offsets)-1]
		for _, kind := range []Pooling{PoolSum, PoolMean, PoolMax} {
			op.samples = append(op.samples, sample{name: fmt.Sprintf("%v %d items %dx%d", kind, items, rows, cols),
				in: []*Tensor{random(1, rows, cols)}, shape: []int{items, cols},
				apply: func(tp *Tape, in []*Var) *Var { return tp.Pool(in[0], offsets, kind) },
				ref: func(in [][]float64) []float64 {
					y := make([]float64, items*cols)
					for b := range items {
						for c := range cols {
							y[b*cols+c] = pooled(in[0], offsets[b], offsets[b+1], c, cols, kind)
						}
					}
					return y
				}})
		}
	}
	return op
}

// pooled joins the rows lo to hi of column c.
func pooled(x []float64, lo, hi, c, cols int, kind Pooling) float64 {
	if lo == hi {
		return 0
	}
	sum, most := 0.0, math.Inf(-1)
	for r := lo; r < hi; r++ {
		sum += x[r*cols+c]
		most = math.Max(most, x[r*cols+c])
	}
	switch kind {
	case PoolMean:
		return sum / float64(hi-lo)
	case PoolMax:
		return most
	}
	return sum
}

func cumSumOperation() operation {
	op := operation{name: "CumSum", faults: []fault{
		{"offsets [] do not cover the rows of [2x3]", func(tp *Tape) { tp.CumSum(on(tp, 2, 3), nil) }},
		{"offsets [0 3] do not cover the rows of [2x3]", func(tp *Tape) { tp.CumSum(on(tp, 2, 3), []int{0, 3}) }},
		{"offsets [0 2 1 2] do not cover the rows of [2x3]", func(tp *Tape) { tp.CumSum(on(tp, 2, 3), []int{0, 2, 1, 2}) }},
	}}
	for _, ragged := range append(raggedRows, struct {
		cols    int
		offsets []int
	}{131, []int{0, 3, 7, 8}}) {
		offsets, cols := ragged.offsets, ragged.cols
		items, rows := len(offsets)-1, offsets[len(offsets)-1]
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%d items %dx%d", items, rows, cols), in: []*Tensor{random(1, rows, cols)}, shape: []int{rows, cols},
			apply: func(tp *Tape, in []*Var) *Var { return tp.CumSum(in[0], offsets) },
			ref: func(in [][]float64) []float64 {
				y := append([]float64(nil), in[0]...)
				for b := range items {
					for i := (offsets[b] + 1) * cols; i < offsets[b+1]*cols; i++ {
						y[i] += y[i-cols]
					}
				}
				return y
			}})
	}
	return op
}
