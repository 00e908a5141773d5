package benchmark

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
)

// done makes a result by hand.
func done(dataset, model string, seed uint64, fold int, test float64, change ...func(*recipes.Recipe)) Result {
	r, err := recipes.Derive(dataset, recipes.Model{Kind: recipes.GRIT, GRIT: smallGRIT()})
	if err != nil {
		panic(err)
	}
	for _, c := range change {
		c(&r)
	}
	r.Train.Seed, r.Data.Fold = seed, fold
	info, err := datasets.Describe(dataset)
	if err != nil {
		panic(err)
	}
	return Result{
		Version: resultVersion, Dataset: dataset, Model: model, Seed: seed, Fold: fold, Folds: info.Folds, Metric: r.Metric, HigherIsBetter: r.Metric != "mae" && r.Metric != "rmse",
		Parameters: 100, TrainGraphs: 10, TestGraphs: 5, Recipe: r, Kernels: "none", Config: digest(r.Marshal()),
		Result: train.Result{Test: train.Scores{{Name: r.Metric, Value: test}}, Epochs: r.Train.Epochs, BestEpoch: 1, Seconds: 60},
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestRowsOfSeeds(t *testing.T) {
	rows := Rows([]Result{
		done("zinc", "b", 1, 0, 0.30), done("zinc", "b", 2, 0, 0.10), done("zinc", "b", 3, 0, 0.20),
		done("zinc", "a", 1, 0, 0.25),
		done("esol", "a", 1, 0, 1.5),
	})
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	b, a, esol := rows[0], rows[1], rows[2]
	if b.Model != "b" || !near(b.Test.Value, 0.2) || !near(b.Test.Spread, 0.1) || b.Test.Over != OverSeeds || !slices.Equal(b.Seeds, []uint64{1, 2, 3}) || b.Folds != nil || b.OfFolds != 0 {
		t.Errorf("%+v", b)
	}
	if !b.Best || a.Best || esol.Best {
		t.Errorf("best are %v, %v, %v: want the lower error alone, and no best of one", b.Best, a.Best, esol.Best)
	}
	if a.Test.Over != OverNothing || a.Test.Spread != 0 || !math.IsNaN(a.Val.Value) || a.Seconds != 60 || b.TotalSeconds != 180 || b.Protocol != datasets.PublishedSplit || esol.Protocol != datasets.ScaffoldSplit {
		t.Errorf("%+v\n%+v", a, esol)
	}
}

func TestRowsOfFolds(t *testing.T) {
	rows := Rows([]Result{
		done("csl", "a", 1, 0, 0.2), done("csl", "a", 1, 1, 0.4), done("csl", "a", 2, 1, 0.5), done("csl", "a", 2, 0, 0.9), done("csl", "a", 3, 0, 1),
		done("csl", "b", 1, 0, 0.5), done("csl", "b", 1, 1, 0.5),
		done("csl", "c", 1, 0, 0.9),
	})
	a, b, c := rows[0], rows[1], rows[2]
	// Seeds 1 and 2 have 0.3 and 0.7 over their folds; seed 3 has one fold only.
	if !near(a.Test.Value, 0.5) || !near(a.Test.Spread, math.Sqrt(0.08)) || a.Test.Over != OverSeeds || !slices.Equal(a.Seeds, []uint64{1, 2}) || !slices.Equal(a.Folds, []int{0, 1}) || a.OfFolds != 5 {
		t.Errorf("%+v", a)
	}
	if !slices.Equal(a.Notes, []string{"seed 3 has 1 of 2 folds and is left out"}) {
		t.Errorf("notes %q", a.Notes)
	}
	if b.Test.Over != OverFolds || !near(b.Test.Value, 0.5) || b.Test.Spread != 0 {
		t.Errorf("%+v", b)
	}
	if !a.Best || !b.Best || c.Best {
		t.Errorf("best are %v, %v, %v: want both of equal ones, and none of other folds", a.Best, b.Best, c.Best)
	}
}

// TestRowsKeepSettingsApart sees that results of different settings are never put together.
func TestRowsKeepSettingsApart(t *testing.T) {
	long := func(r *recipes.Recipe) { r.Train.Epochs = 7 }
	part := func(r *recipes.Recipe) { r.Data.Train, r.Data.Test = 1000, 5000 }
	elsewhere := func(r *recipes.Recipe) { r.Data.Dir, r.About = "elsewhere", "same" }
	rows := Rows([]Result{
		done("zinc", "a", 1, 0, 0.1), done("zinc", "a", 2, 0, 0.2, long), done("zinc", "a", 3, 0, 0.4, part), done("zinc", "a", 4, 0, 0.3, elsewhere),
	})
	if len(rows) != 3 || !slices.Equal(rows[0].Seeds, []uint64{1, 4}) || rows[1].Epochs != 7 {
		t.Fatalf("%+v", rows)
	}
	if rows[0].Best != true && rows[1].Best != true || rows[2].Best {
		t.Errorf("a row of a part of the graphs takes part in the comparison")
	}
	if want := "1000 of 10000 training graphs"; !slices.Equal(rows[2].Notes, []string{want}) {
		t.Errorf("notes %q, want %q", rows[2].Notes, want)
	}
	preset, err := recipes.Lookup("csl-grit")
	if err != nil {
		t.Fatal(err)
	}
	preset.Optim.LR, preset.Train.Epochs, preset.Train.Seed = 0.1, 3, 9
	if got := notesOf(Result{Dataset: "csl", Model: "grit", Recipe: preset}); len(got) != 1 || got[0] != "optim.lr 0.1 rather than 0.005" {
		t.Errorf("notes of a preset that was changed: %q", got)
	}
}

func TestPublished(t *testing.T) {
	for _, f := range collected {
		info, err := datasets.Describe(f.dataset)
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.Contains(info.SplitProtocols(), f.protocol) {
			t.Errorf("%s has no protocol %v", f.dataset, f.protocol)
		}
		m, err := train.ParseMetric(f.metric)
		if err != nil {
			t.Error(err)
			continue
		}
		derived, err := recipes.Derive(f.dataset, recipes.Model{Kind: recipes.GRIT, GRIT: smallGRIT()})
		if err != nil || derived.Metric != f.metric {
			t.Errorf("%s: figures in %s, trained for %s (%v)", f.dataset, f.metric, derived.Metric, err)
		}
		for _, x := range Published(f.dataset, f.protocol) {
			if x.Source == "" || x.Title == "" || !(x.Value > 0) || !(x.Spread >= 0) || m.HigherIsBetter() && x.Value > 1 {
				t.Errorf("%+v", x)
			}
			for _, name := range x.Models {
				if _, err := Recipe(f.dataset, name); err != nil && slices.Contains(ModelNames(nil), name) {
					t.Errorf("%s: %v", x.Title, err)
				}
			}
		}
	}
	zinc := Published("zinc", datasets.PublishedSplit)
	if zinc[0].Title != "GRIT" || zinc[0].Value != 0.059 || zinc[len(zinc)-1].Title != "MLP" {
		t.Errorf("ZINC from %v to %v: want the lowest error first", zinc[0], zinc[len(zinc)-1])
	}
	if p := Published("pattern", datasets.PublishedSplit); p[0].Title != "GRIT" || !near(p[0].Value, 0.87196) || !near(p[0].Spread, 0.00076) {
		t.Errorf("PATTERN begins with %+v: want the highest accuracy first, as a part of one", p[0])
	}
	if len(Published("esol", datasets.RandomSplit)) != 0 || len(Published("karate", datasets.PublishedSplit)) != 0 {
		t.Error("figures of another split, or of a set without figures")
	}
	// The budget decides among several figures of a model.
	for parameters, want := range map[int]float64{90_000: 0.387, 480_000: 0.526} {
		r := Row{Dataset: "zinc", Model: "gin", Metric: "mae", Protocol: datasets.PublishedSplit, Parameters: parameters}
		if f := r.Published(); f == nil || f.Value != want {
			t.Errorf("%d parameters: %+v, want %v", parameters, f, want)
		}
	}
	for _, r := range []Row{
		{Dataset: "zinc", Model: "gin", Metric: "rmse", Protocol: datasets.PublishedSplit}, {Dataset: "zinc", Model: "nobody", Metric: "mae", Protocol: datasets.PublishedSplit},
		{Dataset: "esol", Model: "gin", Metric: "rmse", Protocol: datasets.ScaffoldSplit},
	} {
		if f := r.Published(); f != nil {
			t.Errorf("%s, %s in %s: %+v, want nothing", r.Dataset, r.Model, r.Metric, f)
		}
	}
}

func TestRecipe(t *testing.T) {
	preset, err := Recipe("zinc", "grit")
	if err != nil || preset.Base != "zinc-grit" || preset.Train.Epochs != 2000 {
		t.Errorf("%+v, %v", preset, err)
	}
	short, err := Recipe("zinc", "grit-30")
	if err != nil || short.Base != "zinc-grit-30" {
		t.Errorf("%+v, %v", short, err)
	}
	if _, err := Recipe("nci1", "grit-30"); err == nil || !strings.HasPrefix(err.Error(), `benchmark: unknown model for nci1 "grit-30"; did you mean "grit"?`) {
		t.Errorf("another data set's preset: %v", err)
	}
	derived, err := Recipe("nci1", "grit")
	if err != nil || derived.Base != "" || derived.Name != "nci1-grit" || derived.Metric != "accuracy" || derived.Model.GRIT.Layers != 4 {
		t.Errorf("%+v, %v", derived, err)
	}
	if names := ModelNames([]string{"zinc", "csl"}); names[0] != "grit" || !slices.Contains(names, "grit-30") || slices.Contains(names, "published-grit") {
		t.Errorf("models %q", names)
	}
	if names := DatasetNames(); slices.Contains(names, "brec") || !slices.Contains(names, "cora") {
		t.Errorf("data sets %q", names)
	}
}

// TestGPSFamily sees that models are made of the preset of GPS, and as the names say.
func TestGPSFamily(t *testing.T) {
	zinc, err := recipes.Lookup("zinc-gps")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dataset, model string
		local          gps.Local
		attention      gps.Global
		positions      string
	}{
		{"zinc", "gps", gps.LocalGINE, gps.Transformer, zinc.Model.GPS.Positions},
		{"zinc", "gin", gps.LocalGIN, gps.NoAttention, ""},
		{"zinc", "gin+rwse", gps.LocalGIN, gps.NoAttention, zinc.Model.GPS.Positions},
		{"zinc", "gin+lappe:width=8+rwse", gps.LocalGIN, gps.NoAttention, "lappe:width=8+" + zinc.Model.GPS.Positions},
		{"zinc", "gps+degree", gps.LocalGINE, gps.Transformer, "degree"},
		{"zinc", "transformer", gps.NoLocal, gps.Transformer, zinc.Model.GPS.Positions},
		{"zinc", "transformer+rwse", gps.NoLocal, gps.Transformer, zinc.Model.GPS.Positions},
		{"zinc", "transformer+rwse:steps=8", gps.NoLocal, gps.Transformer, "rwse:steps=8"},
		{"zinc", "transformer+shortest-path", gps.NoLocal, gps.Transformer, ""},
		{"nci1", "gatedgcn", gps.LocalGatedGCN, gps.NoAttention, ""},
		{"nci1", "gps", gps.LocalGINE, gps.Transformer, smallGPS().Positions},
	} {
		r, err := Recipe(test.dataset, test.model)
		if err != nil {
			t.Errorf("%s on %s: %v", test.model, test.dataset, err)
			continue
		}
		if c := r.Model.GPS; r.Model.Kind != recipes.GPS || c.Local != test.local || c.Attention != test.attention || c.Positions != test.positions || r.Name != test.dataset+"-"+test.model {
			t.Errorf("%s on %s: %+v", test.model, test.dataset, r)
		}
		if c := r.Model.GPS; test.dataset == "zinc" && (c.Layers != zinc.Model.GPS.Layers || c.Width != zinc.Model.GPS.Width || r.Train != zinc.Train || r.Optim != zinc.Optim) {
			t.Errorf("%s differs from zinc-gps in more than its kind: %+v", test.model, r)
		}
	}
	small, err := recipes.Lookup("zinc-gps-small")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Recipe("zinc", "gcn-small"); err != nil || r.Model.GPS.Layers != small.Model.GPS.Layers || r.Train != small.Train || r.Model.GPS.Local != gps.LocalGCN {
		t.Errorf("gcn-small: %+v, %v", r, err)
	}
	for model, want := range map[string]string{
		"gin+rwze":         `benchmark: gin+rwze on zinc: model.positions: unknown encoding "rwze"; did you mean "rwse"?`,
		"transformer+rope": `benchmark: transformer+rope on zinc: model.positions: `,
		"gni":              `benchmark: unknown model for zinc "gni"; did you mean "gin"?`,
		"gin-tiny":         `benchmark: unknown model for zinc "gin-tiny"; did you mean "gin"?`,
		"gin+rwse:width=x": `benchmark: gin+rwse:width=x on zinc: model.positions: `,
		"":                 `benchmark: unknown model for zinc ""`,
	} {
		if _, err := Recipe("zinc", model); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", model, err, want)
		}
	}
	// Every model goes with every data set.
	for _, set := range DatasetNames() {
		for _, m := range Models() {
			if _, err := Recipe(set, m.Name); err != nil {
				t.Error(err)
			}
		}
	}
	if got := place("transformer+rwse:steps=8"); got != "transformer+rwse_steps-8" {
		t.Errorf("place: %s", got)
	}
}
