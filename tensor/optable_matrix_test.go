package tensor

import "fmt"

func matrixOperations() []operation {
	return []operation{linearOperation(),
		productOperation("MatMul", (*Tape).MatMul, false), productOperation("MatMulNT", (*Tape).MatMulNT, true)}
}

// product is a b, or a bᵀ, plus a vector where one is given.
func product(a, b, bias []float64, m, n, k int, transB bool) []float64 {
	y := make([]float64, m*n)
	for i := range m {
		for j := range n {
			sum := 0.0
			if bias != nil {
				sum = bias[j]
			}
			for c := range k {
				if transB {
					sum += a[i*k+c] * b[j*k+c]
				} else {
					sum += a[i*k+c] * b[c*n+j]
				}
			}
			y[i*n+j] = sum
		}
	}
	return y
}

// sizes of products: rows, columns and terms. Sums of 2048 terms or more are formed in pieces; the rows of the larger
// ones are done in pieces too.
var productSizes = [][3]int{{0, 3, 2}, {3, 0, 2}, {2, 3, 0}, {1, 1, 1}, {5, 3, 7}, {17, 33, 9}, {600, 5, 19}, {7, 3, 2500}, {400, 65, 64}}

func linearOperation() operation {
	op := operation{name: "Linear", faults: []fault{
		{"x [2x3] does not fit weight [5x4] and bias none", func(tp *Tape) { tp.Linear(on(tp, 2, 3), on(tp, 5, 4), nil) }},
		{"x [2x3] does not fit weight [5x3] and bias [4]", func(tp *Tape) { tp.Linear(on(tp, 2, 3), on(tp, 5, 3), on(tp, 4)) }},
		{"x [2x3] does not fit weight [3] and bias none", func(tp *Tape) { tp.Linear(on(tp, 2, 3), on(tp, 3), nil) }},
	}}
	for _, s := range append(productSizes, [3]int{2500, 3, 5}) {
		m, n, k := s[0], s[1], s[2]
		in := []*Tensor{random(1, m, k), random(2, n, k), random(3, n)}
		op.samples = append(op.samples,
			sample{name: fmt.Sprintf("%dx%dx%d", m, n, k), in: in, shape: []int{m, n},
				apply: func(tp *Tape, in []*Var) *Var { return tp.Linear(in[0], in[1], in[2]) },
				ref:   func(in [][]float64) []float64 { return product(in[0], in[1], in[2], m, n, k, true) }},
			sample{name: fmt.Sprintf("%dx%dx%d without bias", m, n, k), in: in[:2], shape: []int{m, n},
				apply: func(tp *Tape, in []*Var) *Var { return tp.Linear(in[0], in[1], nil) },
				ref:   func(in [][]float64) []float64 { return product(in[0], in[1], nil, m, n, k, true) }})
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 5, 4)}, shape: []int{5, 5},
		apply: func(tp *Tape, in []*Var) *Var { return tp.Linear(in[0], in[0], nil) },
		ref:   func(in [][]float64) []float64 { return product(in[0], in[0], nil, 5, 5, 4, true) }})
	return op
}

func productOperation(name string, f func(tp *Tape, a, b *Var) *Var, transB bool) operation {
	op := operation{name: name, faults: []fault{
		{"inner dimensions of [2x3] and [2x2] differ", func(tp *Tape) { f(tp, on(tp, 2, 3), on(tp, 2, 2)) }},
	}}
	for _, s := range productSizes {
		m, n, k := s[0], s[1], s[2]
		b := random(2, k, n)
		if transB {
			b = random(2, n, k)
		}
		op.samples = append(op.samples, sample{name: fmt.Sprintf("%dx%dx%d", m, n, k), in: []*Tensor{random(1, m, k), b}, shape: []int{m, n},
			apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[1]) },
			ref:   func(in [][]float64) []float64 { return product(in[0], in[1], nil, m, n, k, transB) }})
	}
	op.samples = append(op.samples, sample{name: "itself", in: []*Tensor{random(1, 5, 5)}, shape: []int{5, 5},
		apply: func(tp *Tape, in []*Var) *Var { return f(tp, in[0], in[0]) },
		ref:   func(in [][]float64) []float64 { return product(in[0], in[0], nil, 5, 5, 5, transB) }})
	return op
}
