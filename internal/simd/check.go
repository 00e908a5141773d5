package simd

import "fmt"

// The checks are small so that the compiler inlines them; the panics are apart so that it does not inline those.

func sameLen(op string, a, b int) {
	if a != b {
		panicLen(op, a, b)
	}
}

func panicLen(op string, a, b int) {
	panic(fmt.Sprintf("simd: %s: slices of lengths %d and %d, expected equal lengths", op, a, b))
}

// atLeast checks that the named slice holds need elements.
func atLeast(op, name string, have, need int) {
	if have < need {
		panicShort(op, name, have, need)
	}
}

func panicShort(op, name string, have, need int) {
	panic(fmt.Sprintf("simd: %s: %s has %d elements, expected at least %d", op, name, have, need))
}

// matrix checks that the named slice holds rows rows of cols elements, ld apart.
func matrix(op, name string, have, rows, cols, ld int) {
	if rows < 0 || cols < 0 || ld < cols || (rows > 0 && cols > 0 && have < (rows-1)*ld+cols) {
		panicMatrix(op, name, have, rows, cols, ld)
	}
}

func panicMatrix(op, name string, have, rows, cols, ld int) {
	if rows < 0 || cols < 0 || ld < cols {
		panic(fmt.Sprintf("simd: %s: %s is [%d, %d] with row stride %d, expected sizes of at least 0 and a stride of at least the columns",
			op, name, rows, cols, ld))
	}
	panic(fmt.Sprintf("simd: %s: %s has %d elements, expected at least %d for [%d, %d] with row stride %d",
		op, name, have, (rows-1)*ld+cols, rows, cols, ld))
}
