package encodings

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// lrpeScores returns the scores of all queries and keys, [tokens, tokens, heads], after Attend.
func lrpeScores(t *testing.T, enc Encoder, l *Layout, d Dims, q, k *tensor.Tensor) []float64 {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	a := layerOf(tp, l, d, q, k, k)
	beginOn(t, enc, tp, l).Attend(tp, a)
	var s []float64
	wide := a.Query.Cols() / d.Heads
	for i := range q.Rows() {
		for j := range k.Rows() {
			for h := range d.Heads {
				sum := 0.0
				for c := range wide {
					sum += float64(a.Query.Value().Row(i)[h*wide+c]) * float64(a.Key.Value().Row(j)[h/(d.Heads/d.KVHeads)*wide+c])
				}
				s = append(s, sum*a.Scale)
			}
		}
	}
	return s
}

// The scores are those of the paper's formula, and do not change when all coordinates move.
func TestMDLRPEScores(t *testing.T) {
	for _, m := range []MDLRPE{{Axes: 1}, {}, {HeadLadder: true}, {Axes: 3, Base: 100, Learned: true}} {
		d := Dims{Width: 20, Heads: 4, KVHeads: 2, HeadDim: 5}
		enc := encoderFor(t, m, d).(*mdLRPE)
		m = enc.MDLRPE
		tokens := 6
		coords := normalTensor(1, tokens, m.Axes)
		place := func(by float64) *Layout {
			at := make([]float64, coords.Size())
			for i, x := range coords.Data() {
				at[i] = 4*float64(x) + by*float64(1+i%m.Axes)
			}
			l, err := AtPoints([]int{0, tokens}, 1, m.Axes, at)
			return layoutOf(t, l, err)
		}
		q, k := normalTensor(2, tokens, 20), normalTensor(3, tokens, 10)
		l := place(0)
		got, moved := lrpeScores(t, enc, l, d, q, k), lrpeScores(t, enc, place(7), d, q, k)
		each := (d.HeadDim + m.Axes - 1) / m.Axes
		n := 0
		for i := range tokens {
			for j := range tokens {
				for h := range d.Heads {
					g := h / 2
					want := 0.0
					for c := range d.HeadDim {
						w := math.Pow(map[float64]float64{0: 10000}[m.Base]+m.Base, -float64(c%each)/float64(each))
						if m.HeadLadder {
							w = math.Pow(10000, -2*float64(g*each+c%each)/float64(2*each))
						}
						turn := (l.At(i)[c/each] - l.At(j)[c/each]) * w
						switch {
						case i == 0 && j == 0:
							turn = 0
						case i == 0:
							turn = l.At(j)[c/each] * w // [x | 0] with [y cos | y sin]
						case j == 0:
							turn = l.At(i)[c/each] * w
						}
						want += float64(q.Row(i)[h*d.HeadDim+c]) * float64(k.Row(j)[g*d.HeadDim+c]) * math.Cos(turn)
					}
					if want /= math.Sqrt(float64(d.HeadDim)); math.Abs(got[n]-want) > 2e-5 {
						t.Fatalf("%+v: score of %d and %d in head %d is %v, want %v", m, i, j, h, got[n], want)
					}
					if i > 0 && j > 0 && math.Abs(got[n]-moved[n]) > 2e-5 {
						t.Fatalf("%+v: score of %d and %d in head %d is %v, after a move %v", m, i, j, h, got[n], moved[n])
					}
					n++
				}
			}
		}
		if !enc.Relative() {
			t.Error("it does not claim to be relative")
		}
	}
}

// The gradients of θ and of the tokens are those of central differences.
func TestMDLRPEGradients(t *testing.T) {
	l, err := OnGrid(2, 1, 2, 3)
	l = layoutOf(t, l, err)
	x, theta, probe := normalTensor(1, l.Tokens(), 4*5), normalTensor(2, 2, 3), normalTensor(3, l.Tokens(), 2*4*5)
	tp := tensor.NewTape()
	value := func() float64 {
		tp.Begin(tensor.Pass{Grad: true})
		y, err := LRPECosine(tp, l, tp.Leaf(x), tp.Leaf(theta), 4)
		if err != nil {
			t.Fatal(err)
		}
		y.Keep()
		tp.Backward(tp.Sum(tp.Mul(y, tp.Const(probe))))
		s := 0.0
		for i, v := range y.Data() {
			s += float64(v) * float64(probe.Data()[i])
		}
		return s
	}
	value()
	for name, of := range map[string]*tensor.Tensor{"x": x, "theta": theta} {
		grad := append([]float32(nil), tp.Grad(of)...)
		for i := range grad {
			const step = 1e-2
			old := of.Data()[i]
			of.Data()[i] = old + step
			up := value()
			of.Data()[i] = old - step
			down := value()
			of.Data()[i] = old
			if want := (up - down) / (2 * step); math.Abs(want-float64(grad[i])) > 2e-3*(1+math.Abs(want)) {
				t.Errorf("gradient %d of %s is %v, by differences %v", i, name, grad[i], want)
			}
		}
		value()
	}
}

func TestMDLRPEEdges(t *testing.T) {
	d := Dims{Width: 6, Heads: 2}
	for want, m := range map[string]MDLRPE{"Axes is 4 for heads of 3": {Axes: 4}, "Axes is -1": {Axes: -1}, "Base is -2": {Base: -2}} {
		if _, err := m.New(d, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), "md-lrpe: "+want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
	enc := encoderFor(t, MDLRPE{Axes: 1}, d)
	if n := nn.Collect(enc).Count(); n != 0 {
		t.Errorf("%d parameters where nothing learns", n)
	}
	if n := nn.Collect(encoderFor(t, MDLRPE{Learned: true}, d)).Count(); n != 2 {
		t.Errorf("%d parameters, want the 2 frequencies of an axis", n)
	}
	tp := tensor.NewTape()
	for _, offsets := range [][]int{{0}, {0, 0, 1, 3}} {
		tp.Begin(tensor.Pass{})
		l, err := Sequences(offsets)
		l = layoutOf(t, l, err)
		x := normalTensor(1, l.Tokens(), 6)
		a := layerOf(tp, l, Dims{Heads: 2, KVHeads: 2}, x, x, x)
		if y := a.Run(tp, beginOn(t, enc, tp, l)); y.Rows() != l.Tokens() || y.Cols() != 6 {
			t.Errorf("offsets %v: result %v", offsets, y.Shape())
		}
	}
	grid, err := OnGrid(1, 0, 2, 2)
	grid = layoutOf(t, grid, err)
	for _, l := range []*Layout{grid, {Kind: Graph, Offsets: []int{0}}} {
		if _, err := enc.Begin(tp, l); err == nil || !strings.Contains(err.Error(), "md-lrpe cannot serve") {
			t.Errorf("%v: got the error %v", l, err)
		}
	}
	if _, err := LRPECosine(tp, &Layout{Kind: Graph, Offsets: []int{0}}, tp.Const(tensor.New(0, 4)), tp.Const(tensor.New(1, 2)), 1); err == nil {
		t.Error("LRPECosine took the nodes of graphs")
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "encodings: LRPECosine") {
			t.Errorf("frequencies that do not fit: %v", r)
		}
	}()
	_, _ = LRPECosine(tp, grid, tp.Const(tensor.New(4, 6)), tp.Const(tensor.New(1, 2)), 1)
}
