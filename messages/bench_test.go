package messages_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

// zincLike is a batch of 32 molecules of about 23 atoms, whose bonds go both ways.
func zincLike() graph {
	rng := rand.New(rand.NewPCG(1, 1))
	g := graph{name: "molecules"}
	for range 32 {
		n := 16 + rng.IntN(15)
		bond := func(a, b int) {
			s, t := int32(g.nodes+a), int32(g.nodes+b)
			g.from, g.to = append(g.from, s, t), append(g.to, t, s)
		}
		for a := 1; a < n; a++ {
			bond(a, a-1-rng.IntN(min(a, 3)))
		}
		bond(0, n-1)
		bond(n/3, n/2)
		g.nodes += n
	}
	return g
}

// repeated makes inputs of a short sequence of numbers, over and over.
func (o operation) repeated(g graph, d int) []*tensor.Tensor {
	rng, short := rand.New(rand.NewPCG(3, 3)), make([]float32, 4099)
	for i := range short {
		short[i] = float32(rng.NormFloat64())
	}
	var list []*tensor.Tensor
	for k := range o.inputs {
		t := tensor.New(o.rows(k, g), o.cols(k, d))
		for at := 0; at < t.Size(); at += len(short) {
			copy(t.Data()[at:], short)
		}
		list = append(list, t)
	}
	return list
}

// end is a loss whose gradient is whatever lies in memory, so that it takes no time.
type end struct{ in []*tensor.Var }

func (op *end) Backward(*tensor.Tape) {
	for _, v := range op.in {
		v.Accumulate()
	}
}

func (op *end) apply(tp *tensor.Tape, in []*tensor.Var) *tensor.Var {
	op.in = in
	loss := tp.Out(true)
	tp.Record("end", op, loss)
	return loss
}

// traffic is how many rows of 64 numbers each pass moves for an edge and for a node, everything gathered counting once an
// edge.
var traffic = map[string]struct{ forward, both [2]int }{
	"Sum":                            {[2]int{1, 1}, [2]int{2, 3}},
	"SumReLU":                        {[2]int{2, 1}, [2]int{5, 3}},
	"Gated":                          {[2]int{4, 3}, [2]int{10, 10}},
	"Gated, mean alone":              {[2]int{4, 3}, [2]int{9, 10}},
	"Softmax":                        {[2]int{1, 1}, [2]int{3, 3}},
	"Sources":                        {[2]int{2, 0}, [2]int{3, 1}},
	"Aggregate max std sum min mean": {[2]int{1, 8}, [2]int{3, 16}},
}

// BenchmarkMessages is each operation at width 64. MB/s is about the memory that it moves (see traffic), to be compared
// with the memory's triad, which graft speed measures.
func BenchmarkMessages(b *testing.B) {
	const d = 64
	for _, g := range []graph{zincLike(), randomGraph("million", 100_000, 1_000_000, 1)} {
		e := g.edges()
		for _, o := range operations() {
			rows, ok := traffic[o.name]
			if !ok {
				continue
			}
			for _, mode := range []struct {
				name string
				rows [2]int
				grad bool
			}{{"forward", rows.forward, false}, {"forward+backward", rows.both, true}} {
				b.Run(g.name+"/"+o.name+"/"+mode.name, func(b *testing.B) {
					in := o.repeated(g, d)
					tp, vars, loss := tensor.NewTape(), make([]*tensor.Var, len(in)), new(end)
					run := func() {
						tp.Begin(tensor.Pass{Grad: mode.grad})
						for k, t := range in {
							vars[k] = tp.Leaf(t)
						}
						out := o.run(tp, e, vars)
						if mode.grad {
							tp.Backward(loss.apply(tp, out))
						}
					}
					run()
					b.SetBytes(4 * d * int64(len(g.from)*mode.rows[0]+g.nodes*mode.rows[1]))
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(g.from)), "ns/edge")
				})
			}
		}
	}
}

// BenchmarkFill sorts a million edges.
func BenchmarkFill(b *testing.B) {
	g := randomGraph("million", 100_000, 1_000_000, 1)
	var e messages.Edges
	for b.Loop() {
		e.Fill(g.nodes, g.from, g.to)
	}
}
