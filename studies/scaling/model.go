package scaling

import (
	"fmt"

	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/recipes"
)

// Model is a model that can be measured.
type Model struct {
	Name  string
	Title string // for pictures
	About string // in a few words
	of    func(layers, width int) recipes.Model
}

// heads is the number of attention heads of all models.
const heads = 4

// walks is the number of random-walk channels of GRIT: 0 to 7 steps. The models of the paper have 16 to 21, which take
// more memory still.
const walks = 8

// Models returns all models, those that take most first.
func Models() []Model {
	return []Model{
		{"grit", "GRIT", "GRIT: attention driven by features of all pairs of nodes", gritModel},
		{"transformer", "GPS, softmax", "GraphGPS: GatedGCN beside softmax attention among all nodes", gpsModel(gps.Transformer, false)},
		{"performer", "GPS, Performer", "GraphGPS: GatedGCN beside Performer's linear attention", gpsModel(gps.Performer, false)},
		{"gatedgcn", "GatedGCN", "GatedGCN alone: messages along edges", gpsModel(gps.NoAttention, true)},
	}
}

// ModelNames returns the names of all models in the order of [Models].
func ModelNames() []string {
	var names []string
	for _, m := range Models() {
		names = append(names, m.Name)
	}
	return names
}

// ModelByName returns the model of a name; the error is an [*UnknownError].
func ModelByName(name string) (Model, error) {
	for _, m := range Models() {
		if m.Name == name {
			return m, nil
		}
	}
	return Model{}, &UnknownError{Name: name, Nearest: nearest.To(name, ModelNames())}
}

// UnknownError is a name of no model.
type UnknownError struct{ Name, Nearest string }

// Error says what was asked for and what there is.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("scaling: unknown model %q; did you mean %q?", e.Name, e.Nearest)
}

func gritModel(layers, width int) recipes.Model {
	c := grit.Config{Layers: layers, Width: width, Heads: heads, Steps: walks}
	return recipes.Model{Kind: recipes.GRIT, GRIT: c.WithFeatures(reads()).WithDefaults()}
}

func gpsModel(attention gps.Global, alone bool) func(layers, width int) recipes.Model {
	return func(layers, width int) recipes.Model {
		c := gps.Config{Layers: layers, Width: width, Heads: heads, Local: gps.LocalGatedGCN, Attention: attention, NoFeedForward: alone}
		return recipes.Model{Kind: recipes.GPS, GPS: c.WithFeatures(reads()).WithDefaults()}
	}
}

// reads says what all models read and predict: numbers and the class of each node, of edges only where they are.
func reads() features.Config {
	return features.Config{
		Nodes:      features.Nodes{Encoder: features.LinearNodes, Features: classes},
		Edges:      features.Edges{Encoder: features.DummyEdges},
		Prediction: features.Prediction{Head: features.NodeHead, Layers: 1, Outputs: classes},
	}
}
