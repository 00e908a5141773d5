package encodings

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// quadraticTPE is MDTPE by its formula, in float64: every token sums over all tokens of its item that lie before it on
// its line.
func quadraticTPE(e *mdTPE, l *Layout, x *tensor.Tensor) []float64 {
	d := e.width
	out := make([]float64, l.Tokens()*d)
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			if l.Leads(b, t) {
				for c := range d {
					out[t*d+c] = float64(x.Row(t)[c])
				}
				continue
			}
			for axis, p := range e.axes {
				sum := make([]float64, d)
				for s := l.Offsets[b] + l.Leading; s < l.Offsets[b+1]; s++ {
					steps, online := 0.0, true
					for a := range l.Rank {
						if diff := l.At(t)[a] - l.At(s)[a]; a == axis {
							steps = diff
						} else if diff != 0 {
							online = false
						}
					}
					if !online || steps < 0 {
						continue
					}
					for c := range d {
						h := c / (d / e.Heads)
						sum[c] += math.Pow(1/(1+math.Exp(-float64(p.logDecay.Data()[h]))), steps) * float64(x.Row(s)[c])
					}
				}
				squares := 1e-5
				for c := range sum {
					h := c / (d / e.Heads)
					dot := 0.0
					for k := h * d / e.Heads; k < (h+1)*d/e.Heads; k++ {
						dot += float64(p.query.Data()[k]) * float64(p.key.Data()[k])
					}
					sum[c] *= dot
					squares += sum[c] * sum[c]
				}
				for o := range d {
					for c, v := range sum {
						out[t*d+o] += float64(p.out.Weight.Row(o)[c]) * v * math.Sqrt(float64(d)/squares) * float64(p.norm.Weight.Data()[c])
					}
				}
			}
			if e.Add {
				for c := range d {
					out[t*d+c] += float64(x.Row(t)[c])
				}
			}
		}
	}
	return out
}

func TestMDTPEIsTheQuadraticForm(t *testing.T) {
	grid := func(items, leading int, shape ...int) *Layout {
		l, err := OnGrid(items, leading, shape...)
		return layoutOf(t, l, err)
	}
	sequences, err := Sequences([]int{0, 4, 4, 5, 11})
	sequences = layoutOf(t, sequences, err)
	for _, l := range []*Layout{sequences, grid(2, 0, 5), grid(2, 2, 4), grid(3, 1, 3, 4), grid(2, 0, 1, 1), grid(1, 1, 2, 3, 2)} {
		for _, add := range []bool{false, true} {
			e := encoderFor(t, MDTPE{Axes: l.Rank, Heads: 3, Add: add, Std: 0.5}, Dims{Width: 6, Heads: 1}).(*mdTPE)
			for i, p := range nn.Collect(e).Trainable() {
				if !strings.HasSuffix(p.Path, "out.weight") {
					p.Tensor.CopyFrom(normalTensor(uint64(i), p.Tensor.Shape()...))
				}
			}
			x := normalTensor(7, l.Tokens(), 6)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			y := beginOn(t, e, tp, l).Tokens(tp, tp.Const(x))
			for i, want := range quadraticTPE(e, l, x) {
				if got := float64(y.Data()[i]); math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("%v, add %v: feature %d of token %d is %v, want %v", l, add, i%6, i/6, got, want)
				}
			}
		}
	}
}

// A text in pieces, with a memory, becomes what it becomes at once; items do not know of each other.
func TestMDTPEGoesOn(t *testing.T) {
	e := encoderFor(t, MDTPE{Axes: 1}, Dims{Width: 4, Heads: 2})
	whole, err := Sequences([]int{0, 5, 9})
	whole = layoutOf(t, whole, err)
	x := normalTensor(1, 9, 4)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	want := beginOn(t, e, tp, whole).Tokens(tp, tp.Const(x)).Value().Clone()
	memory := NewMemory(2)
	past := []int{0, 0}
	for _, pieces := range [][2]int{{2, 0}, {1, 3}, {0, 1}, {2, 0}} {
		part := tensor.New(pieces[0]+pieces[1], 4)
		rows := []int{}
		for b, n := range pieces {
			for i := range n {
				rows = append(rows, whole.Offsets[b]+past[b]+i)
			}
		}
		for i, r := range rows {
			copy(part.Row(i), x.Row(r))
		}
		l, err := ContinuedSequences([]int{0, pieces[0], len(rows)}, slices.Clone(past), memory)
		tp.Begin(tensor.Pass{})
		got := beginOn(t, e, tp, layoutOf(t, l, err)).Tokens(tp, tp.Const(part)).Value()
		for i, r := range rows {
			if !slices.Equal(got.Row(i), want.Row(r)) {
				t.Errorf("row %d is %v, in one piece %v", r, got.Row(i), want.Row(r))
			}
		}
		past[0], past[1] = past[0]+pieces[0], past[1]+pieces[1]
	}
}

func TestMDTPETableOrder(t *testing.T) {
	e := encoderFor(t, MDTPE{Axes: 1}, Dims{Width: 4, Heads: 2})
	order := []int32{2, 0, 3, 1, 1, 0}
	table, err := InOrders([]int{0, 4, 6}, order)
	table = layoutOf(t, table, err)
	x := normalTensor(1, 6, 4)
	sorted := tensor.New(6, 4)
	at := func(i int) int { return i/4*4 + int(order[i]) }
	for i := range 6 {
		copy(sorted.Row(at(i)), x.Row(i))
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	want := beginOn(t, e, tp, table.Flat()).Tokens(tp, tp.Const(sorted)).Value()
	got := beginOn(t, e, tp, table).Tokens(tp, tp.Const(x)).Value()
	for i := range 6 {
		if !slices.Equal(got.Row(i), want.Row(at(i))) {
			t.Errorf("token %d is %v, in a sequence in that order %v", i, got.Row(i), want.Row(at(i)))
		}
	}
}

func TestMDTPEEdges(t *testing.T) {
	for want, m := range map[string]MDTPE{"Axes is -1": {Axes: -1}, "Heads 5 do not divide Width 6": {Heads: 5}, "Std is -1": {Std: -1}} {
		if _, err := m.New(Dims{Width: 6, Heads: 2}, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), "md-tpe: "+want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
	e := encoderFor(t, MDTPE{Axes: 1}, Dims{Width: 6, Heads: 2})
	tp := tensor.NewTape()
	for _, offsets := range [][]int{{0}, {0, 0}, {0, 1}} {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		l, err := Sequences(offsets)
		x := normalTensor(1, offsets[len(offsets)-1], 6)
		y := beginOn(t, e, tp, layoutOf(t, l, err)).Tokens(tp, tp.Leaf(x))
		if y.Rows() != x.Rows() {
			t.Errorf("offsets %v: result %v", offsets, y.Shape())
		}
		tp.Backward(tp.Sum(y))
	}
	points, err := AtPoints([]int{0, 1}, 0, 1, []float64{2})
	points = layoutOf(t, points, err)
	grid, err := OnGrid(1, 0, 2, 2)
	grid = layoutOf(t, grid, err)
	forgetful, err := ContinuedSequences([]int{0, 1}, []int{3}, nil)
	forgetful = layoutOf(t, forgetful, err)
	for want, l := range map[string]*Layout{"md-lrpe for points": points, "Axes is 1 and tokens have 2": grid, "give ContinuedSequences a Memory": forgetful} {
		if _, err := e.Begin(tp, l); err == nil || !strings.Contains(err.Error(), "md-tpe cannot serve") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got the error %v, want one with %q", l, err, want)
		}
	}
	if _, err := encoderFor(t, MDTPE{}, Dims{Width: 6, Heads: 2}).Begin(tp, points.Flat()); err == nil || !strings.Contains(err.Error(), "set Axes to 1") {
		t.Errorf("sequences on two axes: %v", err)
	}
}
