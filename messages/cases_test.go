package messages_test

import (
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/tensor"
)

// graph is a graph that operations are tried on.
type graph struct {
	name     string
	nodes    int
	from, to []int32
}

func (g graph) edges() *messages.Edges { return messages.NewEdges(g.nodes, g.from, g.to) }

// graphs are all kinds of small ones: with more edges at a node than a batch of the kernels has, at one end each.
func graphs() []graph {
	list := []graph{
		{"no nodes", 0, nil, nil},
		{"one node", 1, nil, nil},
		{"no edges", 3, nil, nil},
		{"self loop", 1, []int32{0}, []int32{0}},
		{"path", 4, []int32{0, 1, 1, 2, 2, 3}, []int32{1, 0, 2, 1, 3, 2}},
		{"isolated nodes, loops and edges twice", 6, []int32{1, 1, 1, 4, 4, 2}, []int32{4, 4, 1, 1, 4, 4}},
		randomGraph("random", 9, 30, 1),
	}
	in, out := graph{name: "many come", nodes: 5}, graph{name: "many leave", nodes: 5}
	for k := range int32(140) {
		in.from, in.to = append(in.from, k%5), append(in.to, 2)
		out.from, out.to = append(out.from, 3), append(out.to, k%5)
	}
	return append(list, in, out)
}

func randomGraph(name string, nodes, edges int, seed uint64) graph {
	rng := rand.New(rand.NewPCG(seed, 1))
	g := graph{name: name, nodes: nodes}
	for range edges {
		g.from, g.to = append(g.from, int32(rng.IntN(nodes))), append(g.to, int32(rng.IntN(nodes)))
	}
	return g
}

// hubGraph has a node that so many edges come to, and one that so many leave, that workers share them.
func hubGraph() graph {
	g := randomGraph("hubs", 50, 3000, 2)
	g.name = "hubs"
	for k := range int32(40000) {
		g.from, g.to = append(g.from, k%50, 11), append(g.to, 7, (k/3)%50)
	}
	return g
}

// of says what the rows of an input are.
type of int

const (
	ofNodes of = iota
	ofEdges
	weights // of edges, one column
	scores  // of edges, a column a head
)

// operation is one of the package, with a float64 reference of its results.
type operation struct {
	name   string
	inputs []of
	run    func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var
	ref    func(g graph, d int, in [][]float64) [][]float64
}

const heads = 3 // of widths that it divides; 1 of others

func headsOf(d int) int {
	if d%heads == 0 {
		return heads
	}
	return 1
}

func (o operation) cols(k, d int) int {
	switch o.inputs[k] {
	case weights:
		return 1
	case scores:
		return headsOf(d)
	}
	return d
}

func (o operation) rows(k int, g graph) int {
	if o.inputs[k] == ofNodes {
		return g.nodes
	}
	return len(g.from)
}

// draw makes the inputs.
func (o operation) draw(g graph, d int, seed uint64) []*tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 7))
	var list []*tensor.Tensor
	for k := range o.inputs {
		t := tensor.New(o.rows(k, g), o.cols(k, d))
		for i := range t.Data() {
			t.Data()[i] = float32(rng.NormFloat64())
			if o.inputs[k] == weights { // the sum of gates is far from 0
				t.Data()[i] = 0.2 + float32(rng.Float64())
			}
		}
		list = append(list, t)
	}
	return list
}

func one(v *tensor.Var) []*tensor.Var { return []*tensor.Var{v} }

func operations() []operation {
	all := []messages.Aggregator{messages.AggregateMax, messages.AggregateStd, messages.AggregateSum, messages.AggregateMin, messages.AggregateMean}
	list := []operation{
		{"Sum", []of{ofNodes}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Sum(tp, e, in[0], nil))
		}, refSum},
		{"Sum weighted", []of{ofNodes, weights}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Sum(tp, e, in[0], in[1]))
		}, refSum},
		{"Mean", []of{ofNodes}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Mean(tp, e, in[0]))
		}, func(g graph, d int, in [][]float64) [][]float64 {
			return refAggregate(g, d, [][]float64{refRows(g.from, d, in[0])}, messages.AggregateMean)
		}},
		{"SumReLU", []of{ofNodes, ofEdges}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.SumReLU(tp, e, in[0], in[1], nil))
		}, refSumReLU},
		{"SumReLU weighted", []of{ofNodes, ofEdges, weights}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.SumReLU(tp, e, in[0], in[1], in[2]))
		}, refSumReLU},
		{"Gated", []of{ofNodes, ofNodes, ofNodes, ofEdges}, runGated, refGated},
		{"Gated weighted", []of{ofNodes, ofNodes, ofNodes, ofEdges, weights}, runGated, refGated},
		{"Gated, gates alone", []of{ofNodes, ofNodes, ofNodes, ofEdges}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return runGated(tp, e, in)[1:]
		}, func(g graph, d int, in [][]float64) [][]float64 { return refGated(g, d, in)[1:] }},
		{"Gated, mean alone", []of{ofNodes, ofNodes, ofNodes, ofEdges}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return runGated(tp, e, in)[:1]
		}, func(g graph, d int, in [][]float64) [][]float64 { return refGated(g, d, in)[:1] }},
		{"Softmax", []of{scores, ofNodes}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Softmax{}.Apply(tp, e, in[0], in[1]))
		}, refSoftmax},
		{"Sources", []of{ofNodes}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Sources(tp, e, in[0]))
		}, func(g graph, d int, in [][]float64) [][]float64 { return [][]float64{refRows(g.from, d, in[0])} }},
		{"Targets", []of{ofNodes}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Targets(tp, e, in[0]))
		}, func(g graph, d int, in [][]float64) [][]float64 { return [][]float64{refRows(g.to, d, in[0])} }},
	}
	kinds := [][]messages.Aggregator{all}
	for k := range all {
		kinds = append(kinds, all[k:k+1])
	}
	for _, k := range kinds {
		name := "Aggregate"
		for _, a := range k {
			name += " " + a.String()
		}
		list = append(list, operation{name, []of{ofEdges}, func(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
			return one(messages.Aggregate(tp, e, in[0], k...))
		}, func(g graph, d int, in [][]float64) [][]float64 { return refAggregate(g, d, in, k...) }})
	}
	return list
}

func runGated(tp *tensor.Tape, e *messages.Edges, in []*tensor.Var) []*tensor.Var {
	g := messages.GatedInput{Target: in[0], Source: in[1], Value: in[2], Edge: in[3]}
	if len(in) > 4 {
		g.Weight = in[4]
	}
	y, z := messages.Gated(tp, e, g)
	return []*tensor.Var{y, z}
}

// The references are the formulas of the documentation, edge by edge.

func weightOf(in [][]float64, k, e int) float64 {
	if len(in) > k {
		return in[k][e]
	}
	return 1
}

func refRows(at []int32, d int, x []float64) []float64 {
	var y []float64
	for _, i := range at {
		y = append(y, x[int(i)*d:(int(i)+1)*d]...)
	}
	return y
}

func refSum(g graph, d int, in [][]float64) [][]float64 {
	y := make([]float64, g.nodes*d)
	for e, j := range g.from {
		for c := range d {
			y[int(g.to[e])*d+c] += weightOf(in, 1, e) * in[0][int(j)*d+c]
		}
	}
	return [][]float64{y}
}

func refSumReLU(g graph, d int, in [][]float64) [][]float64 {
	y := make([]float64, g.nodes*d)
	for e, j := range g.from {
		for c := range d {
			y[int(g.to[e])*d+c] += weightOf(in, 2, e) * math.Max(in[0][int(j)*d+c]+in[1][e*d+c], 0)
		}
	}
	return [][]float64{y}
}

func refGated(g graph, d int, in [][]float64) [][]float64 {
	y, below, z := make([]float64, g.nodes*d), make([]float64, g.nodes*d), make([]float64, len(g.from)*d)
	for e, j := range g.from {
		for c := range d {
			i, k, at := int(g.to[e])*d+c, int(j)*d+c, e*d+c
			z[at] = in[0][i] + in[1][k] + in[3][at]
			s := weightOf(in, 4, e) / (1 + math.Exp(-z[at]))
			y[i] += s * in[2][k]
			below[i] += s
		}
	}
	for k := range y {
		y[k] /= below[k] + 1e-6
	}
	return [][]float64{y, z}
}

func refSoftmax(g graph, d int, in [][]float64) [][]float64 {
	n := headsOf(d)
	y, sums := make([]float64, g.nodes*d), make([]float64, g.nodes*n)
	for e, i := range g.to {
		for h := range n {
			sums[int(i)*n+h] += math.Exp(in[0][e*n+h])
		}
	}
	for e, j := range g.from {
		for c := range d {
			i, h := int(g.to[e]), c/(d/n)
			y[i*d+c] += math.Exp(in[0][e*n+h]) / sums[i*n+h] * in[1][int(j)*d+c]
		}
	}
	return [][]float64{y}
}

func refAggregate(g graph, d int, in [][]float64, kinds ...messages.Aggregator) [][]float64 {
	y := make([]float64, 0, g.nodes*d*len(kinds))
	come := make([][]int, g.nodes)
	for e, i := range g.to {
		come[i] = append(come[i], e)
	}
	for _, edges := range come {
		for _, k := range kinds {
			for c := range d {
				var sum, squares float64
				high, low := math.Inf(-1), math.Inf(1)
				for _, e := range edges {
					v := in[0][e*d+c]
					sum += v
					high, low = math.Max(high, v), math.Min(low, v)
				}
				mean := sum / float64(len(edges))
				for _, e := range edges {
					squares += (in[0][e*d+c] - mean) * (in[0][e*d+c] - mean)
				}
				v := map[messages.Aggregator]float64{messages.AggregateSum: sum, messages.AggregateMean: mean, messages.AggregateMax: high,
					messages.AggregateMin: low, messages.AggregateStd: math.Sqrt(squares/float64(len(edges)) + 1e-5)}[k]
				if len(edges) == 0 {
					v = 0
				}
				y = append(y, v)
			}
		}
	}
	return [][]float64{y}
}
