package splitmix_test

import (
	"fmt"

	"github.com/graft-ml/graft/internal/splitmix"
)

// The first numbers of the stream of seed 1234567, as published with the reference code.
func Example() {
	state := uint64(1234567)
	for range 3 {
		fmt.Println(splitmix.Mix(state))
		state += splitmix.Step
	}
	// Output:
	// 6457827717110365317
	// 3203168211198807973
	// 9817491932198370423
}
