package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/graphs/features"
)

// adapt sets what the model reads and predicts to what a schema says: encoders for its
// columns, the head for its task, and as many outputs as it has. A single column of
// types is an embedding, as of the data sets of the papers; more columns, or numbers
// beside them, are summed.
func (a architecture) adapt(s *files.Schema) {
	f := features.Config{Prediction: a.features().Prediction}
	f.Nodes.Features = s.Nodes.Numbers()
	switch types := s.Nodes.Types(); {
	case len(types) == 0 && f.Nodes.Features > 0:
		f.Nodes.Encoder = features.LinearNodes
	case len(types) == 1 && f.Nodes.Features == 0:
		f.Nodes.Types = types[0]
	case len(types) > 0:
		f.Nodes.Encoder, f.Nodes.Columns = features.ColumnNodes, features.NewSizes(types)
	}
	f.Edges.Encoder, f.Edges.Features = features.DummyEdges, s.Edges.Numbers()
	switch types := s.Edges.Types(); {
	case len(types) == 0 && f.Edges.Features > 0:
		f.Edges.Encoder = features.LinearEdges
	case len(types) == 1 && f.Edges.Features == 0:
		f.Edges.Encoder, f.Edges.Types = features.TypeEdges, types[0]
	case len(types) > 0:
		f.Edges.Encoder, f.Edges.Columns = features.ColumnEdges, features.NewSizes(types)
	}
	switch {
	case s.Task == files.NodeClassification:
		f.Prediction.Head = features.NodeHead
	case s.Task == files.EdgeClassification:
		f.Prediction.Head = features.EdgeHead
	case f.Prediction.PerNode(), f.Prediction.PerEdge():
		f.Prediction.Head = features.SANHead
	}
	f.Prediction.Outputs = s.Outputs()
	a.setFeatures(f.WithDefaults())
	a.fillDefaults()
}

// check looks in a data set for a graph that the model cannot read; the error names it.
// It compares the model's vocabularies with those of the data set first: only where
// they are too small it is worth looking for the graph and the node.
func (a architecture) check(set *datasets.Set) error {
	f := a.features()
	var nodes, edges []int
	if f.Nodes.Encoder == features.TypeNodes && beyond(set.Info.NodeTypes, f.Nodes.Types) {
		nodes = []int{f.Nodes.Types}
	}
	if f.Edges.Encoder == features.TypeEdges && beyond(set.Info.EdgeTypes, f.Edges.Types) {
		edges = []int{f.Edges.Types}
	}
	if nodes == nil && edges == nil {
		return nil
	}
	for _, split := range []datasets.Split{datasets.Train, datasets.Val, datasets.Test} {
		source := set.Split(split)
		for i := range source.Len() {
			g, err := source.Graph(i)
			if err != nil {
				return err
			}
			if err := g.CheckTypes(nodes, edges); err != nil {
				return fmt.Errorf("recipes: %s: split %v: item %d: %w (model.nodeTypes and model.edgeTypes set the vocabularies)",
					set.Name, split, i, err)
			}
		}
	}
	return nil
}

// beyond tells whether a data set with one column of types has more of them than
// the model.
func beyond(data []int, model int) bool { return len(data) == 1 && data[0] > model }
