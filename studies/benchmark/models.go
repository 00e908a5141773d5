package benchmark

import (
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/recipes"
)

// Model is a model that any data set can be learned with.
type Model struct{ Name, About string }

// Models lists the models that have names, in the order of a table: what [Recipe] knows
// beside presets.
func Models() []Model {
	models := []Model{
		{"grit", "graph transformer with relative random-walk probabilities"},
		{"gps", "message passing and attention among all nodes in every layer, with positions joined to the nodes"},
	}
	for _, b := range gps.Baselines() {
		models = append(models, Model{b.Name, b.About})
	}
	for _, name := range []string{"rwse", "lappe"} {
		for _, k := range joined.List() {
			if k.Name == name {
				models = append(models, Model{"transformer+" + name, "attention among all nodes with " + k.About})
			}
		}
	}
	return models
}

// The models at the size that they have where no preset says otherwise. Encoders, head and
// outputs are the data set's.
func smallGRIT() grit.Config {
	return grit.Config{Layers: 4, Width: 64, Heads: 8, Steps: 16, AttentionDropout: 0.2}
}

func smallGPS() gps.Config {
	return gps.Config{Layers: 4, Width: 64, Heads: 4, Positions: "rwse:steps=16:width=16", AttentionDropout: 0.2}
}

// ModelNames lists what can be trained on one of the data sets at least: the names of
// [Models], then what presets call theirs behind the data set's name, "grit-30" of
// "zinc-grit-30" for instance.
func ModelNames(sets []string) []string {
	var names []string
	for _, m := range Models() {
		names = append(names, m.Name)
	}
	for _, preset := range recipes.Names() {
		for _, set := range sets {
			if name, ok := strings.CutPrefix(preset, set+"-"); ok && isOf(preset, set) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// isOf tells whether a preset is about a data set.
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

// Recipe is how a model is trained on a data set: by the preset called DATASET-MODEL where
// there is one.
//
// A baseline of package gps (gin, transformer) is else made of the preset DATASET-gps: it
// has as many layers of the same width and the same training. Where there is none either,
// it is what recipes.Derive makes of the data set and a model of four layers of width 64.
// Behind a plus sign an encoding is joined to the nodes, with its settings, or, without
// any, those that the preset has for it: gin+rwse, transformer+lappe:width=8. What stands
// behind the name of another preset of gps may stand there too: gin-small is that of
// DATASET-gps-small.
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
	r, err := made(dataset, model)
	if err != nil {
		return r, err
	}
	r.Name, r.Base = dataset+"-"+model, ""
	r.About = model + " on " + dataset
	if err := r.Validate(); err != nil {
		return r, placed(model+" on "+dataset, err)
	}
	return r, nil
}

// made is the recipe of a model that no preset has.
func made(dataset, model string) (recipes.Recipe, error) {
	if model == "grit" {
		r, err := recipes.Derive(dataset, recipes.Model{Kind: recipes.GRIT, GRIT: smallGRIT()})
		if err != nil {
			return r, placed(model+" on "+dataset, err)
		}
		return r, nil
	}
	for _, preset := range append([]string{dataset + "-gps"}, recipes.Names()...) {
		suffix, ok := strings.CutPrefix(preset, dataset+"-gps")
		name, fits := strings.CutSuffix(model, suffix)
		if !ok || !fits || suffix != "" && !isOf(preset, dataset) {
			continue
		}
		change, known := variant(name)
		if !known {
			continue
		}
		r, err := gpsOf(dataset, preset)
		if err == nil {
			r.Model.GPS, err = change(r.Model.GPS)
		}
		if err != nil {
			return r, placed(model+" on "+dataset, err)
		}
		return r, nil
	}
	return recipes.Recipe{}, &UnknownError{What: "model for " + dataset, Name: model, Known: ModelNames([]string{dataset})}
}

// gpsOf is the recipe that variants of GPS are made of.
func gpsOf(dataset, preset string) (recipes.Recipe, error) {
	if r, err := recipes.Lookup(preset); err == nil && r.Model.Kind == recipes.GPS {
		return r, nil
	}
	return recipes.Derive(dataset, recipes.Model{Kind: recipes.GPS, GPS: smallGPS()})
}

// variant finds what a name makes of GPS: nothing, a baseline, and either with an encoding
// behind a plus sign.
func variant(name string) (change func(gps.Config) (gps.Config, error), known bool) {
	head, text, plus := strings.Cut(name, "+")
	of := func(c gps.Config) gps.Config { return c }
	if head != "gps" {
		b, err := gps.BaselineByName(head)
		if err != nil {
			return nil, false
		}
		of = b.Of
	}
	return func(c gps.Config) (gps.Config, error) {
		if !plus {
			return of(c), nil
		}
		positions := settingsOfPreset(text, c.Positions)
		if head == "transformer" { // which may be driven by encodings that are not joined
			b, err := gps.BaselineByName(head + "+" + positions)
			if err != nil {
				return c, notAnEncoding(err)
			}
			return b.Of(c), nil
		}
		if _, err := joined.ByName(positions); err != nil {
			return c, notAnEncoding(err)
		}
		c = of(c)
		c.Positions = positions
		return c, nil
	}, true
}

// notAnEncoding is a mistake behind a plus sign.
func notAnEncoding(err error) error {
	_, text, _ := strings.Cut(err.Error(), ": ") // without the package
	return &recipes.SettingError{Path: "model.positions", Reason: text}
}

// settingsOfPreset gives encodings without settings those that a preset has for them.
func settingsOfPreset(text, preset string) string {
	words := strings.Split(text, "+")
	for i, word := range words {
		for _, known := range strings.Split(preset, "+") {
			if name, _, _ := strings.Cut(known, ":"); name == word {
				words[i] = known
			}
		}
	}
	return strings.Join(words, "+")
}

// place is the name of a model as part of a path, with no sign that a file system minds.
func place(model string) string {
	return strings.NewReplacer(":", "_", "=", "-", "/", "_", `\`, "_").Replace(model)
}
