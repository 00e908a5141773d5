package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
)

// How a cell of an image is written before it is read: row, then column, with as many digits as the largest needs.
func ExampleSeqPE_Digits() {
	images := encodings.SeqPEViTS()
	digits, _, err := images.Digits(3, 12)
	fmt.Println(digits, err)
	_, _, err = images.Digits(3, 112)
	fmt.Println(err)
	// Output:
	// [0 3 1 2] <nil>
	// encodings: seqpe: coordinate 112 has more digits than MaxDigits 2: raise it, or MaxPosition
}
