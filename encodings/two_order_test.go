package encodings

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// twoOrderModel is a layer of two-order attention for tests.
type twoOrderModel struct {
	d       Dims
	enc     *twoOrder
	q, k, v *nn.Linear
}

func newTwoOrderModel(t testing.TB) *twoOrderModel {
	d := Dims{Width: 16, Heads: 4, KVHeads: 2, HeadDim: 4, Layers: 2}
	init := nn.NewInit(3)
	return &twoOrderModel{d: d, enc: encoderFor(t, TwoOrder{Std: 0.7}, d).(*twoOrder),
		q: nn.NewLinearNoBias(16, 16, init), k: nn.NewLinearNoBias(16, 8, init), v: nn.NewLinearNoBias(16, 8, init)}
}

func (m *twoOrderModel) attention(tp *tensor.Tape, l *Layout, x *tensor.Tensor) *Attention {
	h := tp.Const(x)
	return &Attention{Input: h, Softmax: attention.Softmax{Heads: m.d.Heads, KVHeads: m.d.KVHeads}, SoftmaxInput: attention.SoftmaxInput{
		Queries: l.Offsets, Query: m.q.Apply(tp, h), Key: m.k.Apply(tp, h), Value: m.v.Apply(tp, h)}}
}

func (m *twoOrderModel) run(t testing.TB, l *Layout, x *tensor.Tensor) *tensor.Tensor {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	return m.attention(tp, l, x).Run(tp, beginOn(t, m.enc, tp, l)).Value()
}

// farthest returns the largest difference of two tensors.
func farthest(a, b []float32) float64 {
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(float64(a[i]-b[i])))
	}
	return d
}

// With the same order twice it is one causal attention with RoPE, whatever the router says.
func TestTwoOrderOfOneOrderIsRoPE(t *testing.T) {
	m := newTwoOrderModel(t)
	order := []int32{0, 1, 2, 3, 0, 0, 1, 2}
	table, err := InOrders([]int{0, 4, 5, 5, 8}, order, order)
	table = layoutOf(t, table, err)
	x := normalTensor(1, 8, 16)
	got := m.run(t, table, x)

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	l := table.Flat()
	a := m.attention(tp, l, x)
	a.Mask.Causal = true
	want := a.Run(tp, beginOn(t, encoderFor(t, RoPE{}, m.d), tp, l)).Value()
	if d := farthest(got.Data(), want.Data()); d > 1e-6 {
		t.Errorf("differs from RoPE by %v", d)
	}
}

// The masks follow the orders: the tokens may lie in memory as they like.
func TestTwoOrderIgnoresTheMemory(t *testing.T) {
	m := newTwoOrderModel(t)
	rows, cols := []int32{0, 1, 2, 3, 4, 5, 0}, []int32{0, 2, 4, 1, 3, 5, 0}
	offsets := []int{0, 6, 7}
	x := normalTensor(1, 7, 16)
	table, err := InOrders(offsets, rows, cols)
	want := m.run(t, layoutOf(t, table, err), x)
	from := []int{3, 5, 0, 2, 1, 4, 6} // row i of the other memory is row from[i] of the first
	moved := tensor.New(7, 16)
	var rows2, cols2 []int32
	for i, f := range from {
		copy(moved.Row(i), x.Row(f))
		rows2, cols2 = append(rows2, rows[f]), append(cols2, cols[f])
	}
	other, err := InOrders(offsets, rows2, cols2)
	got := m.run(t, layoutOf(t, other, err), moved)
	for i, f := range from {
		if d := farthest(got.Row(i), want.Row(f)); d > 1e-6 {
			t.Errorf("token %d differs by %v", f, d)
		}
	}
	// An item gives the same bits alone.
	alone, err := InOrders([]int{0, 6}, rows[:6], cols[:6])
	if got := m.run(t, layoutOf(t, alone, err), tensor.FromSlice(x.Data()[:6*16], 6, 16)); !slices.Equal(got.Data(), want.Data()[:6*16]) {
		t.Error("an item alone gives other bits than in a batch")
	}
}

// With keys of both orders in a cache, what comes after a table becomes what it becomes in one pass.
func TestTwoOrderGoesOn(t *testing.T) {
	m := newTwoOrderModel(t)
	rows := []int32{0, 1, 2, 3, 4, 5, 6, 7}
	cols := []int32{0, 1, 4, 2, 5, 3, 6, 7} // cells 1 to 5, then text
	x := normalTensor(1, 8, 16)
	table, err := InOrders([]int{0, 8}, rows, cols)
	want := m.run(t, layoutOf(t, table, err), x)

	prefill, err := InOrders([]int{0, 6}, rows[:6], cols[:6])
	prefill = layoutOf(t, prefill, err)
	prefill.Memory = NewMemory(1)
	var keys, values []float32
	tp := tensor.NewTape()
	done := 0
	for _, n := range []int{6, 1, 1} {
		l := prefill
		if done > 0 {
			l, err = ContinuedSequences([]int{0, n}, []int{done}, prefill.Memory)
			l = layoutOf(t, l, err)
		}
		tp.Begin(tensor.Pass{})
		p := beginOn(t, m.enc, tp, l)
		a := m.attention(tp, l, tensor.FromSlice(x.Data()[done*16:(done+n)*16], n, 16))
		p.Attend(tp, a)
		keys, values = append(keys, a.Key.Data()...), append(values, a.Value.Data()...)
		done += n
		a.Keys = []int{0, done}
		a.Key, a.Value = tp.Const(tensor.FromSlice(keys, done, a.Key.Cols())), tp.Const(tensor.FromSlice(values, done, a.Value.Cols()))
		got := p.(Router).Run(tp, a)
		if d := farthest(got.Data(), want.Data()[(done-n)*16:done*16]); d > 1e-6 {
			t.Errorf("tokens %d to %d differ by %v from those of one pass", done-n, done, d)
		}
	}
}

// The attention weights that are kept give the mixed result, and the routing weights of every token and head add up to 1.
func TestTwoOrderWeights(t *testing.T) {
	m := newTwoOrderModel(t)
	table, err := InOrders([]int{0, 4, 4, 7}, []int32{0, 1, 2, 3, 0, 1, 2}, []int32{0, 2, 1, 3, 2, 1, 0})
	table = layoutOf(t, table, err)
	x := normalTensor(1, 7, 16)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	p := beginOn(t, m.enc, tp, table)
	a := m.attention(tp, table, x)
	a.Layer, a.KeepWeights = 1, true
	out, value := a.Run(tp, p).Value(), m.v.Apply(tp, tp.Const(x)).Value()
	pair := 0
	for b := range table.Items() {
		lo, hi := table.Offsets[b], table.Offsets[b+1]
		for i := lo; i < hi; i++ {
			want := make([]float32, 16)
			for j := lo; j < hi; j++ {
				for c := range want {
					want[c] += a.Weights.Row(pair)[c/4] * value.Row(j)[c/8*4+c%4]
				}
				pair++
			}
			if d := farthest(out.Row(i), want); d > 1e-6 {
				t.Errorf("token %d differs by %v from what its weights say", i, d)
			}
		}
	}
	r := p.(Routed).Routing(1)
	if !slices.Equal(r.Shape(), []int{7, 4, 2}) {
		t.Fatalf("routing weights have shape %v", r.Shape())
	}
	for i := 0; i < r.Size(); i += 2 {
		if s := r.Data()[i] + r.Data()[i+1]; math.Abs(float64(s)-1) > 1e-6 {
			t.Errorf("routing weights %v", r.Data()[i:i+2])
		}
	}
}

// The entropy is that of the cells, mean over cells and heads, items, and layers.
func TestTwoOrderEntropy(t *testing.T) {
	m := newTwoOrderModel(t)
	order := []int32{0, 1, 2, 3, 0, 0, 1, 2}
	table, err := InOrders([]int{0, 4, 5, 8}, order, []int32{0, 2, 1, 3, 0, 2, 1, 0})
	table = layoutOf(t, table, err)
	spanned, err := table.WithSpans([][2]int{{1, 3}, {0, 0}, {0, 3}})
	spanned = layoutOf(t, spanned, err)
	x := normalTensor(1, 8, 16)
	for name, c := range map[string]struct {
		l     *Layout
		cells [][]int // of items that have any
	}{"spans": {spanned, [][]int{{1, 2}, {5, 6, 7}}}, "all tokens": {table, [][]int{{0, 1, 2, 3}, {4}, {5, 6, 7}}}} {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true})
		p := beginOn(t, m.enc, tp, c.l)
		want := 0.0
		for layer := range 2 {
			a := m.attention(tp, c.l, x)
			a.Layer = layer
			a.Run(tp, p)
			r := p.(Routed).Routing(layer)
			for _, cells := range c.cells {
				for _, cell := range cells {
					for h := range 4 {
						for j := range 2 {
							w := float64(r.At(cell, h, j))
							want -= w * math.Log(w) / float64(2*len(c.cells)*len(cells)*4)
						}
					}
				}
			}
		}
		if got := float64(p.Loss(tp).Data()[0]); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: entropy %v, want %v", name, got, want)
		}
		tp.Begin(tensor.Pass{})
		if beginOn(t, m.enc, tp, c.l).Loss(tp) != nil {
			t.Errorf("%s: an evaluation pass has a loss", name)
		}
	}
	quiet := encoderFor(t, TwoOrder{NoEntropy: true}, m.d)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true})
	p := beginOn(t, quiet, tp, table)
	m.attention(tp, table, x).Run(tp, p)
	if p.Loss(tp) != nil {
		t.Error("a loss although it is off")
	}
}

func TestTwoOrderEdges(t *testing.T) {
	for want, c := range map[string]struct {
		o TwoOrder
		d Dims
	}{
		"2 heads of 6 are not Width 8": {TwoOrder{}, Dims{Width: 8, Heads: 2, HeadDim: 6}},
		"a head of 3 channels":         {TwoOrder{}, Dims{Width: 6, Heads: 2}},
		"Base is -1":                   {TwoOrder{Base: -1}, Dims{Width: 8, Heads: 2}},
		"RouterWidth -1":               {TwoOrder{RouterWidth: -1}, Dims{Width: 8, Heads: 2}},
		"Std -1":                       {TwoOrder{Std: -1}, Dims{Width: 8, Heads: 2}},
	} {
		if _, err := c.o.New(c.d, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), "two-order: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
	m := newTwoOrderModel(t)
	if n := nn.Collect(encoderFor(t, TwoOrder{}, Dims{Width: 64, Heads: 1})).Count(); n != 33794 {
		t.Errorf("a router of heads of 64 has %d parameters, want the 33794 of the paper", n)
	}
	sequences, err := Sequences([]int{0, 2})
	sequences = layoutOf(t, sequences, err)
	three, err := InOrders([]int{0, 1}, []int32{0}, []int32{0}, []int32{0})
	three = layoutOf(t, three, err)
	grid, err := OnGrid(1, 0, 2, 2)
	grid = layoutOf(t, grid, err)
	tp := tensor.NewTape()
	for _, l := range []*Layout{sequences, three, grid, {Kind: Graph, Offsets: []int{0}}} {
		tp.Begin(tensor.Pass{})
		if _, err := m.enc.Begin(tp, l); err == nil || !strings.Contains(err.Error(), "two-order cannot serve") || !strings.Contains(err.Error(), "InOrders") {
			t.Errorf("%v: got the error %v", l, err)
		}
	}
	for _, offsets := range [][]int{{0}, {0, 0}, {0, 1}} {
		order := make([]int32, offsets[len(offsets)-1])
		table, err := InOrders(offsets, order, order)
		table = layoutOf(t, table, err)
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		p := beginOn(t, m.enc, tp, table)
		y := m.attention(tp, table, normalTensor(1, len(order), 16)).Run(tp, p)
		if y.Rows() != len(order) || y.Cols() != 16 {
			t.Errorf("offsets %v: result %v", offsets, y.Shape())
		}
		tp.Backward(tp.Add(tp.Sum(y), p.Loss(tp)))
	}
}

func TestWithSpans(t *testing.T) {
	table, err := InOrders([]int{0, 3, 3}, []int32{0, 1, 2})
	table = layoutOf(t, table, err)
	if _, err := table.WithSpans([][2]int{{1, 3}, {0, 0}}); err != nil {
		t.Error(err)
	}
	for _, spans := range [][][2]int{nil, {{0, 1}}, {{0, 4}, {0, 0}}, {{2, 1}, {0, 0}}, {{-1, 1}, {0, 0}}, {{0, 1}, {0, 1}}} {
		if _, err := table.WithSpans(spans); err == nil {
			t.Errorf("%v: no error", spans)
		}
	}
	if _, err := table.Flat().WithSpans([][2]int{{0, 1}, {0, 0}}); err == nil {
		t.Error("spans of sequences: no error")
	}
}
