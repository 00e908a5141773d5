package benchmark

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/recipes"
)

// Model is a model that any data set can be learned with.
type Model struct {
	Name  string
	About string
	// Default is the model at the size it has where no preset says otherwise. What it reads
	// and predicts is left to the data set.
	Default recipes.Model
}

// Models lists the models that have names, in the order of a table: what [Recipe] knows
// beside presets.
func Models() []Model {
	return []Model{
		{"grit", "graph transformer with relative random-walk probabilities, four layers of width 64", recipes.Model{
			Kind: recipes.GRIT, GRIT: grit.Config{Layers: 4, Width: 64, Heads: 8, Steps: 16, AttentionDropout: 0.2}}},
	}
}

// ModelNames lists what can be trained on one of the data sets at least: the names of
// [Models], then what presets call theirs behind the data set's name, "grit-30" of
// "zinc-grit-30" for instance.
func ModelNames(sets []string) []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, m := range Models() {
		add(m.Name)
	}
	for _, preset := range recipes.Names() {
		for _, set := range sets {
			if name, ok := strings.CutPrefix(preset, set+"-"); ok && isOf(preset, set) {
				add(name)
			}
		}
	}
	return names
}

// isOf tells whether a preset is about a data set: zinc-full-grit is not about zinc.
func isOf(preset, dataset string) bool {
	r, err := recipes.Lookup(preset)
	return err == nil && r.Data.Kind == recipes.NamedSet && r.Data.Name == dataset
}

// DatasetNames lists the data sets that have something to predict.
func DatasetNames() []string {
	var names []string
	for _, name := range datasets.Names() {
		if info, err := datasets.Describe(name); err == nil && info.Task != datasets.Distinction {
			names = append(names, name)
		}
	}
	return names
}

// Recipe is how a model is trained on a data set: the preset called DATASET-MODEL, or else
// what recipes.Derive makes of the data set and the model of that name among [Models].
//
// The error is an [*UnknownError] for a name that is not known, or says why the two do
// not go together.
func Recipe(dataset, model string) (recipes.Recipe, error) {
	if _, err := datasets.Describe(dataset); err != nil {
		return recipes.Recipe{}, &UnknownError{What: "data set", Name: dataset, Known: DatasetNames()}
	}
	if preset := dataset + "-" + model; isOf(preset, dataset) {
		return recipes.Lookup(preset)
	}
	for _, m := range Models() {
		if m.Name != model {
			continue
		}
		r, err := recipes.Derive(dataset, m.Default)
		if err != nil {
			return r, fmt.Errorf("benchmark: %s cannot be trained on %s: %w", model, dataset, err)
		}
		r.Name = dataset + "-" + model
		return r, nil
	}
	return recipes.Recipe{}, &UnknownError{What: "model", Name: model, Known: ModelNames([]string{dataset})}
}

// UnknownError is a name that is not known.
type UnknownError struct {
	What  string // "data set" or "model"
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("benchmark: unknown %s %q; did you mean %q? (known: %s)", e.What, e.Name, nearest.To(e.Name, e.Known), strings.Join(e.Known, ", "))
}
