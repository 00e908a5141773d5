package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
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
	// features are the settings that all kinds have, of what a model reads and predicts.
	features() features.Config
	setFeatures(f features.Config)
	build(seed uint64) (nn.Model, error)
	data(source datasets.Source) (train.Data, error)
}

// architecture is a configuration with what follows from the settings that all kinds
// have.
type architecture struct{ configuration }

// architecture gives the kind's.
func (m *Model) architecture() architecture {
	switch m.Kind {
	case GRIT:
		return architecture{(*gritModel)(&m.GRIT)}
	case GPS:
		return architecture{(*gpsModel)(&m.GPS)}
	}
	panic(fmt.Sprintf("recipes: unknown model kind %d", m.Kind))
}

// settle fills in defaults, and forgets the configurations of other kinds.
func (m *Model) settle() {
	m.architecture().fillDefaults()
	switch m.Kind {
	case GRIT:
		m.GPS = gps.Config{}
	case GPS:
		m.GRIT = grit.Config{}
	}
}

// New makes the model with first weights drawn from seed. The error says which
// setting no model can be made with.
func (m Model) New(seed uint64) (nn.Model, error) { return m.architecture().build(seed) }

// Data prepares the graphs of a source for the model.
func (m Model) Data(source datasets.Source) (train.Data, error) { return m.architecture().data(source) }

// Features says what the model reads of graphs and what it predicts, whatever kind of
// model it is.
func (m Model) Features() features.Config { return m.architecture().features() }

// Outputs is the number of predictions a graph, a node where [Model.PerNode], or an edge
// where [Model.PerEdge].
func (m Model) Outputs() int { return m.Features().Prediction.Outputs }

// PerNode tells whether the model predicts something of every node rather than of
// the graph.
func (m Model) PerNode() bool { return m.Features().Prediction.PerNode() }

// PerEdge tells whether the model predicts something of every edge.
func (m Model) PerEdge() bool { return m.Features().Prediction.PerEdge() }
