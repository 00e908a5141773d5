package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// The product of two encoded tokens depends on how far apart they are.
func ExampleLRPECosine() {
	l, err := encodings.AtPoints([]int{0, 3}, 0, 1, []float64{0, 1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, theta := tensor.New(3, 2), tensor.FromSlice([]float32{1, 0.01}, 1, 2)
	x.Fill(1)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	y, err := encodings.LRPECosine(tp, l, tp.Const(x), tp.Const(theta), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores := tp.MatMulNT(y, y)
	for i := range 3 {
		fmt.Printf("%.3f\n", scores.Value().Row(i))
	}
	// Output:
	// [2.000 1.540 0.584]
	// [1.540 2.000 1.540]
	// [0.584 1.540 2.000]
}
