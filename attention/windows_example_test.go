package attention_test

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Two heads see a cross: the first attends in columns of one pixel, the second in lines. Queries and keys are 0 here, so
// that a pixel gets the mean of the values of its column and of its line.
func ExampleWindows() {
	grid := tensor.NewGrid(1, tensor.Size{Height: 2, Width: 3})
	x := tensor.New(6, 6) // [query, query, key, key, value, value]
	for pixel := range 6 {
		x.Set(float32(pixel), pixel, 4)
		x.Set(float32(pixel), pixel, 5)
	}
	tp := tensor.NewTape()
	op := attention.Windows{Parts: []attention.WindowHeads{
		{Heads: 1, Window: tensor.Size{Width: 1}},
		{Heads: 1, Window: tensor.Size{Height: 1}},
	}}
	out := op.Apply(tp, attention.WindowsInput{Grid: grid, QueryKeyValue: tp.Const(x)})
	for pixel := range 6 {
		fmt.Println(out.Tokens.Value().Row(pixel))
	}
	// Output:
	// [1.5 1]
	// [2.5 1]
	// [3.5 1]
	// [1.5 4]
	// [2.5 4]
	// [3.5 4]
}
