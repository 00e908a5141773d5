package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// A question, a table of two rows and two columns, and an answer, read row by row and column by column.
func ExampleTwoOrder() {
	rows := []int32{0, 1, 2, 3, 4, 5}
	columns := []int32{0, 1, 3, 2, 4, 5}
	table, err := encodings.InOrders([]int{0, 6}, rows, columns)
	if err != nil {
		fmt.Println(err)
		return
	}
	if table, err = table.WithSpans([][2]int{{1, 5}}); err != nil {
		fmt.Println(err)
		return
	}
	encoder, err := encodings.TwoOrder{}.New(encodings.Dims{Width: 8, Heads: 2}, nn.NewInit(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true})
	positions, err := encoder.Begin(tp, table)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(6, 8)
	nn.NewInit(2).Normal(x, 1)
	h := tp.Const(x)
	a := &encodings.Attention{Input: h, Softmax: attention.Softmax{Heads: 2},
		SoftmaxInput: attention.SoftmaxInput{Queries: table.Offsets, Query: h, Key: h, Value: h}}
	fmt.Println("result", a.Run(tp, positions).Shape())
	fmt.Println("routing", positions.(encodings.Routed).Routing(0).Shape())
	fmt.Printf("entropy %.2f of at most 0.69\n", positions.Loss(tp).Data()[0])
	// Output:
	// result [6 8]
	// routing [6 2 2]
	// entropy 0.69 of at most 0.69
}
