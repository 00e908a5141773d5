package recipes

import (
	"context"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/grit"
)

// TestDerive makes a recipe for every data set, with and without the presets about it.
func TestDerive(t *testing.T) {
	for _, name := range datasets.Names() {
		info, err := datasets.Describe(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Task == datasets.Distinction {
			continue
		}
		m := Model{Kind: GRIT, GRIT: grit.Config{Layers: 3, Width: 16, Heads: 2}}
		r, err := Derive(name, m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Name != name+"-grit" || r.Base != "" || r.About == "" || r.Model.GRIT.Layers != 3 || r.Model.GRIT.Width != 16 || r.Model.GRIT.Steps == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		alone, reads, err := plain(info)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if cut := r.Data.Neighbours.On(); cut != (name == "cora" || name == "citeseer") || cut && r.Data.Neighbours.MostNodes == 0 {
			t.Errorf("%s: neighbourhoods %+v", name, r.Data.Neighbours)
		}
		// The presets, made by hand, are the witness for what is read off the table.
		if from, known := about(name, GRIT); known {
			if alone.Metric != r.Metric || alone.Data.Standardise != r.Data.Standardise || from.Train != r.Train && !r.Data.Neighbours.On() || from.Model.Features() != r.Model.Features() {
				t.Errorf("%s: metric %s, standardise %v; the preset %s has %s, %v", name, alone.Metric, alone.Data.Standardise, from.Name, r.Metric, r.Data.Standardise)
			}
		}
		alone.Name, alone.Model = "alone", m
		alone.Model.GRIT = alone.Model.GRIT.WithFeatures(reads)
		if err := alone.Validate(); err != nil {
			t.Errorf("%s without presets: %v", name, err)
		}
	}
	if _, err := Derive("cls", Model{}); err == nil || !strings.Contains(err.Error(), `did you mean "csl"?`) {
		t.Errorf("an unknown data set: %v", err)
	}
	if _, err := Derive("brec", Model{}); err == nil || !strings.Contains(err.Error(), "data.name: brec has nothing to predict") {
		t.Errorf("a set with nothing to predict: %v", err)
	}
	if _, err := Derive("csl", Model{GRIT: grit.Config{Heads: 7}}); err == nil || !strings.Contains(err.Error(), "heads 7 do not divide width") {
		t.Errorf("a model that cannot be made: %v", err)
	}
}

func TestFeaturesOfInfo(t *testing.T) {
	atoms, bonds := []int{119, 5, 12, 12, 10, 6, 6, 2, 2}, []int{5, 6, 2}
	for _, test := range []struct {
		info  datasets.Info
		nodes features.Nodes
		edges features.Edges
	}{
		{datasets.Info{}, features.Nodes{}, features.Edges{Encoder: features.DummyEdges}},
		{datasets.Info{NodeTypes: []int{1}}, features.Nodes{Types: 1}, features.Edges{Encoder: features.DummyEdges}},
		{datasets.Info{NodeTypes: []int{7}, EdgeTypes: []int{4}}, features.Nodes{Types: 7}, features.Edges{Types: 4}},
		{datasets.Info{NodeTypes: []int{1}, NodeFeatures: 5, EdgeFeatures: 2}, features.Nodes{Encoder: features.LinearNodes, Features: 5}, features.Edges{Encoder: features.LinearEdges, Features: 2}},
		{datasets.Info{NodeTypes: []int{3}, NodeFeatures: 18}, features.Nodes{Encoder: features.ColumnNodes, Columns: "3", Features: 18}, features.Edges{Encoder: features.DummyEdges}},
		{datasets.Info{NodeTypes: atoms, EdgeTypes: bonds}, features.Nodes{Encoder: features.AtomNodes}, features.Edges{Encoder: features.BondEdges}},
		{datasets.Info{NodeTypes: []int{2, 3}, EdgeTypes: []int{2}, EdgeFeatures: 1}, features.Nodes{Encoder: features.ColumnNodes, Columns: "2,3"}, features.Edges{Encoder: features.ColumnEdges, Columns: "2", Features: 1}},
	} {
		if got := nodesOf(test.info); got != test.nodes {
			t.Errorf("%+v: nodes %+v, want %+v", test.info, got, test.nodes)
		}
		if got := edgesOf(test.info); got != test.edges {
			t.Errorf("%+v: edges %+v, want %+v", test.info, got, test.edges)
		}
	}
	if _, _, err := plain(datasets.Info{Name: "x", Metric: "beauty"}); err == nil || err.Error() != `recipes: metric: none is known for what x reports, "beauty"` {
		t.Errorf("an unknown metric: %v", err)
	}
}

// TestDerivedTrains sees that graphs of a set without a preset can be read and predicted.
func TestDerivedTrains(t *testing.T) {
	r, err := Derive("csl", Model{Kind: GRIT, GRIT: grit.Config{Layers: 1, Width: 16, Heads: 2, Steps: 4}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Plan(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Task.Train.Prepare([]int{0, 1})
	if err != nil || b.Items() != 2 {
		t.Errorf("a batch: %v, %v", b, err)
	}
}
