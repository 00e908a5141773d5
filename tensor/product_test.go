package tensor

import (
	"fmt"
	"math"
	"testing"
)

// TestMatMulInto compares all four forms with float64 sums, and with the tape's own products bit for bit where there is one.
func TestMatMulInto(t *testing.T) {
	tp := NewTape()
	for _, s := range append(productSizes, [3]int{64, 64, 5000}, [3]int{100, 1030, 260}) {
		m, n, k := s[0], s[1], s[2]
		for _, form := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			t.Run(fmt.Sprintf("%dx%dx%d %v", m, n, k, form), func(t *testing.T) {
				a, b := random(1, m, k), random(2, k, n)
				want := product(float64s(a), float64s(b), nil, m, n, k, false)
				stored := [2]*Tensor{a, b}
				for i, transposed := range form {
					if transposed {
						stored[i] = flipped(stored[i])
					}
				}
				dst := New(m, n)
				dst.Fill(float32(math.NaN())) // what was there does not count
				tp.MatMulInto(dst, stored[0], stored[1], form[0], form[1])
				for i, w := range want {
					if got := float64(dst.data[i]); !(math.Abs(got-w) <= 1e-5*math.Sqrt(float64(k))) {
						t.Fatalf("element %d is %v, want %v", i, got, w)
					}
				}
				if form[0] {
					return
				}
				tp.Begin(Pass{})
				own := tp.product("MatMul", tp.Const(stored[0]), tp.Const(stored[1]), form[1])
				for i, w := range own.Data() {
					if dst.data[i] != w {
						t.Fatalf("element %d is %v, the tape's product has %v", i, dst.data[i], w)
					}
				}
			})
		}
	}
}

func TestMatMulIntoPanics(t *testing.T) {
	tp := NewTape()
	wantPanic(t, "tensor: MatMulInto: [2x3] times [2x3] does not give [2x3]", func() { tp.MatMulInto(New(2, 3), New(2, 3), New(2, 3), false, false) })
	wantPanic(t, "tensor: MatMulInto: [2x3] transposed times [2x4] does not give [3x5]", func() { tp.MatMulInto(New(3, 5), New(2, 3), New(2, 4), true, false) })
	wantPanic(t, "tensor: MatMulInto: [2x3] times [4x2] transposed does not give [2x4]", func() { tp.MatMulInto(New(2, 4), New(2, 3), New(4, 2), false, true) })
}

// flipped returns the transpose of a matrix.
func flipped(t *Tensor) *Tensor {
	out := New(t.Cols(), t.Rows())
	for i := range t.Rows() {
		for j := range t.Cols() {
			out.Set(t.At(i, j), j, i)
		}
	}
	return out
}

func float64s(t *Tensor) []float64 {
	out := make([]float64, len(t.data))
	for i, v := range t.data {
		out[i] = float64(v)
	}
	return out
}

// TestProductOfLargeMatrix compares a product that is cut by rows and columns with the products of a few of its rows,
// which are not, bit for bit.
func TestProductOfLargeMatrix(t *testing.T) {
	const m, n, k = gemmTileRows + 76, 4*gemmTileCols + 6, 260
	x, w, bias := random(1, m, k), random(2, n, k), random(3, n)
	tp := NewTape()
	tp.Begin(Pass{})
	all := tp.Linear(tp.Const(x), tp.Const(w), tp.Const(bias))
	for _, lo := range []int{0, gemmTileRows - 10, m - 20} {
		some := tp.Linear(tp.Const(FromSlice(x.Data()[lo*k:(lo+20)*k], 20, k)), tp.Const(w), tp.Const(bias))
		for i, want := range some.Data() {
			if got := all.Data()[lo*n+i]; got != want {
				t.Fatalf("row %d, column %d is %v, alone %v", lo+i/n, i%n, got, want)
			}
		}
	}
}
