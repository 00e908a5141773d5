// Package appendjson appends JSON arrays and numbers to byte slices, for writers of JSON Lines that make many of them.
//
// [List] writes an array of anything, [Floats] one of float32 numbers, [Float] one number: the shortest text that reads
// back as the same float32.
//
//	line = appendjson.Floats(append(line, `"y":`...), g.Target)
//
// # Errors
//
// There are none: what JSON has no number for is written as null.
//
// # Imports
//
// The standard library.
package appendjson

import (
	"math"
	"strconv"
)

// List appends an array of n items, each appended by item.
func List(b []byte, n int, item func(b []byte, i int) []byte) []byte {
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	return append(b, ']')
}

// Floats appends an array of numbers.
func Floats(b []byte, v []float32) []byte {
	return List(b, len(v), func(b []byte, i int) []byte { return Float(b, v[i]) })
}

// Float appends the shortest text that reads back as the same float32, and null for NaN and the infinities.
func Float(b []byte, v float32) []byte {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, float64(v), 'g', -1, 32)
}
