package tensor

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Tensor is a dense, row-major array of float32 with a shape. The zero-dimensional shape () is a scalar of size 1;
// a shape may hold zeros (a batch without pairs, say), which makes an array without elements.
//
// A Tensor does not know of gradients: those belong to a [Tape].
type Tensor struct {
	shape []int
	data  []float32
}

// New returns a tensor of zeros. A negative dimension panics.
func New(shape ...int) *Tensor {
	return &Tensor{shape: append([]int(nil), shape...), data: make([]float32, sizeOf("New", shape))}
}

// FromSlice returns a tensor over data, without copying it; len(data) must be the product of shape.
func FromSlice(data []float32, shape ...int) *Tensor {
	if n := sizeOf("FromSlice", shape); n != len(data) {
		panic(fmt.Sprintf("tensor: FromSlice: %d values do not fill shape %s (%d)", len(data), shapeString(shape), n))
	}
	return &Tensor{shape: append([]int(nil), shape...), data: data}
}

// Scalar returns a tensor of shape () that holds v.
func Scalar(v float32) *Tensor { return &Tensor{data: []float32{v}} }

// FromMatrix returns a [rows, cols] tensor with the values of m, rounded to float32.
func FromMatrix(m mat.Matrix) *Tensor {
	r, c := m.Dims()
	t := New(r, c)
	for i := 0; i < r; i++ {
		row := t.data[i*c : (i+1)*c]
		for j := range row {
			row[j] = float32(m.At(i, j))
		}
	}
	return t
}

// Matrix returns t as a gonum matrix of t.Rows() by t.Cols() that reads t's memory: later changes of t show in it.
func (t *Tensor) Matrix() mat.Matrix { return matrixView{t} }

// matrixView lets gonum read a tensor without a copy.
type matrixView struct{ t *Tensor }

func (m matrixView) Dims() (r, c int) { return m.t.Rows(), m.t.Cols() }

func (m matrixView) At(i, j int) float64 {
	r, c := m.Dims()
	if i < 0 || i >= r || j < 0 || j >= c {
		panic(mat.ErrIndexOutOfRange)
	}
	return float64(m.t.data[i*c+j])
}

func (m matrixView) T() mat.Matrix { return mat.Transpose{Matrix: m} }

// Shape returns the dimensions. The slice is the tensor's own: do not change it.
func (t *Tensor) Shape() []int { return t.shape }

// Data returns the values in row-major order. The slice is the tensor's own memory.
func (t *Tensor) Data() []float32 { return t.data }

// Size returns the number of elements.
func (t *Tensor) Size() int { return len(t.data) }

// Dims returns the number of dimensions.
func (t *Tensor) Dims() int { return len(t.shape) }

// Rows returns the first dimension, 1 for a scalar: the number of rows when the tensor is seen as a matrix.
func (t *Tensor) Rows() int {
	if len(t.shape) == 0 {
		return 1
	}
	return t.shape[0]
}

// Cols returns the product of all dimensions but the first: the width of a row when the tensor is seen as a matrix.
func (t *Tensor) Cols() int {
	n := 1
	for i := 1; i < len(t.shape); i++ {
		n *= t.shape[i]
	}
	return n
}

// Row returns the memory of row i of the matrix view.
func (t *Tensor) Row(i int) []float32 {
	c := t.Cols()
	if i < 0 || i >= t.Rows() {
		panic(fmt.Sprintf("tensor: Row: %d is outside shape %s", i, shapeString(t.shape)))
	}
	return t.data[i*c : (i+1)*c : (i+1)*c]
}

// At returns the element at the index, one number a dimension.
func (t *Tensor) At(index ...int) float32 { return t.data[t.offset("At", index)] }

// Set stores v at the index, one number a dimension.
func (t *Tensor) Set(v float32, index ...int) { t.data[t.offset("Set", index)] = v }

func (t *Tensor) offset(op string, index []int) int {
	if len(index) != len(t.shape) {
		panic(fmt.Sprintf("tensor: %s: %d indices for shape %s", op, len(index), shapeString(t.shape)))
	}
	at := 0
	for i, x := range index {
		if x < 0 || x >= t.shape[i] {
			panic(fmt.Sprintf("tensor: %s: index %v is outside shape %s", op, index, shapeString(t.shape)))
		}
		at = at*t.shape[i] + x
	}
	return at
}

// Clone returns a tensor of the same shape with its own copy of the values.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{shape: append([]int(nil), t.shape...), data: append([]float32(nil), t.data...)}
}

// CopyFrom copies the values of o, which must have the same shape.
func (t *Tensor) CopyFrom(o *Tensor) {
	mustSameShape("CopyFrom", t.shape, o.shape)
	copy(t.data, o.data)
}

// Reshape returns a tensor over the same memory with another shape of the same size.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	if sizeOf("Reshape", shape) != len(t.data) {
		panic(fmt.Sprintf("tensor: Reshape: shape %s does not hold the %d elements of shape %s", shapeString(shape), len(t.data), shapeString(t.shape)))
	}
	return &Tensor{shape: append([]int(nil), shape...), data: t.data}
}

// Zero sets every element to 0.
func (t *Tensor) Zero() { clear(t.data) }

// Fill sets every element to v.
func (t *Tensor) Fill(v float32) {
	for i := range t.data {
		t.data[i] = v
	}
}

// String describes the tensor by its shape and its first values.
func (t *Tensor) String() string {
	const most = 6
	n := min(len(t.data), most)
	s := fmt.Sprint(t.data[:n])
	if n < len(t.data) {
		s = strings.TrimSuffix(s, "]") + " ...]"
	}
	return shapeString(t.shape) + s
}

// sizeOf returns the number of elements of shape, and panics where a dimension is negative.
func sizeOf(op string, shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 {
			panic(fmt.Sprintf("tensor: %s: negative dimension in shape %s", op, shapeString(shape)))
		}
		n *= d
	}
	return n
}

func sameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i, d := range a {
		if d != b[i] {
			return false
		}
	}
	return true
}

func mustSameShape(op string, a, b []int) {
	if !sameShape(a, b) {
		panic(fmt.Sprintf("tensor: %s: shapes %s and %s differ", op, shapeString(a), shapeString(b)))
	}
}

func shapeString(shape []int) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", "x")
}
