package recipes

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/neighbours"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// wheel is a ring of nodes with a chord at every third, all of class 0.
func wheel(nodes int) *graphs.Graph {
	g := &graphs.Graph{Nodes: nodes, ID: "wheel", NodeTypes: make([]int32, nodes), NodeLabels: make([]int32, nodes)}
	for i := range nodes {
		g.NodeTypes[i] = int32(i % 3)
		g.AddBond(i, (i+1)%nodes)
		if i%3 == 0 && i+5 < nodes {
			g.AddBond(i, i+5)
		}
	}
	return g
}

// TestPredictAround: a model that learned from neighbourhoods predicts for every node what it does in evaluation, in
// batches of any size, for one graph or several.
func TestPredictAround(t *testing.T) {
	r := Default()
	r.Data.Neighbours = Neighbours{Hops: 2, FanOut: "2", MostNodes: 6, Seed: 3}
	r.Model.GRIT = grit.Config{Layers: 1, Width: 8, Heads: 2, Steps: 4, NodeTypes: 3, EdgeEncoder: grit.DummyEdges, Head: grit.NodeHead, Outputs: 2}.WithDefaults()
	r.Train.EvalBatchSize = 7
	model, err := r.Model.New(1)
	if err != nil {
		t.Fatal(err)
	}
	trained := &Trained{Recipe: r, Model: model}
	gs := []*graphs.Graph{wheel(30), wheel(11)}
	var got []float32
	asked := 0
	err = trained.Predict(context.Background(), gs, func(s Size) error {
		asked++
		if s.Graphs > 7 || s.Nodes > 6*7 {
			t.Errorf("a batch of %+v", s)
		}
		return nil
	}, func(pred *tensor.Tensor) error {
		got = slices.Clone(pred.Data())
		return nil
	})
	if err != nil || asked != 2 || len(got) != 2*(30+11) {
		t.Fatalf("%d predictions, asked %d times, %v", len(got), asked, err)
	}
	source, err := neighbours.Labelled(graphs.Slice(gs), neighbours.Options{Hops: 2, FanOut: []int{2}, MostNodes: 6, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.Model.Data(source)
	if err != nil {
		t.Fatal(err)
	}
	err = train.Predict(context.Background(), model, data, 4, func(first int, b nn.Batch, pred *tensor.Tensor) error {
		for k := range b.Items() {
			row, _ := b.(*grit.Batch).NodeRows(k)
			if want := pred.Row(row); !slices.Equal(got[2*(first+k):2*(first+k+1)], want) {
				t.Errorf("item %d: %v, want %v", first+k, got[2*(first+k):2*(first+k+1)], want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tooLarge := errors.New("too large")
	if err := trained.Predict(context.Background(), gs, func(Size) error { return tooLarge }, nil); err != tooLarge {
		t.Errorf("a batch that does not fit: %v", err)
	}
	broken := wheel(5)
	broken.Edges[0].To = 9
	var item *graphs.ItemError
	if err := trained.Predict(context.Background(), []*graphs.Graph{wheel(4), broken}, nil, nil); !errors.As(err, &item) || item.Item != 1 {
		t.Errorf("a broken graph: %v", err)
	}
	if err := trained.Predict(context.Background(), nil, nil, nil); err != nil {
		t.Errorf("no graphs: %v", err)
	}
}
