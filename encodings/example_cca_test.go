package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
)

// Two tokens of text, an image of 4 by 4 patches, and text about it: the image takes two places in place of sixteen.
func ExampleConcentric() {
	places := encodings.Concentric(2, 4, 4, 3)
	fmt.Println("text ", places[:2])
	for row := range 4 {
		fmt.Println("image", places[2+4*row:][:4])
	}
	fmt.Println("text ", places[18:])
	// Output:
	// text  [0 1]
	// image [2 2 2 2]
	// image [2 3 3 2]
	// image [2 3 3 2]
	// image [2 2 2 2]
	// text  [4 5 6]
}
