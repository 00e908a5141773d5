package messages_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

// TestTies holds that the gradient of a maximum or minimum goes to the first of equal messages, also where they are in
// different chunks of a hub, and that NaN comes through.
func TestTies(t *testing.T) {
	for _, n := range []int{3, 150, 20000} {
		from, to := make([]int32, n), make([]int32, n)
		e := messages.NewEdges(1, from, to)
		m := tensor.New(n, 1)
		m.Data()[n/3], m.Data()[n-1], m.Data()[n/2] = 5, 5, -5
		for kind, want := range map[messages.Aggregator]int{messages.AggregateMax: n / 3, messages.AggregateMin: n / 2} {
			if n == 3 && kind == messages.AggregateMin {
				continue // the lowest overwrote the first of the highest
			}
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			y := messages.Aggregate(tp, e, tp.Leaf(m), kind)
			tp.Backward(tp.Sum(y))
			if n == 3 {
				want = 2
			}
			for i, g := range tp.Grad(m) {
				if (g != 0) != (i == want) {
					t.Errorf("%d messages, %v: the gradient of message %d is %v, that of %d ought to be 1", n, kind, i, g, want)
				}
			}
		}
		m.Data()[n-1] = float32(math.NaN())
		for _, kind := range []messages.Aggregator{messages.AggregateMax, messages.AggregateMin, messages.AggregateMean, messages.AggregateStd} {
			if y := evaluate(operation{run: func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
				return one(messages.Aggregate(tp, e, in[0], kind))
			}}, graph{nodes: 1, from: from, to: to}, []*tensor.Tensor{m})[0].Data()[0]; y == y {
				t.Errorf("%d messages: %v of a NaN is %v", n, kind, y)
			}
		}
	}
}

// TestStdFarFromZero holds that the variance does not cancel.
func TestStdFarFromZero(t *testing.T) {
	const n = 200
	from, to := make([]int32, n), make([]int32, n)
	m := tensor.New(n, 1)
	for i := range n {
		m.Data()[i] = 10000 + float32(i%2)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	got := messages.Aggregate(tp, messages.NewEdges(1, from, to), tp.Const(m), messages.AggregateStd).Data()[0]
	if math.Abs(float64(got)-math.Sqrt(0.25+1e-5)) > 1e-6 {
		t.Errorf("standard deviation %v, want 0.5", got)
	}
}

func TestAggregatorText(t *testing.T) {
	for k := messages.AggregateSum; k <= messages.AggregateStd; k++ {
		text, err := k.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back messages.Aggregator
		if err := back.UnmarshalText(text); err != nil || back != k || k.String() != string(text) {
			t.Errorf("%v became %s, then %v (%v)", k, text, back, err)
		}
	}
	var k messages.Aggregator
	if err := k.UnmarshalText([]byte("maxx")); err == nil || !strings.Contains(err.Error(), `did you mean "max"?`) {
		t.Errorf("error %v", err)
	}
	if _, err := messages.Aggregator(9).MarshalText(); err == nil || messages.Aggregator(9).String() != "Aggregator(9)" {
		t.Errorf("an unknown aggregator has the name %v (%v)", messages.Aggregator(9), err)
	}
}

// TestDropout holds that about the given part of the weights is dropped, that the others are scaled, and that a pass of
// the same step drops the same.
func TestDropout(t *testing.T) {
	const n, p = 4000, 0.3
	g := graph{nodes: n}
	for i := range int32(n) {
		g.from, g.to = append(g.from, i), append(g.to, i)
	}
	score, value := tensor.New(n, 1), tensor.New(n, 1)
	value.Fill(1)
	e, tp := g.edges(), tensor.NewTape()
	apply := func(pass tensor.Pass) []float32 {
		tp.Begin(pass)
		y := messages.Softmax{Dropout: p}.Apply(tp, e, tp.Leaf(score), tp.Leaf(value))
		out := slices.Clone(y.Data())
		if pass.Grad {
			tp.Backward(tp.Sum(y))
			sameBits(t, "the gradient of values", tp.Grad(value), out)
		}
		return out
	}
	first, dropped := apply(tensor.Pass{Train: true, Grad: true, Step: 4}), 0
	for _, v := range first {
		if v == 0 {
			dropped++
		} else if math.Abs(float64(v)-1/(1-p)) > 1e-6 {
			t.Fatalf("a weight is scaled to %v", v)
		}
	}
	if math.Abs(float64(dropped)/n-p) > 0.03 {
		t.Errorf("%d of %d weights were dropped, want %v of them", dropped, n, p)
	}
	sameBits(t, "the same step", apply(tensor.Pass{Train: true, Step: 4}), first)
	if slices.Equal(apply(tensor.Pass{Train: true, Step: 5}), first) {
		t.Error("another step drops the same")
	}
	for _, v := range apply(tensor.Pass{}) {
		if v != 1 {
			t.Fatalf("an evaluation pass gives %v", v)
		}
	}
}

// TestMaskedScores holds that edges of score -Inf count for nothing, also where a node has no others.
func TestMaskedScores(t *testing.T) {
	inf := float32(math.Inf(-1))
	g := graph{nodes: 2, from: []int32{0, 1, 0}, to: []int32{0, 0, 1}}
	score, value := tensor.FromSlice([]float32{1, inf, inf}, 3, 1), tensor.FromSlice([]float32{3, 4}, 2, 1)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	y := messages.Softmax{}.Apply(tp, g.edges(), tp.Leaf(score), tp.Leaf(value))
	sameBits(t, "values", y.Data(), []float32{3, 0})
	tp.Backward(tp.Sum(y))
	sameBits(t, "gradient of scores", tp.Grad(score), []float32{0, 0, 0})
}
