package tensor_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/graft-ml/graft/tensor"
)

// A line is fitted to four points by gradient descent.
func ExampleTape() {
	x := tensor.FromSlice([]float32{-1, 0, 1, 2}, 4, 1)
	y := tensor.FromSlice([]float32{-5, -2, 1, 4}, 4, 1) // 3x - 2
	weight, bias := tensor.New(1, 1), tensor.New(1)

	tp := tensor.NewTape()
	for range 200 {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		miss := tp.Sub(tp.Linear(tp.Const(x), tp.Leaf(weight), tp.Leaf(bias)), tp.Const(y))
		tp.Backward(tp.Mean(tp.Mul(miss, miss)))
		weight.Data()[0] -= 0.2 * tp.Grad(weight)[0]
		bias.Data()[0] -= 0.2 * tp.Grad(bias)[0]
	}
	fmt.Printf("slope %.3f, intercept %.3f\n", weight.At(0, 0), bias.At(0))
	// Output: slope 3.000, intercept -2.000
}

// cube is the operation y = x³.
type cube struct{ x, y *tensor.Var }

// Cube puts it on a tape.
func Cube(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	f, ok := tp.Spare().(*cube) // of an earlier pass, to save the allocation
	if !ok {
		f = new(cube)
	}
	*f = cube{x: x, y: tp.Out(x.Needs(), x.Shape()...)}
	for i, v := range x.Data() {
		f.y.Data()[i] = v * v * v
	}
	tp.Record("Cube", f, f.y)
	return f.y
}

// Backward adds 3x² dy to the gradient of x.
func (f *cube) Backward(*tensor.Tape) {
	if !f.x.Needs() {
		return
	}
	g := f.x.AccumulateZeroed()
	for i, dy := range f.y.OutGrad() {
		v := f.x.Data()[i]
		g[i] += 3 * v * v * dy
	}
}

// An operation of one's own is a struct with a Backward and a function that records it.
func ExampleFunction() {
	x := tensor.FromSlice([]float32{1, 2, 3}, 3)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	loss := tp.Sum(Cube(tp, tp.Leaf(x)))
	tp.Backward(loss)
	fmt.Println(loss.Value().At(), tp.Grad(x))
	// Output: 36 [3 12 27]
}

// A tape that watches names the operation in which the first NaN or infinity arose.
func ExampleTape_Watch() {
	x := tensor.FromSlice([]float32{1, 2, -3}, 3, 1)
	tp := tensor.NewTape()
	tp.Watch(true)
	tp.Begin(tensor.Pass{})
	tp.Enter("head")
	tp.Sum(tp.Log1p(tp.Const(x)))
	tp.Leave()
	fmt.Println(tp.FirstBad())
	// Output: NaN in the value of operation Log1p of head, row 2
}

// Tensors and gonum's matrices exchange values.
func ExampleFromMatrix() {
	t := tensor.FromMatrix(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))
	fmt.Println(t, mat.Trace(t.Matrix()))
	// Output: [2x2][1 2 3 4] 5
}
