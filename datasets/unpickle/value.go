package unpickle

import (
	"encoding/binary"
	"fmt"
	"math"
)

// List is a list of Python.
type List []any

// Tuple is a tuple of Python.
type Tuple []any

// Entry is a key of a dict and its value.
type Entry struct{ Key, Value any }

// Dict is a dict of Python, in the order in which it was filled; where a key was set
// twice the last entry counts.
type Dict []Entry

// Get gives the value of a key.
func (d Dict) Get(key string) (any, bool) {
	for i := len(d) - 1; i >= 0; i-- {
		if k, ok := d[i].Key.(string); ok && k == key {
			return d[i].Value, true
		}
	}
	return nil, false
}

// Kind is the type of an array's numbers.
type Kind int

// The kinds. Unsigned integers and booleans come as Int8 to Int64.
const (
	Int8 Kind = iota
	Int16
	Int32
	Int64
	Float32
	Float64
)

var kindNames = [...]string{"int8", "int16", "int32", "int64", "float32", "float64"}

// String names the kind.
func (k Kind) String() string {
	if k < Int8 || k > Float64 {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return kindNames[k]
}

var kindBytes = [...]int{1, 2, 4, 8, 4, 8}

// Array is an array of numpy or a tensor of PyTorch.
type Array struct {
	Kind  Kind
	Shape []int
	raw   []byte // little-endian, the last dimension varying fastest
}

// Len is the number of elements.
func (a *Array) Len() int { return len(a.raw) / kindBytes[a.Kind] }

// Float gives an element, counted over the flattened array.
func (a *Array) Float(i int) float64 {
	switch a.Kind {
	case Float32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(a.raw[4*i:])))
	case Float64:
		return math.Float64frombits(binary.LittleEndian.Uint64(a.raw[8*i:]))
	}
	return float64(a.Int(i))
}

// Int gives an element, counted over the flattened array; of a float that is no whole
// number (see Whole) the fraction is dropped.
func (a *Array) Int(i int) int64 {
	switch a.Kind {
	case Int8:
		return int64(int8(a.raw[i]))
	case Int16:
		return int64(int16(binary.LittleEndian.Uint16(a.raw[2*i:])))
	case Int32:
		return int64(int32(binary.LittleEndian.Uint32(a.raw[4*i:])))
	case Int64:
		return int64(binary.LittleEndian.Uint64(a.raw[8*i:]))
	}
	return int64(a.Float(i))
}

// Whole tells whether all elements are whole numbers below 2^53, so that Int gives them
// exactly.
func (a *Array) Whole() bool {
	if a.Kind < Float32 {
		return true
	}
	for i := range a.Len() {
		if v := a.Float(i); v != math.Trunc(v) || math.Abs(v) >= 1<<53 {
			return false
		}
	}
	return true
}

// narrowest is the smallest type that holds all integers from least to most.
func narrowest(least, most int64) Kind {
	switch {
	case least >= math.MinInt8 && most <= math.MaxInt8:
		return Int8
	case least >= math.MinInt16 && most <= math.MaxInt16:
		return Int16
	case least >= math.MinInt32 && most <= math.MaxInt32:
		return Int32
	}
	return Int64
}

// append adds an integer that the kind holds.
func (a *Array) append(v int64) {
	switch a.Kind {
	case Int8:
		a.raw = append(a.raw, byte(v))
	case Int16:
		a.raw = binary.LittleEndian.AppendUint16(a.raw, uint16(v))
	case Int32:
		a.raw = binary.LittleEndian.AppendUint32(a.raw, uint32(v))
	default:
		a.raw = binary.LittleEndian.AppendUint64(a.raw, uint64(v))
	}
}

// Sparse is a matrix of scipy in compressed rows: row i has the values Data[k] in the
// columns Indices[k] for k from Offsets[i] to Offsets[i+1]. That these are in range has
// been checked.
type Sparse struct {
	Rows, Cols int
	Data       *Array
	Indices    *Array
	Offsets    *Array
}

// Error is a pickle that cannot be read.
type Error struct {
	Offset int64  // of the opcode at fault, in bytes
	Reason string // what is wrong
	Err    error  // the cause; may be nil
}

// Error gives place and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("unpickle: byte %d: %s", e.Offset, e.Reason)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
