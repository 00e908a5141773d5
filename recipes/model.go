package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// architecture is what a recipe knows of a kind of model. Each kind has a file
// that implements it.
type architecture interface {
	// config is a pointer to the configuration, whose fields are settings.
	config() any
	// fillDefaults replaces zeros that stand for defaults.
	fillDefaults()
	validate() error
	// outputs is the number of predictions a graph, or a node where perNode.
	outputs() int
	perNode() bool
	// adapt sets what the model reads and predicts to what a schema says.
	adapt(s *files.Schema)
	// check looks in a data set for a graph that the model cannot read; the error names it.
	check(set *datasets.Set) error
	build(seed uint64) (nn.Model, error)
	data(source datasets.Source) (train.Data, error)
}

// architecture gives the kind's.
func (m *Model) architecture() architecture {
	switch m.Kind {
	case GRIT:
		return (*gritModel)(&m.GRIT)
	}
	panic(fmt.Sprintf("recipes: unknown model kind %d", m.Kind))
}

// New makes the model with first weights drawn from seed. The error says which
// setting no model can be made with.
func (m Model) New(seed uint64) (nn.Model, error) { return m.architecture().build(seed) }

// Data prepares the graphs of a source for the model.
func (m Model) Data(source datasets.Source) (train.Data, error) { return m.architecture().data(source) }

// Outputs is the number of predictions a graph, or a node where [Model.PerNode].
func (m Model) Outputs() int { return m.architecture().outputs() }

// PerNode tells whether the model predicts something of every node rather than of
// the graph.
func (m Model) PerNode() bool { return m.architecture().perNode() }
