package speed

import (
	"fmt"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// gemmKinds are products: those that GRIT's layers on ZINC are made of, a large one, a small one, and the transposed
// forms that gradients need.
func gemmKinds() []kind {
	var list []kind
	for _, g := range []struct {
		form           string
		transA, transB bool
		m, n, k        int
		about          string
	}{
		{"", false, false, 1024, 1024, 1024, "a large product"},
		{"", false, false, 18000, 64, 64, "pair features to pair features"},
		{"", false, false, 18000, 128, 64, "pair features to factors and terms"},
		{"", false, false, 512, 64, 64, "a small product"},
		{"tn_", true, false, 64, 64, 18000, "the gradient of a weight"},
		{"nt_", false, true, 18000, 64, 64, "a linear layer"},
	} {
		list = append(list, kind{
			Entry: Entry{fmt.Sprintf("gemm_%s%dx%dx%d", g.form, g.m, g.n, g.k), flopsUnit, "matrix product: " + g.about},
			needs: []string{peakName},
			sample: func(w *workshop) (func() float64, error) {
				tp := tensor.NewTape()
				a, b, dst := matrix(g.m, g.k, g.transA), matrix(g.k, g.n, g.transB), tensor.New(g.m, g.n)
				flops := 2 * float64(g.m) * float64(g.n) * float64(g.k)
				return func() float64 {
					return flops / w.over(func() { tp.MatMulInto(dst, a, b, g.transA, g.transB) }) / 1e9
				}, nil
			},
		})
	}
	return list
}

// matrix returns a [rows, cols] matrix as it is stored, transposed or not.
func matrix(rows, cols int, transposed bool) *tensor.Tensor {
	if transposed {
		rows, cols = cols, rows
	}
	return tensor.FromSlice(values(rows*cols, uint64(rows)), rows, cols)
}

// The shape of the elementwise figures: the pair features of a batch.
const (
	pairRows = 18000
	pairCols = 64
)

// kernelKinds are operations that read and write as much as they compute.
func kernelKinds() []kind {
	suffix := fmt.Sprintf("_%dx%d", pairRows, pairCols)
	list := []kind{}
	for _, op := range []struct {
		name, about string
		apply       func(tp *tensor.Tape, x, scale, shift *tensor.Var)
	}{
		{"exp", "exponential", func(tp *tensor.Tape, x, _, _ *tensor.Var) { tp.Exp(x) }},
		{"gelu", "GELU, the exact one", func(tp *tensor.Tape, x, _, _ *tensor.Var) { tp.GELU(x) }},
		{"softmax", "softmax of every row", func(tp *tensor.Tape, x, _, _ *tensor.Var) { tp.Softmax(x) }},
		{"layer_norm", "layer norm of every row", func(tp *tensor.Tape, x, scale, shift *tensor.Var) { tp.LayerNorm(x, scale, shift, 1e-5) }},
	} {
		list = append(list, kind{
			Entry: Entry{op.name + suffix, bytesUnit, op.about},
			sample: func(w *workshop) (func() float64, error) {
				tp, x := tensor.NewTape(), matrix(pairRows, pairCols, false)
				scale, shift := tensor.FromSlice(values(pairCols, 2), pairCols), tensor.FromSlice(values(pairCols, 3), pairCols)
				return func() float64 {
					const bytes = 2 * 4 * pairRows * pairCols // read once, written once
					return bytes / 1e9 / w.over(func() {
						tp.Begin(tensor.Pass{})
						op.apply(tp, tp.Const(x), tp.Const(scale), tp.Const(shift))
					})
				}, nil
			},
		})
	}
	return append(list,
		kind{Entry: Entry{"chain" + suffix, "ms", "three elementwise operations: relu(x*y + z)"}, sample: chain},
		kind{Entry: Entry{"adamw_zinc", bytesUnit, "AdamW on the parameters of GRIT for ZINC"}, sample: adamW},
	)
}

// chain measures three elementwise operations one after another.
func chain(w *workshop) (func() float64, error) {
	tp, x, y, z := tensor.NewTape(), matrix(pairRows, pairCols, false), matrix(pairRows, pairCols, false), matrix(pairRows, pairCols, false)
	return func() float64 {
		return millisecond * w.over(func() {
			tp.Begin(tensor.Pass{})
			tp.ReLU(tp.Add(tp.Mul(tp.Const(x), tp.Const(y)), tp.Const(z)))
		})
	}, nil
}

// adamW measures the update of all parameters by gradients that are at hand: parameter, both moments read and written,
// gradient read.
func adamW(w *workshop) (func() float64, error) {
	m, err := grit.New(grit.ZINC(), 1)
	if err != nil {
		return nil, err
	}
	params := nn.Collect(m).Trainable()
	gradient, count := map[*tensor.Tensor][]float32{}, 0
	for _, p := range params {
		gradient[p.Tensor] = values(p.Tensor.Size(), uint64(count))
		count += p.Tensor.Size()
	}
	opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: weightDecay})
	grads := func(t *tensor.Tensor) []float32 { return gradient[t] }
	return func() float64 {
		return 7 * 4 * float64(count) / 1e9 / w.over(func() { opt.Step(grads, learningRate, 1) })
	}, nil
}
