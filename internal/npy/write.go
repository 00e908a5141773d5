package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// alignment is what numbers begin at a multiple of.
const alignment = 64

// Write writes an array of float32 of a shape, version 1 of the format. It panics where the shape has another number of
// elements.
func Write(out io.Writer, shape []int, values []float32) error {
	count, text := 1, ""
	for _, n := range shape {
		count *= n
		text += fmt.Sprintf("%d, ", n)
	}
	if count != len(values) {
		panic(fmt.Sprintf("npy: Write: %d numbers of shape %v", len(values), shape))
	}
	if len(shape) > 1 {
		text = strings.TrimSuffix(text, ", ") // a tuple of one keeps its comma
	}
	text = strings.TrimSuffix(text, " ")
	dictionary := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", text)
	before := len(magic) + 4
	dictionary += strings.Repeat(" ", alignment-1-(before+len(dictionary))%alignment) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(dictionary)))
	if _, err := out.Write(append(head, dictionary...)); err != nil {
		return err
	}
	return binary.Write(out, binary.LittleEndian, values)
}
