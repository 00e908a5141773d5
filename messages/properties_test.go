package messages_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

func mustPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), text) {
			t.Errorf("panic %v, want one with %q", r, text)
		}
	}()
	f()
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if math.Float32bits(got[i]) != math.Float32bits(w) {
			t.Fatalf("%s: number %d is %v, want the bits of %v", what, i, got[i], w)
		}
	}
}

func (a outcome) sameBits(t *testing.T, what string, b outcome) {
	t.Helper()
	for k := range a.y {
		sameBits(t, what, a.y[k], b.y[k])
	}
	for k := range a.grads {
		sameBits(t, fmt.Sprintf("%s, gradient of input %d", what, k), a.grads[k], b.grads[k])
	}
}

// withDropout adds the operations that draw random numbers.
func withDropout() []operation {
	return append(operations(), operation{name: "Softmax with dropout", inputs: []of{scores, ofNodes},
		run: func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Softmax{Dropout: 0.4}.Apply(tp, e, in[0], in[1]))
		}})
}

// TestProcessors holds that the bits do not depend on the number of processors.
func TestProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, g := range []graph{hubGraph(), randomGraph("random", 700, 3000, 4)} {
		e := g.edges()
		for _, o := range withDropout() {
			in := o.draw(g, 6, 3)
			var first outcome
			for n, procs := range []int{1, 2, 7} {
				runtime.GOMAXPROCS(procs)
				if got := o.apply(tensor.NewTape(), e, in); n == 0 {
					first = got
				} else {
					got.sameBits(t, fmt.Sprintf("%s on %d processors", o.name, procs), first)
				}
			}
		}
	}
}

// TestBatch holds that graphs laid end to end give what each gives alone, bit for bit.
func TestBatch(t *testing.T) {
	list := append(graphs(), randomGraph("random", 300, 700, 9))
	batch := graph{name: "batch"}
	for _, g := range list {
		for k, s := range g.from {
			batch.from, batch.to = append(batch.from, s+int32(batch.nodes)), append(batch.to, g.to[k]+int32(batch.nodes))
		}
		batch.nodes += g.nodes
	}
	const d = 12
	for _, o := range operations() {
		in := o.draw(batch, d, 5)
		all := evaluate(o, batch, in)
		node, edge := 0, 0
		for _, g := range list {
			part := make([]*tensor.Tensor, len(in))
			for k, t := range in {
				lo := edge
				if o.inputs[k] == ofNodes {
					lo = node
				}
				n, cols := o.rows(k, g), o.cols(k, d)
				part[k] = tensor.FromSlice(t.Data()[lo*cols:(lo+n)*cols], n, cols)
			}
			for k, y := range evaluate(o, g, part) {
				lo, cols := node, y.Cols()
				if all[k].Rows() == len(batch.from) {
					lo = edge
				}
				sameBits(t, o.name+", "+g.name, y.Data(), all[k].Data()[lo*cols:(lo+y.Rows())*cols])
			}
			node, edge = node+g.nodes, edge+len(g.from)
		}
	}
}

func evaluate(o operation, g graph, in []*tensor.Tensor) []*tensor.Tensor {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	var vars []*tensor.Var
	for _, t := range in {
		vars = append(vars, tp.Const(t))
	}
	var list []*tensor.Tensor
	for _, y := range o.run(tp, g.edges(), vars) {
		list = append(list, y.Value().Clone())
	}
	return list
}

// TestSameInput holds that a Var may be several inputs, those whose rows are edges included: its gradient is the sum of
// those of separate inputs of the same values.
func TestSameInput(t *testing.T) {
	g := randomGraph("as many nodes as edges", 20, 20, 6)
	for _, o := range operations() {
		if len(o.inputs) == 1 || o.inputs[0] == scores {
			continue
		}
		for _, d := range []int{1, 5} {
			shared := o.draw(g, d, 7)[0]
			same, apart := make([]*tensor.Tensor, len(o.inputs)), make([]*tensor.Tensor, len(o.inputs))
			for k := range same {
				if same[k] = shared; o.cols(k, d) != d {
					same[k] = o.draw(g, d, 8)[k]
				}
				apart[k] = same[k].Clone()
			}
			got, parts := o.apply(tensor.NewTape(), g.edges(), same), o.apply(tensor.NewTape(), g.edges(), apart)
			want := make([]float64, shared.Size())
			for k := range parts.grads {
				if same[k] != shared {
					continue
				}
				for i, v := range parts.grads[k] {
					want[i] += float64(v)
				}
			}
			compare(t, fmt.Sprintf("%s, width %d", o.name, d), got.grads[0], want, valueTolerance)
		}
	}
}

// TestConstants holds that inputs without a gradient change nothing for the others, and that gradients are added to what
// other operations contributed.
func TestConstants(t *testing.T) {
	g := randomGraph("random", 30, 80, 6)
	e := g.edges()
	for _, o := range withDropout() {
		in := o.draw(g, 12, 9)
		all := o.apply(tensor.NewTape(), e, in)
		for k := range in {
			if all.grads[k] == nil {
				continue
			}
			alone := operation{inputs: o.inputs, run: func(tp *tensor.Tape, e *messages.Edges, vars []*tensor.Var) []*tensor.Var {
				constants := make([]*tensor.Var, len(vars))
				for n := range vars {
					constants[n] = tp.Const(in[n])
				}
				constants[k] = vars[k]
				return o.run(tp, e, constants)
			}}.apply(tensor.NewTape(), e, in)
			if alone.grads[k] == nil { // the result does not depend on it
				alone.grads[k] = make([]float32, len(all.grads[k]))
			}
			sameBits(t, fmt.Sprintf("%s, input %d alone", o.name, k), alone.grads[k], all.grads[k])
			twice := operation{inputs: o.inputs, run: func(tp *tensor.Tape, e *messages.Edges, vars []*tensor.Var) []*tensor.Var {
				return append(o.run(tp, e, vars), tp.Scale(vars[k], 2))
			}}.apply(tensor.NewTape(), e, in)
			want := make([]float64, len(all.grads[k]))
			for i, v := range all.grads[k] {
				want[i] = float64(v) + 2*twice.probes[len(twice.probes)-1][i]
			}
			compare(t, fmt.Sprintf("%s, input %d used elsewhere too", o.name, k), twice.grads[k], want, valueTolerance)
		}
	}
}

// TestNoAllocations holds that passes after the first allocate nothing.
func TestNoAllocations(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	g := randomGraph("random", 300, 900, 6)
	e := g.edges()
	for _, o := range withDropout() {
		in := o.draw(g, 12, 9)
		for _, grad := range []bool{false, true} {
			tp, vars := tensor.NewTape(), make([]*tensor.Var, len(in))
			run := func() {
				tp.Begin(tensor.Pass{Train: true, Grad: grad})
				for k, t := range in {
					vars[k] = tp.Leaf(t)
				}
				var loss *tensor.Var
				for _, y := range o.run(tp, e, vars) {
					if loss == nil {
						loss = tp.Sum(y)
					} else {
						loss = tp.Add(loss, tp.Sum(y))
					}
				}
				if grad {
					tp.Backward(loss)
				}
			}
			run()
			// The list of results is the test's own; runGated makes one of two.
			if n := testing.AllocsPerRun(20, run); n > 1 {
				t.Errorf("%s, gradients %v: %v allocations a pass", o.name, grad, n)
			}
		}
	}
}

func TestPanics(t *testing.T) {
	e := messages.NewEdges(3, []int32{0, 1}, []int32{1, 2})
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	v := func(rows, cols int) *tensor.Var { return tp.Const(tensor.New(rows, cols)) }
	for text, f := range map[string]func(){
		"messages: Sum: x is nil":                                   func() { messages.Sum(tp, e, nil, nil) },
		"messages: Sum: x has shape [2 4], want [3 4]":              func() { messages.Sum(tp, e, v(2, 4), nil) },
		"messages: Sum: weight has shape [2 2], want [2 1]":         func() { messages.Sum(tp, e, v(3, 4), v(2, 2)) },
		"messages: Mean: x has shape [2 4], want [3 4]":             func() { messages.Mean(tp, e, v(2, 4)) },
		"messages: SumReLU: edge has shape [2 3], want [2 4]":       func() { messages.SumReLU(tp, e, v(3, 4), v(2, 3), nil) },
		"messages: SumReLU: edge has shape none, want [2 4]":        func() { messages.SumReLU(tp, e, v(3, 4), nil, nil) },
		"messages: Sources: x has shape [2 4], want [3 4]":          func() { messages.Sources(tp, e, v(2, 4)) },
		"messages: Targets: x has shape [2 4], want [3 4]":          func() { messages.Targets(tp, e, v(2, 4)) },
		"messages: Gated: value has shape none, want [3 4]":         func() { messages.Gated(tp, e, messages.GatedInput{Target: v(3, 4), Source: v(3, 4)}) },
		"messages: Softmax: heads 3 do not divide width 4":          func() { messages.Softmax{}.Apply(tp, e, v(2, 3), v(3, 4)) },
		"messages: Softmax: score has shape [3 2], want [2 2]":      func() { messages.Softmax{}.Apply(tp, e, v(3, 2), v(3, 4)) },
		"messages: Softmax: dropout 1 is outside [0, 1)":            func() { messages.Softmax{Dropout: 1}.Apply(tp, e, v(2, 2), v(3, 4)) },
		"messages: Aggregate: no kinds":                             func() { messages.Aggregate(tp, e, v(2, 4)) },
		"messages: Aggregate: unknown kind 9":                       func() { messages.Aggregate(tp, e, v(2, 4), 9) },
		"messages: Aggregate: kind max is given twice in [max max]": func() { messages.Aggregate(tp, e, v(2, 4), messages.AggregateMax, messages.AggregateMax) },
		"messages: Aggregate: m has shape [3 4], want [2 4]":        func() { messages.Aggregate(tp, e, v(3, 4), messages.AggregateMax) },
	} {
		mustPanic(t, text, f)
	}
}
