package encodings

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// testRouter returns a router for heads of dim channels with biases that are not zero.
func testRouter(dim, width int) *orderRouter {
	init := nn.NewInit(5)
	linear := func(in, out int) *nn.Linear {
		l := &nn.Linear{Weight: tensor.New(out, in), Bias: tensor.New(out)}
		init.Normal(l.Weight, 0.6)
		init.Normal(l.Bias, 0.4)
		return l
	}
	return &orderRouter{linear(dim, width), linear(dim, width), linear(width, orders)}
}

// plain is what the router says, operation by operation of the tape.
func (r *orderRouter) plain(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	z := tp.Reshape(x, len(x.Data())/r.gate.Weight.Cols(), r.gate.Weight.Cols())
	return tp.Softmax(r.down.Apply(tp, tp.Mul(tp.SiLU(r.gate.Apply(tp, z)), r.up.Apply(tp, z))))
}

// The fused router gives what its formula says, and the same gradients, for numbers of rows around the sizes of its
// blocks and pieces, with the same bits for any number of workers.
func TestOrderRouter(t *testing.T) {
	for _, c := range []struct{ tokens, heads, dim, width int }{
		{0, 2, 4, 8}, {1, 1, 2, 3}, {7, 3, 5, 20}, {48, 2, 8, 32}, {97, 1, 6, 24}, {1700, 1, 3, 7},
	} {
		r := testRouter(c.dim, c.width)
		x, dy := normalTensor(2, c.tokens, c.heads*c.dim), normalTensor(3, c.tokens*c.heads, orders)
		params := nn.Collect(r).All()
		run := func(apply func(tp *tensor.Tape, x *tensor.Var) *tensor.Var) (list [][]float32) {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			v := tp.Leaf(x)
			twice := tp.Scale(v, 2) // whose gradient the router writes first; that of v is added to
			y := tp.Add(apply(tp, v), apply(tp, twice)).Keep()
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(dy))))
			list = append(list, slices.Clone(y.Data()), slices.Clone(tp.Grad(x)))
			for _, p := range params {
				list = append(list, slices.Clone(tp.Grad(p.Tensor)))
			}
			return list
		}
		want, got := run(r.plain), run(r.apply)
		for k := range want {
			size := 0.0
			for _, v := range want[k] {
				size = max(size, math.Abs(float64(v)))
			}
			if d := farthest(want[k], got[k]); len(want[k]) != len(got[k]) || d > 1e-5*max(size, 1e-6) && size > 1e-5 {
				t.Errorf("%+v: number %d differs by %v of %v", c, k, d, size)
			}
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
		for k, other := range run(r.apply) {
			if !slices.Equal(other, got[k]) {
				t.Errorf("%+v: number %d has other bits with three workers", c, k)
			}
		}
	}
}

// Arranging in reading order and back changes nothing, and the mixture reads rows where they lie.
func TestReadingOrder(t *testing.T) {
	l := sequences([]int{0, 4, 4, 7}, nil)
	o := newReadingOrder(l, []int32{2, 0, 3, 1, 0, 2, 1})
	x, w, dy := normalTensor(1, 7, 6), normalTensor(2, 14, orders), normalTensor(3, 7, 6)
	run := func(arrange bool) (list [][]float32) {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		v, weights := tp.Leaf(x), tp.Leaf(w)
		first, second, reading := tp.Scale(v, 3), tp.Add(v, v), [orders]readingOrder{}
		if arrange {
			first, second, reading = o.arrange(tp, first), o.arrange(tp, second), [orders]readingOrder{o, o}
		}
		y := mixOrders(tp, 2, weights, [orders]*tensor.Var{first, second}, reading).Keep()
		tp.Backward(tp.Sum(tp.Mul(y, tp.Const(dy))))
		return append(list, slices.Clone(y.Data()), slices.Clone(tp.Grad(x)), slices.Clone(tp.Grad(w)))
	}
	want, got := run(false), run(true)
	for k := range want {
		if !slices.Equal(want[k], got[k]) {
			t.Errorf("number %d: %v in reading order, want %v", k, got[k], want[k])
		}
	}
	for i, v := range want[0] {
		if u := x.Data()[i] * (3*w.Data()[i/3*2] + 2*w.Data()[i/3*2+1]); math.Abs(float64(u-v)) > 1e-5 {
			t.Errorf("mixture %v at %d, want %v", v, i, u)
		}
	}
	if same := newReadingOrder(l, []int32{0, 1, 2, 3, 0, 1, 2}); same.from != nil {
		t.Error("tokens that lie as they are read are arranged")
	}
}

// The entropy is that of the operations of the tape, with its gradients.
func TestRoutingEntropy(t *testing.T) {
	for _, rows := range []int{0, 1, 7, 5000} {
		x := normalTensor(1, rows, orders)
		share := normalTensor(2, rows+1).Data()[:rows]
		if rows == 7 {
			copy(x.Data(), []float32{90, -90, 0, 0, -200, 200})
		}
		run := func(entropy func(tp *tensor.Tape, r *tensor.Var) *tensor.Var) (value float32, grad []float32) {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			y := entropy(tp, tp.Softmax(tp.Leaf(x))).Keep()
			tp.Backward(tp.Scale(y, 3))
			return y.Data()[0], slices.Clone(tp.Grad(x))
		}
		want, dwant := run(func(tp *tensor.Tape, r *tensor.Var) *tensor.Var {
			r = tp.Clamp(r, leastRouting, 1)
			return tp.Scale(tp.Sum(tp.ScaleRows(tp.Mul(r, tp.Log(r)), share)), -1)
		})
		got, dgot := run(func(tp *tensor.Tape, r *tensor.Var) *tensor.Var { return entropyOf(tp, r, share) })
		if math.Abs(float64(want-got)) > 1e-5*(1+math.Abs(float64(want))) || len(dwant) != len(dgot) || farthest(dwant, dgot) > 1e-5 {
			t.Errorf("%d rows: entropy %v, want %v; gradients differ by %v", rows, got, want, farthest(dwant, dgot))
		}
	}
}
