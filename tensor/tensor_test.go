package tensor

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestTensorViews(t *testing.T) {
	for _, c := range []struct {
		shape            []int
		rows, cols, size int
	}{
		{nil, 1, 1, 1}, {[]int{5}, 5, 1, 5}, {[]int{2, 3}, 2, 3, 6}, {[]int{2, 3, 4}, 2, 12, 24}, {[]int{0, 3}, 0, 3, 0}, {[]int{3, 0}, 3, 0, 0},
	} {
		x := New(c.shape...)
		if x.Rows() != c.rows || x.Cols() != c.cols || x.Size() != c.size || x.Dims() != len(c.shape) || len(x.Data()) != c.size {
			t.Errorf("%v: %d rows, %d columns, %d elements, %d dimensions", c.shape, x.Rows(), x.Cols(), x.Size(), x.Dims())
		}
	}
}

func TestTensorElements(t *testing.T) {
	x := FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	x.Set(9, 1, 0)
	if x.At(1, 0) != 9 || x.At(0, 2) != 3 || Scalar(4).At() != 4 {
		t.Errorf("elements of %v are not where they belong", x)
	}
	if r := x.Row(1); !sameBits(r, []float32{9, 5, 6}) || cap(r) != 3 {
		t.Errorf("row 1 is %v of capacity %d", r, cap(r))
	}
	y := x.Clone()
	y.Fill(7)
	if x.At(0, 0) != 1 {
		t.Error("a clone shares memory")
	}
	x.CopyFrom(y)
	if x.At(1, 2) != 7 {
		t.Errorf("CopyFrom left %v", x)
	}
	z := x.Reshape(3, 2)
	z.Zero()
	if x.At(1, 2) != 0 || z.Rows() != 3 {
		t.Error("Reshape does not share memory")
	}
}

func TestTensorString(t *testing.T) {
	for want, x := range map[string]*Tensor{
		"[2x2][1 1 1 1]":         ones(2, 2),
		"[8][1 1 1 1 1 1 ...]":   ones(8),
		"[][1]":                  Scalar(1),
		"[0x3][]":                New(0, 3),
		"[1x6][1 1 1 1 1 1]":     ones(1, 6),
		"[7x1][1 1 1 1 1 1 ...]": ones(7, 1),
	} {
		if got := x.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func ones(shape ...int) *Tensor {
	t := New(shape...)
	t.Fill(1)
	return t
}

func TestTensorRefuses(t *testing.T) {
	x := New(2, 3)
	for want, f := range map[string]func(){
		"tensor: New: negative dimension in shape [2x-1]":                        func() { New(2, -1) },
		"tensor: FromSlice: 5 values do not fill shape [2x3] (6)":                func() { FromSlice(make([]float32, 5), 2, 3) },
		"tensor: At: 1 indices for shape [2x3]":                                  func() { x.At(1) },
		"tensor: At: index [1 3] is outside shape [2x3]":                         func() { x.At(1, 3) },
		"tensor: Set: index [-1 0] is outside shape [2x3]":                       func() { x.Set(1, -1, 0) },
		"tensor: Row: 2 is outside shape [2x3]":                                  func() { x.Row(2) },
		"tensor: CopyFrom: shapes [2x3] and [3x2] differ":                        func() { x.CopyFrom(New(3, 2)) },
		"tensor: Reshape: shape [5] does not hold the 6 elements of shape [2x3]": func() { x.Reshape(5) },
	} {
		wantPanic(t, want, f)
	}
}

func TestMatrixBridge(t *testing.T) {
	d := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	x := FromMatrix(d)
	if !sameShape(x.Shape(), []int{2, 3}) || x.At(1, 0) != 4 {
		t.Fatalf("got %v", x)
	}
	m := x.Matrix()
	if !mat.Equal(m, d) || !mat.Equal(m.T(), d.T()) {
		t.Error("the view differs from the matrix")
	}
	x.Set(8, 0, 1)
	if m.At(0, 1) != 8 {
		t.Error("the view does not show a change")
	}
	if r, c := New(2, 3, 4).Matrix().Dims(); r != 2 || c != 12 {
		t.Errorf("three dimensions are seen as %d by %d, want 2 by 12", r, c)
	}
	defer func() {
		if got := recover(); got != mat.ErrIndexOutOfRange {
			t.Errorf("panic %v, want gonum's", got)
		}
	}()
	m.At(0, 3)
}

func TestPoolingNames(t *testing.T) {
	for want, p := range map[string]Pooling{"sum": PoolSum, "mean": PoolMean, "max": PoolMax, "Pooling(7)": 7} {
		if p.String() != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
}
