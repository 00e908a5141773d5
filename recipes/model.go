package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// configuration is what a recipe knows of a kind of model. Each kind has a file
// that implements it.
type configuration interface {
	// config is a pointer to the configuration, whose fields are settings.
	config() any
	// fillDefaults replaces zeros that stand for defaults.
	fillDefaults()
	validate() error
	// forget makes the configuration one that says nothing.
	forget()
}

// graphConfiguration is a configuration of models that read graphs.
type graphConfiguration interface {
	configuration
	// features are the settings that all kinds have, of what a model reads and predicts.
	features() features.Config
	setFeatures(f features.Config)
	build(seed uint64) (nn.Model, error)
	data(source datasets.Source) (train.Data, error)
}

// configuration gives the kind's.
func (m *Model) configuration() configuration { return m.Kind.row().of(m) }

// architecture is a configuration of graphs with what follows from the settings that all
// of them have.
type architecture struct{ graphConfiguration }

// architecture gives the kind's; a kind that reads no graphs panics.
func (m *Model) architecture() architecture {
	c, ok := m.configuration().(graphConfiguration)
	if !ok {
		panic(fmt.Sprintf("recipes: a model of kind %v does not read graphs", m.Kind))
	}
	return architecture{c}
}

// settle fills in defaults, and forgets the configurations of other kinds.
func (m *Model) settle() {
	m.configuration().fillDefaults()
	for k, kind := range modelKinds {
		if Kind(k) != m.Kind {
			kind.of(m).forget()
		}
	}
}

// New makes the model with first weights drawn from seed. The error says which
// setting no model can be made with. A model that does not read graphs is made with its
// data alone, by [Recipe.Plan]: New panics.
func (m Model) New(seed uint64) (nn.Model, error) { return m.architecture().build(seed) }

// Data prepares the graphs of a source for the model; one that does not read graphs
// panics.
func (m Model) Data(source datasets.Source) (train.Data, error) { return m.architecture().data(source) }

// Features says what the model reads of graphs and what it predicts, whatever kind of
// model it is; one that does not read graphs panics.
func (m Model) Features() features.Config { return m.architecture().features() }

// Outputs is the number of predictions a graph, a node where [Model.PerNode], or an edge
// where [Model.PerEdge].
func (m Model) Outputs() int { return m.Features().Prediction.Outputs }

// PerNode tells whether the model predicts something of every node rather than of
// the graph.
func (m Model) PerNode() bool { return m.Features().Prediction.PerNode() }

// PerEdge tells whether the model predicts something of every edge.
func (m Model) PerEdge() bool { return m.Features().Prediction.PerEdge() }
