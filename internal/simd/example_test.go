package simd_test

import (
	"fmt"

	"github.com/graft-ml/graft/internal/simd"
)

func Example() {
	x := []float32{1, 1, 2, 0}                               // [2, 2]
	w := []float32{1, 2, 3, -4}                              // [2, 2], one output a row
	y := make([]float32, 4)                                  // [2, 2]
	simd.Gemm(false, true, 2, 2, 2, x, 2, w, 2, y, 2, false) // y = x * transpose(w)
	fmt.Println(y)

	simd.ReLU(y, y)
	fmt.Println(y, simd.Sum(y), simd.AllFinite(y))
	// Output:
	// [3 -1 2 6]
	// [3 0 2 6] 11 true
}

func ExampleDropoutMask() {
	mask := make([]float32, 8)
	simd.DropoutMask(mask, 42, 0, 0.5)
	fmt.Println(mask)

	// The stream is addressed by block, four words each: the second half can be had alone.
	half := make([]float32, 4)
	simd.DropoutMask(half, 42, 1, 0.5)
	fmt.Println(half)
	// Output:
	// [2 0 0 0 2 0 2 0]
	// [2 0 2 0]
}
