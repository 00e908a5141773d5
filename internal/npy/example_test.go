package npy_test

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/npy"
)

func ExampleRead() {
	const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
	file := "\x93NUMPY\x01\x00" + string(rune(len(dictionary))) + "\x00" + dictionary + "\x00\x00\x80\x3f\x00\x00\x00\x40"
	shape, values, err := npy.Read(strings.NewReader(file))
	fmt.Println(shape, values, err)
	// Output: [1 2] [1 2] <nil>
}
