package encodings

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// benchLayer is the attention part of a layer: projections, what the encoding makes of them, the output projection.
type benchLayer struct {
	d          Dims
	enc        Encoder
	q, k, v, o *nn.Linear
	tp         *tensor.Tape
}

func newBenchLayer(b *testing.B, e Encoding, d Dims) *benchLayer {
	init := nn.NewInit(3)
	linear := func() *nn.Linear { return nn.NewLinearNoBias(d.Width, d.Width, init) }
	return &benchLayer{d: d, q: linear(), k: linear(), v: linear(), o: linear(), enc: encoderFor(b, e, d), tp: tensor.NewTape()}
}

// pass runs the layer over x, with its gradients where wanted, and returns how long it took.
func (m *benchLayer) pass(b *testing.B, l *Layout, x *tensor.Tensor, grad bool) time.Duration {
	start := time.Now()
	tp := m.tp
	tp.Begin(tensor.Pass{Train: grad, Grad: grad})
	p := beginOn(b, m.enc, tp, l)
	h := tp.Leaf(x)
	a := &Attention{Input: h, Softmax: attention.Softmax{Heads: m.d.Heads}, SoftmaxInput: attention.SoftmaxInput{
		Queries: l.Offsets, Query: m.q.Apply(tp, h), Key: m.k.Apply(tp, h), Value: m.v.Apply(tp, h)}}
	a.Mask.Causal = true
	out := m.o.Apply(tp, a.Run(tp, p))
	if grad {
		loss := tp.Sum(out)
		if extra := p.Loss(tp); extra != nil {
			loss = tp.Add(loss, extra)
		}
		tp.Backward(loss)
	}
	return time.Since(start)
}

// benchTables lays out items tables of rows x columns cells of one token, read as the extended grid, with text around.
func benchTables(b *testing.B, items, rows, columns, text int) *Layout {
	high, wide := 2*rows, 2*columns+1
	each := text + high*wide
	var rowwise, columnwise []int32
	offsets := []int{0}
	spans := make([][2]int, items)
	for i := range items {
		for t := range each {
			place := t
			if cell := t - text/2; cell >= 0 && cell < high*wide {
				place = text/2 + cell%wide*high + cell/wide
			}
			rowwise, columnwise = append(rowwise, int32(t)), append(columnwise, int32(place))
		}
		offsets = append(offsets, offsets[i]+each)
		spans[i] = [2]int{text / 2, text/2 + high*wide}
	}
	l, err := InOrders(offsets, rowwise, columnwise)
	if err == nil {
		l, err = l.WithSpans(spans)
	}
	return layoutOf(b, l, err)
}

// BenchmarkTwoOrder measures the attention part of a layer that reads tables in one order and in two, in turns, and tells
// the medians and their ratio.
func BenchmarkTwoOrder(b *testing.B) {
	for _, c := range []struct{ items, rows, columns, width, heads int }{
		{32, 4, 4, 128, 4}, {16, 8, 8, 128, 4}, {16, 8, 8, 64, 2}, {16, 8, 8, 128, 8}, {16, 8, 8, 256, 4}, {16, 8, 8, 256, 8},
		{8, 8, 8, 512, 8}, {8, 16, 14, 128, 4}, {8, 16, 14, 256, 8},
	} {
		d := Dims{Width: c.width, Heads: c.heads, Layers: 1, HeadDim: c.width / c.heads}
		l := benchTables(b, c.items, c.rows, c.columns, 20)
		x := normalTensor(1, l.Tokens(), c.width)
		one, two := newBenchLayer(b, RoPE{}, d), newBenchLayer(b, TwoOrder{}, d)
		for _, grad := range []bool{false, true} {
			what := "forward"
			if grad {
				what = "both"
			}
			b.Run(fmt.Sprintf("%dx%dx%d/width=%d/heads=%d/%s", c.items, c.rows, c.columns, c.width, c.heads, what), func(b *testing.B) {
				var times, ratios [2][]float64
				for b.Loop() {
					first := one.pass(b, l, x, grad)
					second := two.pass(b, l, x, grad)
					times[0], times[1] = append(times[0], first.Seconds()), append(times[1], second.Seconds())
					ratios[0] = append(ratios[0], second.Seconds()/first.Seconds())
				}
				median := func(x []float64) float64 { slices.Sort(x); return x[len(x)/2] }
				b.ReportMetric(1e3*median(times[0]), "one-ms")
				b.ReportMetric(1e3*median(times[1]), "two-ms")
				b.ReportMetric(median(ratios[0]), "ratio")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
