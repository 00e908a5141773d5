package speed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/graft-ml/graft/speed"
)

// How near a product comes to what the processors could do.
func Example() {
	o := speed.Options{Names: []string{"gemm_512x64x64"}, Repeats: 1, Sample: time.Millisecond}
	err := speed.Run(context.Background(), o, func(f speed.Figure) error {
		fmt.Println(f.Name, f.Unit, "faster than nothing:", f.OfPeak > 0)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: gemm_512x64x64 GFLOP/s faster than nothing: true
}

func ExampleSelect() {
	list, err := speed.Select([]string{"gemm_[nt]*"})
	if err != nil {
		fmt.Println(err)
	}
	for _, e := range list {
		fmt.Printf("%s (%s): %s\n", e.Name, e.Unit, e.About)
	}
	// Output:
	// gemm_tn_64x64x18000 (GFLOP/s): matrix product: the gradient of a weight
	// gemm_nt_18000x64x64 (GFLOP/s): matrix product: a linear layer
}
