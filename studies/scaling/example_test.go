package scaling_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/studies/scaling"
)

// What would not fit is left out, and said: GRIT has features for all pairs of nodes.
func ExampleStudy_Run() {
	s := scaling.Study{Models: []string{"grit"}, Nodes: []int{100_000}, MaxMemory: 8e9}
	points, err := s.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		fmt.Println(p.Model, p.Nodes, p.Edges, p.Measured(), p.Predicted > 1e12)
	}
	// Output: grit 100000 1000000 false true
}

// Twice the nodes take four times as long, and twice the memory.
func ExampleFits() {
	for _, f := range scaling.Fits([]scaling.Point{
		{Model: "transformer", Nodes: 1000, Seconds: 0.5, PeakBytes: 1 << 28},
		{Model: "transformer", Nodes: 2000, Seconds: 2, PeakBytes: 1 << 29},
	}) {
		fmt.Printf("%s %.2f %.2f\n", f.Model, f.TimeOrder, f.MemoryOrder)
	}
	// Output: transformer 2.00 1.00
}
