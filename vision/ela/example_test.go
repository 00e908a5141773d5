package ela_test

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision/ela"
)

// A gate behind a convolution of 64 channels. Before training, a map that is the same everywhere passes at a quarter: half
// of it by rows, half of that by columns.
func Example() {
	init := nn.NewInit(1)
	gate, err := ela.New(ela.Config{Kernel: 1, NormGroups: 64}, 64, init)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(nn.Collect(gate).Count(), "parameters")

	grid := tensor.NewGrid(1, tensor.Size{Height: 3, Width: 5})
	x := tensor.New(grid.Rows(), 64)
	x.Fill(1)
	tp := tensor.NewTape()
	y := gate.Apply(tp, tp.Const(x), grid)
	fmt.Printf("%v %.3f\n", y.Shape(), y.Value().At(7, 0))

	_, err = ela.New(ela.S(), 12, init)
	fmt.Println(err)

	// Output:
	// 192 parameters
	// [15 64] 0.250
	// ela: groupWidth 8 does not divide 12 channels: choose 6, or Fit the configuration
}
