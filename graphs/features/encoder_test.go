package features_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func shapes(m nn.Module) string {
	var s []string
	for _, p := range nn.Collect(m).All() {
		s = append(s, fmt.Sprint(p.Path, p.Tensor.Shape()))
	}
	return strings.Join(s, " ")
}

// TestEncoderParams: checkpoints go by these paths.
func TestEncoderParams(t *testing.T) {
	for _, e := range []struct {
		config       features.Config
		nodes, edges string
	}{
		{features.Config{}, "table.0.table[1 4]", "table.0.table[1 4]"},
		{typed, "table.0.table[4 4]", "table.0.table[3 4]"},
		{numbers, "linear.weight[4 2] linear.bias[4]", "linear.weight[4 2] linear.bias[4]"},
		{columns, "table.0.table[3 4] table.1.table[5 4] linear.weight[4 1] linear.bias[4]",
			"table.0.table[2 4] linear.weight[4 3] linear.bias[4]"},
		{features.Config{Nodes: ogb.Nodes, Edges: features.Edges{Encoder: features.DummyEdges}},
			"table.0.table[119 4] table.1.table[5 4] table.2.table[12 4] table.3.table[12 4] table.4.table[10 4] " +
				"table.5.table[6 4] table.6.table[6 4] table.7.table[2 4] table.8.table[2 4]", "table.0.table[1 4]"},
		{ogb, "", "table.0.table[5 4] table.1.table[6 4] table.2.table[2 4]"},
	} {
		nodes, edges := encoders(e.config, 1)
		if got := shapes(nodes); e.nodes != "" && got != e.nodes {
			t.Errorf("%v nodes: %s, want %s", e.config.Nodes.Encoder, got, e.nodes)
		}
		if got := shapes(edges); got != e.edges {
			t.Errorf("%v edges: %s, want %s", e.config.Edges.Encoder, got, e.edges)
		}
	}
}

// TestEncoding compares encoders with sums written out, in float64, on batches of random graphs, graphs of one node and
// without edges among them.
func TestEncoding(t *testing.T) {
	for _, c := range []features.Config{{}, typed, numbers, ogb, columns, {Nodes: typed.Nodes, Edges: features.Edges{Encoder: features.DummyEdges}}} {
		list := random(c, 8, rand.New(rand.NewPCG(3, 1)))
		b := newBatch(t, c, list...)
		nodes, edges := encoders(c, 2)
		tp := begin()
		x, e := b.EncodeNodes(tp, nodes), b.EncodeEdges(tp, edges)
		row, edge := 0, 0
		for _, g := range list {
			for n := range g.Nodes {
				compareRow(t, fmt.Sprintf("%v nodes, row %d", c.Nodes.Encoder, row), x.Value().Row(row), nodes,
					rowOf(g.NodeTypes, n, g.NodeTypeColumns()), rowOf(g.NodeFeatures, n, g.NodeFeatureColumns()))
				row++
			}
			for k := range g.Edges {
				compareRow(t, fmt.Sprintf("%v edges, row %d", c.Edges.Encoder, edge), e.Value().Row(edge), edges,
					rowOf(g.EdgeTypes, k, g.EdgeTypeColumns()), rowOf(g.EdgeFeatures, k, g.EdgeFeatureColumns()))
				edge++
			}
		}
		if x.Rows() != row || e.Rows() != edge {
			t.Errorf("%d and %d rows, want %d and %d", x.Rows(), e.Rows(), row, edge)
		}
	}
}

// compareRow compares a row with what encoder e makes of the types and numbers of one node or edge.
func compareRow(t *testing.T, what string, got []float32, e *features.Encoder, types []int32, numbers []float32) {
	t.Helper()
	if len(types) == 0 {
		types = make([]int32, len(e.Tables)) // all alike
	}
	for d := range got {
		var want float64
		for k, table := range e.Tables {
			want += float64(table.Table.At(int(types[k]), d))
		}
		if e.Linear != nil {
			want += float64(e.Linear.Bias.Data()[d])
			for f, v := range numbers {
				want += float64(v) * float64(e.Linear.Weight.At(d, f))
			}
		}
		if diff := float64(got[d]) - want; diff*diff > 1e-10*(1+want*want) {
			t.Errorf("%s: feature %d is %v, want %v", what, d, got[d], want)
		}
	}
}

func rowOf[T any](values []T, row, columns int) []T { return values[row*columns : (row+1)*columns] }

// TestGradient: what flows into the sum flows into each of its parts.
func TestGradient(t *testing.T) {
	b := newBatch(t, columns, random(columns, 4, rand.New(rand.NewPCG(1, 1)))...)
	e, _ := encoders(columns, 1)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	tp.Backward(tp.Sum(b.EncodeNodes(tp, e)))
	for k, table := range e.Tables {
		want := make([]float32, table.Table.Size())
		for node := range b.Nodes() {
			id := int(b.NodeTypes[node*len(e.Tables)+k])
			for d := range 4 {
				want[id*4+d]++
			}
		}
		if got := tp.Grad(table.Table); !slices.Equal(got, want) {
			t.Errorf("table %d: gradient %v, want %v", k, got, want)
		}
	}
	if got := tp.Grad(e.Linear.Bias); got[0] != float32(b.Nodes()) {
		t.Errorf("gradient of the bias %v, want %d", got, b.Nodes())
	}
}

func predictor(p features.Prediction, width int) features.Predictor {
	return p.NewPredictor(width, 0, nn.Tanh, nn.NewInit(1))
}

// TestHeads: each head's parameters and the shape of what it predicts; a graph is pooled, nodes and edges are not.
func TestHeads(t *testing.T) {
	first, second := graphs.Directed(3, [][2]int{{0, 1}, {2, 0}, {1, 1}}), graphs.Directed(1, nil)
	for _, e := range []struct {
		prediction features.Prediction
		params     string
		rows       int
	}{
		{features.Prediction{}, "readout.layer.0.weight[4 8] readout.layer.0.bias[4] readout.layer.1.weight[2 4] readout.layer.1.bias[2] " +
			"readout.layer.2.weight[1 2] readout.layer.2.bias[1]", 2},
		{features.Prediction{Head: features.GraphHead, Outputs: 3}, "mlp.out.weight[3 8] mlp.out.bias[3]", 2},
		{features.Prediction{Head: features.NodeHead, Layers: 2, Outputs: 5},
			"mlp.hidden.0.weight[8 8] mlp.hidden.0.bias[8] mlp.out.weight[5 8] mlp.out.bias[5]", 4},
		{features.Prediction{Head: features.EdgeHead, Outputs: 2}, "mlp.out.weight[2 16] mlp.out.bias[2]", 3},
	} {
		p := predictor(e.prediction, 8)
		if got := shapes(p); got != e.params {
			t.Errorf("%v head: %s, want %s", e.prediction.Head, got, e.params)
		}
		if e.prediction.PerNode() != (e.rows == 4) || e.prediction.PerEdge() != (e.rows == 3) {
			t.Errorf("%v head: predicts per node: %v, per edge: %v", e.prediction.Head, e.prediction.PerNode(), e.prediction.PerEdge())
		}
		x := tensor.New(4, 8)
		nn.NewInit(3).Normal(x, 1)
		tp := begin()
		c := features.Config{Edges: features.Edges{Encoder: features.DummyEdges}, Prediction: e.prediction}
		both, last := newBatch(t, c, first, second), newBatch(t, c, second)
		got := p.Predict(tp, tp.Const(x), nil, &both.Batch)
		if want := max(e.prediction.Outputs, 1); got.Rows() != e.rows || got.Cols() != want {
			t.Errorf("%v head: predictions %v, want [%d %d]", e.prediction.Head, got.Shape(), e.rows, want)
		}
		if e.rows != 2 {
			continue
		}
		for _, pooling := range []tensor.Pooling{tensor.PoolSum, tensor.PoolMean, tensor.PoolMax} {
			e.prediction.Pooling = pooling
			p := predictor(e.prediction, 8)
			alone := tensor.FromSlice(x.Row(3), 1, 8) // all poolings of one node are the node
			got, want := p.Predict(tp, tp.Const(x), nil, &both.Batch).Value().Row(1), p.Predict(tp, tp.Const(alone), nil, &last.Batch).Value().Row(0)
			if !slices.Equal(got, want) {
				t.Errorf("%v head, pooling %d: a graph in a batch %v, alone %v", e.prediction.Head, pooling, got, want)
			}
		}
	}
}

// TestEdgeHead: what is predicted of an edge depends on the node it leaves, the node it enters and itself, in this order,
// and targets are the labels of edges.
func TestEdgeHead(t *testing.T) {
	c := features.Config{Edges: features.Edges{Encoder: features.DummyEdges}, Prediction: features.Prediction{Head: features.EdgeHead}}
	g, h := graphs.Directed(3, [][2]int{{0, 1}, {2, 0}, {1, 1}}), graphs.Directed(2, [][2]int{{1, 0}})
	g.EdgeLabels, h.EdgeLabels = []int32{1, graphs.NoLabel, 0}, []int32{2}
	b := newBatch(t, c, g, graphs.Directed(1, nil), h)
	p := c.Prediction.NewPredictor(1, 1, nn.ReLU, nn.NewInit(1))
	copy(p.MLP.Out.Weight.Data(), []float32{100, 10, 1})
	p.MLP.Out.Bias.Zero()
	tp := begin()
	x, e := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 6, 1), tensor.FromSlice([]float32{7, 8, 9, 0.5}, 4, 1)
	got := p.Predict(tp, tp.Const(x), tp.Const(e), &b.Batch)
	if want := []float32{127, 318, 229, 650.5}; !slices.Equal(got.Data(), want) {
		t.Errorf("predictions %v, want %v", got.Data(), want)
	}
	y := b.Targets().Data()
	if len(y) != 4 || y[0] != 1 || y[1] == y[1] || y[2] != 0 || y[3] != 2 {
		t.Errorf("targets %v", y)
	}
	if b = newBatch(t, c, graphs.Directed(1, nil)); b.Targets().Rows() != 0 || p.Predict(tp, tp.Const(tensor.New(1, 1)), tp.Const(tensor.New(0, 1)), &b.Batch).Rows() != 0 {
		t.Errorf("a batch without edges has targets %v", b.Targets().Shape())
	}
}

// TestFillAgain: a batch that is filled again holds what a new one would, whatever it held before.
func TestFillAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	b := &batch{}
	for round := range 40 {
		c := []features.Config{typed, numbers, ogb, columns, {}}[rng.IntN(5)]
		list := random(c, 1+rng.IntN(4), rng)
		b.config = c
		if err := b.Fill(list); err != nil {
			t.Fatal(err)
		}
		nodes, edges := encoders(c, uint64(round))
		tp := begin()
		fresh := newBatch(t, c, list...)
		for _, pair := range [][2]*tensor.Var{
			{b.EncodeNodes(tp, nodes), fresh.EncodeNodes(tp, nodes)}, {b.EncodeEdges(tp, edges), fresh.EncodeEdges(tp, edges)},
		} {
			if !slices.Equal(pair[0].Data(), pair[1].Data()) {
				t.Fatalf("round %d: %v, want %v", round, pair[0].Data(), pair[1].Data())
			}
		}
	}
}

// TestFillAllocates next to nothing once the memory is there.
func TestFillAllocates(t *testing.T) {
	var list []*graphs.Graph
	for _, g := range random(columns, 20, rand.New(rand.NewPCG(5, 1))) {
		list = append(list, g)
	}
	b := newBatch(t, columns, list...)
	if got := testing.AllocsPerRun(20, func() {
		if err := b.Fill(list); err != nil {
			t.Fatal(err)
		}
	}); got > 16 {
		t.Errorf("%v allocations, want at most a few headers of tensors", got)
	}
}
