package recipes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/tensor"
)

// Derive makes a recipe of a named data set and a model that no preset puts together.
// What both must agree on is the data set's: the encoders of nodes and edges, head and
// outputs, loss and metric. Where a preset is about the data set, its GRIT before others,
// all but the model is taken from there, epochs, batches and learning rate too, so that
// models differ in nothing else; where none is, the metric is the one that the table of
// the data set names, and the rest [Default], with a step an epoch where the set is one
// graph. A model of all pairs of nodes learns from neighbourhoods where graphs have more
// than a thousand nodes. Name is that of the data set and the kind, Base is empty.
//
// The error is a *datasets.UnknownError, or a *[SettingError] for a data set that has
// nothing to predict and for a model that cannot be made.
func Derive(dataset string, m Model) (Recipe, error) {
	info, err := datasets.Describe(dataset)
	if err != nil {
		return Recipe{}, err
	}
	if info.Task == datasets.Distinction {
		return Recipe{}, setting("data.name", "%s has nothing to predict and no training graphs: it is for telling graphs apart", info.Name)
	}
	r, known := about(dataset, m.Kind)
	var reads features.Config
	if known {
		reads = r.Model.Features()
	} else if r, reads, err = plain(info); err != nil {
		return Recipe{}, err
	}
	r.Model = m
	r.Model.architecture().setFeatures(reads)
	r.Model.architecture().fillDefaults()
	if m.Kind == GRIT && info.Task == datasets.NodeClassification && info.MeanNodes > mostWhole && !r.Data.Neighbours.On() {
		r.Data.Neighbours = Neighbours{Hops: 2, FanOut: "10,5"}
		r.Data.Neighbours.settle()
		r.Train.BatchSize, r.Train.EvalBatchSize = 16, 16
	}
	r.Name, r.Base = dataset+"-"+m.Kind.String(), ""
	r.About = fmt.Sprintf("%v on %s", m.Kind, info.Title)
	return r, r.Validate()
}

// mostWhole is the largest number of nodes of which all pairs have features: 64 of them
// take a quarter of a gigabyte then, in every layer.
const mostWhole = 1000

// about gives the preset that speaks for a data set: its GRIT, or else the first. Where
// GRIT learns from neighbourhoods the preset of the kind speaks for models of other kinds,
// which need not.
func about(dataset string, kind Kind) (Recipe, bool) {
	var all []Recipe
	for _, build := range presets() {
		if r := build(); r.Data.Kind == NamedSet && r.Data.Name == dataset {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return Recipe{}, false
	}
	place := func(k Kind) int {
		return max(0, slices.IndexFunc(all, func(r Recipe) bool { return r.Name == dataset+"-"+k.String() }))
	}
	if r := all[place(GRIT)]; !r.Data.Neighbours.On() {
		return r, true
	}
	return all[place(kind)], true
}

// plain gives a recipe for a data set that no preset is about, and what a model of it
// reads and predicts.
func plain(info datasets.Info) (Recipe, features.Config, error) {
	r := Default()
	r.Data.Name = info.Name
	f := features.Config{Nodes: nodesOf(info), Edges: edgesOf(info)}
	f.Prediction = features.Prediction{Head: features.GraphHead, Layers: 2, Pooling: tensor.PoolMean, Outputs: info.Classes}
	if info.Task == datasets.NodeClassification {
		f.Prediction = features.Prediction{Head: features.NodeHead, Layers: 2, Outputs: info.Classes}
	}
	if info.Task == datasets.EdgeClassification {
		f.Prediction = features.Prediction{Head: features.EdgeHead, Layers: 2, Outputs: info.Classes}
	}
	if info.Task == datasets.GraphRegression || info.Task == datasets.GraphMultiLabel {
		f.Prediction.Outputs = info.Targets
	}
	if max(info.Train, info.Val, info.Test) == 1 {
		r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize, r.Schedule.Warmup = 200, 1, 1, 10
	}
	for _, m := range measures {
		if !strings.HasPrefix(info.Metric, m.begins) {
			continue
		}
		r.Loss, r.Metric, r.Data.Standardise = m.loss, m.metric, m.standardise
		if m.metric == "rocauc" && info.Classes == 2 && info.Targets == 1 {
			f.Prediction.Outputs = 1
		}
		return r, f, nil
	}
	return r, f, setting("metric", "none is known for what %s reports, %q", info.Name, info.Metric)
}

// measures are what the tables of data sets say of their metric, and the loss that goes
// with it; the first that fits counts.
var measures = []struct {
	begins       string
	loss, metric string
	standardise  bool
}{
	{"mean absolute error", "l1", "mae", false},
	{"root of the mean squared error", "mse", "rmse", true},
	{"area under the ROC curve", "binary-cross-entropy", "rocauc", false},
	{"average precision", "binary-cross-entropy", "ap", false},
	{"accuracy, mean over classes", "weighted-cross-entropy", "accuracy-SBM", false},
	{"accuracy", "cross-entropy", "accuracy", false},
}

// nodesOf says how the nodes of a data set are read: OGB atoms by its encoder, one
// column of types by an embedding, numbers by a linear layer, more than one of these by
// their sum. A single type says nothing beside numbers.
func nodesOf(info datasets.Info) features.Nodes {
	types, numbers := info.NodeTypes, info.NodeFeatures
	if numbers > 0 && !slices.ContainsFunc(types, func(n int) bool { return n > 1 }) {
		types = nil
	}
	switch atom := (features.Nodes{Encoder: features.AtomNodes}); {
	case numbers == 0 && slices.Equal(types, atom.Vocabularies()):
		return atom
	case numbers == 0 && len(types) == 0:
		return features.Nodes{}
	case numbers == 0 && len(types) == 1:
		return features.Nodes{Types: types[0]}
	case len(types) == 0:
		return features.Nodes{Encoder: features.LinearNodes, Features: numbers}
	}
	return features.Nodes{Encoder: features.ColumnNodes, Columns: features.NewSizes(types), Features: numbers}
}

// edgesOf says how the edges of a data set are read, as nodesOf does; where they have no
// features, each is the same learned vector.
func edgesOf(info datasets.Info) features.Edges {
	types, numbers := info.EdgeTypes, info.EdgeFeatures
	switch bond := (features.Edges{Encoder: features.BondEdges}); {
	case numbers == 0 && slices.Equal(types, bond.Vocabularies()):
		return bond
	case numbers == 0 && len(types) == 0:
		return features.Edges{Encoder: features.DummyEdges}
	case numbers == 0 && len(types) == 1:
		return features.Edges{Types: types[0]}
	case len(types) == 0:
		return features.Edges{Encoder: features.LinearEdges, Features: numbers}
	}
	return features.Edges{Encoder: features.ColumnEdges, Columns: features.NewSizes(types), Features: numbers}
}
