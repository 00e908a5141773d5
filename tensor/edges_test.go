package tensor

import (
	"math"
	"testing"
)

// The documented answers at the points where mathematics leaves a choice. What the operator table tests elsewhere keeps
// away from them.

// at returns the values of f at x and the gradient of their sum.
func at(f func(tp *Tape, x *Var) *Var, x *Tensor) (y, grad []float32) {
	tp := begin()
	v := f(tp, tp.Leaf(x)).Keep()
	tp.Backward(tp.Sum(v))
	return v.Data(), tp.Grad(x)
}

func column(v ...float32) *Tensor { return FromSlice(v, len(v), 1) }

func row(v ...float32) *Tensor { return FromSlice(v, 1, len(v)) }

func TestEdges(t *testing.T) {
	inf := float32(math.Inf(1))
	clamp := func(tp *Tape, x *Var) *Var { return tp.Clamp(x, -5, 5) }
	unit := func(tp *Tape, x *Var) *Var { return tp.UnitRows(x, 0.5) }
	most := func(tp *Tape, x *Var) *Var { return tp.Pool(x, []int{0, x.Rows()}, PoolMax) }
	largeSoftmax := func(tp *Tape, x *Var) *Var { return tp.Softmax(x) }
	for _, c := range []struct {
		name    string
		f       func(tp *Tape, x *Var) *Var
		x       *Tensor
		y, grad []float32
	}{
		{"ReLU at 0", (*Tape).ReLU, column(0), []float32{0}, []float32{0}},
		{"Abs at 0", (*Tape).Abs, column(0), []float32{0}, []float32{0}},
		{"SignedSqrt at 0", (*Tape).SignedSqrt, column(0), []float32{0}, []float32{0}},
		{"SignedSqrt near 0", (*Tape).SignedSqrt, column(1e-20, -1e-20), []float32{1e-10, -1e-10}, []float32{5e9, 5e9}},
		{"ELU at 0", (*Tape).ELU, column(0), []float32{0}, []float32{1}},
		{"Exp far out", (*Tape).Exp, column(-100, 100), []float32{3.783506e-44, inf}, []float32{3.783506e-44, inf}},
		{"Sigmoid far out", (*Tape).Sigmoid, column(-100, 100), []float32{3.783506e-44, 1}, []float32{3.783506e-44, 0}},
		{"Tanh far out", (*Tape).Tanh, column(-100, 100), []float32{-1, 1}, []float32{0, 0}},
		{"GELU far out", (*Tape).GELU, column(-100, 100), []float32{0, 100}, []float32{0, 1}},
		{"SiLU far out", (*Tape).SiLU, column(-200, 200), []float32{0, 200}, []float32{0, 1}},
		{"Softplus far out", (*Tape).Softplus, column(-100, 100), []float32{3.783506e-44, 100}, []float32{3.783506e-44, 1}},
		{"GELUTanh far out", (*Tape).GELUTanh, column(-100, 100), []float32{0, 100}, []float32{0, 1}},
		{"SquaredReLU at 0", (*Tape).SquaredReLU, column(0), []float32{0}, []float32{0}},
		{"Log at 0 and far out", (*Tape).Log, column(0, 1e-40, 3e38), []float32{-inf, -92.10341, 88.59679}, []float32{inf, inf, 3.3333333e-39}},
		{"Sqrt at 0", (*Tape).Sqrt, column(0, 4), []float32{0, 2}, []float32{inf, 0.25}},
		{"Sin of large angles", (*Tape).Sin, column(1e5, 1e10), []float32{0.035748798, -0.48750603}, []float32{-0.9993608, 0.8731196}},
		{"Cos of large angles", (*Tape).Cos, column(1e5, 1e10), []float32{-0.9993608, 0.8731196}, []float32{-0.035748798, 0.48750603}},
		{"Clamp at its ends", clamp, column(-5, 5, -5.5, 6), []float32{-5, 5, -5, 5}, []float32{1, 1, 0, 0}},
		{"UnitRows of zeros", unit, row(0, 0), []float32{0, 0}, []float32{2, 2}},
		{"UnitRows at eps", unit, row(0.5, 0), []float32{1, 0}, []float32{0, 2}},
		{"PoolMax of equals", most, column(1, 3, 3, 2), []float32{3}, []float32{0, 1, 0, 0}},
		{"Softmax of a masked row", largeSoftmax, row(-inf, -inf), []float32{0, 0}, []float32{0, 0}},
		{"Softmax of a masked element", largeSoftmax, row(0, -inf, 0), []float32{0.5, 0, 0.5}, []float32{0, 0, 0}},
		{"Softmax of large scores", largeSoftmax, row(1e30, 1e30), []float32{0.5, 0.5}, []float32{0, 0}},
		{"LogSoftmax of a masked row", (*Tape).LogSoftmax, row(-inf, -inf), []float32{-inf, -inf}, []float32{0, 0}},
		{"LogSoftmax of a masked element", (*Tape).LogSoftmax, row(0, -inf, 0), []float32{-math.Ln2, -inf, -math.Ln2}, []float32{-0.5, 1, -0.5}},
		{"LogSoftmax of large scores", (*Tape).LogSoftmax, row(1e30, 1e30), []float32{-math.Ln2, -math.Ln2}, []float32{0, 0}},
		{"Softmax over one key", largeSoftmax, row(7), []float32{1}, []float32{0}},
		{"Mean of nothing", (*Tape).Mean, New(0, 3), []float32{0}, nil},
	} {
		y, grad := at(c.f, c.x)
		if !close32(y, c.y) || !close32(grad, c.grad) {
			t.Errorf("%s: values %v and gradient %v, want %v and %v", c.name, y, grad, c.y, c.grad)
		}
	}
}

// close32 reports whether all elements agree to float32 accuracy; numbers below the normal range to their last bits.
func close32(got, want []float32) bool {
	if len(got) != len(want) {
		return false
	}
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		if got[i] != w && !(d <= 1e-6*math.Abs(float64(w)) || d < 5e-45) {
			return false
		}
	}
	return true
}

func TestNormalisationOfConstants(t *testing.T) {
	b, ones := FromSlice([]float32{0.5, -2, 3}, 3), FromSlice([]float32{1, 1, 1}, 3)
	for _, c := range []struct {
		name string
		f    func(tp *Tape, x *Var) *Var
		x    *Tensor
	}{
		{"LayerNorm of a constant row", func(tp *Tape, x *Var) *Var {
			return tp.LayerNorm(x, tp.Leaf(ones), tp.Leaf(b), 1e-5)
		}, row(7, 7, 7)},
		{"BatchNorm of one row", func(tp *Tape, x *Var) *Var {
			return tp.BatchNorm(x, tp.Leaf(ones), tp.Leaf(b), NormStats{Eps: 1e-5})
		}, row(1, 0, -1)},
	} {
		y, grad := at(c.f, c.x)
		for i, v := range y {
			if math.Abs(float64(v-b.data[i])) > 1e-4 || math.Abs(float64(grad[i])) > 1e-3 {
				t.Errorf("%s: values %v and gradient %v, want %v and zeros", c.name, y, grad, b.data)
				break
			}
		}
	}
}

// TestBatchNormStatistics holds how the running statistics move.
func TestBatchNormStatistics(t *testing.T) {
	run := func(x *Tensor, train bool) NormStats {
		stats := NormStats{Mean: FromSlice([]float32{10}, 1), Var: FromSlice([]float32{4}, 1), Momentum: 0.25, Eps: 1e-5}
		tp, one := NewTape(), FromSlice([]float32{1}, 1)
		tp.Begin(Pass{Train: train})
		tp.BatchNorm(tp.Const(x), tp.Const(one), tp.Const(one), stats)
		return stats
	}
	for _, c := range []struct {
		name           string
		x              *Tensor
		train          bool
		mean, variance float32
	}{
		{"training", column(1, 3, 5), true, 0.75*10 + 0.25*3, 0.75*4 + 0.25*4}, // the unbiased variance of 1, 3, 5 is 4
		{"evaluation", column(1, 3, 5), false, 10, 4},
		{"one row", column(6), true, 0.75*10 + 0.25*6, 0.75 * 4},
		{"no rows", New(0, 1), true, 10, 4},
	} {
		s := run(c.x, c.train)
		if !close32(s.Mean.data, []float32{c.mean}) || !close32(s.Var.data, []float32{c.variance}) {
			t.Errorf("%s: mean %v and variance %v, want %v and %v", c.name, s.Mean, s.Var, c.mean, c.variance)
		}
	}
}

// TestBatchNormFarFromZero holds that columns far from zero keep their variance: of 1e4 + {0, 1} it is 1/4.
func TestBatchNormFarFromZero(t *testing.T) {
	x := New(1000, 1)
	for i := range x.data {
		x.data[i] = 1e4 + float32(i%2)
	}
	stats := NormStats{Mean: New(1), Var: New(1), Momentum: 1, Eps: 1e-5}
	tp, one := begin(), FromSlice([]float32{1}, 1)
	y := tp.BatchNorm(tp.Const(x), tp.Const(one), tp.Const(New(1)), stats)
	if v := float64(stats.Var.data[0]); math.Abs(v-0.25*1000/999) > 1e-6 {
		t.Errorf("variance %v, want 0.25", v)
	}
	for i, v := range y.Data() {
		if want := float64(2*(i%2) - 1); math.Abs(float64(v)-want) > 2e-3 {
			t.Fatalf("row %d is %v, want %v", i, v, want)
		}
	}
}

func TestPoolingText(t *testing.T) {
	for _, want := range []Pooling{PoolSum, PoolMean, PoolMax} {
		text, err := want.MarshalText()
		got := Pooling(-1)
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Errorf("%v is written as %q (%v) and read as %v", want, text, err, got)
		}
	}
	if _, err := Pooling(7).MarshalText(); err == nil {
		t.Error("a pooling without a name was written")
	}
	p := PoolMean
	err := p.UnmarshalText([]byte("men"))
	if want := `unknown pooling "men"; did you mean "mean"? (known: sum, mean, max)`; err == nil || err.Error() != want || p != PoolMean {
		t.Errorf("got %v and %v, want %s and the value as it was", err, p, want)
	}
}

// A column without variance has x̂ = 0 whatever its value: the result is the bias to the last bit, the gradient of x zero.
func TestBatchNormOfOneRowIsTheBias(t *testing.T) {
	x, w, b := FromSlice([]float32{3.7, -1234.5, 1e-20}, 1, 3), FromSlice([]float32{2, -3, 1e6}, 3), FromSlice([]float32{0.1, -7, 5}, 3)
	tp := NewTape()
	tp.Begin(Pass{Train: true, Grad: true})
	y := tp.BatchNorm(tp.Leaf(x), tp.Leaf(w), tp.Leaf(b), NormStats{Eps: 1e-5})
	for c, got := range y.Data() {
		if got != b.Data()[c] {
			t.Errorf("column %d: got %v, want the bias %v", c, got, b.Data()[c])
		}
	}
	tp.Backward(tp.Sum(y))
	for c, g := range tp.Grad(x) {
		if g != 0 {
			t.Errorf("column %d: gradient of x is %v, want 0", c, g)
		}
	}
}
