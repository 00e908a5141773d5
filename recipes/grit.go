package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// gritModel makes the configuration of a GRIT model an architecture.
type gritModel grit.Config

var _ architecture = (*gritModel)(nil)

func (m *gritModel) config() any     { return (*grit.Config)(m) }
func (m *gritModel) fillDefaults()   { *m = gritModel(grit.Config(*m).WithDefaults()) }
func (m *gritModel) validate() error { return grit.Config(*m).Validate() }
func (m *gritModel) outputs() int    { return m.Outputs }
func (m *gritModel) perNode() bool   { return m.Head == grit.NodeHead }

func (m *gritModel) build(seed uint64) (nn.Model, error) { return grit.New(grit.Config(*m), seed) }

func (m *gritModel) data(source datasets.Source) (train.Data, error) {
	return grit.NewData(grit.Config(*m), source)
}

// adapt chooses encoders for the columns of the schema, the head for its task, and as
// many outputs as it has. A single column of types is an embedding, as of the data sets
// of the paper; more columns, or numbers beside them, are summed.
func (m *gritModel) adapt(s *files.Schema) {
	m.NodeTypes, m.NodeColumns, m.NodeFeatures, m.NodeEncoder = 1, "", s.Nodes.Numbers(), grit.TypeNodes
	switch types := s.Nodes.Types(); {
	case len(types) == 0 && m.NodeFeatures > 0:
		m.NodeEncoder = grit.LinearNodes
	case len(types) == 1 && m.NodeFeatures == 0:
		m.NodeTypes = types[0]
	case len(types) > 0:
		m.NodeEncoder, m.NodeColumns = grit.ColumnNodes, grit.NewSizes(types)
	}
	m.EdgeTypes, m.EdgeColumns, m.EdgeFeatures, m.EdgeEncoder = 1, "", s.Edges.Numbers(), grit.DummyEdges
	switch types := s.Edges.Types(); {
	case len(types) == 0 && m.EdgeFeatures > 0:
		m.EdgeEncoder = grit.LinearEdges
	case len(types) == 1 && m.EdgeFeatures == 0:
		m.EdgeEncoder, m.EdgeTypes = grit.TypeEdges, types[0]
	case len(types) > 0:
		m.EdgeEncoder, m.EdgeColumns = grit.ColumnEdges, grit.NewSizes(types)
	}
	switch nodes := s.Task == files.NodeClassification; {
	case nodes:
		m.Head = grit.NodeHead
	case m.Head == grit.NodeHead:
		m.Head = grit.SANHead
	}
	m.Outputs = s.Outputs()
	m.fillDefaults()
}

// check compares the model's vocabularies with those of the data set first: only
// where they are too small it is worth looking for the graph and the node.
func (m *gritModel) check(set *datasets.Set) error {
	var nodes, edges []int
	if m.NodeEncoder == grit.TypeNodes && beyond(set.Info.NodeTypes, m.NodeTypes) {
		nodes = []int{m.NodeTypes}
	}
	if m.EdgeEncoder == grit.TypeEdges && beyond(set.Info.EdgeTypes, m.EdgeTypes) {
		edges = []int{m.EdgeTypes}
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
